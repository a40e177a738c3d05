"""Routes of the config: who is told of what, in which groups, and how often."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from monitor.config.section import Section
from monitor.config.values import Levels, Names, Span, Wait, Words, one_or_many
from monitor.domain import Kind, Level, Severity

DEPTH = 5
"""Routes within routes; more than anybody can follow."""


class GroupBy(StrEnum):
    """What alerts are grouped by."""

    BRAND = "brand"
    INCIDENT = "incident"
    LEVEL = "level"
    PLATFORM = "platform"
    CAUSE = "cause"
    KIND = "kind"


class AuthorTier(StrEnum):
    """How far an author's word carries; each author has one tier, and the brand's list of VIPs comes first."""

    UNKNOWN = "unknown"
    """The platform does not say how many follow."""

    SMALL = "small"
    """Fewer than 1,000 followers."""

    MEDIUM = "medium"
    """From 1,000 followers on."""

    LARGE = "large"
    """From 50,000 followers on."""

    VIP = "vip"
    """On the brand's list, whatever the followers."""


Groups = tuple[GroupBy, ...]
_Kinds = Annotated[tuple[Kind, ...], BeforeValidator(one_or_many)]
_Severities = Annotated[tuple[Severity, ...], BeforeValidator(one_or_many)]
_Tiers = Annotated[tuple[AuthorTier, ...], BeforeValidator(one_or_many)]


class Matchers(Section):
    """Which cases a route is for. An empty matcher matches everything; all that are given must match."""

    brand: Names = Field((), description="the brands; empty: all")
    platform: Words = Field((), description="the platforms; empty: all")
    kind: _Kinds = Field((), description="the kinds of case; empty: all")
    language: Words = Field((), description="the languages, such as de, or unknown; empty: all")
    cause: Words = Field((), description="the causes; empty: all")
    severity: _Severities = Field((), description="the classes of trouble, one of which the case shows; empty: all")
    author: _Tiers = Field(
        (),
        description="how far the author's word carries: under 1,000 followers, under 50,000, more, VIPs; empty: all",
    )


class Branch(Matchers):
    """A route within a route: for some of its cases. What it does not say it takes from the route around it.

    A case goes to the first branch that matches, and on to later ones where that branch says `continue: true`; the
    route around them tells what no branch takes.
    """

    level: Levels = Field((), description="the levels; empty: all of the route around it")
    to: Names = Field((), description="the receivers that are told, in place of those of the route around it")
    group_by: Groups | None = Field(None, description="as in a route")
    group_wait: Wait | None = Field(None, description="as in a route")
    group_interval: Span | None = Field(None, description="as in a route")
    repeat_interval: Span | None = Field(None, description="as in a route")
    follow_on: bool = Field(False, alias="continue", description="true: later branches are tried as well")
    routes: tuple["Branch", ...] = Field((), description="routes within it")


class Route(Matchers):
    """Who is told of what. Every route of this list that matches tells its receivers."""

    level: Levels = Field((Level.CRITICAL, Level.HIGH), description="the levels that it tells; empty: all")
    to: Names = Field(min_length=1, description="the receivers that are told")
    group_by: Groups = Field(
        (GroupBy.BRAND, GroupBy.INCIDENT), description="cases that share these go into one message"
    )
    group_wait: Wait = Field(timedelta(seconds=30), description="how long the first message of a group gathers cases")
    group_interval: Span = Field(timedelta(minutes=5), description="the least time between messages of one group")
    repeat_interval: Span = Field(
        timedelta(hours=4), description="when an urgent case that nobody has taken is told again; never before"
    )
    follow_on: bool = Field(True, alias="continue", description="false: routes below are not tried where it matches")
    routes: tuple[Branch, ...] = Field((), description="routes within it, for some of its cases")

    @field_validator("routes")
    @classmethod
    def _within_reach(cls, routes: tuple[Branch, ...]) -> tuple[Branch, ...]:
        level, depth = routes, 0
        while level:
            depth += 1
            level = tuple(inner for branch in level for inner in branch.routes)
        if depth > DEPTH:
            raise ValueError(f"are {depth} deep; at most {DEPTH} routes within each other can be followed")
        return routes


class Bypass(Section):
    """What is told whatever the hour and whatever incident it belongs to, besides grave cases.

    Grave are safety, legal, press, fraud and impostors: the first is told at once, further ones once a minute.
    """

    incident: Annotated[int, Field(ge=1)] = Field(50, description="incidents of so many cases and more")
    spike: Annotated[int, Field(ge=1)] = Field(200, description="spikes of so many complaints and more")
