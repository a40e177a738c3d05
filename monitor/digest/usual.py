"""What is usual: the median of the same weekday, or of the same hour of it, in the four weeks before. Pure.

Counts come by quarter of an hour since 1970, so that the days of every zone can be put together from them: all zones
of today are whole quarters from UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from statistics import median

WEEKS = 4
LEAST_WEEKS = 3
"""Of the four, so many must have been heard; with fewer the usual is unknown."""

LOOK_BACK = timedelta(days=7 * WEEKS + 3)
"""How far before a window counts are needed for its usual, and for yesterday's."""

_QUARTER_S = 900
_HOURLY = timedelta(hours=48)
"""Windows up to so long are drawn by the hour, longer ones by the day."""

_LONGEST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Point:
    """Complaints of one hour or day beside what is usual then; `usual` is None where too little was heard."""

    start: datetime
    count: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Complaints of a window by the hour, or by the local day where `hourly` is False; times are in the zone."""

    hourly: bool
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """Complaints of a local date beside the same weekdays before it, newest first; None was not heard in whole."""

    date: date
    count: int | None
    before: tuple[int | None, ...]

    @property
    def usual(self) -> float | None:
        """The median of the weeks before; None where fewer than three of them were heard."""
        return usual_of(self.before)


@dataclass(frozen=True, slots=True)
class Counts:
    """Complaints by quarter of an hour since 1970, in a zone; nothing was heard before `heard_since`, None: never."""

    quarters: Mapping[int, int]
    zone: tzinfo
    heard_since: datetime | None

    def of_day(self, day: date) -> int | None:
        """Return the complaints of a local date; None where it was not heard in whole."""
        return self._between(self._midnight(day), self._midnight(day + timedelta(days=1)))

    def of_hour(self, day: date, hour: time) -> int | None:
        """Return the complaints of the hour that begins at a local time."""
        start = datetime.combine(day, hour, self.zone).astimezone(UTC)
        return self._between(start, start + timedelta(hours=1))

    def day(self, day: date) -> Day:
        """Return a local date beside the same weekdays before it."""
        return Day(day, self.of_day(day), tuple(self.of_day(earlier) for earlier in weeks_before(day)))

    def curve(self, since: datetime, until: datetime) -> Curve:
        """Return the hours of [since, until), or its local days where it is longer than two days."""
        hourly = until - since <= _HOURLY
        return Curve(hourly, tuple(self._hours(since, until) if hourly else self._days(since, until)))

    def _hours(self, since: datetime, until: datetime) -> list[Point]:
        local = since.astimezone(self.zone).replace(minute=0, second=0, microsecond=0)
        start, found = local.astimezone(UTC), []
        while start < until:
            at = start.astimezone(self.zone)
            before = [self.of_hour(day, at.time()) for day in weeks_before(at.date())]
            found.append(Point(at, self._sum(start, start + timedelta(hours=1)), usual_of(before)))
            start += timedelta(hours=1)
        return found

    def _days(self, since: datetime, until: datetime) -> list[Point]:
        last = (until - timedelta(microseconds=1)).astimezone(self.zone).date()
        first = max(since.astimezone(self.zone).date(), last - timedelta(days=_LONGEST_DAYS))
        days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
        return [
            Point(
                self._midnight(day).astimezone(self.zone),
                self._sum(self._midnight(day), self._midnight(day + timedelta(days=1))),
                self.day(day).usual,
            )
            for day in days
        ]

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def _between(self, start: datetime, end: datetime) -> int | None:
        heard = self.heard_since is not None and self.heard_since <= start
        return self._sum(start, end) if heard else None

    def _sum(self, start: datetime, end: datetime) -> int:
        first, last = (-(-int(moment.timestamp()) // _QUARTER_S) for moment in (start, end))
        return sum(self.quarters.get(quarter, 0) for quarter in range(first, last))


def weeks_before(day: date) -> list[date]:
    """Return the same weekday of the four weeks before, newest first."""
    return [day - timedelta(days=7 * week) for week in range(1, WEEKS + 1)]


def usual_of(before: Sequence[int | None]) -> float | None:
    """Return the median of the weeks that were heard; None where they are fewer than three."""
    heard = [count for count in before if count is not None]
    return float(median(heard)) if len(heard) >= LEAST_WEEKS else None
