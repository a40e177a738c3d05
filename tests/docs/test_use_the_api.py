"""The page about the interface: its requests are sent one after the other, and answer what it shows."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.web.openapi import describe
from tests.integration.web.api_site import ApiSite

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "use-the-api.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLES = re.findall(r"^```sh\n(curl .*?)\n```\n\n```json\n(.*?)\n```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ApiSite]:
    opened = ApiSite(tmp_path)
    yield opened
    opened.close()


def send(command: str, token: str, desk: str) -> Any:
    """Do what a command line of curl does, with the options that the page uses."""
    words = iter(shlex.split(command.replace("$TOKEN", token).replace("$DESK", desk))[1:])
    method, content, headers, address = "GET", None, {}, ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            content = next(words)
        elif word == "-X":
            method = next(words)
        elif word != "-s":
            address = word
    return httpx.request(method, address, content=content, headers=headers, trust_env=False).json()


def shown(expected: Any, found: Any) -> Any:
    """Return what was found, less what the page leaves out."""
    if isinstance(expected, dict):
        return {name: shown(value, found.get(name, "missing")) for name, value in expected.items()}
    if isinstance(expected, list) and len(expected) == len(found):
        return [shown(*pair) for pair in zip(expected, found, strict=True)]
    return found


def test_each_request_answers_what_is_shown(site: ApiSite) -> None:
    assert len(EXAMPLES) == TEXT.count("```sh\n") >= 8
    token = site.key("ana")
    with site.served() as desk:
        for command, answer in EXAMPLES:
            expected = json.loads(answer)
            assert shown(expected, send(command, token, desk)) == expected, command


def test_every_address_that_it_names_is_described() -> None:
    known = {re.sub(r"\{\w+\}", "N", path) for path in describe()["paths"]}
    named = {
        re.sub(r"CASE|\b\d+\b", "N", path)
        for path in re.findall(r"(/(?:cases|incidents|silences|samples|explain|answers)[\w/-]*)(?=[`?\" ])", TEXT)
    }
    assert len(named) > 8
    assert {f"/api/v1{path.rstrip('/')}" for path in named if not path.endswith("/")} <= known


def test_every_status_of_an_error_is_explained() -> None:
    statuses = {name[1:] for name in describe()["components"]["responses"]}
    assert [status for status in statuses if not re.search(rf"^\| [\d, ]*{status}", TEXT, re.MULTILINE)] == []
