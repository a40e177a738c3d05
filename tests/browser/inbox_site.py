"""The pages over a store of their own, served as the daemon serves them; who asks is told by a cookie, unchecked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import monitor.web
from connectors.clock import utc_now
from monitor import desk
from monitor.access.person import EVERY, Person, Refused, Role
from monitor.config.schema import Settings
from monitor.desk import Command
from monitor.errors import MonitorError
from monitor.service.health import Health
from monitor.store.sqlite import SqliteStore
from monitor.web import incident_page, live, queue
from monitor.web.guard import _HEADERS as HEADERS
from monitor.web.request import ACTING, NotFound, form_in
from monitor.web.server import WebServer
from monitor.web.site import Site, Views
from tests.services import make_settings

CSRF = "key-of-forms"


class InboxSite:
    """A running web server over a store; `address` is where."""

    def __init__(self, path: Path, **settings: Any) -> None:
        self.path = path
        self.store = SqliteStore(path)
        self.settings: Settings = make_settings(**settings)
        self._reader = SqliteStore(path, read_only=True)
        site = Site(
            reading=self._reading,
            execute=self._execute,
            settings=lambda: self.settings,
            clock=utc_now,
            views=Views(lambda: Health((), ()), lambda: b""),
            revision=lambda: int(self._reader.connection.query("PRAGMA data_version", {})[0]["data_version"]),
            writing=self._reading,
        )
        self._server = WebServer(_app(site), "127.0.0.1:0")
        self.address = self._server.start()

    def stop(self) -> None:
        """End the server and the store."""
        self._server.stop()
        self._reader.close()
        self.store.close()

    @contextmanager
    def _reading(self) -> Iterator[SqliteStore]:
        store = SqliteStore(self.path, read_only=True)
        try:
            yield store
        finally:
            store.close()

    def _execute(self, command: Command) -> dict[str, Any]:
        return desk.execute(self.store, self.settings, command, utc_now())


def _app(site: Site) -> ASGIApp:
    folder = Path(monitor.web.__file__).parent / "static"
    routes = [
        Route("/", queue.to_queue),
        *queue.routes(site),
        *live.routes(site),
        *incident_page.routes(site),
        Route("/cases/{number:int}", _card),
        Route("/cases/{number:int}/{deed}", _deed(site), methods=["POST"]),
        Mount("/static", StaticFiles(directory=folder)),
    ]
    app = Starlette(routes=routes, exception_handlers={MonitorError: _problem})
    app.state.site = site
    return _Door(app)


def _card(request: Request) -> Response:
    return HTMLResponse(f"<!doctype html><title>card</title><h1>Case {request.path_params['number']}</h1>")


def _deed(site: Site) -> Callable[[Request], Response]:
    def deed(request: Request) -> Response:
        form = dict(request.scope["state"]["form"])
        back = form.pop("back", "/queue")
        person = request.scope["state"]["person"].name
        done = site.execute(
            Command(request.path_params["deed"], person, {"case": request.path_params["number"], **form})
        )
        return JSONResponse(done) if "json" in request.headers.get("accept", "") else RedirectResponse(back, 303)

    return deed


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, MonitorError)
    status = 404 if isinstance(error, NotFound) else 403 if isinstance(error, Refused) else 409
    return JSONResponse(
        {"error": {"subject": error.subject, "cause": error.cause, "next_step": error.next_step}}, status
    )


class _Door:
    """Stands where the guard stands: takes the cookie's word for who it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        form = form_in(await request.body(), request.headers.get("content-type", ""))
        name = request.cookies.get("who", "ada")
        person = Person(name, {EVERY: Role.VIEWER if name == "viewer" else Role.AGENT})
        scope.setdefault("state", {}).update({"person": person, "csrf": CSRF, "still": lambda: True, **form})
        ACTING.set(person)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if request.method == "POST" and form["csrf_field"] != CSRF:
            await JSONResponse({"error": "csrf"}, 403)(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)
