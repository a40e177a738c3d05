"""What a page asks of a request: who it is, what the form says, and whether that person may."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from starlette.requests import Request

from monitor.access.person import Deed, Person, Refused
from monitor.errors import MonitorError
from monitor.web.site import Site

ACTING: ContextVar[Person | None] = ContextVar("acting", default=None)
"""The person of the present request: set by the guard, seen by every thread that works for the request."""


class NotFound(MonitorError):
    """Nothing is at this address, or nothing that the person may see; an answer of status 404."""

    next_step = "go back to the queue"


def site_of(request: Request) -> Site:
    """Return what the pages work with."""
    site: Site = request.app.state.site
    return site


def person_of(request: Request) -> Person:
    """Return who asks; pages never see an anonymous request."""
    person: Person = request.scope["state"]["person"]
    return person


def maybe_person_of(request: Request) -> Person | None:
    """Return who asks, or None: for the pages of the login and for errors alone."""
    person: Person | None = request.scope.get("state", {}).get("person")
    return person


def csrf_of(request: Request) -> str:
    """Return what the hidden field `csrf` of every form must hold; empty before a login."""
    return str(request.scope.get("state", {}).get("csrf", ""))


def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a POST, bounded, the last of each name; `csrf` is checked already, and left out.

    A body of JSON (`application/json`) gives those of its keys that are texts, numbers or booleans, as text.
    """
    fields: Mapping[str, str] = request.scope.get("state", {}).get("form", {})
    return fields


def fields_of(request: Request, name: str) -> tuple[str, ...]:
    """Return every value of a field that a form may hold more than once, such as ticked boxes."""
    every: Mapping[str, tuple[str, ...]] = request.scope.get("state", {}).get("fields", {})
    return every.get(name, ())


def body_of(request: Request) -> bytes:
    """Return the body, at most as long as the guard allows."""
    body: bytes = request.scope.get("state", {}).get("body", b"")
    return body


def json_of(request: Request) -> Any:
    """Return the body as JSON. Raises MonitorError for what is none."""
    try:
        return json.loads(body_of(request))
    except (ValueError, RecursionError) as error:
        raise MonitorError("body", "is no JSON", "send one JSON object") from error


def wants_json(request: Request) -> bool:
    """Whether the answer should be JSON: asked for by name, or everything under /api/."""
    accept = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("application/json" in accept and "text/html" not in accept)


def allowed(request: Request, deed: Deed, brand: str) -> None:
    """Raise Refused where the person may not do this for a brand."""
    if not person_of(request).may(deed, brand):
        raise Refused(f"brand {brand}", f"your role does not allow you to {deed}")


def seen_brands(request: Request) -> tuple[str, ...]:
    """Return the brands whose cases the person may see, in the order of the config."""
    return person_of(request).brands_for(Deed.SEE, site_of(request).settings().brands)
