"""How many complaints were missed, from the answers about a sample of the drops, with an interval that holds.

Each answer stands for 1 / chance drops. Where some of the drawn were never answered, the answers about drops of a like
kind stand for those too: weights are scaled until they add up to the drops of that kind (weighting classes; Särndal,
Swensson and Wretman 1992, chapter 15).

Misses are rare, so a normal interval fails: three found are no ± anything. The estimate is a weighted sum of rare
events, as a directly standardised rate is; its interval is the one that was found for those (Fay and Feuer 1997,
"Confidence intervals for directly standardized rates: a method based on the gamma distribution", Statistics in
Medicine 16, 791-801; in its mid-p form by Fay and Kim 2017, "Confidence intervals for directly standardized rates using
mid-p gamma intervals", Biometrical Journal 59, 549-575). With T = Σ w over the misses found and V its variance, W the
greatest weight in the sample and U the variance of a miss of that weight, the truth is taken to follow

    ½ gamma(mean T, variance V) + ½ gamma(mean T + W, variance V + U)

and the interval leaves 2.5 % of that at either end. W is what one more miss might have weighed: it keeps the interval
honest where none was found. The papers take w² as the variance of a miss, which is right for small chances; the number
of drops is known here, so we take w (w - 1), that of drawing from a finite number with chance 1 / w. A drop that was
sure to be drawn then adds no doubt at all. `bench/recall_estimate.py` measures how often the interval holds the truth.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.rules.gamma import gamma_below
from monitor.rules.recall import Stratum

WINDOW_DAYS = 28
"""Days whose answers are pooled."""

ENOUGH = 60
"""Answers from which an estimate is worth reading; fewer are enough only where they are about every drop."""

_PER_STRATUM = 10
"""Answers that a kind of drop needs to stand for itself."""

_EXACT = 1 + 1e-9
_TAIL = 0.025
_HALVINGS = 50


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer about a drawn drop: what kind it was, its chance of being drawn, whether it is a missed complaint."""

    stratum: Stratum
    probability: float
    missed: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many complaints were missed among so many drops, and between which numbers it lies, 95 times in 100."""

    missed: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class RecallFigures:
    """What the answers of a window say. `found` counts the misses among the answers; `estimate` None: too few."""

    drops: int
    answers: int
    found: int
    estimate: Estimate | None

    @property
    def sentence(self) -> str:
        """Such as `12 of 4,100 (95 % 5–24)`, or that there are too few answers."""
        if self.estimate is None:
            return f"too few answers ({self.answers} of {enough(self.drops)})"
        low, high = math.floor(self.estimate.low), math.ceil(self.estimate.high)
        return f"{self.estimate.missed:,.0f} of {self.drops:,} (95 % {low:,}–{high:,})"

    def to_json(self) -> dict[str, Any]:
        """Return the figures for machines; `estimate` is null where there are too few answers."""
        found = self.estimate
        limits = {"missed": found.missed, "low": found.low, "high": found.high} if found else None
        return {
            "drops": self.drops,
            "answers": self.answers,
            "found": self.found,
            "estimate": limits and {name: round(value, 1) for name, value in limits.items()},
            "sentence": f"estimated missed complaints: {self.sentence}",
        }


def figures_of(answers: Sequence[Answered], frame: Mapping[Stratum, int]) -> RecallFigures:
    """Return what the answers say of all drops; `frame` says how many drops of each kind there were."""
    drops = sum(frame.values())
    found = sum(answer.missed for answer in answers)
    known = drops > 0 and len(answers) >= enough(drops)
    return RecallFigures(drops, len(answers), found, estimate_misses(answers, frame) if known else None)


def enough(drops: int) -> int:
    """Return how many answers an estimate about so many drops takes."""
    return min(ENOUGH, drops)


def estimate_misses(answers: Sequence[Answered], frame: Mapping[Stratum, int]) -> Estimate:
    """Estimate the misses among the drops of a frame from at least one answer; see the head of this module."""
    weights = weights_of(answers, frame)
    uncertain = [(weight, answer.missed) for weight, answer in zip(weights, answers, strict=True) if weight > _EXACT]
    found = sum(answer.missed for answer in answers)
    exact = found - sum(missed for _, missed in uncertain)
    total = math.fsum(weight for weight, missed in uncertain if missed)
    low, high = _interval(uncertain, total)
    most = sum(frame.values()) - (len(answers) - found)
    return Estimate(exact + total, max(exact + low, found), min(max(exact + high, found), most))


def weights_of(answers: Sequence[Answered], frame: Mapping[Stratum, int]) -> list[float]:
    """Return how many drops each answer stands for; in sum, all drops of the frame. No weight is below 1."""
    factors = _factors(answers, frame)
    return [max(1.0, factors[answer.stratum] / answer.probability) for answer in answers]


def _factors(answers: Iterable[Answered], frame: Mapping[Stratum, int]) -> dict[Stratum, float]:
    """Return by kind what the answers' weights are scaled by; one factor for all where a kind has few answers."""
    counted: dict[Stratum, int] = defaultdict(int)
    weighed: dict[Stratum, float] = defaultdict(float)
    for answer in answers:
        counted[answer.stratum] += 1
        weighed[answer.stratum] += 1 / answer.probability
    if all(counted[kind] >= min(_PER_STRATUM, drops) for kind, drops in frame.items()):
        return {kind: frame.get(kind, 0) / weight for kind, weight in weighed.items()}
    together = sum(frame.values()) / math.fsum(weighed.values())
    return dict.fromkeys(weighed, together)


def _interval(uncertain: Sequence[tuple[float, bool]], total: float) -> tuple[float, float]:
    """Return the limits of what the uncertain answers add."""
    if not uncertain:
        return 0.0, 0.0
    variance = math.fsum(weight * (weight - 1) for weight, missed in uncertain if missed)
    greatest = max(weight for weight, _ in uncertain)
    with_one_more = (total + greatest, variance + greatest * (greatest - 1))
    halves = ((total, variance), with_one_more)
    return _quantile(_TAIL, halves), _quantile(1 - _TAIL, halves)


def _quantile(share: float, halves: Sequence[tuple[float, float]]) -> float:
    """Return the value below which a share of the mixture lies, found by halving an interval."""
    low, high = 0.0, halves[-1][0]
    while _below(high, halves) < share:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _below(middle, halves) < share else (low, middle)
    return high


def _below(value: float, halves: Sequence[tuple[float, float]]) -> float:
    """Return how much of the mixture of gamma distributions, given by mean and variance, lies up to a value."""
    parts = [gamma_below(mean**2 / variance, value * mean / variance) if mean else 1.0 for mean, variance in halves]
    return sum(parts) / len(parts)
