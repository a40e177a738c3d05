"""From nobody to an agent at work: the link of the first start, and people made on the command line."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.running import COMMAND, Daemon
from tests.web_site import PASSWORD, Browser

CONFIG = """
brands:
  lumo: {watches: [{name: name, query: lumo, sources: [file]}]}
  vela: {watches: [{name: name, query: vela, sources: [file]}]}
sources:
  file: {kind: replay, path: posts.jsonl}
triage: {model: lexicon}
receivers:
  desk: {kind: stdout}
routes:
  - {to: desk}
web: {listen: 127.0.0.1:0}
"""
POST = {
    "platform": "x",
    "native_id": "1",
    "author": {"handle": "mara"},
    "text": "@lumo you charged me twice and nobody answers, this is a fraud and I want my money back",
    "posted_at": "2026-03-01T10:00:00Z",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "posts.jsonl").write_text(json.dumps(POST) + "\n", "utf-8")
    return tmp_path


@pytest.fixture
def daemon(folder: Path) -> Iterator[Daemon]:
    with Daemon(folder / "config.yaml") as running:
        yield running


def command(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments, "--config", str(folder / "config.yaml")],
        cwd=folder, input=given, capture_output=True, text=True, check=False, timeout=60, env=dict(os.environ),
    )  # fmt: skip


def link_of(daemon: Daemon, *, count: int = 1) -> str:
    return daemon.wait_for(r"make the first, within 24 hours: http://127\.0\.0\.1:\d+(/setup/[\w-]{43})", count=count)[
        1
    ]


def test_the_link_of_the_first_start_makes_the_admin_and_is_shown_no_more(folder: Path, daemon: Daemon) -> None:
    link = link_of(daemon)
    with Browser(daemon.address) as ana:
        assert ana.post(link, data={"name": "ana", "password": PASSWORD, "again": PASSWORD}).status_code == 303
        assert ana.get("/queue").status_code == 200
        assert ana.post(link, data={"name": "eve", "password": PASSWORD, "again": PASSWORD}).status_code == 410
    daemon.stop()
    with Daemon(folder / "config.yaml") as again:
        again.wait_for("the daemon works")
        assert not any("/setup/" in line for line in again.lines)
        with Browser(again.address) as ana:
            assert ana.log_in("ana").status_code == 303


def test_a_second_start_makes_the_first_link_worthless(folder: Path, daemon: Daemon) -> None:
    first = link_of(daemon)
    daemon.stop()
    with Daemon(folder / "config.yaml") as again:
        second = link_of(again)
        with Browser(again.address) as browser:
            assert [browser.get(link).status_code for link in (first, second)] == [410, 200]


def test_an_agent_of_the_command_line_works_the_cases_of_a_brand_by_name(folder: Path, daemon: Daemon) -> None:
    daemon.wait_for("the daemon works")
    made = command(folder, "user", "add", "ben", "--role", "lumo=agent", "--password-stdin", given=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    invited = command(folder, "user", "add", "cleo", "--role", "vela=agent")
    link = re.search(r"http://127\.0\.0\.1:\d+(/setup/\S+)", invited.stdout)
    assert link is not None, invited.stdout + invited.stderr
    with Browser(daemon.address) as ben, Browser(daemon.address) as cleo:
        assert ben.log_in("ben").status_code == 303
        assert cleo.post(link[1], data={"password": PASSWORD, "again": PASSWORD}).status_code == 303
        assert cleo.submit("/cases/1/claim").status_code == 404, "a case of another brand is none"
        assert ben.submit("/cases/1/claim").status_code == 303
    shown = json.loads(command(folder, "queue", "show", "1", "--json").stdout)
    assert '"ben"' in json.dumps(shown)
    assert '"cleo"' not in json.dumps(shown)


def test_people_and_tokens_are_told_as_json_without_anything_secret(folder: Path, daemon: Daemon) -> None:
    daemon.wait_for("the daemon works")
    command(folder, "user", "add", "ben", "--role", "lumo=viewer", "--password-stdin", given=f"{PASSWORD}\n")
    made = command(folder, "token", "add", "ben", "--for", "export", "--may", "see", "--brand", "lumo")
    key = made.stdout.split()[-1]
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{daemon.address}/account", headers=headers, trust_env=False).status_code == 200
    users, tokens = command(folder, "user", "list", "--json").stdout, command(folder, "token", "list", "--json").stdout
    assert [(user["name"], user["roles"]) for user in json.loads(users)] == [("ben", {"lumo": "viewer"})]
    assert [(token["user"], token["deeds"]) for token in json.loads(tokens)] == [("ben", ["see"])]
    assert "argon2" not in users
    assert key not in tokens
    assert command(folder, "token", "end", "1").returncode == 0
    assert httpx.get(f"{daemon.address}/account", headers=headers, trust_env=False).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("user", "add", "dan", "--role", "lumo=boss"), "role 'boss': is unknown"),
        (("user", "add", "dan", "--role", "nova=agent"), "brand 'nova': is unknown"),
        (("user", "add", "dan", "--role", "lumo=admin"), "is one for every brand"),
        (("user", "role", "nobody", "--role", "lumo=agent"), "user 'nobody': is unknown"),
        (("user", "add", "dan", "--password-stdin"), "has not 12 to 200 characters"),
        (("token", "add", "dan", "--for", "x", "--may", "fly"), "user 'dan': is unknown"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(folder: Path, arguments: tuple[str, ...], problem: str) -> None:
    assert command(folder, "run", "--once").returncode == 0
    refused = command(folder, *arguments, given="short\n")
    assert refused.returncode == 1
    assert problem in refused.stderr
    assert refused.stderr.count("\n") == 1
