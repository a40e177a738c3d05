"""Due times: when the first reply to a case is due, when a claim is reminded of it, and when a claim lapses.

A level may count working hours alone, in the brand's own zone; every computation runs on UTC between the edges of
working days, so that a day of 23 or 25 hours is as long as it is.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.config.schema import Hours, Triage
from monitor.domain import Level

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HORIZON_DAYS = 400
"""Days looked ahead; hours so few that a promise needs more end there."""

CRITICAL_CLAIM = timedelta(minutes=5)
"""A claim of a critical case without a reply is released after this time, whatever is left of its promise."""

SHORTEST_CLAIM = timedelta(minutes=10)
"""Whoever claims a case that is late already still gets this long to answer."""


def due_at(clock_at: datetime, level: Level, triage: Triage, zone: str | None = None) -> datetime:
    """Return when the first reply is due, in UTC: the level's promise counted from `clock_at` (aware).

    `zone` is the brand's, UTC where it has none. Levels that `triage.hours` does not name run around the clock,
    critical among them by default.
    """
    start, promise, hours = clock_at.astimezone(UTC), triage.sla.of(level), triage.hours
    if hours is None or level not in hours.levels or not hours.days:
        return start + promise
    return _add_working_time(start, promise, hours, ZoneInfo(zone or "UTC"))


def earlier(old: datetime | None, new: datetime) -> datetime:
    """Return the due time to keep: it only ever moves earlier."""
    return new if old is None else min(old, new)


def claim_times(due: datetime, level: Level, now: datetime) -> tuple[datetime, datetime]:
    """Return when a claim made now is reminded and when it is released: at half and at the end of the time left."""
    remaining = CRITICAL_CLAIM if level is Level.CRITICAL else max(due - now, SHORTEST_CLAIM)
    return now + remaining / 2, now + remaining


def is_working_time(moment: datetime, hours: Hours | None, zone: str | None = None) -> bool:
    """Whether people work at a moment (aware); no hours means always."""
    if hours is None or not hours.days:
        return True
    window = next(_windows(moment.astimezone(UTC), hours, ZoneInfo(zone or "UTC")), None)
    return window is not None and window[0] <= moment


def _add_working_time(start: datetime, span: timedelta, hours: Hours, zone: ZoneInfo) -> datetime:
    left, last = span, start
    for opens, closes in _windows(start, hours, zone):
        begin = max(opens, start)
        if begin + left <= closes:
            return begin + left
        left -= closes - begin
        last = closes
    return last


def _windows(start: datetime, hours: Hours, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield when work begins and ends on each working day that ends after `start`, in UTC.

    The zone's rules decide what hour of UTC each day's wall clock means.
    """
    first = start.astimezone(zone).date()
    for offset in range(_HORIZON_DAYS):
        day = first + timedelta(days=offset)
        closes = datetime.combine(day, hours.end, zone).astimezone(UTC)
        if _DAYS[day.weekday()] in hours.days and closes > start:
            yield datetime.combine(day, hours.start, zone).astimezone(UTC), closes
