"""How often the interval of the estimated misses holds the truth: `python -m bench.recall_estimate`.

Simulates streams of 28 days in which the truth is known, draws and answers the sample by the rules that the monitor
uses, and counts the streams whose interval holds the number of misses there were. Everything is seeded.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

from rich.console import Console
from rich.progress import track

from monitor.domain import DropRule
from monitor.rules.recall import Drop, Stratum, draw
from monitor.rules.recall_estimate import WINDOW_DAYS, Answered, Estimate, RecallFigures, figures_of

RESULT = Path(__file__).parent / "results" / "recall_estimate.md"
BOUND = 0.93
STREAMS = 400
_SLACK = 1e-6
_NAMED = (DropRule.REPOST, DropRule.GIVEAWAY, DropRule.COUPON, DropRule.BOT)


@dataclass(frozen=True)
class Scenario:
    """One kind of stream: drops a day, what the model gives them, how often it is right, who answers.

    `trust` is by how much the true chance of a miss exceeds (above 1) or falls short of the probability that the model
    gave; `even` is a chance of a miss that no probability tells of; `day_spread` varies volume and misses from day to
    day; `answered` is the share of the sample that gets an answer.
    """

    name: str
    drops: int = 150
    per_day: int = 20
    near: float = 0.08
    trust: float = 0.3
    even: float = 0.0
    named: float = 0.25
    named_miss: float = 0.0
    day_spread: float = 0.3
    answered: float = 1.0


SCENARIOS = (
    Scenario("a calibrated model", trust=1.0),
    Scenario("misses a third as likely as the model says"),
    Scenario("hardly any miss", trust=0.02),
    Scenario("no relation to the model's probability", trust=0.0, even=0.01),
    Scenario("no relation, very rare", trust=0.0, even=0.001),
    Scenario("misses mostly under named rules", trust=0.05, named=0.5, named_miss=0.02),
    Scenario("half of the sample answered", answered=0.5),
    Scenario("a fifth of the sample answered", answered=0.2),
    Scenario("volume and misses change threefold by day", day_spread=1.1),
    Scenario("a small brand: 12 drops a day", drops=12),
    Scenario("40 drops a day", drops=40),
    Scenario("2,000 drops a day", drops=2_000),
    Scenario("2,000 drops a day, very rare misses", drops=2_000, trust=0.01, even=0.0005),
    Scenario("5 a day drawn", per_day=5),
)


@dataclass
class Outcome:
    """What the streams of a scenario gave. `above` counts those whose truth lay above the interval."""

    streams: int = 0
    known: int = 0
    held: int = 0
    above: int = 0
    truths: list[int] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)

    def add(self, truth: int, figures: RecallFigures) -> None:
        """Count one stream; one with too few answers has no estimate that could be wrong."""
        self.streams += 1
        if figures.estimate is None:
            return
        self.known += 1
        self.held += figures.estimate.low - _SLACK <= truth <= figures.estimate.high + _SLACK
        self.above += truth > figures.estimate.high + _SLACK
        self.truths.append(truth)
        self.estimates.append(figures.estimate)

    @property
    def share(self) -> float:
        """The share of the streams with an estimate whose interval holds the truth."""
        return self.held / self.known if self.known else 1.0

    def typical(self) -> str:
        """Return the medians of estimate and limits."""
        if not self.estimates:
            return "too few answers"
        middle, low, high = (
            median(getattr(found, name) for found in self.estimates) for name in ("missed", "low", "high")
        )
        return f"{middle:,.0f} ({low:,.0f}-{high:,.0f})"


def simulate(scenario: Scenario, seed: str) -> tuple[int, RecallFigures]:
    """Return the true number of misses of one stream, and what the answers about its sample say."""
    chance = Random(seed)
    frame: Counter[Stratum] = Counter()
    answers: list[Answered] = []
    truth = 0
    for day in range(WINDOW_DAYS):
        busy = chance.lognormvariate(-(scenario.day_spread**2) / 2, scenario.day_spread)
        drops = [_drop(scenario, number, chance) for number in range(1, max(1, round(scenario.drops * busy)) + 1)]
        missed = {drop.hit_id for drop in drops if chance.random() < _miss(scenario, drop) * busy}
        truth += len(missed)
        frame.update(drop.stratum for drop in drops)
        for drawn in draw(drops, scenario.per_day, f"{seed}/{day}"):
            if chance.random() < scenario.answered:
                found = drawn.drop.hit_id in missed
                answers.append(Answered(drawn.drop.stratum, drawn.probability, found))
    return truth, figures_of(answers, frame)


def _drop(scenario: Scenario, number: int, chance: Random) -> Drop:
    if chance.random() < scenario.named:
        return Drop(number, "lumo", "x", chance.choice(_NAMED), chance.betavariate(1, 9))
    near = chance.random() < scenario.near
    probability = chance.uniform(0.2, 0.5) if near else chance.betavariate(1, 30)
    return Drop(number, "lumo", "x", DropRule.NOT_A_COMPLAINT, min(probability, 0.499))


def _miss(scenario: Scenario, drop: Drop) -> float:
    if drop.stratum is Stratum.NAMED:
        return scenario.named_miss + scenario.even
    return scenario.trust * (drop.complaint or 0.0) + scenario.even


def measure(scenario: Scenario, streams: int) -> Outcome:
    """Simulate streams of one kind."""
    outcome = Outcome()
    for number in range(streams):
        outcome.add(*simulate(scenario, f"{scenario.name}/{number}"))
    return outcome


def _report(outcomes: Sequence[tuple[Scenario, Outcome]]) -> str:
    lines = [
        "# How often the interval of the missed complaints holds the truth",
        "",
        f"`python -m bench.recall_estimate`: seeded streams of {WINDOW_DAYS} days whose misses are known, drawn and",
        "estimated by the rules that the monitor uses. The interval is one of 95 %; it has to hold the truth in at",
        f"least {BOUND:.0%} of the streams of every kind. Estimates are medians; `above` counts truths above it.",
        "",
        "| streams | drops a day | drawn a day | held | above | misses in truth | estimate (interval) |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for scenario, outcome in outcomes:
        truth = f"{median(outcome.truths):,.0f}" if outcome.truths else "-"
        held = f"{outcome.share:.1%} of {outcome.known:,}"
        row = (scenario.name, f"{scenario.drops:,}", scenario.per_day, held, outcome.above, truth, outcome.typical())
        lines.append("| " + " | ".join(map(str, row)) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table; exit 1 if the interval of any kind of stream is too narrow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=STREAMS, help="how many streams of each kind")
    wanted = parser.parse_args().streams
    console = Console(stderr=True)
    outcomes = [(scenario, measure(scenario, wanted)) for scenario in track(SCENARIOS, "simulating", console=console)]
    report = _report(outcomes)
    RESULT.write_text(report, "utf-8")
    print(report)
    broken = [scenario.name for scenario, outcome in outcomes if outcome.share < BOUND]
    if broken:
        raise SystemExit(f"the interval is too narrow: {', '.join(broken)}")


if __name__ == "__main__":
    main()
