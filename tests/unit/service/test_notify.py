"""sd_notify: what is said to the service manager, and when nothing is."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.service.notify import Notifier


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(5)
        yield channel


def heard(manager: socket.socket) -> list[str]:
    return manager.recv(4096).decode().split("\n")


def test_says_ready_with_a_status(manager: socket.socket) -> None:
    Notifier(manager.getsockname()).ready("ok: 2 sources")
    assert heard(manager) == ["READY=1", "STATUS=ok: 2 sources"]


def test_reloading_carries_the_monotonic_time_in_microseconds(manager: socket.socket) -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    Notifier(manager.getsockname()).reloading()
    lines = dict(line.split("=", 1) for line in heard(manager))
    assert lines["RELOADING"] == "1"
    assert before <= int(lines["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_feeds_the_watchdog_and_says_that_it_stops(manager: socket.socket) -> None:
    notifier = Notifier(manager.getsockname())
    notifier.alive()
    notifier.stopping()
    assert heard(manager) == ["WATCHDOG=1"]
    assert heard(manager)[0] == "STOPPING=1"


def test_speaks_to_abstract_sockets() -> None:
    name = f"complaint-monitor-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind("\0" + name)
        channel.settimeout(5)
        Notifier("@" + name).alive()
        assert heard(channel) == ["WATCHDOG=1"]


def test_a_status_stays_one_line_whatever_a_platform_said(manager: socket.socket) -> None:
    Notifier(manager.getsockname()).status("red: x said\nWATCHDOG=trigger\x1b[2J" + "!" * 5000)
    lines = heard(manager)
    assert len(lines) == 1
    assert len(lines[0]) < 400
    assert "\x1b" not in lines[0]


@pytest.mark.parametrize("address", [None, "/nowhere/at/all", "@nobody-listens-here", "/" + "x" * 200])
def test_a_manager_that_cannot_be_reached_is_no_error(address: str | None, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(address)
    notifier.ready("ok")
    notifier.alive()
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == (0 if address is None else 1), "it is said once, and only where there is a manager"
    assert all("the service manager cannot be told" in line for line in told)


def test_reads_the_watchdog_from_the_environment() -> None:
    notifier = Notifier.from_environ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())})
    assert notifier.watchdog_s == 60
    assert notifier.ping_every_s == 20


@pytest.mark.parametrize(
    "environ",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}],
    ids=["none", "zero", "no number", "of another process"],
)
def test_feeds_no_watchdog_that_is_not_ours(environ: dict[str, str]) -> None:
    assert Notifier.from_environ(environ).ping_every_s is None
