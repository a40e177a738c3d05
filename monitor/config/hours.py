"""Hours of the config: when a receiver may be told, and when it must not be."""

from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from monitor.config.section import Section
from monitor.config.values import ClockTime, Zone, one_or_many

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of the week in the order of `date.weekday()`."""


class Window(Section):
    """Hours of some days. One that ends before it begins passes midnight; equal times are the whole day."""

    days: Annotated[tuple[Day, ...], BeforeValidator(one_or_many)] = Field(
        DAYS, min_length=1, description="the days on which it begins"
    )
    start: ClockTime = Field(time(0), description="when it begins")
    end: ClockTime = Field(time(0), description="when it ends; earlier than `start`: on the next day")


def _windows(value: Any) -> Any:
    return [value] if isinstance(value, dict | Window) else value


Windows = Annotated[tuple[Window, ...], BeforeValidator(_windows), Field(max_length=50)]


class Presence(Section):
    """When a receiver is told: within `hours` where there are any, and never within `quiet`, on the clock of `zone`.

    What may not wait is told at any hour: see `bypass`.
    """

    hours: Windows = Field((), description="when it is told; empty: at all times")
    quiet: Windows = Field((), description="when it is not told; what comes meanwhile is told when they end")
    zone: Zone = Field("UTC", description="the zone of `hours` and `quiet`")

    @property
    def timezone(self) -> ZoneInfo:
        """The zone that the windows belong to."""
        return ZoneInfo(self.zone)
