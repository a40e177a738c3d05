import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.desk import Command
from monitor.errors import MonitorError, MoveRefused
from monitor.service import socket as desk_socket
from monitor.service.socket import DaemonGone, DeskServer, raise_error, send_command, socket_path


def echo(command: Command) -> dict[str, Any]:
    if command.name == "refuse":
        raise MoveRefused("case 1", "is claimed by ana", "take it over")
    if command.name == "break":
        raise RuntimeError("secret inside")
    return {"echo": command.to_json()}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Path]:
    path = socket_path(tmp_path / "monitor.db")
    server = DeskServer(path, echo)
    server.start()
    yield path
    server.stop()


def raw(path: Path, data: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_command_and_its_answer_cross_the_socket(server: Path) -> None:
    command = Command("note", "ana", {"case": 1, "text": "schöne Grüße\n\x1b[2J"})
    assert send_command(server, command) == {"echo": command.to_json()}


def test_a_refusal_comes_back_as_the_same_line(server: Path) -> None:
    with pytest.raises(MonitorError, match="case 1: is claimed by ana; take it over"):
        raise_error(send_command(server, Command("refuse", "ben")))


def test_a_command_that_breaks_costs_nobody_the_daemon(server: Path) -> None:
    answer = send_command(server, Command("break", "ben"))
    assert "secret" not in json.dumps(answer)
    assert send_command(server, Command("note", "ben"))["echo"]["who"] == "ben"


@pytest.mark.parametrize("line", [b"hello\n", b"[]\n", b"{}\n", b"[" * 100_000 + b"\n", b"\xff\xfe\n", b'"x"\n'])
def test_what_is_no_command_is_answered_with_an_error(server: Path, line: bytes) -> None:
    answer = json.loads(raw(server, line))
    assert answer["error"]["subject"] == "command"


def test_a_command_that_is_too_long_is_cut_off(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_socket, "REQUEST_LIMIT", 1_000)
    with pytest.raises(DaemonGone):
        send_command(server, Command("note", "ana", {"text": "x" * 100_000}))
    assert "echo" in send_command(server, Command("note", "ana"))


def test_a_caller_that_never_finishes_its_line_is_hung_up_on(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_socket, "DEADLINE_S", 0.2)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(server))
        connection.sendall(b'{"name"')
        assert connection.recv(10) == b""


def test_a_slow_caller_holds_up_no_other(server: Path) -> None:
    with socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(server))
        assert "echo" in send_command(server, Command("note", "ana"), timeout_s=10)


def test_another_user_is_not_answered(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_socket, "peer_uid", lambda _: os.geteuid() + 1)
    with pytest.raises(DaemonGone):
        send_command(server, Command("note", "mallory"))


def test_the_socket_belongs_to_its_owner_alone(server: Path) -> None:
    assert stat.S_IMODE(server.stat().st_mode) == 0o600


def test_the_socket_of_a_dead_daemon_is_replaced(tmp_path: Path) -> None:
    path = socket_path(tmp_path / "monitor.db")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    server = DeskServer(path, echo)
    server.start()
    try:
        assert "echo" in send_command(path, Command("note", "ana"))
    finally:
        server.stop()
    assert not path.exists()


def test_nobody_listening_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DaemonGone, match="no answer from the daemon") as gone:
        send_command(tmp_path / "none.sock", Command("note", "ana"))
    assert not gone.value.sent


def test_paths_beyond_the_kernels_limit_work(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 20) / ("deeper" * 20)
    folder.mkdir(parents=True)
    path = socket_path(folder / ("store" * 30))
    assert path.parent == folder
    server = DeskServer(path, echo)
    server.start()
    try:
        assert "echo" in send_command(path, Command("note", "ana"))
    finally:
        server.stop()


def test_many_commands_at_once_are_all_answered(server: Path) -> None:
    answers: list[str] = []

    def ask(number: int) -> None:
        answers.append(send_command(server, Command("note", f"p{number}"))["echo"]["who"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(f"p{number}" for number in range(12))
