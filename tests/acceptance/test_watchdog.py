"""The daemon under a service manager: it says READY, feeds the watchdog, and starves it once it is stuck."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.running import Daemon, post, write_config

SAFETY = "my lumo lamp caught fire and burned my hand"


@pytest.fixture
def manager() -> Iterator[socket.socket]:
    """The manager's end of NOTIFY_SOCKET: an abstract socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(f"\0complaint-monitor-acceptance-{os.getpid()}")
        channel.settimeout(30)
        yield channel


def started(folder: Path, manager: socket.socket, watchdog_s: float) -> Daemon:
    name = manager.getsockname().decode()
    (folder / "posts.jsonl").write_text(post(1, SAFETY))
    environ = {"NOTIFY_SOCKET": "@" + name[1:], "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}
    return Daemon(write_config(folder), environ)


def heard_until(manager: socket.socket, wanted: str) -> list[str]:
    """Return every line up to the wanted one."""
    lines: list[str] = []
    while wanted not in lines:
        lines += manager.recv(4096).decode().split("\n")
    return lines


def test_says_ready_feeds_the_watchdog_and_says_that_it_stops(tmp_path: Path, manager: socket.socket) -> None:
    with started(tmp_path, manager, 0.9) as daemon:
        lines = heard_until(manager, "READY=1")
        assert "WATCHDOG=1" not in lines
        for _ in range(3):
            heard_until(manager, "WATCHDOG=1")
        assert daemon.stop()[0] == 0
        heard_until(manager, "STOPPING=1")


def test_a_reload_is_announced_and_its_refusal_shown(tmp_path: Path, manager: socket.socket) -> None:
    with started(tmp_path, manager, 30) as daemon:
        heard_until(manager, "READY=1")
        (tmp_path / "config.yaml").write_text("brands: [")
        daemon.signal(signal.SIGHUP)
        heard_until(manager, "RELOADING=1")
        heard_until(manager, "READY=1")
        daemon.wait_for("the new config is refused")
        assert any("the last reload was refused" in line for line in status_lines(manager, "refused"))


def test_a_frozen_process_feeds_nothing(tmp_path: Path, manager: socket.socket) -> None:
    with started(tmp_path, manager, 0.9) as daemon:
        heard_until(manager, "WATCHDOG=1")
        daemon.signal(signal.SIGSTOP)
        manager.settimeout(1.5)
        with pytest.raises(TimeoutError):
            heard_until(manager, "WATCHDOG=1, long after")
        daemon.signal(signal.SIGCONT)
        manager.settimeout(30)
        heard_until(manager, "WATCHDOG=1")


def status_lines(manager: socket.socket, word: str) -> list[str]:
    """Return status lines up to the first that holds a word; it comes again every 10 s."""
    lines: list[str] = []
    while not any(word in line for line in lines):
        lines += [line for line in manager.recv(4096).decode().split("\n") if line.startswith("STATUS=")]
    return lines
