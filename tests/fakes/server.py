"""The ground of every fake platform: a real HTTP server on loopback that keeps its calls and can be told to fail."""

import json
import sys
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@dataclass(frozen=True)
class Call:
    """One request as it arrived; header names are lower-case."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Reply:
    """One answer. A `body` that is neither text nor bytes is sent as JSON.

    `hang` never answers (until the server stops); `cut` announces the whole body and closes after that many bytes.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"
    hang: bool = False
    cut: int | None = None

    def payload(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


HTML_ERROR = Reply("<html><body><h1>502 Bad Gateway</h1></body></html>", 502, content_type="text/html")
HTML_PAGE = Reply("<!doctype html><title>Sign in</title><p>Please sign in", 200, content_type="text/html")
TRUNCATED_JSON = Reply('{"data": [{"id": "1", "te')
HANG = Reply(hang=True)


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about a client that went away: some tests make it do so."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class FakeServer(ABC):
    """A platform: subclasses implement `answer`. Use it as a context manager; `url` is its address."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.lock = Lock()
        self._planned: deque[Reply | None] = deque()
        self._stopped = Event()
        self._server = _QuietServer(("127.0.0.1", 0), self._make_handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """Answer one call as the platform would."""

    def fail_next(self, *replies: Reply | None) -> None:
        """Answer the next calls with these, whatever they ask; None lets one call through."""
        self._planned.extend(replies)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _respond(self, call: Call) -> Reply:
        with self.lock:
            self.calls.append(call)
            planned = self._planned.popleft() if self._planned else None
            return planned or self.answer(call)

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_GET(self) -> None:
                self._exchange()

            def do_POST(self) -> None:
                self._exchange()

            def log_message(self, format: str, *args: object) -> None:
                pass

            def _exchange(self) -> None:
                address = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                params = dict(parse_qsl(address.query, keep_blank_values=True))
                self._send(fake._respond(Call(self.command, address.path, params, headers, body)))

            def _send(self, reply: Reply) -> None:
                if reply.hang:
                    fake._stopped.wait()
                    self.close_connection = True
                    return
                payload = reply.payload()
                self.send_response(reply.status)
                for name, value in {"Content-Type": reply.content_type, **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload[: reply.cut])
                self.close_connection = self.close_connection or reply.cut is not None

        return Handler
