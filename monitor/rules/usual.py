"""What is usual for a brand: complaints an hour by local time, how much that varies, and their share of its posts.

hours heard ─▶ rhythm of the day ─▶ of the week (from the third week) ─▶ spread ─▶ `Usual`

Outliers count only up to a cap, so that spikes of the past that nobody recorded do not raise what is usual. The spread
has three parts (as in Farrington, Andrews, Beale and Catchpole 1996, "A Statistical Algorithm for the Early Detection
of Outbreaks of Infectious Disease", JRSS A 159, which has one): clumps within an hour, a level that lasts from hour to
hour, and the rest. Each is drawn towards a cautious value while little was heard.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import accumulate
from typing import Any, Self

LOOK_BACK = timedelta(days=28)
"""How far back what is usual reaches."""

COLD = timedelta(hours=24)
"""How long a brand must have been heard before anything is judged."""

WEEKLY = timedelta(days=14)
"""How long before the hour of the week counts, and not that of the day alone."""

WEEK_HOURS, WEEK_MINUTES = 168, 10_080
TENS = 6
"""Ten-minute counts in an hour."""

_CAP = 3.0
"""Standard deviations above what is usual up to which an hour counts."""

_ROUNDS = 4
_DAYS_PRIOR = 25.0
"""Complaints that a day of the week needs to weigh as much as the rhythm of the day alone."""

_CELLS = 0.07
"""How far the hours of a week are taken to differ from the rhythms of day and week together: a standard deviation."""

_CUT = 1.35
"""Clumps are cut where ten minutes end, so that those seen within are too small by so much; measured."""

_CLUMPS, _SPREAD, _SHARE_SPREAD = 1.3, 0.06, 0.02
"""What is assumed of clumps, spread of the hourly level, and spread of the share, before anything was heard."""

_NEIGHBOURS = 2.67
"""Hours of the day whose complaints stand behind the rate of one: 1 / (¼² + ½² + ¼²)."""

_FEW_DAYS = 0.15
"""Doubt about rates that one single day has shown."""

_DEAF_POSTS = 6.0
"""Usual posts in an hour from which one without any post was not heard."""


@dataclass(frozen=True, slots=True)
class Hour:
    """What was heard of a brand in one hour: `at` in hours since 1970; complaints in each ten minutes.

    `factor` is what an event let expect, 1 without one.
    """

    at: int
    posts: int
    tens: tuple[int, ...]
    factor: float = 1.0

    @property
    def complaints(self) -> int:
        """Complaints in the whole hour."""
        return sum(self.tens)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for a brand. `rates` are complaints an hour by local hour of the week, Monday 0:00 first.

    `clumps` is variance over mean within an hour; `lasting` and `passing` are the variances of the relative hourly
    level, that part which lasts from hour to hour and the rest; `doubt` is that of the rates themselves. `share` is
    that of complaints among posts, `share_spread` its correlation.
    """

    rates: tuple[float, ...]
    clumps: float
    lasting: float
    passing: float
    doubt: float
    share: float
    share_spread: float
    heard_h: int
    weekly: bool

    @property
    def cold(self) -> bool:
        """Whether too little was heard to judge by."""
        return self.heard_h < COLD.total_seconds() / 3600

    def expected(self, since: datetime, until: datetime, zone: tzinfo) -> float:
        """Return the complaints that are usual between two moments, to the minute, without any event."""
        offset = (until.astimezone(zone).utcoffset() or timedelta()).total_seconds() // 60
        first, last = _minute(since) + offset, _minute(until) + offset
        sums = _minute_sums(self.rates)
        weeks, rest = divmod(last - first, WEEK_MINUTES)
        start = int(first + 3 * 1440) % WEEK_MINUTES  # 1970 began on a Thursday
        end = start + int(rest)
        whole = weeks * sums[WEEK_MINUTES]
        if end <= WEEK_MINUTES:
            return whole + sums[end] - sums[start]
        return whole + sums[WEEK_MINUTES] - sums[start] + sums[end - WEEK_MINUTES]

    def to_json(self) -> dict[str, Any]:
        """Return it as the store keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read what the store kept."""
        return cls(**{**record, "rates": tuple(record["rates"])})


def learn_usual(hours: Sequence[Hour], zone: tzinfo) -> Usual:
    """Return what is usual, from hours in order of time; hours that are missing were not heard."""
    heard = _without_deaf(hours, zone)
    weekly = bool(heard) and (heard[-1].at - heard[0].at) >= WEEKLY.total_seconds() / 3600
    slots = [_slot(hour.at, zone) for hour in heard]
    counts: list[float] = [float(hour.complaints) for hour in heard]
    clumps = _clumps(heard)
    lasting, passing = _SPREAD / 2, _SPREAD / 2
    rates = _fit(heard, slots, counts, (clumps, _SPREAD), weekly=weekly)
    for _ in range(_ROUNDS):
        capped = [
            min(count, mean + _CAP * math.sqrt(clumps * mean + (lasting + passing) * mean**2) + 1)
            for count, mean in zip((hour.complaints for hour in heard), _means(heard, slots, rates), strict=True)
        ]
        rates = _fit(heard, slots, capped, (clumps, lasting + passing), weekly=weekly)
        lasting, passing = _spread(heard, capped, _means(heard, slots, rates), clumps)
    share, share_spread = _share(heard)
    backing = sum(counts) / 24 * _NEIGHBOURS
    doubt = 1 / (1 + backing) + _FEW_DAYS / max(len(heard) / 24, 1)
    return Usual(tuple(rates), clumps, lasting, passing, doubt, share, share_spread, len(heard), weekly)


def _slot(hour: int, zone: tzinfo) -> int:
    local = datetime.fromtimestamp(hour * 3600, zone)
    return local.weekday() * 24 + local.hour


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def _means(heard: Sequence[Hour], slots: Sequence[int], rates: Sequence[float]) -> list[float]:
    return [rates[slot] * hour.factor for hour, slot in zip(heard, slots, strict=True)]


def _without_deaf(hours: Sequence[Hour], zone: tzinfo) -> list[Hour]:
    """Leave out hours without a single post where there are always some: nobody heard them."""
    by_hour: dict[int, list[int]] = defaultdict(list)
    for hour in hours:
        by_hour[_slot(hour.at, zone) % 24].append(hour.posts)
    usual = {slot: sum(posts) / len(posts) for slot, posts in by_hour.items()}
    return [hour for hour in hours if hour.posts or usual[_slot(hour.at, zone) % 24] < _DEAF_POSTS]


def _fit(
    heard: Sequence[Hour], slots: Sequence[int], counts: Sequence[float], noise: tuple[float, float], *, weekly: bool
) -> list[float]:
    """Return the rate of each hour of the week: day × week, and what an hour of the week adds to that.

    `noise` is clumps and spread of the level, as in `Usual`.
    """
    exposure = sum(hour.factor for hour in heard)
    mean = sum(counts) / exposure if exposure else 0.0
    if not mean:
        return [0.0] * WEEK_HOURS
    of_day = _ratios(24, (slot % 24 for slot in slots), counts, [mean * hour.factor for hour in heard], mean)
    of_day = [0.25 * of_day[at - 1] + 0.5 * of_day[at] + 0.25 * of_day[(at + 1) % 24] for at in range(24)]
    rates = [mean * of_day[slot % 24] for slot in range(WEEK_HOURS)]
    if not weekly:
        return rates
    of_week = _ratios(7, (slot // 24 for slot in slots), counts, _means(heard, slots, rates), _DAYS_PRIOR)
    rates = [rate * of_week[slot // 24] for slot, rate in enumerate(rates)]
    cells = _ratios(WEEK_HOURS, iter(slots), counts, _means(heard, slots, rates), 1.0)
    weeks = len(heard) / WEEK_HOURS
    return [rate * (1 + _trust(rate, noise, weeks) * (cell - 1)) for rate, cell in zip(rates, cells, strict=True)]


def _trust(rate: float, noise: tuple[float, float], weeks: float) -> float:
    """Return how far an hour of the week is believed that was heard so often: its own differences over all."""
    clumps, spread = noise
    return _CELLS**2 / (_CELLS**2 + (spread + clumps / max(rate, 0.01)) / weeks)


def _ratios(
    size: int, slots: Iterable[int], counts: Sequence[float], means: Sequence[float], prior: float
) -> list[float]:
    """Return seen over expected by slot, drawn towards 1 by `prior` complaints."""
    seen, expected = [prior] * size, [prior] * size
    for slot, count, mean in zip(slots, counts, means, strict=True):
        seen[slot] += count
        expected[slot] += mean
    return [one / other for one, other in zip(seen, expected, strict=True)]


def _clumps(heard: Sequence[Hour]) -> float:
    """Return variance over mean of ten-minute counts, given the count of their hour."""
    excess = weight = 0.0
    for hour in heard:
        total = hour.complaints
        if total < 2:
            continue
        squares = sum(count * count for count in hour.tens)
        excess += min((TENS * squares - total**2) / (TENS - 1), 5.0 * total)
        weight += total
    within = (excess + 50 * _CLUMPS) / (weight + 50)
    return 1 + max(within - 1, 0.0) * _CUT


def _spread(
    heard: Sequence[Hour], counts: Sequence[float], means: Sequence[float], clumps: float
) -> tuple[float, float]:
    """Return the variances of the relative level of an hour: what lasts to the next one, and the rest."""
    own = both = weight = pairs = 0.0
    for at, (count, mean) in enumerate(zip(counts, means, strict=True)):
        own += (count - mean) ** 2 - clumps * mean
        weight += mean**2
        if at and heard[at].at == heard[at - 1].at + 1:
            both += (count - mean) * (counts[at - 1] - means[at - 1])
            pairs += mean * means[at - 1]
    mean = sum(means) / len(means) if means else 0.0
    prior = 48 * max(mean, 0.5) ** 2
    total = max((own + prior * _SPREAD) / (weight + prior), 0.005)
    lasting = min(max((both + prior * _SPREAD / 2) / (pairs + prior), 0.0), total)
    return lasting, total - lasting


def _share(heard: Sequence[Hour]) -> tuple[float, float]:
    """Return the share of complaints among posts, and the correlation of two posts of an hour."""
    posts = sum(hour.posts for hour in heard)
    share = (sum(hour.complaints for hour in heard) + 0.5) / (posts + 2)
    own = weight = 0.0
    for hour in heard:
        if hour.posts < 2:
            continue
        off = min((hour.complaints - hour.posts * share) ** 2, (0.3 * hour.posts) ** 2)
        own += off / (share * (1 - share)) - hour.posts
        weight += hour.posts * (hour.posts - 1)
    spread = (own + 500 * _SHARE_SPREAD) / (weight + 500)
    return share, min(max(spread, 0.005), 0.5)


@lru_cache(maxsize=256)
def _minute_sums(rates: tuple[float, ...]) -> tuple[float, ...]:
    """Return the sums of what is usual from the week's begin to each of its minutes; rates bend, they do not jump."""
    by_minute = []
    for minute in range(WEEK_MINUTES):
        place = minute / 60 - 0.5
        below = math.floor(place)
        part = place - below
        one, other = rates[below % WEEK_HOURS], rates[(below + 1) % WEEK_HOURS]
        by_minute.append((one * (1 - part) + other * part) / 60)
    return tuple(accumulate(by_minute, initial=0.0))


def taking_part(first_polls: Mapping[str, datetime | None], now: datetime) -> tuple[tuple[str, ...], datetime | None]:
    """Return the sources whose posts count, and since when all of them were heard; None where there is none.

    A source that was added later would look like a rise: it counts from when it was heard for half as long as the
    oldest one, at most half of `LOOK_BACK`, and never before `COLD` has passed. `first_polls` holds None for one that
    was never read.
    """
    ages = {name: now - first for name, first in first_polls.items() if first is not None and first <= now}
    oldest = max(ages.values(), default=timedelta())
    least = max(min(oldest, LOOK_BACK) / 2, COLD)
    names = tuple(sorted(name for name, age in ages.items() if age >= least))
    return names, max((now - ages[name] for name in names), default=None)
