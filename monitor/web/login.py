"""Coming in and going out: login, logout, and the link to choose a password by."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from monitor.access.keys import KEY_LIMIT
from monitor.access.passwords import SHORTEST
from monitor.access.sessions import LinkGone, TooManyTries, WrongLogin, accept_link, link_user, log_in, log_out
from monitor.errors import MonitorError
from monitor.web.entrance import Entrance
from monitor.web.pages import answer, error_page, json_answer, render, status_of
from monitor.web.request import address_of, form_of, key_of, maybe_person_of, wants_json
from monitor.web.site import Site


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the pages of the login."""
    login, setup = _Login(site), _Setup(site)
    return [
        Route("/login", login.show),
        Route("/login", login.log_in, methods=["POST"]),
        Route("/logout", login.log_out, methods=["POST"]),
        Route("/setup/{link}", setup.show),
        Route("/setup/{link}", setup.choose, methods=["POST"]),
    ]


class _Login:
    """Login and logout."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def show(self, request: Request) -> Response:
        wanted = safe_next(request.query_params.get("next", "/"))
        if maybe_person_of(request) is not None:
            return RedirectResponse(wanted, 303)
        with self._site.reading() as store:
            first = not store.has_users()
        return render(request, "login.html", next=wanted, name="", problem="", first=first)

    def log_in(self, request: Request) -> Response:
        form, now = form_of(request), self._site.clock()
        wanted, name = safe_next(form.get("next", "/")), form.get("name", "")
        try:
            with self._site.writing() as store:
                key = log_in(store, name, form.get("password", ""), address_of(request), now)
        except (WrongLogin, TooManyTries) as error:
            if wants_json(request):
                return error_page(request, error)
            values = {"next": wanted, "name": name[:100], "problem": f"{error.cause}; {error.next_step}"}
            return render(request, "login.html", status_of(error), **values, first=False)
        return _with_session(request, self._site, answer(request, wanted, {"logged_in": True}), key)

    def log_out(self, request: Request) -> Response:
        _end_former(request, self._site)
        left = json_answer({"logged_out": True}) if wants_json(request) else RedirectResponse("/login", 303)
        _entrance(request).take(left)
        return left


class _Setup:
    """The link to choose a password by."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def show(self, request: Request) -> Response:
        with self._site.reading() as store:
            user = link_user(store, _link(request), self._site.clock())
        return render(request, "setup.html", user=user, name="", problem="", shortest=SHORTEST)

    def choose(self, request: Request) -> Response:
        form, now = form_of(request), self._site.clock()
        with self._site.writing() as store:
            user = link_user(store, _link(request), now)
            name = user or form.get("name", "")
            try:
                key = accept_link(store, _link(request), name, password_in(form), address_of(request), now)
            except MonitorError as error:
                if isinstance(error, LinkGone) or wants_json(request):
                    raise
                values = {"user": user, "name": name[:100], "shortest": SHORTEST}
                return render(request, "setup.html", 400, **values, problem=f"{error.subject} {error.cause}")
        return _with_session(request, self._site, answer(request, "/", {"logged_in": True}), key)


def password_in(form: Mapping[str, str]) -> str:
    """Return the new password of a form. Raises MonitorError where it was not written twice the same."""
    if form.get("password") != form.get("again"):
        raise MonitorError("password", "was written in two ways", "write the same one twice")
    return form.get("password", "")


def safe_next(wanted: str) -> str:
    """Return a path of ours to go to after the login; `/` for what leads anywhere else."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    is_ours = not parts.scheme and not parts.netloc and wanted.startswith("/") and wanted[1:2] not in {"/", "\\"}
    return wanted if is_ours and wanted.isprintable() and "\\" not in wanted and len(wanted) <= 2000 else "/"


def _end_former(request: Request, site: Site) -> None:
    """End the session that the browser came with: after a login there is a new one alone."""
    key = key_of(request)
    if key is not None:
        with site.writing() as store:
            log_out(store, key, site.clock(), address_of(request))


def _with_session(request: Request, site: Site, response: Response, key: str) -> Response:
    """Give the browser its new session; the one that it came with has ended."""
    _end_former(request, site)
    _entrance(request).give(response, key)
    return response


def _entrance(request: Request) -> Entrance:
    entrance: Entrance = request.app.state.entrance
    return entrance


def _link(request: Request) -> str:
    link = str(request.path_params["link"])
    if len(link) > KEY_LIMIT:
        raise LinkGone
    return link
