"""Whether a brand hears more complaints than usual: a test over sliding windows, minute by minute. Pure.

counts by minute ─▶ 5, 10, 20, 60 min against what is usual × event × the level of the hours before ─▶ Alarm or None
                 ─▶ share of complaints among posts, over 20 and 60 min

Every look costs a chance of a false alarm, and windows slide: the bound of each window is its share of `BUDGET`, spread
over the looks of a week that are as good as independent. Posts count by the minute of their `posted_at`; windows end
now. More complaints in a window never make its alarm go away: nothing it is compared with comes from the last hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Any

from monitor.rules.tails import count_tail, share_tail
from monitor.rules.usual import Usual

BUDGET = 1.5
"""False alarms that a brand may give a week, over all its series together, if counts were as the model says."""

LOOKS = {5: 2.5, 10: 3.5, 20: 6.0, 60: 8.0}
"""Looks at a window of so many minutes that are as good as independent, while it slides by its own length; measured."""

WINDOWS = {5: 0.08, 10: 0.6, 20: 0.16, 60: 0.08}
"""Minutes of each window of counts, and its part of the budget: most goes to where ×3 has to be found."""

SHARE_WINDOWS = {20: 0.04, 60: 0.04}
"""The same for the share of complaints."""

REACH = timedelta(hours=4)
"""How far back counts by minute are needed."""

_LEVEL = 180
"""Minutes before the longest window whose level is taken into account."""

_HIGHEST_LEVEL, _LOWEST_LEVEL = 1.6, 0.8
_SHARE_RISE = 1.5
_LONGEST = max(WINDOWS)
_WEEK_MINUTES = 10_080


class Series(StrEnum):
    """What rose."""

    COUNT = "count"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Tally:
    """Posts of a minute, and complaints among them."""

    posts: int = 0
    complaints: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """A planned event of a brand: between two moments `factor` times as many complaints are usual."""

    name: str
    since: datetime
    until: datetime
    factor: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a rise must reach besides being unlikely: times the usual, and complaints in its window.

    `critical` is how many complaints above the usual, within an hour, make it critical.
    """

    factor: float = 2.0
    least: int = 5
    critical: int = 100


@dataclass(frozen=True, slots=True)
class Alarm:
    """A rise: in the last `minutes`, `seen` complaints where `expected` were usual; by chance with `chance`."""

    series: Series
    minutes: int
    seen: int
    expected: float
    chance: float
    since: datetime
    excess: float
    """Complaints above the usual within the last hour."""

    @property
    def factor(self) -> float:
        """How many times the usual was seen; where next to nothing is usual, as if half a complaint were."""
        return self.seen / max(self.expected, 0.5)


@dataclass(frozen=True, slots=True)
class Scene:
    """What an hour is judged against: the usual, the brand's zone, its events, and the bounds."""

    usual: Usual
    zone: tzinfo
    events: Sequence[Expected] = ()
    bounds: Bounds = Bounds()

    def expected(self, since: datetime, until: datetime) -> float:
        """Return the complaints to expect between two moments; the greatest factor counts where events overlap."""
        edges = {since, until}
        for event in self.events:
            edges |= {edge for edge in (event.since, event.until) if since < edge < until}
        parts = pairwise(sorted(edges))
        return sum(self.usual.expected(one, other, self.zone) * self.factor(one) for one, other in parts)

    def factor(self, moment: datetime) -> float:
        """Return how many times the usual events let expect at a moment."""
        return max((event.factor for event in self.events if event.since <= moment < event.until), default=1.0)


def by_minute(posts: Sequence[tuple[datetime, bool]]) -> dict[int, Tally]:
    """Return tallies by minute since 1970 of posts given as (posted_at, whether it complains), in any order."""
    found: dict[int, Tally] = {}
    for moment, complains in posts:
        minute = int(moment.timestamp() // 60)
        known = found.get(minute, Tally())
        found[minute] = Tally(known.posts + 1, known.complaints + complains)
    return found


def judge(tallies: Mapping[int, Tally], scene: Scene, now: datetime) -> Alarm | None:
    """Return the least likely of the rises that reach their bounds, or None; None while too little was heard.

    `tallies` are by minute since 1970, and reach back `REACH`. The running minute counts as a whole one.
    """
    if scene.usual.cold:
        return None
    now = _next_minute(now)
    recent = _Recent(tallies, int(now.timestamp() // 60))
    if recent.complaints(_LONGEST) < scene.bounds.least * scene.factor(now):
        return None
    means = {minutes: scene.expected(now - timedelta(minutes=minutes), now) for minutes in WINDOWS}
    if not any(_reaches(recent.complaints(minutes), mean, scene, now) for minutes, mean in means.items()):
        return None
    level, doubt = _level(tallies, scene, now)
    alarms = [_judge_count(recent, scene, now, minutes, level, doubt) for minutes in WINDOWS]
    alarms += [_judge_share(recent, scene, now, minutes, level) for minutes in SHARE_WINDOWS]
    return min((alarm for alarm in alarms if alarm), key=lambda alarm: alarm.chance, default=None)


def is_over(tallies: Mapping[int, Tally], scene: Scene, now: datetime, window: timedelta) -> bool:
    """Whether the last `window` holds no more than half as much again as usual."""
    now = _next_minute(now)
    recent = _Recent(tallies, int(now.timestamp() // 60))
    minutes = int(window.total_seconds() // 60)
    mean = scene.expected(now - window, now)
    return recent.complaints(minutes) <= max(1.5 * mean, mean + 2)


class _Recent:
    """Tallies of the last hour, by how many minutes ago."""

    def __init__(self, tallies: Mapping[int, Tally], now: int) -> None:
        found = [tallies.get(now - ago) for ago in range(1, _LONGEST + 1)]
        self._complaints = [tally.complaints if tally else 0 for tally in found]
        self._posts = [tally.posts if tally else 0 for tally in found]

    def complaints(self, minutes: int) -> int:
        """Complaints in the last so many minutes."""
        return sum(self._complaints[:minutes])

    def posts(self, minutes: int) -> int:
        """Posts in the last so many minutes."""
        return sum(self._posts[:minutes])

    def minute(self, ago: int) -> int:
        """Complaints of one minute."""
        return self._complaints[ago]


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _bound(minutes: int, part: float) -> float:
    return BUDGET * part * minutes / (_WEEK_MINUTES * LOOKS[minutes])


def _level(tallies: Mapping[int, Tally], scene: Scene, now: datetime) -> tuple[float, float]:
    """Return the level of the hours before, against the usual, and the variance of that of the next hour.

    The best linear guess from a noisy reading of the part of the level that lasts.
    """
    usual = scene.usual
    end = now - timedelta(minutes=_LONGEST)
    mean = scene.expected(end - timedelta(minutes=_LEVEL), end)
    lasting = usual.lasting + usual.doubt
    if mean <= 0:
        return 1.0, lasting + usual.passing
    noise = usual.clumps / mean + usual.passing * 60 / _LEVEL
    weight = lasting / (lasting + noise)
    last = int(end.timestamp() // 60)
    seen = sum(tallies[minute].complaints for minute in range(last - _LEVEL, last) if minute in tallies)
    level = 1 + weight * (seen / mean - 1)
    return min(max(level, _LOWEST_LEVEL), _HIGHEST_LEVEL), lasting * (1 - weight) + usual.passing


def _judge_count(
    recent: _Recent, scene: Scene, now: datetime, minutes: int, level: float, doubt: float
) -> Alarm | None:
    seen, mean = recent.complaints(minutes), scene.expected(now - timedelta(minutes=minutes), now)
    if not _reaches(seen, mean * max(level, 1.0), scene, now):
        return None
    likely = max(mean * level, 1e-6)
    chance = count_tail(seen, likely, scene.usual.clumps * likely + doubt * likely**2)
    if chance >= _bound(minutes, WINDOWS[minutes]):
        return None
    return _alarm(Series.COUNT, recent, scene, now, minutes, chance)


def _judge_share(recent: _Recent, scene: Scene, now: datetime, minutes: int, level: float) -> Alarm | None:
    """A share rises also where few posts come; it is told where complaints are many as well."""
    seen, posts, usual = recent.complaints(minutes), recent.posts(minutes), scene.usual
    mean = scene.expected(now - timedelta(minutes=minutes), now) * max(level, 1.0)
    if not _reaches(seen, mean, scene, now) or seen < _SHARE_RISE * usual.share * posts:
        return None
    chance = share_tail(seen, posts, usual.share, usual.share_spread)
    if chance >= _bound(minutes, SHARE_WINDOWS[minutes]):
        return None
    return _alarm(Series.SHARE, recent, scene, now, minutes, chance)


def _reaches(seen: int, mean: float, scene: Scene, now: datetime) -> bool:
    bounds = scene.bounds
    return seen >= bounds.least * scene.factor(now) and seen >= bounds.factor * mean


def _alarm(series: Series, recent: _Recent, scene: Scene, now: datetime, minutes: int, chance: float) -> Alarm:
    start = now - timedelta(minutes=minutes)
    hour = scene.expected(now - timedelta(hours=1), now)
    return Alarm(
        series=series,
        minutes=minutes,
        seen=recent.complaints(minutes),
        expected=scene.expected(start, now),
        chance=chance,
        since=_onset(recent, scene, now),
        excess=recent.complaints(60) - hour,
    )


def _onset(recent: _Recent, scene: Scene, now: datetime) -> datetime:
    """Return the likeliest begin of the rise within the last hour: where twice the usual fits best from there on."""
    best, at, fit = 0.0, now - timedelta(minutes=1), 0.0
    for ago in range(_LONGEST):
        start = now - timedelta(minutes=ago + 1)
        mean = scene.expected(start, start + timedelta(minutes=1))
        fit += recent.minute(ago) * 0.6931 - mean
        if recent.minute(ago) and fit > best:
            best, at = fit, start
    return at


def to_json(alarm: Alarm) -> dict[str, Any]:
    """Return an alarm for machines."""
    return {
        "series": alarm.series,
        "minutes": alarm.minutes,
        "seen": alarm.seen,
        "expected": round(alarm.expected, 2),
        "factor": round(alarm.factor, 2),
        "chance": alarm.chance,
    }
