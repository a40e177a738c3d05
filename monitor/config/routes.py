"""Routes of the config: who is told of what, in which groups, and how often."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from monitor.config.section import Section
from monitor.config.values import Levels, Names, Span, Wait, Words
from monitor.domain import Level


class GroupBy(StrEnum):
    """What alerts are grouped by."""

    BRAND = "brand"
    INCIDENT = "incident"
    LEVEL = "level"
    PLATFORM = "platform"


class Route(Section):
    """Who is told of what. An empty matcher matches everything; every matching route tells its receivers."""

    level: Levels = Field((Level.CRITICAL, Level.HIGH), description="the levels that it tells; empty: all")
    brand: Names = Field((), description="the brands that it tells; empty: all")
    platform: Words = Field((), description="the platforms that it tells; empty: all")
    to: Names = Field(min_length=1, description="the receivers that are told")
    group_by: tuple[GroupBy, ...] = Field(
        (GroupBy.BRAND, GroupBy.INCIDENT), description="cases that share these go into one message"
    )
    group_wait: Wait = Field(timedelta(seconds=30), description="how long the first message of a group gathers cases")
    group_interval: Span = Field(timedelta(minutes=5), description="the least time between messages of one group")
    repeat_interval: Span = Field(timedelta(hours=4), description="when an unchanged group is told again")
