"""When a thread is looked into next. Pure.

Reading costs by the post rather than by the call, and only what is new is read: so that a young case is looked at
often, and one that has waited for a day less so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain import Status

GUARDED = timedelta(days=7)
"""How long after its resolution the thread of a case is still watched for impostors and for the customer."""

FIRST = timedelta(minutes=15)
OWN_EVERY = timedelta(minutes=5)
"""How often the own timeline is read while a case of the platform is open: our answers show there first."""

_YOUNG = ((timedelta(hours=4), FIRST), (timedelta(hours=24), timedelta(hours=1)))
_OLD = timedelta(hours=4)
_RESOLVED = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class WatchedCase:
    """A case with posts in a thread: open, or resolved at most seven days ago. `customers` are authors, case-folded.

    `clock_at` is when its customer last asked for something.
    """

    id: int
    brand: str
    status: Status
    clock_at: datetime
    closed_at: datetime | None
    customers: tuple[str, ...]


def next_look(cases: Iterable[WatchedCase], now: datetime) -> datetime | None:
    """Return when a thread is read again: as soon as any of its cases wants it; None where none does."""
    return min((moment for case in cases if (moment := _next(case, now)) is not None), default=None)


def _next(case: WatchedCase, now: datetime) -> datetime | None:
    if not case.status.open:
        guarded = case.closed_at is not None and now + _RESOLVED <= case.closed_at + GUARDED
        return now + _RESOLVED if guarded else None
    age = now - case.clock_at
    return now + next((every for limit, every in _YOUNG if age < limit), _OLD)
