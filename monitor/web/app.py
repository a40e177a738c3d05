"""The web application: every page, behind the guard.

No link changes anything: GET and HEAD only show, and what changes something is a POST with a key of the session.
Health, metrics and the description of the interface are open on this machine; everything else wants a login or token.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

import monitor
from monitor.config.web import Web
from monitor.desk import Command
from monitor.desk.dashboard import DayMemory
from monitor.desk.rights import refuse_crossing
from monitor.errors import MonitorError
from monitor.web import (
    account,
    admin,
    api,
    card,
    causes_page,
    dashboard,
    history_page,
    incident_page,
    live,
    login,
    operations_pages,
    queue,
    reports,
    sample_page,
    suggestions_page,
    tuning_pins,
    watches,
)
from monitor.web.entrance import Entrance
from monitor.web.guard import Doorkeeper, Guard
from monitor.web.openapi import describe
from monitor.web.pages import error_page, json_answer
from monitor.web.request import ACTING, NotFound, Refused
from monitor.web.site import Site, Views

__all__ = ["PAGES", "Site", "Views", "make_app", "with_rights"]

PAGES: tuple[Callable[[Site], Sequence[BaseRoute]], ...] = (
    login.routes,
    account.routes,
    admin.routes,
    queue.routes,
    live.routes,
    incident_page.routes,
    card.routes,
    dashboard.routes,
    reports.routes,
    sample_page.routes,
    suggestions_page.routes,
    tuning_pins.routes,
    watches.routes,
    operations_pages.routes,
    causes_page.routes,
    history_page.routes,
    api.routes,
)
"""Every module of pages; the first route that fits an address answers."""

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_TOKEN = 200
"""Characters of a canary's token; a longer one is none of ours."""

_NUMBERS = 2**63
"""No row of the store has a number from here on."""


def make_app(site: Site, web: Web) -> ASGIApp:
    """Return the application. Requests for other hosts than loopback and `public_url` are refused."""
    site, entrance = with_rights(site), Entrance.from_config(web)
    pages = [route for routes in PAGES for route in routes(site)]
    app = Starlette(
        routes=[*_open_routes(site.views), *pages],
        middleware=[Middleware(Doorkeeper, site=site, entrance=entrance)],
        exception_handlers={MonitorError: _failed, HTTPException: _not_answered, 500: _broken},
    )
    app.state.site, app.state.entrance = site, entrance
    app.state.days, app.state.reports = DayMemory(), reports.ReportMemory()
    # around the whole, so that even the answer to a fault of ours carries the headers
    return Guard(app, entrance)


def with_rights(site: Site) -> Site:
    """Return a site whose `execute` refuses what the person of the request may not do: no page can forget to ask."""

    def execute(command: Command) -> dict[str, object]:
        person = ACTING.get()
        if person is None:
            raise Refused(f"command {command.name}", "nobody is logged in")
        with site.reading() as store:
            refuse_crossing(store, person, command)
        return site.execute(command)

    return replace(site, execute=execute)


def _open_routes(views: Views) -> list[Route]:
    def healthz(_: Request) -> Response:
        health = views.health()
        return json_answer({**health.to_json(), "version": monitor.__version__}, 200 if health.ok else 503)

    def metrics(_: Request) -> Response:
        from monitor.service.metrics import CONTENT_TYPE  # noqa: PLC0415 - loaded by the daemon long before

        return Response(views.metrics(), headers={"Content-Type": CONTENT_TYPE})

    def canary(request: Request) -> Response:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer if scheme.lower() == "bearer" else request.query_params.get("token", "")
        number = request.path_params["number"]
        if number >= _NUMBERS or not views.acknowledge(number, token[:_TOKEN]):
            return json_answer({"error": {"subject": "canary", "cause": "is unknown, or acknowledged already"}}, 403)
        return json_answer({"acknowledged": True})

    return [
        Route("/healthz", healthz),
        Route("/metrics", metrics),
        Route("/api/openapi.json", lambda _: json_answer(describe())),
        Route("/hooks/canary/{number:int}", canary, methods=["POST"]),
        Route("/static/{name}", _static),
        Route("/", lambda _: RedirectResponse("/queue", 303)),
    ]


def _static(request: Request) -> Response:
    """Give a file of `static/`; the names are known beforehand, so that no path leads anywhere else."""
    found = _files().get(request.path_params["name"])
    if found is None:
        raise NotFound("file", "is unknown")
    content, mark, kind = found
    headers = {"ETag": mark, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=kind)


@cache
def _files() -> dict[str, tuple[bytes, str, str]]:
    """Return content, mark and type of every file of `static/`, by name."""
    found = {entry.name: entry.read_bytes() for entry in (files("monitor.web") / "static").iterdir()}
    return {
        name: (content, f'"{sha256(content).hexdigest()[:32]}"', _TYPES[f".{name.rpartition('.')[2]}"])
        for name, content in found.items()
        if f".{name.rpartition('.')[2]}" in _TYPES
    }


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, MonitorError)  # noqa: S101 - registered for nothing else
    return error_page(request, error)


def _not_answered(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = {404: "is no page of ours", 405: "cannot be done at this address"}
    return error_page(request, NotFound("request", known.get(status, "is refused")), status)


def _broken(request: Request, _: Exception) -> Response:
    return error_page(request, MonitorError("page", "broke inside the daemon", "see its log"), 500)
