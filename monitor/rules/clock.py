"""When a first reply is due, and what a claim has of that time. Pure; all times are aware UTC.

A deadline is the post's clock plus the promise of its level. Levels with business hours count only the hours in which
people work, in the brand's zone; all others, critical by default, run around the clock.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.config.schema import Hours, Triage
from monitor.domain import Level

CRITICAL_CLAIM = timedelta(minutes=5)
"""A claim of a critical case without a reply is released after this time, whatever is left of its promise."""

SHORTEST_CLAIM = timedelta(minutes=10)
"""Whoever claims a case that is late already still gets this long to answer."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_SEARCH = 60
"""Working days looked through for a deadline: beyond any promise that a config may make."""


def due_at(clock_at: datetime, level: Level, triage: Triage, zone: str | None = None) -> datetime:
    """Return when the first reply is due; `zone` is the brand's (UTC where it has none)."""
    promise = triage.sla.of(level)
    hours = triage.hours
    if hours is None or level not in hours.levels:
        return clock_at + promise
    return _add_working_time(clock_at, promise, hours, ZoneInfo(zone or "UTC"))


def claim_times(due: datetime, level: Level, now: datetime) -> tuple[datetime, datetime]:
    """Return when a claim made now is reminded and when it is released: at half and at the end of the remaining time."""
    remaining = CRITICAL_CLAIM if level is Level.CRITICAL else max(due - now, SHORTEST_CLAIM)
    return now + remaining / 2, now + remaining


def _add_working_time(start: datetime, span: timedelta, hours: Hours, zone: ZoneInfo) -> datetime:
    left = span
    for opens, closes in _working_spans(start, hours, zone):
        begin = max(opens, start)
        if closes - begin >= left:
            return begin + left
        left -= closes - begin
    return start + span


def _working_spans(start: datetime, hours: Hours, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield (opens, closes) of each working day that ends after `start`; local times, so that DST moves them."""
    day = start.astimezone(zone).date() - timedelta(days=1)
    for _ in range(_LONGEST_SEARCH):
        day += timedelta(days=1)
        if _DAYS[day.weekday()] not in hours.days:
            continue
        opens = datetime.combine(day, hours.start, zone).astimezone(UTC)
        closes = datetime.combine(day, hours.end, zone).astimezone(UTC)
        if closes > max(opens, start):
            yield opens, closes
