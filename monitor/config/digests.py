"""Digests of the config: periodic summaries, for whom, of what and when."""

from datetime import date, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from monitor.config.cron import Cron, parse_cron
from monitor.config.section import Section
from monitor.config.values import ClockTime, Name, Names, Span, Zone, one_or_many

_DAY = timedelta(days=1)


class Part(StrEnum):
    """A section of a digest, in the order in which they are read."""

    ACT_NOW = "act-now"
    """Critical cases, and those whose first reply is late."""
    LATE = "late"
    """How many are open, late and at risk, and which are due next."""
    INCIDENTS = "incidents"
    SPIKES = "spikes"
    """Rises of complaints, and planned events."""
    YESTERDAY = "yesterday"
    """Complaints of yesterday against the usual, with causes and words."""
    REPLIES = "replies"
    """First replies against what is promised, by level."""
    BLIND = "blind"
    MISSED = "missed"
    SPEND = "spend"
    PRAISE = "praise"
    CHARTS = "charts"


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

CronLine = Annotated[str, AfterValidator(lambda line: parse_cron(line).line)]
_read_cron = cache(parse_cron)


class Digest(Section):
    """A periodic summary for one audience: at a time of day, by a crontab line, or `every` so often."""

    name: Name = Field(description="what the digest is called; unique")
    to: Names = Field(min_length=1, description="the receivers that get it")
    at: ClockTime | None = Field(None, description="the time of day, in `zone`: one a day")
    cron: CronLine | None = Field(
        None, description="instead of `at`: a crontab line with one time a day, such as '0 8 * * mon-fri', in `zone`"
    )
    every: Span | None = Field(None, description="instead of `at`: so often")
    first_after: Span | None = Field(
        None, description="with `every`: how long after the first run the first one leaves"
    )
    days: Annotated[tuple[Weekday, ...], BeforeValidator(one_or_many)] = Field(
        WEEKDAYS, min_length=1, description="the days on which it leaves; not beside `cron`, which names its own"
    )
    zone: Zone = Field("UTC", description="the zone of `at`, `cron` and `days`, and of the times in the digest")
    brands: Names = Field((), description="the brands that it covers; empty: all")
    sections: Annotated[tuple[Part, ...], BeforeValidator(one_or_many)] = Field(
        tuple(Part), min_length=1, description="the sections that it has; what is not named is left out"
    )

    @model_validator(mode="after")
    def _one_schedule(self) -> "Digest":
        if sum(wanted is not None for wanted in (self.at, self.cron, self.every)) != 1:
            raise ValueError("needs one schedule; give either at: '08:00', cron: '0 8 * * mon-fri' or every: 1h")
        if self.cron is not None and "days" in self.model_fields_set:
            raise ValueError("a cron names its own days; write them there, or use at: with days:")
        return self

    @property
    def timezone(self) -> ZoneInfo:
        """The zone that the time of day and the local date belong to."""
        return ZoneInfo(self.zone)

    @property
    def clock(self) -> time | None:
        """The time of day at which it leaves, None where it leaves every so often."""
        return self._cron.at if self._cron else self.at

    def next_date(self, day: date) -> date:
        """Return the first local date on which it may leave, `day` included."""
        if self._cron:
            return self._cron.next_date(day)
        return next(
            found for found in (day + ahead * _DAY for ahead in range(7)) if WEEKDAYS[found.weekday()] in self.days
        )

    @property
    def _cron(self) -> Cron | None:
        return _read_cron(self.cron) if self.cron else None
