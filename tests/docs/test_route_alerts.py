"""What the page on routes shows is a config that is accepted, with the message that it promises."""

import re
from pathlib import Path

from monitor.config.load import LoadedConfig, load_config

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "route-alerts.md").read_text("utf-8")
WHO, BYPASS, WHEN = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
BASE = """\
brands:
  lumo:
    watches: [{name: name, query: lumo, sources: [news]}]
sources:
  news: {kind: replay, path: builtin:lumo}
"""


def load(folder: Path, text: str) -> LoadedConfig:
    (folder / "config.yaml").write_text(BASE + text, encoding="utf-8")
    return load_config(folder / "config.yaml", environ={"HOOK_SECRET": "secret"})


def test_the_routes_of_the_page_are_accepted(tmp_path: Path) -> None:
    loaded = load(tmp_path, WHO + BYPASS)
    assert loaded.errors == ()
    assert loaded.usable().routes[0].routes[1].cause == ("billing",)


def test_hours_are_accepted_with_the_fallback_and_refused_without(tmp_path: Path) -> None:
    routes = "routes: [{to: desk}]\n"
    assert load(tmp_path, WHEN + routes).errors == ()
    (refused,) = load(tmp_path, WHEN.replace("fallback: [duty]\n", "") + routes).errors
    words = re.search(r"^config\.yaml:\d+:\d+: (.*)$", PAGE, re.MULTILINE)
    assert words is not None
    assert words[1] == f"{refused.path}: {refused.message}; {refused.hint}"
