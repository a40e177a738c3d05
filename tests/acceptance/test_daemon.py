"""The daemon as a process: it hears, decides, tells and says how it is."""

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import httpx

import monitor
from tests.acceptance.running import COMMAND, ROOT, Daemon, Hook, post, write_config

SAFETY = "my lumo lamp caught fire and burned my hand"


def test_a_grave_post_is_told_within_seconds(tmp_path: Path, hook: Hook) -> None:
    config = write_config(tmp_path, hook.url)
    (tmp_path / "posts.jsonl").write_text(post(1, "lumo looks nice in the hall") + post(2, SAFETY))
    with Daemon(config) as daemon:
        assert hook.wait_for(lambda received: len(received) >= 1, 30), daemon.lines
        _, payload = hook.received[0]
        assert payload["event"] == "case.opened"
        assert payload["case"]["native_id"] == "n2"
        assert payload["case"]["level"] in {"critical", "high"}
        assert daemon.stop()[0] == 0
    assert len(hook.received) == 1


def test_a_post_that_arrives_later_is_told_too(tmp_path: Path, hook: Hook) -> None:
    config = write_config(tmp_path, hook.url)
    posts = tmp_path / "posts.jsonl"
    posts.write_text(post(1, "lumo looks nice in the hall"))
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        with posts.open("a") as file:
            file.write(post(2, SAFETY))
        assert hook.wait_for(lambda received: len(received) == 1, 20), daemon.lines


def test_health_and_metrics_answer_on_the_port_that_was_free(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    (tmp_path / "posts.jsonl").write_text(post(1, SAFETY))
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        assert daemon.health() == (200, {"status": "ok", "reasons": [], "notes": [], "version": monitor.__version__})
        read = 'complaint_monitor_source_state{kind="replay",source="file",state="ok"} 1.0'
        while read not in httpx.get(f"{daemon.address}/metrics", trust_env=False).text:
            pass  # the posts are stored a moment before their poll ends
        assert httpx.get(f"{daemon.address}/queue", trust_env=False).status_code == 401
        with sqlite3.connect(tmp_path / "monitor.db") as store:
            (known,) = store.execute("SELECT value FROM meta WHERE key = 'web_address'").fetchone()
        assert known == daemon.address


def test_a_source_that_cannot_be_read_is_red_and_the_rest_goes_on(tmp_path: Path, hook: Hook) -> None:
    sources = {
        "file": {"kind": "replay", "path": "posts.jsonl", "every": "1s"},
        "odd": {"kind": "myspace", "every": "1s"},
    }
    config = write_config(tmp_path, hook.url, sources=sources)
    (tmp_path / "posts.jsonl").write_text(post(1, SAFETY))
    with Daemon(config) as daemon:
        assert hook.wait_for(lambda received: len(received) == 1, 30), daemon.lines
        status, health = daemon.health()
        assert (status, health["status"]) == (503, "red")
        assert any(reason.startswith("source odd is stopped") for reason in health["reasons"])


def test_a_second_daemon_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    (tmp_path / "posts.jsonl").write_text(post(1, SAFETY))
    with Daemon(config) as first:
        first.wait_for("the daemon works")
        with Daemon(config) as second:
            assert second.process.wait(30) == 1
            second.wait_for(f"in use by process {first.process.pid} ", 5)
        assert first.health()[0] == 200


def test_a_command_reaches_the_store_through_the_daemon(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    (tmp_path / "posts.jsonl").write_text(post(1, SAFETY))
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        until_queued(config)
        claimed = command(config, "queue", "claim", "1", "--as", "ana")
        assert claimed.returncode == 0, claimed.stderr
        (case,) = json.loads(command(config, "queue", "list", "--json").stdout)
        assert (case["status"], case["claimed_by"]) == ("claimed", "ana")


def test_a_config_that_cannot_be_used_ends_with_78(tmp_path: Path) -> None:
    config = write_config(tmp_path, triage={"complaint": 2})
    with Daemon(config) as daemon:
        assert daemon.process.wait(30) == 78
        daemon.wait_for(r"config.yaml:\d+:\d+: triage.complaint", 5)
    assert not (tmp_path / "monitor.db").exists()


def test_an_address_in_use_stops_no_alert(tmp_path: Path, hook: Hook) -> None:
    taken = hook.url.removeprefix("http://").removesuffix("/hook")
    config = write_config(tmp_path, hook.url, web={"listen": taken})
    (tmp_path / "posts.jsonl").write_text(post(1, SAFETY))
    with Daemon(config) as daemon:
        assert hook.wait_for(lambda received: len(received) == 1, 30), daemon.lines
        daemon.wait_for(f"web.listen {taken}: address already in use")


def test_a_store_that_another_process_locks_is_waited_for(tmp_path: Path, hook: Hook) -> None:
    config = write_config(tmp_path, hook.url)
    posts = tmp_path / "posts.jsonl"
    posts.write_text(post(1, "lumo looks nice in the hall"))
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        with closing(sqlite3.connect(tmp_path / "monitor.db", isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = daemon.wait_for(r"warning (\S+): .*database is locked; .*tried again")[1]
            assert daemon.health()[0] == 503, "reads go on, and it says that it cannot write"
            other.execute("ROLLBACK")
        daemon.wait_for(f"{waiting}: works again")
        with posts.open("a") as file:
            file.write(post(2, SAFETY))
        assert hook.wait_for(lambda received: len(received) == 1, 60), daemon.lines


def command(config: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command beside the daemon."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    line = [*COMMAND, *arguments, "--config", str(config)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, env=environ)


def until_queued(config: Path) -> None:
    """Ask until the first case is queued."""
    for _ in range(30):
        if json.loads(command(config, "queue", "list", "--json").stdout or "[]"):
            return
    raise AssertionError("no case was queued")
