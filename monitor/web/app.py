"""The web application: health, metrics and the description of the interface, open; everything else wants a login.

No link changes anything: each open address answers GET and HEAD alone, but for the hook of the canary, which takes a
POST with a token that is good once.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import monitor
from monitor.service.health import Health
from monitor.service.metrics import CONTENT_TYPE
from monitor.web.openapi import describe

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]

_TOKEN = 200
"""Characters of a token; a longer one is none of ours."""

_NUMBERS = 2**63
"""No row of the store has a number from here on."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def _never(_: int, __: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Views:
    """What the pages show: asked for at each request, from a thread of the server."""

    health: Callable[[], Health]
    metrics: Callable[[], bytes]
    acknowledge: Callable[[int, str], bool] = _never
    """Takes the number and the token of a canary; False where they do not belong together, or were used already."""


def make_app(views: Views, *, public_url: str | None = None) -> ASGIApp:
    """Return the application. Requests for other hosts than loopback and `public_url` are refused."""
    hosts = {"localhost", "127.0.0.1", "[::1]", *_hosts_of(public_url)}

    def healthz(_: Request) -> Response:
        health = views.health()
        return _json({**health.to_json(), "version": monitor.__version__}, 200 if health.ok else 503)

    def metrics(_: Request) -> Response:
        return Response(views.metrics(), headers={"Content-Type": CONTENT_TYPE})

    def canary(request: Request) -> Response:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer if scheme.lower() == "bearer" else request.query_params.get("token", "")
        number = request.path_params["number"]
        if number >= _NUMBERS or not views.acknowledge(number, token[:_TOKEN]):
            return _json({"error": {"subject": "canary", "cause": "is unknown, or acknowledged already"}}, 403)
        return _json({"acknowledged": True}, 200)

    routes = [
        Route("/", _greet),
        Route("/healthz", healthz),
        Route("/metrics", metrics),
        Route("/api/openapi.json", _describe),
        Route("/hooks/canary/{number:int}", canary, methods=["POST"]),
        Route("/{path:path}", _refuse, methods=_METHODS),
    ]
    # around the whole, so that even the answer to a fault of ours carries the headers
    return _Guard(Starlette(routes=routes), hosts)


def _greet(_: Request) -> Response:
    return PlainTextResponse(f"complaint-monitor {monitor.__version__} runs here; see /healthz\n")


def _describe(_: Request) -> Response:
    return _json(describe(), 200)


def _refuse(_: Request) -> Response:
    body = {"error": {"subject": "request", "cause": "needs a login or a token", "next_step": "see /api/openapi.json"}}
    return _json(body, 401, {"WWW-Authenticate": 'Bearer realm="complaint-monitor"'})


def _json(body: Mapping[str, Any], status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer in JSON of ASCII alone: a reason may hold half a letter that UTF-8 cannot write."""
    return Response(json.dumps(body, ensure_ascii=True), status, headers, media_type="application/json")


def _hosts_of(public_url: str | None) -> Iterable[str]:
    host = urlsplit(public_url).netloc if public_url else ""
    return [_without_port(host)] if host else []


class _Guard:
    """Puts the security headers on every answer, and refuses foreign hosts: DNS rebinding ends here."""

    def __init__(self, app: ASGIApp, hosts: set[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        host = _without_port(Headers(scope=scope).get("host", ""))
        if host in self._hosts:
            await self._app(scope, receive, send_guarded)
        else:
            refusal = PlainTextResponse("this host is not served here\n", 421)
            await refusal(scope, receive, send_guarded)


def _without_port(host: str) -> str:
    """Return a Host header less its port, in lower case; an IPv6 address keeps its brackets."""
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() and not name.endswith(":") else host.lower()
