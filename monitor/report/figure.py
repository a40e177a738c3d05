"""What a report is made of. Pure values; unknown is None."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from monitor.report.span import Span


class Unit(StrEnum):
    """What a value counts: seconds, a share from 0 to 1, whole things, money of `cost_per_hour`, a bare number."""

    SECONDS = "seconds"
    SHARE = "share"
    COUNT = "count"
    MONEY = "money"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure means, in words that a page prints. `better` says which way is good; empty: neither."""

    key: str
    title: str
    unit: Unit
    better: Literal["lower", "higher", ""]
    meaning: str
    formula: str
    unknown: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report: the whole where `group` is empty, else a part such as {"platform": "x"}.

    `n` is how many it rests on, `unknown` how many could not be told, `before` the same of the span before (None where
    nothing was heard then); `low` and `high` bound an estimate, 95 times in 100.
    """

    key: str
    group: Mapping[str, str]
    value: float | None
    n: int
    unknown: int = 0
    before: float | None = None
    low: float | None = None
    high: float | None = None


class Whose(StrEnum):
    """Who had a case for a part of its way."""

    PLATFORM = "platform"
    OURS = "ours"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain from the post to the reply, such as `posted-fetched`; p50 and p90 in seconds."""

    name: str
    title: str
    whose: Whose
    p50: float | None
    p90: float | None
    n: int
    unknown: int


@dataclass(frozen=True, slots=True)
class CauseWeek:
    """Complaints of one cause in the week that begins on a Monday of the report's zone."""

    monday: date
    cases: int


@dataclass(frozen=True, slots=True)
class CauseTrend:
    """A cause week by week, every week of the span; `cause` None is those without one. `before`: of the span before."""

    cause: str | None
    cases: int
    before: int | None
    weeks: tuple[CauseWeek, ...]


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """What came of a fix: complaints of its cause a day before and after; `holds` None is not known yet."""

    brand: str
    cause: str
    fixed_on: date
    note: str
    a_day_before: float | None
    a_day_after: float | None
    recurrence: float | None
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a span, for one brand or for all, with the cases of incidents or without them."""

    span: Span
    brand: str | None
    incidents: bool
    made_at: datetime
    figures: tuple[Figure, ...] = ()
    chain: tuple[Link, ...] = ()
    causes: tuple[CauseTrend, ...] = ()
    fixes: tuple[FixOutcome, ...] = ()
    currency: str = "USD"
    before: Span | None = field(default=None)

    def figure(self, key: str, **group: str) -> Figure | None:
        """Return one figure, the whole where no group is named; None where the report has none."""
        return next((found for found in self.figures if found.key == key and dict(found.group) == group), None)

    def parts(self, key: str, dimension: str) -> Iterator[Figure]:
        """Return the figures of a key that are split by one dimension, such as `platform`, in their order."""
        return (found for found in self.figures if found.key == key and set(found.group) == {dimension})
