"""A graceful stop: exit code 0 within 10 s, whatever is going on, and nothing is lost by it."""

import os
import pty
import signal
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.acceptance.running import Daemon, Hook, post, write_config

MOST_S = 10.0
SAFETY = "my lumo lamp caught fire and burned my hand"


def test_stops_while_idle(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    (tmp_path / "posts.jsonl").write_text(post(1, SAFETY))
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        code, took_s = daemon.stop()
    assert code == 0
    assert took_s < 3


def test_stops_in_the_middle_of_a_backlog_and_goes_on_from_there(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    count = 3_000
    (tmp_path / "posts.jsonl").write_text("".join(post(n, f"my lumo {n} is broken again") for n in range(count)))
    with Daemon(config) as daemon:
        daemon.wait_for("the daemon works")
        code, took_s = daemon.stop()
    assert code == 0
    assert took_s < MOST_S
    with sqlite3.connect(tmp_path / "monitor.db") as store:
        assert store.execute("SELECT count(*) FROM hits WHERE state = 'doing'").fetchone() == (0,)
        assert store.execute("SELECT count(*) FROM hits WHERE state = 'parked'").fetchone() == (0,)


def test_stops_while_a_receiver_hangs_and_sends_after_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(post(1, SAFETY))
    answered = threading.Event()
    with Hook() as hook:
        hook.before_answer = lambda _: hang(answered)
        config = write_config(tmp_path, hook.url)
        with Daemon(config) as daemon:
            assert hook.wait_for(lambda received: len(received) == 1, 30), daemon.lines
            code, took_s = daemon.stop()
            assert code == 0
            assert took_s < MOST_S
            daemon.wait_for("left behind: deliver:desk", 5)
        answered.set()
        with Daemon(config) as daemon:
            assert hook.wait_for(lambda received: len(received) == 2, 30), daemon.lines
            daemon.wait_for("case.opened sent")
        keys = {key for key, _ in hook.received}
    assert len(keys) == 1, "the second attempt carries the key of the first"


@pytest.mark.parametrize("times", [1, 3])
def test_stopping_again_and_again_parks_no_post(tmp_path: Path, times: int) -> None:
    config = write_config(tmp_path)
    (tmp_path / "posts.jsonl").write_text("".join(post(n, f"my lumo {n} is broken again") for n in range(1_000)))
    for _ in range(times):
        with Daemon(config) as daemon:
            daemon.wait_for("the daemon works")
            assert daemon.stop()[0] == 0
    with sqlite3.connect(tmp_path / "monitor.db") as store:
        assert store.execute("SELECT count(*) FROM hits WHERE state = 'parked'").fetchone() == (0,)


def test_a_terminal_that_closes_takes_its_daemon_along(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    (tmp_path / "posts.jsonl").write_text(post(1, SAFETY))
    ours, theirs = pty.openpty()
    with Daemon(config, terminal=theirs) as daemon:
        os.close(theirs)
        daemon.wait_for("the daemon works")
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("the new config is in force")
        os.close(ours)
        assert daemon.process.wait(30) == 0


def hang(until: threading.Event) -> None:
    """Answer only once the test has seen enough."""
    until.wait(30)
