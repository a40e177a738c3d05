"""The page about receivers: each config that it shows is accepted, and no kind is forgotten."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from monitor.config.load import load_config
from monitor.config.receivers import RECEIVER_KINDS

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "receivers.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
BASE = """
brands: {lumo: {watches: [{name: name, query: lumo}]}}
sources: {file: {kind: replay, path: "builtin:lumo"}}
"""
SECRETS = {"ROCKET_CHAT_URL": "rocket://user:secret@chat.example.com/care", "PING_URL": "https://hc-ping.com/secret"}


def environ() -> dict[str, str]:
    names = set(re.findall(r"env:([A-Z_]+)", PAGE.read_text("utf-8")))
    return {name: SECRETS.get(name, f"https://secret.example.com/{name}") for name in names}


def value(block: str) -> Any:
    return YAML(typ="safe").load(block)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_config_of_the_page_is_accepted_without_a_warning(block: str, tmp_path: Path) -> None:
    names = ", ".join(value(block)["receivers"])
    routes = "" if "routes:" in block else f"routes: [{{to: [{names}]}}]\n"
    (tmp_path / "config.yaml").write_text(BASE + block + routes)
    loaded = load_config(tmp_path / "config.yaml", environ=environ())
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.broken_receivers == {}


def test_the_page_shows_every_kind() -> None:
    shown = {options["kind"] for block in BLOCKS for options in value(block)["receivers"].values()}
    assert shown == set(RECEIVER_KINDS)
