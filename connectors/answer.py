"""How an answer of a platform is judged: its status, its wish to wait, its JSON.

Both ways to a platform share these rules: our own client (`connectors/http.py`) and the libraries that bring their own
requests session (`connectors/session.py`).
"""

import json
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, NoReturn

from connectors.errors import (
    BadAnswer,
    BadQuery,
    ConnectorError,
    Forbidden,
    PaymentRequired,
    RateLimited,
    SourceGone,
    Unauthorized,
    Unreachable,
)
from connectors.mention import clean_text

SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=15)
"""A platform that asks for more is asked again after this: its clock or its header may be wrong."""

_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT", re.ASCII)
_BY_STATUS: dict[int, tuple[type[ConnectorError], str]] = {
    400: (BadQuery, "refuses the query (400)"),
    401: (Unauthorized, "does not accept the credentials (401)"),
    402: (PaymentRequired, "says that the credits are used up (402)"),
    403: (Forbidden, "forbids this to the account (403)"),
    404: (BadAnswer, "has nothing at this address (404)"),
    408: (Unreachable, "took too long (408)"),
    410: (SourceGone, "is gone for good (410)"),
    414: (BadQuery, "finds the query too long (414)"),
    422: (BadQuery, "refuses the query (422)"),
}
_DETAIL_KEYS = ("detail", "message", "error_description", "error", "title", "reason")


def clamped_wait(wait: timedelta) -> timedelta:
    """Return `wait` brought into [1 s, 15 min]."""
    return min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header (RFC 9110 §10.2.3): ASCII digits or an HTTP date; clamped. None for anything else."""
    if value is None:
        return None
    text = value.strip(" \t")
    if _DIGITS.fullmatch(text):
        return clamped_wait(timedelta(seconds=min(int(text), 10**6)))
    if not _HTTP_DATE.fullmatch(text):
        return None
    try:
        return clamped_wait(parsedate_to_datetime(text) - now)
    except (ValueError, OverflowError):
        return None


def parse_reset(value: str | None, now: datetime) -> timedelta | None:
    """Read a reset given in unix seconds (as X does) as the wait from `now`, clamped; None if unreadable."""
    if value is None or not _DIGITS.fullmatch(value.strip(" \t")):
        return None
    try:
        return clamped_wait(datetime.fromtimestamp(int(value), UTC) - now)
    except (ValueError, OverflowError, OSError):
        return LONGEST_WAIT


def raise_for_status(
    source: str,
    status: int,
    headers: Mapping[str, str],
    now: datetime,
    *,
    body: bytes = b"",
    secrets: Collection[str] = (),
    gone: Collection[int] = (410,),
) -> None:
    """Raise what a status means; return for 2xx. `headers` by lower-case name; statuses in `gone` mean SourceGone."""
    if 200 <= status < 300:
        return
    if status in gone:
        raise SourceGone(source, f"the platform has nothing at this address any more ({status})")
    if status == 429:
        wait = parse_retry_after(headers.get("retry-after"), now)
        raise RateLimited(source, "the platform asks us to slow down (429)", wait)
    if status >= 500:
        raise Unreachable(source, f"the platform has a fault of its own ({status})")
    kind, cause = _BY_STATUS.get(status, (BadAnswer, f"answers with an unexpected status ({status})"))
    detail = platform_detail(body, secrets)
    raise kind(source, f"the platform {cause}" + (f": {detail}" if detail else ""))


def platform_detail(body: bytes, secrets: Collection[str] = ()) -> str | None:
    """Return the platform's own words about an error, at most 200 characters on one line, without `secrets`."""
    try:
        answer = parse_json("", body)
    except BadAnswer:
        return None
    if isinstance(answer, list):
        answer = answer[0] if answer else None
    if not isinstance(answer, dict):
        return None
    text = next((answer[key] for key in _DETAIL_KEYS if isinstance(answer.get(key), str) and answer[key]), None)
    return redacted(text, secrets) if text else None


def redacted(text: str, secrets: Collection[str], limit: int = 200) -> str:
    """Return `text` on one line, printable, at most `limit` characters, every secret in it replaced by stars."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***") if secret else text
    shown = "".join(character if character.isprintable() else " " for character in clean_text(text, limit * 5))
    return " ".join(shown.split())[:limit]


def parse_json(source: str, body: bytes) -> Any:
    """Read JSON strictly; raises BadAnswer for HTML, truncation, NaN, depth, monstrous numbers, bytes not in UTF-8."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise BadAnswer(source, "the answer is not in UTF-8") from error
    except RecursionError as error:
        raise BadAnswer(source, "the answer is nested too deeply") from error
    except ValueError as error:
        raise BadAnswer(source, _json_fault(body, error)) from error


def expect_object(source: str, value: object, what: str = "the answer") -> dict[str, Any]:
    """Return `value` if it is a JSON object; raises BadAnswer naming `what` otherwise."""
    if not isinstance(value, dict):
        raise BadAnswer(source, f"{what} is {_json_type(value)} where an object was expected")
    return value


def expect_list(source: str, value: object, what: str = "the answer") -> list[Any]:
    """Return `value` if it is a JSON array; raises BadAnswer naming `what` otherwise."""
    if not isinstance(value, list):
        raise BadAnswer(source, f"{what} is {_json_type(value)} where an array was expected")
    return value


def _json_fault(body: bytes, error: ValueError) -> str:
    start = body[:200].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<")):
        return "the answer is HTML instead of JSON"
    if not start:
        return "the answer is empty where JSON was expected"
    if isinstance(error, json.JSONDecodeError):
        return f"the answer is broken JSON at character {error.pos} of {len(body)}"
    return "the answer holds a number that no platform documents"


def _json_type(value: object) -> str:
    return {type(None): "null", dict: "an object", list: "an array", str: "text"}.get(type(value), "a single value")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number out of range")
    return number
