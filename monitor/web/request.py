"""What a page asks of a request: who it is, what the form says, and whether that person may."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from monitor.access.person import Deed, Person
from monitor.access.person import Refused as Refused  # noqa: PLC0414 - pages raise it from here
from monitor.errors import MonitorError
from monitor.web.site import Site

ACTING: ContextVar[Person | None] = ContextVar("acting", default=None)
"""The person of the present request: set by the guard, seen by every thread that works for the request."""

_FIELDS = 500
"""Fields of a form; one with more is read as empty."""


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


def form_in(body: bytes, content_type: str) -> dict[str, Any]:
    """Return what the guard keeps of a body: `form`, `fields` and `csrf_field`.

    Forms are urlencoded, which every browser does unless told otherwise. Of JSON the plain values count as fields.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        pairs = _plain_values(body)
    elif kind == "application/x-www-form-urlencoded":
        pairs = _pairs(body)
    else:
        pairs = []
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    csrf = fields.pop("csrf", ("",))[-1]
    return {"fields": fields, "form": {name: values[-1] for name, values in fields.items()}, "csrf_field": csrf}


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return []


def _plain_values(body: bytes) -> list[tuple[str, str]]:
    try:
        known = json.loads(body)
    except (ValueError, RecursionError):
        return []
    found = known.items() if isinstance(known, dict) else ()
    return [
        (name, str(value).lower() if isinstance(value, bool) else str(value))
        for name, value in found
        if isinstance(value, str | int | float)
    ]


def address_of(request: Request) -> str:
    """Return the address that the request comes from; what forwarding headers say counts from listed proxies alone."""
    return str(request.scope["state"]["address"])


def is_still_welcome(request: Request) -> bool:
    """Whether the session or token of a request still holds: for answers that go on, such as a stream. It blocks."""
    return bool(request.scope["state"]["still"]())


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


def key_of(request: Request) -> str | None:
    """Return the key of the session of a request, None where there is none: a token, or a proxy, stands for it."""
    key: str | None = request.scope["state"]["key"]
    return key


def number_in(request: Request, name: str) -> int:
    """Return a number of the path. Raises NotFound for one that no row can have."""
    number = int(request.path_params[name])
    if not 0 < number < 2**63:
        raise NotFound(f"{name} {number!s:.20}", "is unknown")
    return number
