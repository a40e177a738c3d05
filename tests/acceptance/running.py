"""The daemon as a process of its own, as an operator runs it, and a webhook that takes what it sends."""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from typing import Any, Self

import httpx

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from monitor.cli import main; main()")
"""`complaint-monitor`, of this very tree."""

START_S = 60.0


class Daemon:
    """One `complaint-monitor run`. Its log lines are kept, and can be waited for."""

    def __init__(self, config: Path, environ: Mapping[str, str] | None = None, terminal: int | None = None) -> None:
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self.process = subprocess.Popen(
            [*COMMAND, "run", "--config", str(config)],
            cwd=config.parent,
            env={**_clean_environ(), **(environ or {})},
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=terminal is not None,
            preexec_fn=_take_terminal if terminal is not None else None,  # noqa: PLW1509 (one call, no lock)
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def wait_for(self, pattern: str, within_s: float = START_S, *, count: int = 1) -> re.Match[str]:
        """Return the match of the n-th log line, past ones included, that holds a pattern."""
        with self._changed:
            self._changed.wait_for(lambda: self._search(pattern, count) or self._ended, within_s)
            match = self._search(pattern, count)
        assert match is not None, f"{pattern!r} is not {count} times in:\n" + "\n".join(self.lines[-40:])
        return match

    @property
    def address(self) -> str:
        """Where the pages are."""
        return self.wait_for(r"(http://127\.0\.0\.1:\d+)/healthz")[1]

    def health(self) -> tuple[int, dict[str, Any]]:
        """Return status and body of /healthz."""
        answer = httpx.get(f"{self.address}/healthz", timeout=10, trust_env=False)
        return answer.status_code, answer.json()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def stop(self) -> tuple[int, float]:
        """Send SIGTERM; returns exit code and seconds."""
        begun = monotonic()
        self.signal(signal.SIGTERM)
        code = self.process.wait(30)
        return code, monotonic() - begun

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self._reader.join(10)
        if self.process.stderr is not None:
            self.process.stderr.close()

    def _search(self, pattern: str, count: int) -> re.Match[str] | None:
        found = [match for line in self.lines if (match := re.search(pattern, line))]
        return found[count - 1] if len(found) >= count else None

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class Hook:
    """A webhook on loopback that keeps (idempotency key, payload) of each request.

    `before_answer` is called with the number of the request, counted from 1, before it is answered.
    """

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.before_answer: Callable[[int], None] = lambda _: None
        self._changed = threading.Condition()
        hook = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                body = self.rfile.read(size)
                if len(body) < size:  # who sent it was killed on the way: nothing was told
                    self.close_connection = True
                    return
                hook._take(self.headers["Idempotency-Key"], json.loads(body))
                try:
                    self.send_response(204)
                    self.end_headers()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def wait_for(self, holds: Callable[[list[tuple[str, dict[str, Any]]]], bool], within_s: float) -> bool:
        """Wait until what was received satisfies a condition; returns whether it came about."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self.received), within_s)

    def _take(self, key: str, body: dict[str, Any]) -> None:
        with self._changed:
            self.received.append((key, body))
            number = len(self.received)
            self._changed.notify_all()
        self.before_answer(number)


def write_config(folder: Path, hook: str | None = None, **sections: Any) -> Path:
    """Write a config (JSON is YAML) that replays `posts.jsonl`, judges by the lexicon and takes a free port."""
    values: dict[str, Any] = {
        "store": "sqlite:///monitor.db",
        "brands": {"lumo": {"watches": [{"name": "name", "query": "lumo"}]}},
        "sources": {"file": {"kind": "replay", "path": "posts.jsonl", "every": "1s"}},
        "triage": {"model": "lexicon"},
        "web": {"listen": "127.0.0.1:0"},
    }
    if hook is not None:
        values["receivers"] = {"desk": {"kind": "webhook", "url": hook, "allow_private": True}}
        # each platform is a group of its own, so that no message waits for the pause of another one
        route = {"to": ["desk"], "group_by": ["platform"], "group_wait": "0s", "group_interval": "1s"}
        values["routes"] = [route]
    config = folder / "config.yaml"
    config.write_text(json.dumps({**values, **sections}))
    return config


def post(number: int, text: str, **changes: Any) -> str:
    """Return a line of a replayed file: a post of a minute ago by an author of its own, on a platform of its own."""
    values = {
        "platform": f"place{number}",
        "native_id": f"n{number}",
        "author": {"handle": f"author{number}"},
        "text": text,
        "posted_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
    }
    return json.dumps({**values, **changes}) + "\n"


def _take_terminal() -> None:
    """Make standard input the terminal that controls this new session: its end is then told by SIGHUP."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _clean_environ() -> dict[str, str]:
    unwanted = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
