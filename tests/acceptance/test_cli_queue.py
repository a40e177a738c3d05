import json
import os
import pty
import pwd
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from monitor import desk
from monitor.desk import Command
from monitor.domain import Kind, Level, Status
from monitor.service.lock import StoreLock
from monitor.service.socket import DeskServer, socket_path
from monitor.store.sqlite import SqliteStore
from tests.acceptance.command_line import START, environment, make_home, run_in, start_in
from tests.builders import store_case
from tests.services import make_settings

KEYS = {
    "id": int, "kind": str, "status": str, "level": str, "score": int | float, "reasons": list, "severity": list,
    "brand": str, "platform": str, "native_id": str, "permalink": str, "author": str, "followers": int, "text": str,
    "posted_at": str, "due_at": str, "opened_at": str, "claimed_by": str, "snoozed_until": str, "incident_id": int,
    "posts": int, "copies": int, "lane": str, "review": bool,
    "cause": str, "cause_by": str, "cause_why": str, "first_due_at": str, "replied_at": str, "replied_by": str,
    "answer_seen": str, "mood": str, "summary": str,
}  # fmt: skip
MAY_BE_NULL = {
    "permalink",
    "followers",
    "claimed_by",
    "snoozed_until",
    "incident_id",
    "lane",
    "cause",
    "cause_by",
    "cause_why",
    "replied_at",
    "replied_by",
    "answer_seen",
    "mood",
    "summary",
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Path, SqliteStore]]:
    store = make_home(tmp_path)
    yield tmp_path, store
    store.close()


def test_json_has_exactly_the_promised_keys_and_types(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    store_case(store, Level.CRITICAL, text="my lumo lamp burns", followers=12, permalink="https://x.example/1")
    store_case(store, Level.LOW)
    cases = json.loads(run_in(folder, "queue", "list", "--json").out)
    assert [case["level"] for case in cases] == ["critical", "low"]
    for case in cases:
        assert set(case) == set(KEYS)
        for key, value in case.items():
            assert (value is None and key in MAY_BE_NULL) or isinstance(value, KEYS[key]), key
        assert {frozenset(reason) for reason in case["reasons"]} == {frozenset({"name", "points", "evidence"})}
        assert sum(reason["points"] for reason in case["reasons"]) == pytest.approx(case["score"])
        assert (Kind(case["kind"]), Status(case["status"])) == (Kind.COMPLAINT, Status.NEW)
        assert all(datetime.fromisoformat(case[key]).tzinfo == UTC for key in ("posted_at", "due_at", "opened_at"))


def test_json_has_no_limit_and_is_ascii(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    for number in range(60):
        store_case(store, text=f"lumo kaputt \x9b31m \u202e {number}")
    answer = run_in(folder, "queue", "list", "--json")
    assert len(json.loads(answer.out)) == 60
    assert answer.out.isascii()
    table = run_in(folder, "queue", "list").out.splitlines()
    assert len(table) == 52
    assert table[-1] == "10 more: `complaint-monitor queue list --limit 60`"


def test_a_language_that_the_model_does_not_serve_has_a_lane_with_its_count(
    home: tuple[Path, SqliteStore],
) -> None:
    folder, store = home
    store_case(store, text="my lumo lamp is broken")
    german, french = store_case(store, text="meine lumo ist kaputt"), store_case(store, text="ma lumo est cassée")
    store.update_case(german, lane="de")
    store.update_case(french, lane="fr")
    table = run_in(folder, "queue", "list").out.splitlines()
    assert table[-1].startswith("in languages that the model does not serve: ")
    assert "de\u2069 1" in table[-1]
    assert "fr\u2069 1" in table[-1]
    cases = json.loads(run_in(folder, "queue", "list", "--lane", "fr", "--json").out)
    assert [(case["id"], case["lane"]) for case in cases] == [(french, "fr")]
    assert run_in(folder, "queue", "list", "--lane", "pl").out.startswith("the queue of pl is empty")


def test_a_brand_that_the_config_does_not_name_is_no_empty_queue(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    store_case(store)
    for command in (("queue", "list"), ("digest",)):
        answer = run_in(folder, *command, "--brand", "nope")
        assert (answer.code, answer.out) == (2, "")
        assert "no brand is named 'nope'; known: lumo" in answer.err


def test_the_cases_of_a_brand_that_left_the_config_can_still_be_listed(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    case = store_case(store)
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("  lumo:\n", "  nova:\n"))
    assert json.loads(run_in(folder, "queue", "list", "--brand", "lumo", "--json").out)[0]["id"] == case


def test_a_case_is_worked_from_claim_to_resolution(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    case = str(store_case(store))
    for arguments in (
        ("claim", case, "--as", "ana"),
        ("note", case, "called them", "--as", "ana"),
        ("snooze", case, "2h", "--as", "ana"),
        ("assign", case, "ben", "--as", "ana"),
        ("claim", case, "--take-over", "--as", "cleo"),
        ("escalate", case, "press asks", "--as", "cleo"),
        ("release", case, "--as", "cleo"),
        ("reply", case, "on our way", "--link", "https://x.example/9", "--as", "cleo"),
        ("resolve", case, "--as", "cleo"),
        ("reopen", case, "--as", "dora"),
        ("dismiss", case, "spam after all", "--as", "dora"),
    ):
        answer = run_in(folder, "queue", *arguments)
        assert (answer.code, answer.err) == (0, ""), arguments
        assert answer.out.startswith(f"case {case} ")
    shown = json.loads(run_in(folder, "queue", "show", case, "--json").out)
    assert [(entry["who"], entry["action"]) for entry in shown["trail"]] == [
        ("ana", "claim"), ("ana", "note"), ("ana", "snooze"), ("ana", "assign"), ("cleo", "take-over"),
        ("cleo", "escalate"), ("cleo", "release"), ("cleo", "reply"), ("cleo", "resolve"), ("dora", "reopen"),
        ("dora", "dismiss"),
    ]  # fmt: skip
    assert (shown["status"], shown["dismissed_reason"]) == ("dismissed", "spam after all")


def test_without_a_name_the_login_name_stands_in_the_trail(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    case = store_case(store)
    assert run_in(folder, "queue", "claim", str(case)).code == 0
    assert store.audit_trail(case)[-1].who == pwd.getpwuid(os.getuid()).pw_name


def test_of_many_processes_that_claim_at_once_one_wins(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    case = store_case(store)
    rivals = {name: start_in(folder, "queue", "claim", str(case), "--as", name) for name in ("ana", "ben", "cleo")}
    ended = {name: (rival.communicate(timeout=100), rival.returncode) for name, rival in rivals.items()}
    winners = [name for name, (_, code) in ended.items() if code == 0]
    assert len(winners) == 1
    for (_, err), code in ended.values():
        assert code == 0 or f"case {case}: is claimed by {winners[0]}" in err.decode()
    assert [entry.who for entry in store.audit_trail(case)] == winners


@pytest.fixture
def daemon(home: tuple[Path, SqliteStore]) -> Iterator[list[Command]]:
    """Hold the store's lock and answer commands, as the daemon does; gives the commands that came."""
    folder, store = home
    came: list[Command] = []

    def execute(command: Command) -> dict[str, Any]:
        came.append(command)
        return desk.execute(store, make_settings(), command, datetime.now(UTC))

    place = socket_path(folder / "monitor.db")
    server = DeskServer(place, execute)
    with StoreLock(folder / "monitor.db", place):
        server.start()
        yield came
        server.stop()


def test_while_a_daemon_runs_moves_go_through_its_socket(home: tuple[Path, SqliteStore], daemon: list[Command]) -> None:
    folder, store = home
    case = store_case(store)
    answer = run_in(folder, "queue", "claim", str(case), "--as", "ana")
    assert (answer.code, answer.err) == (0, "")
    assert daemon == [Command("claim", "ana", {"case": case})]
    refused = run_in(folder, "queue", "claim", str(case), "--as", "ben")
    assert refused.code == 1
    assert refused.err.startswith(f"complaint-monitor: case {case}: is claimed by ana since ")
    assert len(refused.err.splitlines()) == 1
    assert json.loads(run_in(folder, "queue", "list", "--json").out)[0]["claimed_by"] == "ana"


@pytest.mark.usefixtures("daemon")
def test_a_second_daemon_is_refused_naming_pid_and_socket(home: tuple[Path, SqliteStore]) -> None:
    folder, _ = home
    answer = run_in(folder, "run", "--once")
    assert answer.code == 1
    assert f"in use by process {os.getpid()} (socket {folder / 'monitor.db.sock'})" in answer.err
    assert "Traceback" not in answer.err


def test_a_short_command_waits_for_another_short_command(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    case = store_case(store)
    lock = StoreLock(folder / "monitor.db")
    lock.acquire()
    waiting = start_in(folder, "queue", "claim", str(case), "--as", "ana")
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(timeout=1)
    lock.release()
    waiting.communicate(timeout=60)
    assert waiting.returncode == 0


def test_what_there_is_not_yet_says_what_to_do_next(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    store.close()
    assert run_in(tmp_path, "queue", "list").out == "no post was read yet: run `complaint-monitor run` first\n"
    (tmp_path / "monitor.db").unlink()
    answer = run_in(tmp_path, "queue", "list")
    assert (answer.code, answer.out) == (1, "")
    assert "no store yet; run `complaint-monitor run` first" in answer.err


def on_a_terminal(folder: Path, **extra: str) -> str:
    """Return what `queue list` writes to a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*START, "queue", "list"], cwd=folder, env=environment(**{"TERM": "xterm-256color", "COLUMNS": "140", **extra}),
        stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    written = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # the terminal's other end is closed
            break
        if not part:
            break
        written += part
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return written.decode()


def test_a_terminal_gets_colours_and_no_color_takes_them_away(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    store_case(store, Level.CRITICAL, text="my lumo lamp \x1b]0;owned\x07 burns")
    coloured = on_a_terminal(folder)
    assert "\x1b[" in coloured
    assert "\x1b]0;" not in coloured
    assert "critical" in coloured
    assert "\x1b" not in on_a_terminal(folder, NO_COLOR="1")


def test_no_color_takes_no_room_away(home: tuple[Path, SqliteStore]) -> None:
    folder, store = home
    store_case(store, Level.CRITICAL, text="my lumo lamp burns " * 10)
    lines = on_a_terminal(folder, NO_COLOR="1", COLUMNS="80").splitlines()
    assert max(map(cell_len, lines)) <= 80
