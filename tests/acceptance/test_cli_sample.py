import json
import os
import pty
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor import desk
from monitor.desk import Command
from monitor.service.lock import StoreLock
from monitor.service.socket import DeskServer, socket_path
from monitor.store.sqlite import SqliteStore
from tests.acceptance.command_line import START, environment, make_home, run_in
from tests.services import make_settings

POSTS = [f"lumo opened shop {number} in oslo \x9b31m" for number in range(8)]


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose store the daemon has filled once, for each test to copy."""
    folder = tmp_path_factory.mktemp("decided")
    make_home(folder).close()
    lines = [
        {"platform": "x", "native_id": str(at), "author": {"handle": f"eve{at}"}, "text": text,
         "posted_at": "2026-03-04T12:00:00Z"}
        for at, text in enumerate(POSTS)
    ]  # fmt: skip
    (folder / "posts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run_in(folder, "run", "--once").code == 0
    return folder


@pytest.fixture
def home(decided: Path, tmp_path: Path) -> Path:
    shutil.copytree(decided, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_a_run_draws_a_sample_and_scripts_answer_it(home: Path) -> None:
    listed = json.loads(run_in(home, "sample", "list", "--json").out)
    assert len(listed) == 8
    assert set(listed[0]) == {
        "id", "drawn_on", "brand", "source", "rule", "stratum", "complaint", "probability", "answer", "answered_by",
        "answered_at", "case_id", "platform", "native_id", "permalink", "author", "text", "posted_at", "evidence",
    }  # fmt: skip
    first, *others = [entry["id"] for entry in listed]
    told = run_in(home, "sample", "answer", str(first), "yes", "--as", "ana")
    (case,) = json.loads(run_in(home, "queue", "list", "--json").out)
    assert told.out == f"sample {first}: yes; case {case['id']}\n"
    for number in others:
        assert run_in(home, "sample", "answer", str(number), "no", "--as", "ana").code == 0
    status = run_in(home, "sample", "status").out.splitlines()
    assert status[0] == "estimated missed complaints  1 of 8 (95 % 1–1)"
    assert json.loads(run_in(home, "sample", "status", "--json").out)["waiting"] == 0
    assert "estimated missed complaints: 1 of 8 (95 % 1–1)" in run_in(home, "digest").out
    answered = json.loads(run_in(home, "sample", "list", "--all", "--json").out)
    assert [entry["answered_by"] for entry in answered] == ["ana"] * 8


def test_posts_are_shown_one_by_one_and_the_rule_only_after_the_answer(home: Path) -> None:
    shown = run_in(home, "sample", "--as", "ana", stdin="n\nwhat\ns\nq\n")
    assert shown.code == 0
    assert "\x9b" not in shown.out
    before, _, after = shown.out.partition("no; it was dropped by not-a-complaint")
    assert "not-a-complaint" not in before
    assert before.startswith("1 of 8: ")
    assert "skip; it was dropped by" in after
    assert after.endswith("2 answers kept, 6 still waiting\n")
    assert len(json.loads(run_in(home, "sample", "list", "--json").out)) == 6


def test_on_a_terminal_one_key_is_an_answer(home: Path) -> None:
    leader, follower = pty.openpty()
    started = subprocess.Popen([*START, "sample"], cwd=home, env=environment(), stdin=follower, stdout=subprocess.PIPE)
    os.close(follower)
    with started:
        assert started.stdout is not None
        told = b""
        for key in (b"n", b"\r", b"q"):
            while not told.endswith(b"[q]uit "):
                part = os.read(started.stdout.fileno(), 1)
                assert part, told
                told += part
            os.write(leader, key)
            told += b"|"
        told += started.stdout.read()
    os.close(leader)
    assert started.returncode == 0
    assert told.decode().endswith("1 answer kept, 7 still waiting\n")


def test_nothing_to_look_at_is_said(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    assert run_in(tmp_path, "sample").out.startswith("no dropped post waits for a look")
    assert run_in(tmp_path, "sample", "list").out == "no dropped post waits for a look\n"
    assert "nothing was drawn yet" in run_in(tmp_path, "sample", "status").out


def test_a_wrong_answer_and_an_unknown_number_are_refused(home: Path) -> None:
    assert run_in(home, "sample", "answer", "1", "maybe").code == 2
    refused = run_in(home, "sample", "answer", "99", "no")
    assert (refused.code, refused.err) == (
        1, "complaint-monitor: sample 99: was never drawn; see `complaint-monitor sample list`\n"
    )  # fmt: skip


def test_while_a_daemon_runs_an_answer_goes_through_its_socket(home: Path) -> None:
    store = SqliteStore(home / "monitor.db")
    came: list[Command] = []

    def execute(command: Command) -> dict[str, Any]:
        came.append(command)
        return desk.execute(store, make_settings(), command, datetime.now(UTC))

    place = socket_path(home / "monitor.db")
    server = DeskServer(place, execute)
    with StoreLock(home / "monitor.db", place):
        server.start()
        told = run_in(home, "sample", "answer", "3", "yes", "--as", "ana")
        server.stop()
    (case,) = store.queue(datetime.now(UTC))
    store.close()
    assert (told.code, told.out, told.err) == (0, f"sample 3: yes; case {case.id}\n", "")
    assert came == [Command("answer-sample", "ana", {"sample": 3, "answer": "yes"})]


def test_what_a_colleague_has_answered_meanwhile_is_not_shown(home: Path) -> None:
    first, second = (entry["id"] for entry in json.loads(run_in(home, "sample", "list", "--json").out)[:2])
    command = [*START, "sample"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=home, env=environment(), stdin=pipe, stdout=pipe) as started:
        assert started.stdout is not None
        told = b""
        while not told.endswith(b"[q]uit "):
            part = os.read(started.stdout.fileno(), 1)
            assert part, told
            told += part
        assert run_in(home, "sample", "answer", str(second), "no", "--as", "ben").code == 0
        out, _ = started.communicate(b"n\nq\n", timeout=60)
    assert b"2 of 8" not in out
    assert b"3 of 8" in out
    assert out.endswith(b"1 answer kept, 6 still waiting\n")
    listed = json.loads(run_in(home, "sample", "list", "--all", "--json").out)
    assert {entry["id"]: entry["answer"] for entry in listed if entry["answer"]} == {first: "no", second: "no"}
