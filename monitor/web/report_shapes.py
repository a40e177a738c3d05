"""What the interface answers about figures: the dashboard and reports."""

import datetime as dt
from datetime import datetime

from monitor.domain import Level
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
