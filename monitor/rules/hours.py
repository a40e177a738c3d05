"""Hours: whether a receiver may be told at a moment, and when it may next be. Pure; moments go in and come out in UTC.

A window belongs to the day on which it begins, on the wall clock of its zone: it is an hour shorter or longer on the
two days of the year on which the clock is changed within it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from monitor.config.hours import DAYS, Presence, Window

_HORIZON = 8
"""Days looked ahead: every window comes round within a week."""

Span = tuple[datetime, datetime]


def is_active(presence: Presence, moment: datetime) -> bool:
    """Whether somebody may be told at a moment (aware): within the hours, if there are any, and outside quiet ones."""
    if presence.quiet and _covers(presence.quiet, presence, moment):
        return False
    return not presence.hours or _covers(presence.hours, presence, moment)


def next_active(presence: Presence, moment: datetime) -> datetime | None:
    """Return when somebody may next be told: `moment` itself, or a time within eight days; None for never."""
    if is_active(presence, moment):
        return moment.astimezone(UTC)
    later = sorted({edge for edge in edges(presence, moment) if edge > moment})
    return next((edge for edge in later if is_active(presence, edge)), None)


def edges(presence: Presence, moment: datetime) -> Iterator[datetime]:
    """Yield each time near `moment`, and within eight days of it, at which a window begins or ends."""
    for windows in (presence.hours, presence.quiet):
        for begins, ends in _spans(windows, presence, moment, _HORIZON):
            yield begins
            yield ends


def _covers(windows: Sequence[Window], presence: Presence, moment: datetime) -> bool:
    return any(begins <= moment < ends for begins, ends in _spans(windows, presence, moment, 1))


def _spans(windows: Sequence[Window], presence: Presence, moment: datetime, days: int) -> Iterator[Span]:
    today = moment.astimezone(presence.timezone).date()
    for offset in range(-1, days):
        day = today + timedelta(days=offset)
        name = DAYS[day.weekday()]
        for window in windows:
            if name in window.days:
                yield _span(window, presence, day)


def _span(window: Window, presence: Presence, day: date) -> Span:
    """Return when a window of a day begins and ends, in UTC."""
    last = day if window.start < window.end else day + timedelta(days=1)
    begins = datetime.combine(day, window.start, presence.timezone)
    return begins.astimezone(UTC), datetime.combine(last, window.end, presence.timezone).astimezone(UTC)
