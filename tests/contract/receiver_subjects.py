"""One server on loopback for each kind of receiver, that accepts, refuses or stalls as a test asks."""

import json
import re
import socket
import socketserver
import threading
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from importlib import import_module
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
from monitor.notify.registry import KINDS
from monitor.notify.stdout import StdoutReceiver

CANARY = "canary-secret"


class Subject(Protocol):
    """A receiver and the other end of it; one that is reached over the network can `stall` too.

    `told` is what that end took.
    """

    told: list[str]

    def open(self, behaviour: str = "accept", *, deadline_s: float = 15.0) -> Receiver:
        """Return a receiver whose other end behaves: accept, auth, client, server, rate-limit, redirect."""
        ...

    def close(self) -> None:
        """Stop the server."""
        ...


STATUSES = {"auth": 401, "client": 404, "server": 503, "rate-limit": 429, "redirect": 307}
HUGE = 300_000
"""Bytes of an answer that no receiver reads to its end."""


class HttpSubject:
    """A server that behaves as it is told; what it was sent stands in `told`, each as its JSON."""

    kind = "webhook"

    def __init__(self) -> None:
        self.server = HTTPServer()
        self.server.start()
        self.told: list[str] = []
        self.trapped = 0
        self.behaviour = "accept"
        self.refusal = "no"
        self.wait = "120"
        self.server.expect_request("/trap").respond_with_handler(self._trap)
        self.server.expect_request(re.compile("/.*")).respond_with_handler(self._respond)

    def open(self, behaviour: str = "accept", *, deadline_s: float = 15.0) -> Receiver:
        self.behaviour = behaviour
        return self.receiver(self.server.url_for("").rstrip("/"), deadline_s)

    def stall(self, port: int, deadline_s: float) -> Receiver:
        """Return a receiver that talks to another port, within a deadline."""
        return self.receiver(f"http://127.0.0.1:{port}", deadline_s)

    def receiver(self, base: str, deadline_s: float) -> Receiver:
        model = receivers.RECEIVER_KINDS[self.kind]
        options = model.model_validate({"kind": self.kind, "allow_private": True, **self.options(base)})
        module, _, attribute = KINDS[self.kind].partition(":")
        factory: Any = getattr(import_module(module), attribute)
        opened: Receiver = factory("desk", options, limits=HttpLimits(total=deadline_s, body=256_000, redirects=0))
        return opened

    def options(self, base: str) -> dict[str, Any]:
        return {"url": f"{base}/{CANARY}"}

    def take(self, request: Request) -> Response:
        """Accept a request."""
        self.told.append(json.dumps(request.get_json(), ensure_ascii=False))
        return Response("{}", 200)

    def _respond(self, request: Request) -> Response:
        if self.behaviour == "accept":
            return self.take(request)
        if self.behaviour == "huge":
            return Response("x" * HUGE, 200)
        redirected = self.behaviour == "redirect"
        headers = {"location": self.server.url_for("/trap")} if redirected else {"retry-after": self.wait}
        return Response(self.refusal, STATUSES[self.behaviour], headers)

    def _trap(self, _: Request) -> Response:
        self.trapped += 1
        return Response("trapped", 200)

    def close(self) -> None:
        self.server.stop()


class WebhookSubject(HttpSubject):
    """A webhook whose path and secret are canaries."""

    def options(self, base: str) -> dict[str, Any]:
        return {"url": f"{base}/{CANARY}", "secret": CANARY}

    def take(self, request: Request) -> Response:
        self.told.append(request.get_data(as_text=True))
        return Response("{}", 200)


class SlackSubject(HttpSubject):
    """An incoming webhook."""

    kind = "slack"


class TeamsSubject(HttpSubject):
    """A workflow."""

    kind = "teams"


class DiscordSubject(HttpSubject):
    """A channel's webhook."""

    kind = "discord"


class TelegramSubject(HttpSubject):
    """A Bot API."""

    kind = "telegram"

    def options(self, base: str) -> dict[str, Any]:
        return {"base_url": base, "token": CANARY, "chat": -100123}

    def take(self, request: Request) -> Response:
        assert request.path == f"/bot{CANARY}/sendMessage"
        super().take(request)
        return Response('{"ok": true, "result": {}}', 200)


class NtfySubject(HttpSubject):
    """A server of ntfy that wants a token."""

    kind = "ntfy"

    def options(self, base: str) -> dict[str, Any]:
        return {"base_url": base, "topic": "care", "token": CANARY}

    def take(self, request: Request) -> Response:
        assert request.headers["Authorization"] == f"Bearer {CANARY}"
        return super().take(request)


class PagerdutySubject(HttpSubject):
    """PagerDuty: alerts by key, `open` those that were triggered and not resolved."""

    kind = "pagerduty"

    def __init__(self) -> None:
        super().__init__()
        self.triggered: dict[str, int] = {}
        self.resolved: list[str] = []

    def options(self, base: str) -> dict[str, Any]:
        return {"base_url": base, "routing_key": CANARY}

    def take(self, request: Request) -> Response:
        event = request.get_json()
        assert request.path == "/v2/enqueue"
        assert event["routing_key"] == CANARY
        if event["event_action"] == "resolve":
            self.resolved.append(event["dedup_key"])
        else:
            self.triggered[event["dedup_key"]] = self.triggered.get(event["dedup_key"], 0) + 1
        super().take(request)
        return Response('{"status": "success"}', 202)


class OpsgenieSubject(HttpSubject):
    """Opsgenie: alerts by alias."""

    kind = "opsgenie"

    def __init__(self) -> None:
        super().__init__()
        self.opened: dict[str, int] = {}
        self.closed: list[str] = []

    def options(self, base: str) -> dict[str, Any]:
        return {"base_url": base, "token": CANARY}

    def take(self, request: Request) -> Response:
        assert request.headers["Authorization"] == f"GenieKey {CANARY}"
        if request.path == "/v2/alerts":
            alias = request.get_json()["alias"]
            self.opened[alias] = self.opened.get(alias, 0) + 1
        else:
            assert request.args["identifierType"] == "alias"
            self.closed.append(request.path.split("/")[3])
        super().take(request)
        return Response('{"result": "Request will be processed"}', 202)


class AppriseSubject(HttpSubject):
    """An ntfy server of one's own, whose password is a canary."""

    kind = "apprise"

    def receiver(self, base: str, deadline_s: float) -> AppriseReceiver:
        url = f"ntfy://user:{CANARY}@{base.removeprefix('http://')}/topic"
        options = receivers.AppriseReceiver.model_validate({"kind": "apprise", "url": url, "allow_private": True})
        return AppriseReceiver("desk", options, deadline_s=deadline_s)

    def take(self, request: Request) -> Response:
        self.told.append(str(request.get_json()["title"]) + str(request.get_json()["message"]))
        return Response("{}", 200)


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

    def close(self) -> None:
        """Nothing runs."""


SUBJECTS: dict[str, Callable[[], Any]] = {
    "stdout": StdoutSubject,
    "webhook": WebhookSubject,
    "mail": MailSubject,
    "slack": SlackSubject,
    "teams": TeamsSubject,
    "discord": DiscordSubject,
    "telegram": TelegramSubject,
    "ntfy": NtfySubject,
    "pagerduty": PagerdutySubject,
    "opsgenie": OpsgenieSubject,
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
