"""People of the config: who they are, when they are on shift, when they are away, and who stands in for whom."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor.config.section import Section
from monitor.config.values import ClockTime, Name, Names, Zone, one_or_many

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REASON_LIMIT = 200


def _beginning(value: Any) -> datetime:
    """Read a local time; a date alone means its beginning."""
    return _local(value, timedelta(0))


def _ending(value: Any) -> datetime:
    """Read a local time; a date alone means its end."""
    return _local(value, timedelta(days=1))


def _local(value: Any, whole_day: timedelta) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        text = str(value).strip()
        moment = datetime.fromisoformat(text)
        found = moment + whole_day if len(text) == len("2026-12-24") else moment
    except (ValueError, OverflowError):
        raise ValueError(f"{str(value)[:40]!r} is no time; write 2026-12-24 or 2026-12-24T18:00") from None
    if moment.tzinfo is not None:
        raise ValueError(f"{text[:40]!r} names a zone of its own; leave it out: the person's zone counts")
    if not date(2000, 1, 1) <= moment.date() <= date(2999, 1, 1):
        raise ValueError(f"{text[:40]!r} is no time of these days; write 2026-12-24T18:00")
    return found


Beginning = Annotated[datetime, BeforeValidator(_beginning)]
Ending = Annotated[datetime, BeforeValidator(_ending)]
Days = Annotated[tuple[Day, ...], BeforeValidator(one_or_many)]


class Person(Section):
    """Somebody who can be told: by which receivers, in which zone, of which brands."""

    receivers: Names = Field(min_length=1, description="the receivers that reach this person, all of them told")
    zone: Zone = Field("UTC", description="where this person lives; their shifts and absences are meant in it")
    brands: Names = Field((), description="the brands that this person answers for; empty: all")


class Shift(Section):
    """Hours that come back each week; one that ends before it starts ends on the next day."""

    who: Names = Field(min_length=1, description="the people on shift, in the order of their turns")
    days: Days = Field(WEEK, min_length=1, description="the days on which it starts")
    start: ClockTime = Field(time(0), description="when it starts, on the wall clock")
    end: ClockTime = Field(time(0), description="when it ends; at or before the start: on the next day")
    zone: Zone | None = Field(None, description="the zone of these hours; none: that of each person")


class _Window(Section):
    """What absences and overrides have in common."""

    who: Name = Field(description="the person whom it is about")
    start: Beginning = Field(description="from when, in the zone of `who`; a date means its beginning")
    end: Ending = Field(description="until when, in the zone of `who`; a date means its end")
    reason: str = Field("", max_length=REASON_LIMIT, description="why; others read it")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if not self.start < self.end:
            raise ValueError("must start before it ends; give a later end")
        return self


class Absence(_Window):
    """A time in which nobody tells a person anything."""


class Override(_Window):
    """A time in which a person is on shift besides, or in the place of another."""

    instead_of: Name | None = Field(
        None, description="whose shifts are taken over; none: on shift for the whole of the time"
    )
