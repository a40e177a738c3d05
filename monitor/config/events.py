"""Events and spikes of the config: what is planned, and from when on a rise of complaints is told."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from monitor.config.section import Section
from monitor.config.values import Name, Names
from monitor.rules.spikes import Bounds, Expected


def _beginning(value: Any) -> datetime:
    """Read a time, with or without a zone; a date alone means its beginning."""
    return _moment(value, timedelta())


def _ending(value: Any) -> datetime:
    """Read a time, with or without a zone; a date alone means its end."""
    return _moment(value, timedelta(days=1))


def _moment(value: Any, whole_day: timedelta) -> datetime:
    text = str(value).strip()
    try:
        found = datetime.fromisoformat(text)
        found += whole_day if len(text) == len("2026-11-27") else timedelta()
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:40]!r} is no time; write 2026-11-27, or 2026-11-27 18:00") from None
    if not 2000 <= found.year <= 2999:
        raise ValueError(f"{text[:40]!r} is no time of these days; write 2026-11-27 18:00")
    return found


class PlannedEvent(Section):
    """Something planned that lets expect more posts: a launch, a sale, a match.

    While it lasts, more complaints count as usual, so that spikes need more to be told. Cases are judged as ever.
    """

    name: Name = Field(description="what the event is called; unique")
    brand: Names = Field((), description="the brands that it is for; empty: all")
    start: Annotated[datetime, BeforeValidator(_beginning)] = Field(
        description="when it begins, such as 2026-11-27 18:00; without a zone: in the brand's own"
    )
    end: Annotated[datetime, BeforeValidator(_ending)] = Field(description="when it ends; a date alone: with that day")
    factor: float = Field(gt=0, le=1_000, description="how many times the usual complaints are expected")

    @model_validator(mode="after")
    def _forward(self) -> "PlannedEvent":
        if (self.start.tzinfo is None) != (self.end.tzinfo is None):
            raise ValueError("start and end must both have a zone, or neither; write 2026-11-27 18:00 for both")
        if not self.start < self.end:
            raise ValueError("an event must begin before it ends")
        return self

    def for_brand(self, brand: str, zone: str | None) -> Expected | None:
        """Return what a brand expects of the event, None where it is for others; `zone` is the brand's own."""
        if self.brand and brand not in self.brand:
            return None
        return Expected(self.name, _aware(self.start, zone), _aware(self.end, zone), self.factor)


class Spikes(Section):
    """When a rise of a brand's complaints is told; besides these bounds it must be unlikely by chance."""

    enabled: bool = Field(True, description="false looks for no rise")
    factor: float = Field(2.0, ge=1, le=100, description="how many times the usual a rise must be")
    least: int = Field(5, ge=2, le=10_000, description="complaints that a rise must have, within its window")
    critical: int = Field(
        100, ge=2, le=1_000_000, description="complaints above the usual within an hour that make a spike critical"
    )

    @property
    def bounds(self) -> Bounds:
        """The same for the detector."""
        return Bounds(self.factor, self.least, self.critical)


def events_of(events: tuple[PlannedEvent, ...], zones: Mapping[str, str | None]) -> dict[str, tuple[Expected, ...]]:
    """Return what each brand expects; `zones` are all brands, each with its zone."""
    found = {}
    for brand, zone in zones.items():
        planned = (event.for_brand(brand, zone) for event in events)
        found[brand] = tuple(expected for expected in planned if expected is not None)
    return found


def _aware(moment: datetime, zone: str | None) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
