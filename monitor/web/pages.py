"""Pages from templates: escaped always, strict about what is missing, with what every page shows."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import monitor
from monitor.access.person import EVERY, Deed, Person
from monitor.access.sessions import LinkGone, TooManyTries, WrongLogin
from monitor.config.schema import Settings
from monitor.errors import MonitorError, MoveRefused, StoreError, UnknownCase
from monitor.web.request import NotFound, Refused, csrf_of, maybe_person_of, site_of, wants_json

_STATUS: Mapping[type[MonitorError], int] = {
    WrongLogin: 401,
    Refused: 403,
    NotFound: 404,
    UnknownCase: 404,
    MoveRefused: 409,
    LinkGone: 410,
    TooManyTries: 429,
    StoreError: 503,
}
_TITLES = {
    401: "Please log in",
    403: "You may not do this",
    404: "Nothing is here",
    405: "This cannot be done here",
    409: "Somebody was quicker",
    410: "This link is good no more",
    413: "That is too long",
    429: "Too many tries",
    500: "Something broke",
    503: "Not now",
}
_SHORT = (("d", 86_400), ("h", 3_600), ("min", 60))


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("monitor.web", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Return a page of `templates/`.

    Every template knows `person` (None before a login), `csrf`, `brands` (those that the person may see), `now`,
    `zone`, `relative(at)`, `local(at)`, `nav`, `here` (the path) and `version`.
    """
    page = _templates().get_template(template).render({**_shared(request), **values})
    # a text of a platform may hold half a letter, which UTF-8 cannot write
    return Response(page.encode("utf-8", "replace"), status, media_type="text/html; charset=utf-8")


def fragment(request: Request, template: str, **values: Any) -> str:
    """Return a part of a page as text, made like a whole one."""
    return _templates().get_template(template).render({**_shared(request), **values})


def error_page(request: Request, error: MonitorError, status: int | None = None) -> Response:
    """Return an error as a page, or as JSON to those who asked for it."""
    status = status or status_of(error)
    headers = {"Retry-After": str(error.wait_s)} if isinstance(error, TooManyTries) else {}
    if wants_json(request):
        return json_answer({"error": error_json(error)}, status, headers)
    words = {"title": _TITLES.get(status, "This did not work"), "message": f"{error.subject}: {error.cause}"}
    page = render(request, "error.html", status, **words, next_step=error.next_step)
    page.headers.update(headers)
    return page


def error_json(error: MonitorError) -> dict[str, Any]:
    """Return an error as every answer in JSON tells of it."""
    told = {"subject": error.subject, "cause": error.cause, "next_step": error.next_step}
    return {"type": type(error).__name__, **told, "retryable": not error.permanent}


def status_of(error: MonitorError) -> int:
    """Return the status of the answer that tells of an error."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)


def answer(request: Request, to: str, body: Mapping[str, Any] | None = None) -> Response:
    """Return what a POST that was done answers: 303 to a page, or JSON to those who asked for it."""
    return json_answer(dict(body or {})) if wants_json(request) else RedirectResponse(to, 303)


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer in JSON of ASCII alone: a reason may hold half a letter that UTF-8 cannot write."""
    text = json.dumps(body, ensure_ascii=True, default=_plain)
    return Response(text, status, headers, media_type="application/json")


def relative(at: datetime, now: datetime) -> str:
    """Return a time as people say it: `4 min ago`, `in 2 h`, `3 d ago`."""
    seconds = (now - at).total_seconds()
    for unit, length in _SHORT:
        if abs(seconds) >= length:
            span = f"{int(abs(seconds) // length)} {unit}"
            return f"{span} ago" if seconds > 0 else f"in {span}"
    return "just now" if seconds > -1 else "in a moment"


def zone_of(settings: Settings, brand: str | None = None) -> ZoneInfo:
    """Return the zone that a page shows times in: that of the brand, or of the first brand with one, or UTC."""
    chosen = settings.brands[brand].zone if brand in settings.brands else None
    first = next((known.zone for known in settings.brands.values() if known.zone), None)
    return ZoneInfo(chosen or first or "UTC")


def _shared(request: Request) -> dict[str, Any]:
    site = site_of(request)
    settings, now, person = site.settings(), site.clock(), maybe_person_of(request)
    zone = zone_of(settings)
    return {
        "person": person,
        "csrf": csrf_of(request),
        "brands": person.brands_for(Deed.SEE, settings.brands) if person else (),
        "now": now,
        "zone": zone.key,
        "relative": lambda at: relative(at, now),
        "local": lambda at, brand=None: f"{at.astimezone(zone_of(settings, brand)):%Y-%m-%d %H:%M:%S %Z}",
        "nav": _nav(person, settings.brands),
        "here": request.url.path,
        "demo": settings.demo,
        "version": monitor.__version__,
    }


def _nav(person: Person | None, brands: Iterable[str]) -> list[tuple[str, str]]:
    """Return address and name of the pages that the person may open."""
    if person is None:
        return []
    return [
        ("/queue", "Queue"),
        ("/dashboard", "Dashboard"),
        ("/reports", "Reports"),
        *([("/tuning", "Tuning")] if person.brands_for(Deed.TUNE, brands) else ()),
        ("/operations", "Operations"),
        ("/account", "Account"),
        *([("/users", "People")] if person.may(Deed.ADMINISTER, EVERY) else ()),
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)
