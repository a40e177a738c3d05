"""The dashboard's figures: how things stand now, today against the usual, the last 30 days. Days are those of a zone.

open cases ─┐
sources     ├─▶ Now          counts of today and of the same weekdays ─▶ Today
receivers ──┘                counts and first replies of each day ────▶ Day, kept in memory once it is over
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from statistics import median
from typing import Any

from monitor.config.schema import Settings
from monitor.digest.figures import BlindWindow, blind_windows
from monitor.digest.usual import LEAST_WEEKS, Counts, Curve, Point, weeks_before
from monitor.domain import Level
from monitor.rules.spikes import Tally
from monitor.store.dashboard import LevelStanding, Window
from monitor.store.digests import ToldIncident
from monitor.store.records import stamp
from monitor.store.spikes import Spike
from monitor.store.store import Store

DAYS = 30
INCIDENTS = 8
"""Incidents that are shown, the largest first; they are all counted."""

_MOST = 100
_KEPT = timedelta(minutes=10)
"""For how long a day that is over is not read again: replies and posts that are told late come rarely."""

_KEPT_DAYS = 5_000
_DAY, _QUARTER = timedelta(days=1), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class FailingReceiver:
    """A receiver that does not take what it is sent: failures in a row, messages that wait or were given up."""

    name: str
    failures: int
    reason: str | None
    failed_at: datetime | None
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True)
class Now:
    """How things stand. Levels and incidents are those of the brands; sources and receivers are shared by all."""

    levels: Mapping[Level, LevelStanding]
    incidents: tuple[ToldIncident, ...]
    incidents_open: int
    spikes: tuple[Spike, ...]
    deaf: tuple[BlindWindow, ...]
    sources: int
    receivers: tuple[FailingReceiver, ...]

    def total(self, name: str) -> int:
        """Return a sum over all levels: open, unclaimed, late or at_risk."""
        return sum(getattr(standing, name) for standing in self.levels.values())


@dataclass(frozen=True, slots=True)
class Today:
    """What was written since midnight, beside the median of the same weekdays up to the same time; unknown is None."""

    since: datetime
    posts: int
    complaints: int
    usual_posts: float | None
    usual_complaints: float | None
    curve: Curve

    @property
    def share(self) -> float | None:
        """Complaints among posts, None without a post."""
        return self.complaints / self.posts if self.posts else None


@dataclass(frozen=True, slots=True)
class Day:
    """One local date: what was written on it, and the first replies that were given on it, whenever the post was."""

    date: date
    posts: int
    complaints: int
    replies: int
    in_time: int
    median_s: float | None

    @property
    def share(self) -> float | None:
        """Complaints among posts, None without a post."""
        return self.complaints / self.posts if self.posts else None

    @property
    def sla(self) -> float | None:
        """First replies in time among first replies, None without one."""
        return self.in_time / self.replies if self.replies else None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything on the page. `heard` says whether any post was seen ever."""

    made_at: datetime
    brands: tuple[str, ...]
    zone: str
    heard: bool
    now: Now
    today: Today
    days: tuple[Day, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the dashboard for machines; times are ISO 8601 in UTC, shares from 0 to 1, unknown is null."""
        return {
            "made_at": stamp(self.made_at),
            "brands": list(self.brands),
            "zone": self.zone,
            "now": _now_json(self.now),
            "today": _today_json(self.today),
            "days": [_day_json(day) for day in self.days],
        }


class DayMemory:
    """Days that are over, kept in memory for some minutes; used from many threads at once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[tuple[str, ...], str, date], tuple[datetime, Day]] = {}

    def days(
        self, brands: tuple[str, ...], zone: str, wanted: Sequence[date], now: datetime,
        read: Callable[[Sequence[date]], Sequence[Day]],
    ) -> tuple[Day, ...]:  # fmt: skip
        """Return the days that are wanted; those of the last two days, and those not kept, are read."""
        fresh_from = max(wanted) - _DAY
        known = {day: self._kept.get((brands, zone, day)) for day in wanted if day < fresh_from}
        kept = {day: found[1] for day, found in known.items() if found is not None and now - found[0] < _KEPT}
        new = {day.date: day for day in read([day for day in wanted if day not in kept])}
        added = {(brands, zone, day): (now, found) for day, found in new.items() if day < fresh_from}
        held = self._kept if len(self._kept) < _KEPT_DAYS else {}
        self._kept = {**held, **added}
        return tuple((kept | new)[day] for day in wanted)


def read_dashboard(
    store: Store, settings: Settings, brands: Sequence[str], zone: tzinfo, now: datetime, memory: DayMemory
) -> Dashboard:
    """Read the dashboard of some brands; those whose figures the reader may see."""
    chosen, named = tuple(brands), str(zone)
    dates = [now.astimezone(zone).date() - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    days = memory.days(chosen, named, dates, now, lambda wanted: _days(store, chosen, wanted, zone))
    heard = store.first_heard() is not None
    return Dashboard(
        now, chosen, named, heard, _now(store, settings, chosen, now), _today(store, chosen, zone, now), days
    )


def _now(store: Store, settings: Settings, brands: tuple[str, ...], now: datetime) -> Now:
    found = store.incidents_to_tell(now, brands, _MOST) if brands else []
    alive = [incident for incident in found if incident.state != "over"]
    wanted = [name for name, options in settings.sources.items() if options.enabled]
    deaf = [window for window in blind_windows(store, now, now, wanted) if window.source in settings.sources]
    return Now(
        levels=store.standing_by_level(brands, now),
        incidents=tuple(alive[:INCIDENTS]),
        incidents_open=len(alive),
        spikes=tuple(store.spikes(now, brands, open_only=True)) if brands else (),
        deaf=tuple(deaf),
        sources=len(wanted),
        receivers=_failing(store, settings),
    )


def _failing(store: Store, settings: Settings) -> tuple[FailingReceiver, ...]:
    return tuple(
        FailingReceiver(state.receiver, state.failures, state.reason, state.failed_at, state.waiting, state.dead)
        for state in store.receiver_states().values()
        if (state.failures or state.dead) and state.receiver in settings.receivers
    )


def _today(store: Store, brands: tuple[str, ...], zone: tzinfo, now: datetime) -> Today:
    local = now.astimezone(zone)
    days = [local.date(), *weeks_before(local.date())]
    first = [source.first_poll_at for source in store.sources(now) if source.first_poll_at is not None]
    heard_since = min(first, default=None)
    quarters = store.post_quarters(brands, [_bounds(day, zone) for day in days])
    midnight, *earlier = (_moment(day, time(), zone) for day in days)
    gone = now - midnight
    posts = {at: float(tally.posts) for at, tally in quarters.items()}
    complaints = {at: float(tally.complaints) for at, tally in quarters.items()}
    heard = [start if heard_since is not None and heard_since <= start else None for start in earlier]
    counts = Counts({at: tally.complaints for at, tally in quarters.items()}, zone, heard_since)
    begun = -(-gone // _QUARTER) * _QUARTER  # the present quarter of an hour is of today, as far as it has come
    return Today(
        since=midnight,
        posts=round(_until(posts, midnight, begun)),
        complaints=round(_until(complaints, midnight, begun)),
        usual_posts=_median([None if start is None else _until(posts, start, gone) for start in heard]),
        usual_complaints=_median([None if start is None else _until(complaints, start, gone) for start in heard]),
        curve=counts.curve(*_bounds(local.date(), zone)),
    )


def _until(counts: Mapping[int, float], start: datetime, span: timedelta) -> float:
    """Return what was counted in a span, a part of its last quarter of an hour as far as it reaches into it."""
    first, whole = int(start.timestamp() // _QUARTER.total_seconds()), int(span // _QUARTER)
    part = (span - whole * _QUARTER) / _QUARTER
    return sum(counts.get(first + at, 0) for at in range(whole)) + part * counts.get(first + whole, 0)


def _median(before: Sequence[float | None]) -> float | None:
    """Return the median of the days that were heard, to a tenth; None where they are fewer than three."""
    known = [count for count in before if count is not None]
    return round(median(known), 1) if len(known) >= LEAST_WEEKS else None


def _days(store: Store, brands: tuple[str, ...], wanted: Sequence[date], zone: tzinfo) -> list[Day]:
    windows = [_bounds(day, zone) for day in wanted]
    tallies = store.post_windows(brands, windows)
    return [_day(store, brands, *each) for each in zip(wanted, windows, tallies, strict=True)]


def _day(store: Store, brands: tuple[str, ...], day: date, window: Window, tally: Tally) -> Day:
    replies = store.first_replies(brands, *window)
    waits = [reply.wait_s for reply in replies]
    kept = sum(reply.in_time for reply in replies)
    return Day(day, tally.posts, tally.complaints, len(replies), kept, median(waits) if waits else None)


def _bounds(day: date, zone: tzinfo) -> Window:
    return _moment(day, time(), zone), _moment(day + _DAY, time(), zone)


def _moment(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _now_json(now: Now) -> dict[str, Any]:
    return {
        "levels": {level: asdict(now.levels.get(level, LevelStanding())) for level in Level},
        "incidents_open": now.incidents_open,
        "incidents": [incident.to_json() for incident in now.incidents],
        "spikes": [spike.to_json() for spike in now.spikes],
        "deaf_sources": [
            {**asdict(window), "since": stamp(window.since), "until": stamp(window.until)} for window in now.deaf
        ],
        "failing_receivers": [{**asdict(one), "failed_at": stamp(one.failed_at)} for one in now.receivers],
    }


def _today_json(today: Today) -> dict[str, Any]:
    plain = {name: getattr(today, name) for name in ("posts", "complaints", "usual_posts", "usual_complaints", "share")}
    hours = [_point_json(point) for point in today.curve.points]
    return {**plain, "since": stamp(today.since), "hours": hours}


def _point_json(point: Point) -> dict[str, Any]:
    return {"at": stamp(point.start.astimezone(UTC)), "complaints": point.count, "usual": point.usual}


def _day_json(day: Day) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "posts": day.posts,
        "complaints": day.complaints,
        "complaint_share": day.share,
        "first_replies": day.replies,
        "first_reply_median_s": day.median_s,
        "sla_share": day.sla,
    }
