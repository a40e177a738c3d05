"""Reports of the config: the last month, on the first of each month, for whom."""

from datetime import time
from zoneinfo import ZoneInfo

from pydantic import Field

from monitor.config.section import Section
from monitor.config.values import ClockTime, Name, Names, Zone


class MonthlyReport(Section):
    """The report of the last calendar month, sent on the first of each month."""

    name: Name = Field(description="what the report is called; unique")
    to: Names = Field(min_length=1, description="the receivers that get it")
    brand: Name | None = Field(None, description="the brand that it is about; none: all of them")
    zone: Zone = Field("UTC", description="the zone of its months, its hours and `at`")
    at: ClockTime = Field(time(8), description="the time of day on the first of the month")
    incidents: bool = Field(True, description="false leaves out the cases of incidents")

    @property
    def timezone(self) -> ZoneInfo:
        """The zone that its months belong to."""
        return ZoneInfo(self.zone)
