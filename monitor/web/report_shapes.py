"""What the interface answers about figures: the dashboard and reports."""

import datetime as dt
from datetime import datetime
from typing import Literal

from monitor.domain import Level
from monitor.report.figure import Unit, Whose
from monitor.rules.spikes import Series
from monitor.store.spikes import SpikeState
from monitor.web.shapes import Case, Shape


class LevelStanding(Shape):
    """Open cases of a level: all, those that nobody has, those late without a reply, and those soon to be late."""

    open: int
    unclaimed: int
    late: int
    at_risk: int


class ToldIncident(Shape):
    """An incident of `size` cases, `waiting` of them without a reply, and its worst case."""

    id: int
    brand: str
    state: str
    size: int
    waiting: int
    cause: str | None
    words: list[str]
    since: datetime
    owner: str | None
    example: Case | None


class SpikeWord(Shape):
    """A word that stands in more complaints than usual."""

    word: str
    count: int
    before: int


class Spike(Shape):
    """A rise of a brand's complaints; `expected` are those that were usual, `factor` times as many were seen."""

    id: int
    brand: str
    state: SpikeState
    level: Level
    series: Series
    since: datetime
    found_at: datetime
    ended_at: datetime | None
    seen: int
    expected: float
    factor: float
    per_hour: int
    peak_per_hour: int
    event: str | None
    words: list[SpikeWord]
    platforms: dict[str, float]
    causes: dict[str, float]


class DeafSource(Shape):
    """A source that hears nothing, or not everything, right now."""

    source: str
    state: str
    since: datetime
    until: datetime | None
    reason: str | None


class FailingReceiver(Shape):
    """A receiver that does not take what it is sent: failures in a row, messages that wait or were given up."""

    name: str
    failures: int
    reason: str | None
    failed_at: datetime | None
    waiting: int
    dead: int


class Standing(Shape):
    """How things stand; sources and receivers are shared by all brands."""

    levels: dict[Level, LevelStanding]
    incidents_open: int
    incidents: list[ToldIncident]
    spikes: list[Spike]
    deaf_sources: list[DeafSource]
    failing_receivers: list[FailingReceiver]


class HourOfToday(Shape):
    """Complaints that were posted in an hour, and what is usual then."""

    at: datetime
    complaints: int
    usual: float | None


class Today(Shape):
    """What was written since midnight, beside the median of the same weekdays up to the same time."""

    since: datetime
    posts: int
    complaints: int
    usual_posts: float | None
    usual_complaints: float | None
    share: float | None
    hours: list[HourOfToday]


class DayFigures(Shape):
    """One local date: what was written on it, and the first replies that were given on it."""

    date: dt.date
    posts: int
    complaints: int
    complaint_share: float | None
    first_replies: int
    first_reply_median_s: float | None
    sla_share: float | None


class Dashboard(Shape):
    """How things stand now, today against the usual, the last 30 days, the oldest first; dates are of `zone`."""

    made_at: datetime
    brands: list[str]
    zone: str
    now: Standing
    today: Today
    days: list[DayFigures]


class ReportSpan(Shape):
    """A time, from `since` until before `until`; its days, hours and weeks are those of `zone`."""

    since: datetime
    until: datetime
    zone: str
    label: str


class ReportFigure(Shape):
    """One number: of the whole where `group` is empty, else of a part.

    `n` is how many it rests on, `unknown` how many could not be told; `before` is that of the span before; `low` and
    `high` bound an estimate. Seconds, shares from 0 to 1, or numbers, as `unit` says.
    """

    key: str
    title: str
    unit: Unit
    better: Literal["lower", "higher"] | None
    group: dict[str, str]
    value: float | None
    n: int
    unknown: int
    before: float | None
    low: float | None
    high: float | None


class ChainLink(Shape):
    """A link of the chain from the post to the reply; in seconds."""

    name: str
    title: str
    whose: Whose
    p50: float | None
    p90: float | None
    n: int
    unknown: int


class CauseWeek(Shape):
    """Complaints of the week that begins on a Monday."""

    monday: dt.date
    cases: int


class CauseTrend(Shape):
    """A cause week by week; null is complaints without one."""

    cause: str | None
    cases: int
    before: int | None
    weeks: list[CauseWeek]


class FixOutcome(Shape):
    """What came of a fix: complaints of its cause a day before and after it."""

    brand: str
    cause: str
    fixed_on: dt.date
    note: str
    a_day_before: float | None
    a_day_after: float | None
    recurrence: float | None
    holds: bool | None


class Report(Shape):
    """The figures of a span, of one brand (null: of all), with the cases of incidents or without them."""

    span: ReportSpan
    before: ReportSpan | None
    brand: str | None
    incidents: bool
    made_at: datetime
    currency: str
    figures: list[ReportFigure]
    chain: list[ChainLink]
    causes: list[CauseTrend]
    fixes: list[FixOutcome]
