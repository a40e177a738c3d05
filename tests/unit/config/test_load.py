import logging
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.options import RssOptions, XOptions
from monitor.config.load import LoadedConfig, load_config
from monitor.errors import ConfigError
from monitor.service.log import _Lines

DESIGN = """\
store: sqlite:///monitor.db
include: brands.d/*.yaml
brands:
  lumo:
    handles: {x: [lumo, lumohelp], reddit: [lumo_official]}
    watches:
      - {name: name, query: 'lumo', sources: [x, reddit, file]}
sources:
  x:      {kind: x, token: env:X_BEARER_TOKEN, every: 1m}
  reddit: {kind: reddit, client_id: env:REDDIT_ID, client_secret: env:REDDIT_SECRET, user_agent: 'u', every: 2m}
  file:   {kind: replay, path: posts.jsonl}
triage: {complaint: 0.5, levels: {critical: 80, high: 60, normal: 40}, sla: {critical: 5m, high: 30m}}
receivers:
  desk: {kind: webhook, url: 'https://example.com/hook', secret: env:HOOK_SECRET}
routes:
  - {level: [critical, high], to: [desk]}
digests:
  - {name: morning, to: [desk], at: '08:00', zone: Europe/Berlin}
"""
ALL = {"X_BEARER_TOKEN": "tok", "REDDIT_ID": "id", "REDDIT_SECRET": "sec", "HOOK_SECRET": "hook"}


def load(folder: Path, text: str, environ: dict[str, str] | None = None, **options: bool) -> LoadedConfig:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, environ=environ or {}, **options)


def test_the_designed_config_loads_with_its_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, DESIGN, ALL)
    settings = config.usable()
    assert not config.errors
    assert settings.store == f"sqlite:///{tmp_path}/monitor.db"
    assert settings.store_path == tmp_path / "monitor.db"
    assert settings.routes[0].repeat_interval == timedelta(hours=4)
    assert isinstance(settings.sources["x"], XOptions)
    assert settings.sources["x"].token.get_secret_value() == "tok"
    assert settings.digests[0].timezone.key == "Europe/Berlin"


def test_missing_secrets_stop_their_own_parts_alone(tmp_path: Path) -> None:
    config = load(tmp_path, DESIGN, {"HOOK_SECRET": "hook"})
    settings = config.usable()
    assert set(settings.sources) == {"file"}
    assert set(config.broken_sources) == {"x", "reddit"}
    assert config.broken_sources["x"].startswith("token: environment variable X_BEARER_TOKEN is not set; ")
    assert len(config.errors) == 3
    assert set(settings.receivers) == {"desk"}


def test_a_broken_receiver_is_left_out_and_named(tmp_path: Path) -> None:
    config = load(tmp_path, DESIGN, {key: value for key, value in ALL.items() if key != "HOOK_SECRET"})
    assert config.usable().receivers == {}
    assert set(config.broken_receivers) == {"desk"}


def test_without_secrets_no_reference_is_resolved(tmp_path: Path) -> None:
    config = load(tmp_path, DESIGN, secrets=False)
    assert not config.errors
    assert not config.broken_sources


def test_a_disabled_source_needs_no_secret(tmp_path: Path) -> None:
    config = load(tmp_path, "sources: {x: {kind: x, enabled: false, token: env:X_BEARER_TOKEN}}")
    assert not config.errors
    assert not config.usable().sources["x"].enabled


def test_paths_are_relative_to_the_config_and_builtin_names_a_sample(tmp_path: Path) -> None:
    config = load(tmp_path, "sources: {a: {kind: replay, path: posts.jsonl}, b: {kind: replay, path: 'builtin:lumo'}}")
    sources = config.usable().sources
    assert sources["a"].path == tmp_path / "posts.jsonl"  # type: ignore[attr-defined]
    assert sources["b"].path.is_file()  # type: ignore[attr-defined]


def test_a_models_folder_is_relative_to_the_config(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    triage = load(tmp_path, "triage: {model: ./own, models: {de: 'hub:owner/name'}}").usable().triage
    assert triage.model == str(tmp_path / "own")
    assert triage.models == {"de": "hub:owner/name"}


def test_a_file_that_is_not_there_yet_is_a_warning(tmp_path: Path) -> None:
    config = load(tmp_path, DESIGN, ALL)
    assert any("no such file: posts.jsonl" in str(problem) for problem in config.warnings)


def test_included_files_are_brands_named_like_their_file(tmp_path: Path) -> None:
    (tmp_path / "brands.d").mkdir()
    (tmp_path / "brands.d" / "nova.yaml").write_text("watches: [{name: name, query: nova}]")
    config = load(tmp_path, DESIGN, ALL)
    assert set(config.usable().brands) == {"lumo", "nova"}
    assert config.files == (tmp_path / "config.yaml", tmp_path / "brands.d" / "nova.yaml")
    assert "query: nova" in config.text


def test_a_mistake_in_an_included_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "brands.d").mkdir()
    (tmp_path / "brands.d" / "nova.yaml").write_text("watches: [{name: name, query: '(nova'}]\nzne: UTC\n")
    config = load(tmp_path, DESIGN, ALL)
    assert [(problem.file, problem.line, problem.column) for problem in config.errors] == [
        (str(tmp_path / "brands.d" / "nova.yaml"), 1, 37),
        (str(tmp_path / "brands.d" / "nova.yaml"), 2, 1),
    ]


def test_the_hash_follows_the_text_of_every_file(tmp_path: Path) -> None:
    first = load(tmp_path, DESIGN, ALL)
    (tmp_path / "brands.d").mkdir()
    (tmp_path / "brands.d" / "nova.yaml").write_text("watches: [{name: name, query: nova}]")
    second = load(tmp_path, DESIGN, ALL)
    assert first.hash != second.hash
    assert load(tmp_path, DESIGN, ALL).hash == second.hash


def test_a_missing_config_is_one_problem_that_says_what_to_do(tmp_path: Path) -> None:
    config = load_config(tmp_path / "none.yaml", environ={})
    assert [str(problem) for problem in config.problems] == [
        f"{tmp_path}/none.yaml:1:1: cannot be read: no such file or directory; `complaint-monitor init` writes one"
    ]
    with pytest.raises(ConfigError, match="1 problem"):
        config.usable()


def test_a_secret_may_stand_in_the_file_and_is_warned_about(tmp_path: Path) -> None:
    config = load(tmp_path, "sources: {x: {kind: x, token: canary, every: 1m}}")
    assert config.usable().sources["x"].token.get_secret_value() == "canary"  # type: ignore[attr-defined]
    assert any("the secret itself stands in the config" in str(problem) for problem in config.warnings)


def test_a_resolved_secret_never_shows_in_a_log_line(tmp_path: Path) -> None:
    load(tmp_path, "sources: {x: {kind: x, token: env:TOKEN, every: 1m}}", {"TOKEN": "canary-of-the-log"})
    record = logging.LogRecord("any", logging.INFO, "", 0, "sent with %s", ("canary-of-the-log",), None)
    assert "canary" not in _Lines(as_json=False).format(record)
    assert "canary" not in _Lines(as_json=True).format(record)


def test_a_store_may_be_a_reference(tmp_path: Path) -> None:
    address = "postgresql://monitor:pw@db/monitor"
    assert load(tmp_path, "store: env:DATABASE", {"DATABASE": address}).usable().store == address


def test_a_thousand_keywords_load(tmp_path: Path) -> None:
    query = " OR ".join(f"word{number}" for number in range(900))
    text = f"brands: {{lumo: {{watches: [{{name: many, query: '{query}'}}]}}}}"
    assert load(tmp_path, text).usable().brands["lumo"].watches[0].query == query


def test_each_source_keeps_its_own_options(tmp_path: Path) -> None:
    text = "sources: {feed: {kind: rss, url: 'https://example.com/feed.xml'}}"
    feed = load(tmp_path, text).usable().sources["feed"]
    assert isinstance(feed, RssOptions)
    assert feed.every == timedelta(minutes=15)


def test_quick_loading_skips_the_queries(tmp_path: Path) -> None:
    text = "brands: {lumo: {watches: [{name: name, query: '(lumo'}]}}"
    assert load(tmp_path, text).errors
    assert not load(tmp_path, text, thorough=False).errors
