"""Digests of the config: periodic summaries, for whom and when."""

from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from monitor.config.section import Section
from monitor.config.values import ClockTime, Name, Names, Span, Zone


class Digest(Section):
    """A periodic summary: at a time of day in a zone, or `every` so often."""

    name: Name = Field(description="what the digest is called; unique")
    to: Names = Field(min_length=1, description="the receivers that get it")
    at: ClockTime | None = Field(None, description="the time of day, in `zone`: one a day")
    every: Span | None = Field(None, description="instead of `at`: so often")
    first_after: Span | None = Field(
        None, description="with `every`: how long after the first run the first one leaves"
    )
    zone: Zone = Field("UTC", description="the zone of `at` and of the times in the digest")
    brands: Names = Field((), description="the brands that it covers; empty: all")

    @model_validator(mode="after")
    def _one_schedule(self) -> "Digest":
        if (self.at is None) == (self.every is None):
            raise ValueError("needs one schedule; give either at: '08:00' or every: 1h")
        return self

    @property
    def timezone(self) -> ZoneInfo:
        """The zone that `at` and the local date belong to."""
        return ZoneInfo(self.zone)
