"""What was heard and what was not, in words."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from monitor.digest.figures import BlindWindow
from monitor.notify.text import moment


def heard_sentence(heard_since: Mapping[str, datetime | None], since: datetime, now: datetime, zone: tzinfo) -> str:
    """Return that every source was heard without a gap, less the time before each was first read."""
    never = [name for name, first in heard_since.items() if first is None]
    if len(never) == len(heard_since):
        return "no source was read yet"
    late = [
        f"{name} since {moment(at, now, zone)}" for name, at in heard_since.items() if at is not None and at > since
    ]
    parts = ["every source, no gap" if not never else "no gap", *late, *(f"{name} not yet" for name in never)]
    return "; ".join(parts)


def window_sentence(window: BlindWindow, now: datetime, zone: tzinfo) -> str:
    """Return how and when a source was not heard, without the reason, which is foreign."""
    since = moment(window.since, now, zone)
    return f"{window.state} " + (
        f"since {since}" if window.until is None else f"{since} to {moment(window.until, now, zone)}"
    )
