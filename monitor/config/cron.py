"""A crontab line that names one time a day: `0 8 * * mon-fri`. APScheduler says on which dates it holds.

The dates are asked for in UTC, where every day has 24 hours; the time of day belongs to the reader's zone and is put
on the date afterwards (`digest/schedule.py`). So a clock change neither skips nor repeats a date.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

_ANY = frozenset({"*", "?"})
_NO_DATE = "never comes: no date fits it"
_FIRST, _LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2032, 12, 31, tzinfo=UTC)
"""Eight years with two leap days: a line that fits no date of them fits none."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A crontab line, read: its time of day, and the dates on which it holds."""

    line: str
    at: time

    def next_date(self, day: date) -> date:
        """Return the first date on which it holds, `day` included."""
        found = _trigger(self.line).get_next_fire_time(None, datetime(day.year, day.month, day.day, tzinfo=UTC))
        assert isinstance(found, datetime)  # noqa: S101 - a line that never comes was refused
        return found.date()


def parse_cron(line: str) -> Cron:
    """Read a line of five fields. Raises ValueError for one with several times a day, or that is read in two ways."""
    fields = line.split()
    if len(fields) != 5:
        raise ValueError(f"a cron has five fields, not {len(fields)}; write '0 8 * * mon-fri'")
    minute, hour, day, _, weekday = fields
    if re.search(r"\d", weekday):
        raise ValueError("crons number the days of the week in two ways; write names: mon-fri")
    if day not in _ANY and weekday not in _ANY:
        raise ValueError(
            "crons read a day of the month beside a day of the week in two ways; give one, * for the other"
        )
    at = _clock(hour, minute)
    try:
        found = _trigger(line).get_next_fire_time(None, _FIRST)
    except ValueError as error:
        raise ValueError(f"is no cron: {str(error)[:120]}") from None
    if found is None or found > _LAST:
        raise ValueError(_NO_DATE)
    return Cron(line, at)


def _clock(hour: str, minute: str) -> time:
    if not (re.fullmatch(r"\d{1,2}", hour) and re.fullmatch(r"\d{1,2}", minute)):
        raise ValueError("a digest leaves once a day; give one minute and one hour, or use every: 1h")
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{hour}:{minute} is no time of day; the minute comes first: '0 8 * * *'")
    return time(int(hour), int(minute))


@cache
def _trigger(line: str) -> Any:
    """Return what knows the dates of a line, as midnights in UTC."""
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

    _, _, day, month, weekday = line.replace("?", "*").split()
    return CronTrigger(hour=0, minute=0, day=day, month=month, day_of_week=weekday.lower(), timezone=UTC)
