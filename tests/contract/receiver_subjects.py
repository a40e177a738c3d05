"""One server on loopback for each kind of receiver, that accepts, refuses or stalls as a test asks."""

import socket
import socketserver
import threading
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from io import StringIO
from typing import Any, ClassVar, Protocol

from aiosmtpd.controller import Controller
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from connectors.http import HttpLimits
from monitor.config import receivers
from monitor.notify.apprise_receiver import AppriseReceiver
from monitor.notify.mail import MailReceiver
from monitor.notify.receiver import Receiver
from monitor.notify.stdout import StdoutReceiver
from monitor.notify.webhook import WebhookReceiver

CANARY = "canary-secret"


class Subject(Protocol):
    """A receiver and the other end of it. `told` is what that end took."""

    told: list[str]

    def open(self, behaviour: str = "accept", *, deadline_s: float = 15.0) -> Receiver:
        """Return a receiver whose other end behaves: accept, auth, client, server, rate-limit, redirect."""
        ...

    def stall(self, port: int, deadline_s: float) -> Receiver:
        """Return a receiver that talks to another port, within a deadline."""
        ...

    def close(self) -> None:
        """Stop the server."""
        ...


STATUSES = {"auth": 401, "client": 404, "server": 503, "rate-limit": 429, "redirect": 307}


class _Http:
    def __init__(self, read: Callable[[Any], str]) -> None:
        self.server = HTTPServer()
        self.server.start()
        self.told: list[str] = []
        self.trapped = 0
        self._read = read
        self.server.expect_request("/trap").respond_with_handler(self._trap)

    def answer(self, behaviour: str) -> Callable[[Request], Response]:
        def respond(request: Request) -> Response:
            if behaviour == "accept":
                self.told.append(self._read(request))
                return Response("{}", 200)
            headers = {"location": self.server.url_for("/trap")} if behaviour == "redirect" else {"retry-after": "120"}
            return Response("no", STATUSES[behaviour], headers)

        return respond

    def _trap(self, _: Request) -> Response:
        self.trapped += 1
        return Response("trapped", 200)

    def close(self) -> None:
        self.server.stop()


class WebhookSubject(_Http):
    """A webhook whose path and secret are canaries."""

    def __init__(self) -> None:
        super().__init__(lambda request: request.get_data(as_text=True))

    def open(self, behaviour: str = "accept", *, deadline_s: float = 15.0) -> WebhookReceiver:
        path = f"/{CANARY}/{behaviour}"
        self.server.expect_request(path).respond_with_handler(self.answer(behaviour))
        return self._receiver(self.server.url_for(path), deadline_s)

    def stall(self, port: int, deadline_s: float) -> WebhookReceiver:
        return self._receiver(f"http://127.0.0.1:{port}/{CANARY}", deadline_s)

    def _receiver(self, url: str, deadline_s: float) -> WebhookReceiver:
        options = receivers.WebhookReceiver.model_validate(
            {"kind": "webhook", "url": url, "secret": CANARY, "allow_private": True}
        )
        return WebhookReceiver("desk", options, limits=HttpLimits(total=deadline_s, redirects=0))


class AppriseSubject(_Http):
    """An ntfy server of one's own, whose password is a canary."""

    def __init__(self) -> None:
        super().__init__(lambda request: str(request.get_json()["title"]) + str(request.get_json()["message"]))

    def open(self, behaviour: str = "accept", *, deadline_s: float = 15.0) -> AppriseReceiver:
        self.server.expect_oneshot_request("/").respond_with_handler(self.answer(behaviour))
        return self.stall(self.server.port, deadline_s)

    def stall(self, port: int, deadline_s: float) -> AppriseReceiver:
        url = f"ntfy://user:{CANARY}@127.0.0.1:{port}/topic"
        options = receivers.AppriseReceiver.model_validate({"kind": "apprise", "url": url, "allow_private": True})
        return AppriseReceiver("desk", options, deadline_s=deadline_s)


class MailSubject:
    """A mail server that wants a login, whose password is a canary."""

    REPLIES: ClassVar = {"client": "550 no such mailbox", "server": "451 try later", "rate-limit": "450 too much"}

    def __init__(self) -> None:
        self.told: list[str] = []
        self._behaviour = "accept"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self._port, authenticator=self._authenticate, auth_require_tls=False
        )
        self._controller.start()

    def _authenticate(self, *_: object) -> Any:
        from aiosmtpd.smtp import AuthResult  # noqa: PLC0415

        return AuthResult(success=self._behaviour != "auth", handled=self._behaviour != "auth")

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        if self._behaviour in self.REPLIES:
            return self.REPLIES[self._behaviour]
        mail = message_from_bytes(envelope.content, policy=default)
        body = mail.get_body(("plain",))
        assert body is not None
        self.told.append(f"{mail['Subject']}\n{body.get_content()}")
        return "250 taken"

    def open(self, behaviour: str = "accept", *, deadline_s: float = 15.0) -> MailReceiver:
        self._behaviour = behaviour
        return self.stall(self._port, deadline_s)

    def stall(self, port: int, deadline_s: float) -> MailReceiver:
        values = {"kind": "mail", "host": "127.0.0.1", "port": port, "security": "none", "username": "monitor"}
        values |= {"password": CANARY, "sender": "monitor@example.com", "to": ["care@example.com"]}
        return MailReceiver("desk", receivers.MailReceiver.model_validate(values), deadline_s=deadline_s)

    def close(self) -> None:
        self._controller.stop()


class StdoutSubject:
    """A stream."""

    def __init__(self) -> None:
        self.stream = StringIO()

    @property
    def told(self) -> list[str]:
        return [self.stream.getvalue()] if self.stream.getvalue() else []

    def open(self, behaviour: str = "accept", *, deadline_s: float = 15.0) -> StdoutReceiver:
        return StdoutReceiver("desk", receivers.StdoutReceiver(kind="stdout"), self.stream)

    def stall(self, port: int, deadline_s: float) -> StdoutReceiver:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing runs."""


SUBJECTS: dict[str, Callable[[], Any]] = {
    "stdout": StdoutSubject,
    "webhook": WebhookSubject,
    "mail": MailSubject,
    "apprise": AppriseSubject,
}


class SilentServer:
    """Accepts connections and says nothing, or one byte of `drip` at a time."""

    def __init__(self, drip: bytes = b"") -> None:
        over = self._over = threading.Event()

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                connection: socket.socket = self.request
                while not over.wait(0.02):
                    try:
                        connection.sendall(drip)
                    except OSError:
                        return

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.port: int = self._server.server_address[1]

    def close(self) -> None:
        """Stop."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
