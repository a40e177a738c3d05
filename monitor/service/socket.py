"""How commands reach the daemon: a unix socket beside the store, one JSON line each way, for our own user alone.

    CLI ── {"name": "claim", "who": "ana", "arguments": {…}} ──▶ daemon
    CLI ◀── {"case": {…}}  or  {"error": {…}} ────────────────── daemon

Only processes of the daemon's own user, and of root, are answered: the kernel names the peer (SO_PEERCRED).
"""

import hashlib
import json
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any, cast

from monitor.config.keeper import Unwritable
from monitor.config.problem import Problem
from monitor.desk import Command
from monitor.errors import ConfigError, MonitorError
from monitor.service.log import log

REQUEST_LIMIT = 4 * 1024 * 1024
"""Bytes of a command: a config with all its brands is the longest."""

ANSWER_LIMIT = 4 * 1024 * 1024
DEADLINE_S = 30.0
"""Seconds for one exchange: a write may wait for the store, never longer than this."""

_NAME_LIMIT = 80
"""Bytes of a name that fit behind /proc/self/fd/N/ in an address of 107 bytes."""

_MOST_AT_ONCE = 16

Execute = Callable[[Command], dict[str, Any]]


class DaemonGone(MonitorError):
    """The daemon that holds the store did not answer. `sent` tells whether it may have executed the command."""

    next_step = "see whether it is stopping, then try again"

    def __init__(self, subject: str, cause: str, *, sent: bool) -> None:
        super().__init__(subject, cause)
        self.sent = sent


def socket_path(store: Path) -> Path:
    """Return where the daemon of a store listens: beside it, `.sock` appended; a name too long is digested."""
    name = f"{store.name}.sock"
    if len(os.fsencode(name)) > _NAME_LIMIT:
        name = f"{hashlib.sha256(os.fsencode(store.name)).hexdigest()[:32]}.sock"
    return store.absolute().with_name(name)


class DeskServer:
    """Answers commands in a thread of its own. `execute` returns the answer; it may raise MonitorError."""

    def __init__(self, path: Path, execute: Execute) -> None:
        self._path = path
        self._execute = execute
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen. Only for the holder of the store's lock: a socket that a dead daemon left is replaced."""
        self._path.unlink(missing_ok=True)
        self._server = _Server(self._path, self._execute)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="desk", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no further command and remove the socket."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = None
        self._path.unlink(missing_ok=True)


def send_command(path: Path, command: Command, *, timeout_s: float = DEADLINE_S) -> dict[str, Any]:
    """Have the daemon at `path` execute a command; returns its answer, errors included.

    Raises DaemonGone where nobody listens, or the answer does not come in time.
    """
    deadline, sent = monotonic() + timeout_s, False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, _reachable(path) as address:
            connection.settimeout(timeout_s)
            connection.connect(address)
            sent = True
            connection.sendall(json.dumps(command.to_json()).encode() + b"\n")
            answer = json.loads(_read_line(connection, ANSWER_LIMIT, deadline))
    except (OSError, ValueError) as error:
        raise DaemonGone(str(path), f"no answer from the daemon: {error or type(error).__name__}", sent=sent) from error
    if not isinstance(answer, dict):
        raise DaemonGone(str(path), "the daemon answered with something else than JSON keys", sent=True)
    return answer


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, path: Path, execute: Execute) -> None:
        self.execute = execute
        self._place = path
        self._free = threading.BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__(str(path), _Exchange)

    def server_bind(self) -> None:
        # the mode is set before the name exists, so that no other user ever finds an open door
        os.fchmod(self.socket.fileno(), 0o600)
        with _reachable(self._place) as address:
            self.socket.bind(address)
        self.server_address = str(self._place)

    def verify_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> bool:
        """Let our own user and root in, a few at a time."""
        uid = peer_uid(cast("socket.socket", request))
        if uid not in {0, os.geteuid()}:
            log.warning("desk_refused", "a command of another user was refused", uid=uid)
            return False
        return self._free.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()


class _Exchange(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        deadline = monotonic() + DEADLINE_S
        try:
            line = _read_line(self.request, REQUEST_LIMIT, deadline)
            answer = self._answer(line)
            self.request.settimeout(max(deadline - monotonic(), 0.1))
            self.request.sendall(json.dumps(answer, default=str).encode() + b"\n")
        except OSError as error:
            log.warning("desk_broken_off", f"a command was broken off: {error}")

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            return self.server.execute(Command.from_json(json.loads(line)))
        except MonitorError as error:
            return error_json(error)
        except (ValueError, RecursionError) as error:
            return error_json(MonitorError("command", f"cannot be read: {error!s:.200}", "use the command line"))
        # Broad on purpose, the exchange's last wall: its sender hears of the failure in the answer, the log says why.
        except Exception as error:  # noqa: BLE001
            log.failure("desk_failed", "a command failed", error)
            return error_json(MonitorError("command", "failed inside the daemon", "see its log"))


def peer_uid(connection: socket.socket) -> int:
    """Return the user id of the process at the other end, as the kernel knows it."""
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(uid)


def error_json(error: MonitorError) -> dict[str, Any]:
    """Return an error as an answer that `raise_error` turns back."""
    fields = {"subject": error.subject, "cause": error.cause, "next_step": error.next_step}
    problems = [asdict(problem) for problem in error.problems] if isinstance(error, ConfigError) else []
    return {"error": {"type": type(error).__name__, "exit_code": error.exit_code, **fields, "problems": problems}}


def raise_error(answer: Mapping[str, Any]) -> None:
    """Raise what an answer reports; an answer without an error passes."""
    report = answer.get("error")
    if isinstance(report, dict) and report.get("problems"):
        raise ConfigError(str(report.get("subject", "")), [Problem(**problem) for problem in report["problems"]])
    if isinstance(report, dict) and report.get("type") == Unwritable.__name__:
        raise Unwritable(*(str(report.get(key, "")) for key in ("subject", "cause", "next_step")))
    if isinstance(report, dict):
        error = MonitorError(*(str(report.get(key, "")) for key in ("subject", "cause", "next_step")))
        error.exit_code = report["exit_code"] if isinstance(report.get("exit_code"), int) else 1
        raise error


def _read_line(connection: socket.socket, limit: int, deadline: float) -> bytes:
    """Read up to the first newline; a peer that drips bytes gets no more time than any other."""
    line = bytearray()
    while b"\n" not in line[-65_536:]:
        left = deadline - monotonic()
        if left <= 0:
            raise TimeoutError("took too long")
        connection.settimeout(left)
        part = connection.recv(65_536)
        if not part:
            raise ConnectionError("the other end hung up")
        line += part
        if len(line) > limit:
            raise ConnectionError(f"more than {limit} bytes")
    return bytes(line).partition(b"\n")[0]


@contextmanager
def _reachable(path: Path) -> Iterator[str]:
    """Give an address for `path` that fits the kernel's 107 bytes, whatever the length of its folder."""
    if len(os.fsencode(path)) <= 107:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        with suppress(OSError):
            os.close(folder)
