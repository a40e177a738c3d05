"""`check` says what platforms are asked for; `match` tries a query with the lists of a config."""

from pathlib import Path

from tests.acceptance.command_line import run_in

CONFIG = """
store: sqlite:///monitor.db
lists: {parts: [lamp, hub]}
brands:
  lumo:
    handles: {x: [lumohelp]}
    watches:
      - {name: name, query: 'lumo -band', context: {any: ['{parts}', app]}}
      - {name: tag, query: '#lumo', sources: hn}
sources:
  x: {kind: x, token: 'env:X_TOKEN', every: 1m, posts_per_day: 100}
  hn: {kind: hackernews}
  reddit: {kind: reddit, client_id: 'env:A', client_secret: 'env:B', user_agent: 'linux:a:1 (by /u/x)',
           subreddits: [lumo]}
receivers: {desk: {kind: stdout}}
routes: [{to: desk}]
"""


def test_check_prints_the_searches_of_every_source_and_what_is_known_of_their_cost(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    checked = run_in(tmp_path, "check", "--without-secrets")
    assert checked.code == 0, checked.out
    lines = checked.out.splitlines()
    words = "lamp OR @lamp OR #lamp OR hub OR @hub OR #hub OR app OR @app OR #app"
    assert f"    ((lumo OR @lumo OR #lumo) ({words}) -band -#band) -from:lumohelp" in lines
    assert "    lumo (lamp OR hub OR app) -title:band -selftext:band" in lines
    assert "    whatever is commented in its subreddits" in lines
    (told,) = [line for line in lines if line.startswith("  x: ")]
    assert "unknown" in told
    assert "at most 100 a day, $15.00 a month" in told
    assert not (tmp_path / "monitor.db").exists()


def test_a_config_that_searches_nowhere_prints_none(tmp_path: Path) -> None:
    brands = "brands: {lumo: {watches: [{name: name, query: lumo}]}}"
    (tmp_path / "config.yaml").write_text(f"{brands}\nsources: {{file: {{kind: replay, path: 'builtin:lumo'}}}}\n")
    checked = run_in(tmp_path, "check")
    assert checked.code == 0
    assert "asked for" not in checked.out


def test_a_query_is_tried_with_the_lists_of_a_config(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    lines = "my hub smokes\nmy bulb smokes\n"
    tried = run_in(tmp_path, "match", "{parts} THEN/2 smok*", "--config", "config.yaml", stdin=lines)
    assert (tried.code, tried.out) == (0, "my hub smokes\n")
    alone = run_in(tmp_path, "match", "{parts}", stdin=lines)
    assert alone.code == 2
    assert "no list is called 'parts'" in alone.err
