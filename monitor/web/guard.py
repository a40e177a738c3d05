"""What stands before every page: headers, hosts, who it is, and whether a form is ours.

request ─▶ host ─▶ peer ─▶ body, bounded ─▶ token │ proxy │ session ─▶ form key, origin ─▶ page
                                              └── nobody: the open addresses alone, else 401 or the login
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import quote

from anyio import move_on_after
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.access.keys import KEY_LIMIT, digest_of, form_key, is_same
from monitor.access.person import Person
from monitor.access.sessions import person_of_user, session_user
from monitor.access.tokens import is_touch_due, token_person
from monitor.errors import StoreError
from monitor.web.address import is_loopback
from monitor.web.entrance import Entrance, without_port
from monitor.web.pages import error_page, json_answer
from monitor.web.request import ACTING, Refused, form_in, wants_json
from monitor.web.site import Site

BODY_LIMIT = 512 * 1024
BODY_S = 10.0
"""Seconds that a body may take."""

SAFE = frozenset({"GET", "HEAD"})
WATCHED = frozenset({"/healthz", "/metrics", "/api/openapi.json"})
"""Open on this machine, so that whatever watches over it needs no key."""


_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # no-referrer would have browsers say `Origin: null` with our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a request comes from. `csrf` is what forms must hold; None where no browser sends the key by itself."""

    person: Person | None = None
    csrf: str | None = None
    key: str | None = field(default=None, repr=False)
    refused: bool = False
    """A key was given, and is good no more."""


class Guard:
    """Puts the security headers on every answer, and refuses foreign hosts: DNS rebinding ends here."""

    def __init__(self, app: ASGIApp, entrance: Entrance) -> None:
        self._app = app
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
                if self._entrance.is_secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1 or without_port(hosts[0]) not in self._entrance.hosts:
            await PlainTextResponse("this host is not served here\n", 421)(scope, receive, send_guarded)
        elif not self._entrance.may_come(_peer(scope)):
            refusal = PlainTextResponse("this address is served through its proxy alone\n", 403)
            await refusal(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)


class Doorkeeper:
    """Finds out who asks, and lets nobody else in; reads what a form holds, for pages that cannot wait for it.

    It stands inside the application, so that whatever it raises becomes a page of ours.
    """

    def __init__(self, app: ASGIApp, site: Site, entrance: Entrance) -> None:
        self._app = app
        self._site = site
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        state = scope.setdefault("state", {})
        state["address"] = self._entrance.address_of(_peer(scope), request.headers)
        body = b"" if request.method in SAFE else await _body(receive)
        if body is None:
            await self._answer(request, 413, "the body is too long, or too slow", "send less")(scope, receive, send)
            return
        state |= {"body": body, **form_in(body, request.headers.get("content-type", ""))}
        try:
            visitor = await run_in_threadpool(self._look, request)
        except StoreError as error:
            state["person"] = None
            await error_page(request, error)(scope, receive, send)
            return
        state |= {"person": visitor.person, "csrf": visitor.csrf or "", "key": visitor.key}
        state["still"] = lambda: self._look(request).person is not None
        refusal = self._refusal(request, visitor)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        ACTING.set(visitor.person)
        await self._app(scope, receive, send)

    def _look(self, request: Request) -> Visitor:
        """Return who asks: whom a token names, else whom a listed proxy names, else whose session it is."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._by_token(bearer.strip())
        named = self._entrance.named_by_proxy(_peer(request.scope), request.headers)
        if named is not None:
            return self._by_proxy(named)
        key = request.cookies.get(self._entrance.cookie, "")
        return self._by_session(key) if 0 < len(key) <= KEY_LIMIT else Visitor()

    def _by_token(self, key: str) -> Visitor:
        now = self._site.clock()
        with self._site.reading() as store:
            found = token_person(store, key)
        if found is None:
            return Visitor(refused=True)
        if is_touch_due(found[1], now):
            with self._site.writing() as store:
                store.touch_token(found[1].id, now)
        return Visitor(found[0])

    def _by_proxy(self, name: str) -> Visitor:
        with self._site.reading() as store:
            user = store.user(name)
        if user is None or user.disabled_at is not None:
            return Visitor(refused=True)
        return Visitor(person_of_user(user), form_key(self._entrance.secret, user.name))

    def _by_session(self, key: str) -> Visitor:
        now = self._site.clock()
        with self._site.reading() as store:
            found = session_user(store, key, self._entrance.lifetimes, now)
        if found is None:
            return Visitor(refused=True)
        if found[1]:
            with self._site.writing() as store:
                store.touch_session(digest_of(key), now)
        return Visitor(person_of_user(found[0]), form_key(key), key)

    def _refusal(self, request: Request, visitor: Visitor) -> Response | None:
        """Return the answer to whoever may not come further."""
        path, method = request.url.path, request.method
        if method not in SAFE and not path.startswith("/hooks/canary/"):
            forged = self._forgery(request, visitor)
            if forged:
                return self._answer(request, 403, forged, "load the page again, then try once more")
        if visitor.person is not None or self._is_open(request, path, method):
            return None
        return self._to_the_login(request)

    def _forgery(self, request: Request, visitor: Visitor) -> str | None:
        """Return why a request is not of a page of ours; None where it is, or where no browser could be lured."""
        if visitor.person is not None and visitor.csrf is None:
            return None
        if not self._entrance.is_own_form(request.headers):
            return "this form was sent from another page"
        # the forms of the login are made before there is a session whose key they could hold
        if visitor.person is None or visitor.csrf is None or _is_login(request.url.path):
            return None
        state: Mapping[str, Any] = request.scope["state"]
        given = request.headers.get("x-csrf-token") or state["csrf_field"]
        return None if is_same(given, visitor.csrf) else "this form is not of your present login"

    def _is_open(self, request: Request, path: str, method: str) -> bool:
        if path in WATCHED:
            return method in SAFE and is_loopback(request.scope["state"]["address"])
        if _is_login(path):
            return method in SAFE or method == "POST"
        if path.startswith("/static/"):
            return method in SAFE
        return path.startswith("/hooks/canary/") and method == "POST"

    def _to_the_login(self, request: Request) -> Response:
        accepts = request.headers.get("accept", "")
        if "text/html" in accepts and not wants_json(request):
            query = f"?{request.url.query}" if request.url.query else ""
            asked = f"?next={quote(request.url.path + query, safe='')}" if request.method in SAFE else ""
            return RedirectResponse(f"/login{asked}", 303)
        cause, next_step = "needs a login or a token", "see /api/openapi.json"
        told = {"type": "LoginNeeded", "subject": "request", "cause": cause, "next_step": next_step}
        body: dict[str, Any] = {"error": {**told, "retryable": False}}
        return json_answer(body, 401, {"WWW-Authenticate": 'Bearer realm="complaint-monitor"'})

    def _answer(self, request: Request, status: int, cause: str, next_step: str) -> Response:
        return error_page(request, Refused("request", cause, next_step), status)


def _is_login(path: str) -> bool:
    return path == "/login" or path.startswith("/setup/")


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


async def _body(receive: Receive) -> bytes | None:
    """Return the body, None where it is longer, or takes longer, than any form of ours."""
    body = bytearray()
    until = monotonic() + BODY_S
    while True:
        with move_on_after(until - monotonic()) as waited:
            message = await receive()
        if waited.cancelled_caught:
            return None
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            return bytes(body)
