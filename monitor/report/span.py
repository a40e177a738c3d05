"""Spans of reports: a calendar month in a zone, or so long until now; and the span before, to compare with. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.errors import MonitorError

_MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
_EARLIEST = 1970
_QUARTER_S = 900


@dataclass(frozen=True, slots=True)
class Span:
    """The time [since, until) that a report is about, aware UTC. `label` is such as `November 2026`, in the zone.

    `month` says that it is a calendar month there, or as much of one as has passed.
    """

    since: datetime
    until: datetime
    zone: str
    label: str
    month: bool = False

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.until - self.since).total_seconds()


def month_span(month: str, zone: str, now: datetime) -> Span:
    """Return a calendar month such as `2026-11` in a zone; one that goes on ends now. Raises MonitorError."""
    found = _MONTH.match(month)
    if found is None or int(found[1]) < _EARLIEST:
        raise MonitorError(f"month {month[:20]!r}", "is no month", "write it as 2026-11")
    return _span(date(int(found[1]), int(found[2]), 1), zone, now)


def last_month(zone: str, now: datetime) -> Span:
    """Return the last calendar month that is over in a zone."""
    return _span(_month_before(now.astimezone(ZoneInfo(zone)).date().replace(day=1)), zone, now)


def since_span(since: datetime, until: datetime, zone: str) -> Span:
    """Return the span between two times (aware); it begins with the quarter of an hour that holds the first one."""
    since = datetime.fromtimestamp(since.timestamp() // _QUARTER_S * _QUARTER_S, UTC)
    first, last = since.astimezone(ZoneInfo(zone)), until.astimezone(ZoneInfo(zone))
    label = f"{first.day} {first:%B %Y %H:%M} to {last.day} {last:%B %Y %H:%M}"
    return Span(since, until.astimezone(UTC), zone, label)


def span_before(span: Span) -> Span:
    """Return what a span is compared with: the month before, as far as this one has come, or as long a time."""
    if not span.month:
        return since_span(span.since - (span.until - span.since), span.since, span.zone)
    first = span.since.astimezone(ZoneInfo(span.zone))
    start = _midnight(_month_before(first.date()), span.zone)
    whole = _midnight(_month_after(first.date()), span.zone) <= span.until
    until = span.since if whole else min(start + (span.until - span.since), span.since)
    return Span(start, until, span.zone, _label(start, until, span.zone), month=True)


def _span(first: date, zone: str, now: datetime) -> Span:
    since, end = _midnight(first, zone), _midnight(_month_after(first), zone)
    if since >= now:
        raise MonitorError(f"month {first:%Y-%m}", "has not begun", "name an earlier one")
    until = min(end, now.astimezone(UTC))
    return Span(since, until, zone, _label(since, until, zone), month=True)


def _label(since: datetime, until: datetime, zone: str) -> str:
    first, last = since.astimezone(ZoneInfo(zone)), until.astimezone(ZoneInfo(zone))
    whole = until == _midnight(_month_after(first.date()), zone)
    return f"{first:%B %Y}" + ("" if whole else f" (until {last.day} {last:%B %H:%M})")


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _month_after(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
