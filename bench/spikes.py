"""How soon rises of complaints are found, and how often there is a false alarm: `python -m bench.spikes`.

Simulated streams of known onsets: a rhythm of day and week, a level that wanders from hour to hour, complaints in
clumps (one author, one thread), bursts of chatter that complains of nothing, and now and then a rise in the weeks that
the detector learns from. Four weeks are learnt, the fifth is judged minute by minute. Everything is seeded; the seeds
of the report are others than those that the detector was tuned on (`--seeds tune`).
"""

import argparse
import math
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import track

from monitor.rules.spikes import Scene, Series, Tally, judge
from monitor.rules.usual import Hour, Usual, learn_usual

RESULT = Path(__file__).parent / "results" / "spikes.md"
START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""

DAY_MINUTES = 1440
FOUND_SHARE, FALSE_A_WEEK = 0.9, 1.0
_CALM = 60
"""Minutes without an alarm after which the next one is another."""


@dataclass(frozen=True)
class Stream:
    """A brand: complaints an hour in the mean of a week, and how unruly they are.

    `level` is the standard deviation of the logarithm of the hourly level, which lasts from hour to hour with `lasts`;
    `clump` is the mean size of a clump of complaints; `day` and `week` are the depth of the rhythms.
    """

    name: str
    rate: float
    level: float = 0.1
    lasts: float = 0.8
    clump: float = 1.05
    day: float = 0.6
    week: float = 0.3
    chatter: float = 6.0


@dataclass(frozen=True)
class Rise:
    """A rise of a stream: how many times as many complaints, of how much expected, and how soon to be found."""

    factor: float
    expected: float
    within: int


def poisson(chance: Random, mean: float) -> int:
    """Return a Poisson count."""
    if mean > 15:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


class Simulation:
    """A stream of weeks: usual rates, and tallies by minute from `START` on."""

    def __init__(self, stream: Stream, seed: str, weeks: int) -> None:
        self.stream = stream
        self.chance = Random(f"{stream.name}/{seed}")
        self.minutes = weeks * 7 * DAY_MINUTES
        phase = self.chance.uniform(12, 18)
        self.usual = [self._rhythm(hour, phase) for hour in range(weeks * 168)]
        self.complaints = self._complaints([1.0] * self.minutes)
        self.posts = self._posts()

    def _rhythm(self, hour: int, phase: float) -> float:
        daily = 1 + self.stream.day * math.cos((hour % 24 - phase) * math.pi / 12)
        weekend = (hour // 24) % 7 >= 5
        weekly = 1 - self.stream.week if weekend else 1 + self.stream.week * 2 / 5
        return self.stream.rate * daily * weekly

    def _complaints(self, factors: Sequence[float]) -> list[int]:
        found = [0] * (self.minutes + 60)
        spread, lasts = self.stream.level, self.stream.lasts
        level = self.chance.gauss(0, spread)
        for minute in range(self.minutes):
            if minute % 60 == 0:
                level = lasts * level + math.sqrt(1 - lasts**2) * self.chance.gauss(0, spread)
                rate = self.usual[minute // 60] / 60 * math.exp(level - spread**2 / 2) / self.stream.clump
            for _ in range(poisson(self.chance, rate * factors[minute])):
                self._clump(found, minute)
        return found

    def _clump(self, found: list[int], minute: int) -> None:
        """One complaint, and what follows it: a second post of the author, answers in its thread."""
        more = 1 - 1 / self.stream.clump
        found[minute] += 1
        while self.chance.random() < more:
            found[min(minute + self.chance.randrange(8), len(found) - 1)] += 1

    def _posts(self) -> list[int]:
        """Everything that is said of the brand: complaints, and chatter with its bursts (a giveaway, a match)."""
        found = list(self.complaints)
        burst, until = 1.0, 0
        for minute in range(self.minutes):
            if self.chance.random() < 3 / (7 * DAY_MINUTES):
                burst, until = self.chance.uniform(5, 30), minute + self.chance.randrange(20, 180)
            times = burst if minute < until else 1.0
            found[minute] += poisson(self.chance, self.usual[minute // 60] / 60 * self.stream.chatter * times)
        return found

    def add_rise(self, at: int, minutes: int, factor: float) -> None:
        """Add complaints so that there are `factor` times as many in so many minutes."""
        for minute in range(at, min(at + minutes, self.minutes)):
            rate = self.usual[minute // 60] / 60 * (factor - 1) / self.stream.clump
            before = self.complaints[minute]
            for _ in range(poisson(self.chance, rate)):
                self._clump(self.complaints, minute)
            self.posts[minute] += self.complaints[minute] - before

    def tally(self, minute: int) -> Tally:
        """Return what was posted in a minute."""
        return Tally(max(self.posts[minute], self.complaints[minute]), self.complaints[minute])

    def hours(self, first: int, last: int) -> list[Hour]:
        """Return the hours of some minutes, as the detector learns them."""
        return [self._hour(hour) for hour in range(first // 60, last // 60)]

    def _hour(self, hour: int) -> Hour:
        minutes = range(hour * 60, hour * 60 + 60)
        tens = tuple(sum(self.complaints[at : at + 10]) for at in minutes[::10])
        posts = max(sum(self.posts[at] for at in minutes), sum(tens))
        return Hour(int(START.timestamp()) // 3600 + hour, posts, tens)

    def tallies(self, first: int, last: int) -> dict[int, Tally]:
        """Return tallies by minute since 1970."""
        base = int(START.timestamp()) // 60
        return {base + at: self.tally(at) for at in range(max(first, 0), last) if self.posts[at] or self.complaints[at]}

    @staticmethod
    def moment(minute: int) -> datetime:
        """Return the time of a minute."""
        return START + timedelta(minutes=minute)


LEARN = 28 * DAY_MINUTES
WEEK = 7 * DAY_MINUTES


def false_alarms(stream: Stream, seed: str, *, learnt: int = LEARN) -> dict[Series, int]:
    """Return the false alarms of one week by series, learning anew each day."""
    simulation = Simulation(stream, seed, weeks=learnt // WEEK + 2)
    _disturb(simulation, learnt)
    found = dict.fromkeys(Series, 0)
    quiet_from = 0
    for start in range(learnt, learnt + WEEK, DAY_MINUTES):
        scene = Scene(_learn(simulation, start), UTC)
        # windows end now, so that later minutes do not matter: the same tallies serve every minute of the day
        tallies = simulation.tallies(start - 300, start + DAY_MINUTES)
        for minute in range(start, start + DAY_MINUTES):
            alarm = judge(tallies, scene, simulation.moment(minute))
            if alarm is not None:
                found[alarm.series] += minute >= quiet_from
                quiet_from = minute + _CALM
    return found


def delay(stream: Stream, rise: Rise, seed: str) -> int | None:
    """Return after how many minutes a rise is found; None where it is not, within two hours."""
    simulation = Simulation(stream, seed, weeks=5)
    _disturb(simulation, LEARN)
    chance = Random(f"{stream.name}/{seed}/onset")
    fitting = [at for at in range(LEARN, LEARN + WEEK - 180) if simulation.usual[at // 60] >= rise.expected]
    at = chance.choice(fitting)
    scene = Scene(_learn(simulation, at), UTC)
    simulation.add_rise(at, 120, rise.factor)
    for passed in range(1, 121):
        minute = at + passed - 1
        found = judge(simulation.tallies(minute - 250, minute + 1), scene, simulation.moment(minute))
        if found is not None:
            return passed
    return None


def _learn(simulation: Simulation, until: int) -> Usual:
    return learn_usual(simulation.hours(max(until - LEARN, 0), until), UTC)


def _disturb(simulation: Simulation, learnt: int) -> None:
    """Two rises in the weeks to learn from, which nobody has recorded."""
    for _ in range(2):
        at = simulation.chance.randrange(learnt - 300)
        simulation.add_rise(at, simulation.chance.randrange(60, 240), simulation.chance.uniform(3, 10))


STEADY = (
    Stream("1 an hour", 1),
    Stream("5 an hour", 5),
    Stream("20 an hour", 20),
    Stream("60 an hour", 60),
    Stream("200 an hour", 200),
    Stream("lively, 60 an hour", 60, level=0.12, clump=1.15),
    Stream("unruly, 5 an hour", 5, level=0.25, clump=1.4),
    Stream("unruly, 60 an hour", 60, level=0.25, clump=1.4),
)
"""Streams whose false alarms are counted; a level of 0.25 is a third more or less than usual in every third hour."""

RISES = (
    (Stream("60 an hour", 60), Rise(3, 60, 10), True),
    (Stream("80 an hour", 80), Rise(3, 60, 10), True),
    (Stream("200 an hour", 200), Rise(3, 60, 10), True),
    (Stream("5 an hour", 5), Rise(10, 5, 20), True),
    (Stream("8 an hour", 8), Rise(10, 5, 20), True),
    (Stream("20 an hour", 20), Rise(5, 20, 15), False),
    (Stream("1 an hour", 1), Rise(20, 1, 30), False),
    (Stream("lively, 60 an hour", 60, level=0.12, clump=1.15), Rise(3, 60, 10), False),
    (Stream("unruly, 5 an hour", 5, level=0.25, clump=1.4), Rise(10, 5, 20), False),
    (Stream("unruly, 60 an hour", 60, level=0.25, clump=1.4), Rise(3, 60, 10), False),
)
"""Rises, and whether they must be found in time."""


@dataclass
class Found:
    """After how many minutes rises of one kind were found; None is never."""

    delays: list[int | None] = field(default_factory=list)

    def within(self, minutes: int) -> float:
        """Return the share that was found so soon."""
        return sum(delay is not None and delay <= minutes for delay in self.delays) / len(self.delays)

    def quantile(self, share: float) -> str:
        """Return the delay by which such a share was found."""
        ranked = sorted(math.inf if delay is None else delay for delay in self.delays)
        at = ranked[min(int(share * len(ranked)), len(ranked) - 1)]
        return "never" if at == math.inf else f"{at:.0f} min"


def measure_false(stream: Stream, weeks: int, seeds: str, learnt: int = LEARN) -> dict[Series, int]:
    """Return the false alarms of so many brand-weeks by series."""
    one = partial(false_alarms, stream, learnt=learnt)
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(one, [f"{seeds}{number}" for number in range(weeks)]))
    return {series: sum(week[series] for week in found) for series in Series}


def measure_rises(stream: Stream, rise: Rise, number: int, seeds: str) -> Found:
    """Return how soon rises of one kind are found."""
    with ProcessPoolExecutor() as pool:
        return Found(list(pool.map(partial(delay, stream, rise), [f"{seeds}{at}" for at in range(number)])))


def spread(stream: Stream, seeds: str) -> float:
    """Return variance over mean of ten-minute counts at steady rates: how far from chance alone a stream is."""
    flat = Stream(f"{stream.name}, flat", stream.rate, stream.level, stream.lasts, stream.clump, day=0, week=0)
    simulation = Simulation(flat, seeds, weeks=2)
    tens = [sum(simulation.complaints[at : at + 10]) for at in range(0, simulation.minutes, 10)]
    mean = sum(tens) / len(tens)
    return sum((count - mean) ** 2 for count in tens) / len(tens) / mean


_HEAD = """\
# How soon spikes are found, and false alarms

`python -m bench.spikes`: simulated streams of complaints with a rhythm of day and week, an hourly level that wanders,
clumps of complaints, bursts of harmless chatter, and two rises that nobody recorded in the weeks that are learnt from.
Four weeks are learnt, the fifth is judged minute by minute. `spread` is variance over mean of ten-minute counts while
the usual rate is steady (1 is chance alone). Seeds are others than those of the tuning.
"""


def _report(false: list[tuple[Stream, int, int, dict[Series, int]]], rises: list[tuple[Stream, Rise, bool, Found]],
            seeds: str) -> str:  # fmt: skip
    lines = [
        _HEAD,
        f"## False alarms: at most {FALSE_A_WEEK:g} a brand-week, over all series of the brand together",
        "",
        "| complaints | learnt | spread | brand-weeks | count | share | a week |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for stream, days, weeks, found in false:
        row = (stream.name, f"{days} days", f"{spread(stream, seeds):.2f}", weeks, found[Series.COUNT],
               found[Series.SHARE], f"{sum(found.values()) / weeks:.2f}")  # fmt: skip
        lines.append("| " + " | ".join(map(str, row)) + " |")
    lines += [
        "",
        f"## Rises: {FOUND_SHARE:.0%} in time where it is asked for",
        "",
        "Onsets are minutes at which at least so many complaints an hour are usual, at random.",
        "",
        "| complaints | usual at the onset | rise | in time | asked | half found by | 90 % found by |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for stream, rise, asked, found in rises:
        row = (stream.name, f"≥ {rise.expected:g} an hour", f"×{rise.factor:g}",
               f"{found.within(rise.within):.1%} of {len(found.delays)} in {rise.within} min",
               f"{FOUND_SHARE:.0%}" if asked else "-", found.quantile(0.5), found.quantile(0.9))  # fmt: skip
        lines.append("| " + " | ".join(map(str, row)) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table; exit 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=40, help="brand-weeks of each kind")
    parser.add_argument("--rises", type=int, default=300, help="rises of each kind")
    parser.add_argument("--seeds", default="report", help="a name for the seeds; `tune` are those of the tuning")
    wanted = parser.parse_args()
    console = Console(stderr=True)
    spans = [(stream, LEARN) for stream in STEADY] + [(STEADY[3], WEEK), (STEADY[1], 2 * DAY_MINUTES)]
    false = [
        (stream, learnt // DAY_MINUTES, wanted.weeks, measure_false(stream, wanted.weeks, wanted.seeds, learnt))
        for stream, learnt in track(spans, "false alarms", console=console)
    ]
    rises = [
        (stream, rise, asked, measure_rises(stream, rise, wanted.rises, wanted.seeds))
        for stream, rise, asked in track(RISES, "rises", console=console)
    ]
    report = _report(false, rises, wanted.seeds)
    if wanted.seeds != "tune":
        RESULT.write_text(report, "utf-8")
    print(report)
    broken = [f"false alarms at {s.name}" for s, days, weeks, found in false
              if days == LEARN // DAY_MINUTES and sum(found.values()) > FALSE_A_WEEK * weeks]  # fmt: skip
    broken += [f"rises at {s.name}" for s, rise, asked, found in rises
               if asked and found.within(rise.within) < FOUND_SHARE]  # fmt: skip
    if broken:
        raise SystemExit(f"a bound is broken: {', '.join(broken)}")


if __name__ == "__main__":
    main()
