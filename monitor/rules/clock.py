"""Due times: when the first reply to a case is due, when a claim is reminded of it, and when a claim lapses.

A level may count working hours alone, in the brand's own zone; every computation runs on UTC between the edges of
working days, so that a day of 23 or 25 hours is as long as it is.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.config.schema import Hours, Sla
from monitor.domain import Level

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HORIZON_DAYS = 400
"""Days looked ahead; hours so few that a promise needs more end there."""

_CRITICAL_CLAIM = timedelta(minutes=5)
_SHORTEST_CLAIM = timedelta(minutes=15)
"""What a claim made late, or after the due time, still has before it lapses."""


def due_at(clock_at: datetime, level: Level, sla: Sla, hours: Hours | None = None, zone: str = "UTC") -> datetime:
    """Return when the first reply is due, in UTC: the level's promise counted from `clock_at` (aware).

    Levels that `hours` does not name run around the clock, critical among them by default.
    """
    span = sla.of(level)
    if hours is None or level not in hours.levels or not hours.days:
        return clock_at.astimezone(UTC) + span
    return _add_working_time(clock_at.astimezone(UTC), span, hours, ZoneInfo(zone))


def earlier(old: datetime | None, new: datetime) -> datetime:
    """Return the due time to keep: it only ever moves earlier."""
    return new if old is None else min(old, new)


def claim_ends_at(claimed_at: datetime, due: datetime, level: Level) -> datetime:
    """Return when a claim without a reply is released: when the reply is due, critical after five minutes.

    A claim made late keeps a quarter of an hour (critical: five minutes), or it would end before it began.
    """
    if level is Level.CRITICAL:
        return claimed_at + _CRITICAL_CLAIM
    return max(due, claimed_at + _SHORTEST_CLAIM)


def claim_ping_at(claimed_at: datetime, due: datetime, level: Level) -> datetime:
    """Return when the owner is reminded: half-way between the claim and its end."""
    return claimed_at + (claim_ends_at(claimed_at, due, level) - claimed_at) / 2


def is_working_time(moment: datetime, hours: Hours | None, zone: str = "UTC") -> bool:
    """Whether people work at a moment; no hours means always."""
    if hours is None or not hours.days:
        return True
    windows = _windows(moment.astimezone(UTC), hours, ZoneInfo(zone))
    start, end = next(windows, (datetime.max.replace(tzinfo=UTC),) * 2)
    return start <= moment < end


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
    """Yield the working windows that end after `start`, in UTC. A window may cross midnight."""
    first = start.astimezone(zone).date() - timedelta(days=1)
    for offset in range(_HORIZON_DAYS):
        day = first + timedelta(days=offset)
        if _DAYS[day.weekday()] in hours.days:
            opens, closes = _edges(day, hours, zone)
            if closes > start:
                yield opens, closes


def _edges(day: date, hours: Hours, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the edges of a working day; equal times mean the whole day. Zone rules decide what each day's hour is."""
    last = day if hours.end > hours.start else day + timedelta(days=1)
    opens = datetime.combine(day, hours.start, zone).astimezone(UTC)
    return opens, datetime.combine(last, hours.end, zone).astimezone(UTC)
