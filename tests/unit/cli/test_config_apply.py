"""`config apply` where the daemon may not write its config: the command does, and puts back what is not followed."""

from pathlib import Path
from typing import Any

import pytest

from monitor.cli import gateway
from monitor.cli.commands import run
from monitor.config.keeper import Unwritable
from monitor.desk import Command
from monitor.errors import MonitorError
from monitor.service.socket import error_json, raise_error

OLD, NEW = "demo: false\n", "demo: true\n"
ANSWER = {"hash": "abc", "changed": True, "warnings": [], "put_aside": [], "reloaded": True}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(OLD)
    (tmp_path / "new.yaml").write_text(NEW)
    return tmp_path


def daemon(monkeypatch: pytest.MonkeyPatch, follows: Exception | None = None) -> None:
    """Stand in for a daemon that may not write its config."""

    def execute(config: Path, command: Command) -> dict[str, Any]:
        if command.arguments["text"] is not None:
            raise_error(error_json(Unwritable(str(config), "cannot be written: read-only file system")))
        if follows:
            raise follows
        return ANSWER

    monkeypatch.setattr(gateway, "execute", execute)


def test_the_command_writes_what_the_daemon_found_good(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon(monkeypatch)
    assert run(["config", "apply", "new.yaml"]) == 0
    assert (folder / "config.yaml").read_text() == NEW


def test_what_is_not_followed_is_put_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon(monkeypatch, MonitorError("reload", "no memory"))
    assert run(["config", "apply", "new.yaml"]) == 1
    assert (folder / "config.yaml").read_text() == OLD
