"""Which drops a person looks at: a few a day, near-misses more often, every one with a known chance of being drawn.

A drop's chance is in part proportional to how unsure the model was, in part the same for all drops, and in part the
same for every rule, so that no rule is never looked at:

    chance = drawn × (40 % × doubt / Σ doubt  +  50 % / drops  +  10 % / rules / drops of its rule)

Doubt is √(p (1 - p)), the standard deviation of a yes that comes with probability p: with chances proportional to it,
an estimated total varies least (Särndal, Swensson and Wretman, Model Assisted Survey Sampling, 1992, section 12.2).
The part that is the same for all keeps any drop from standing for too many others. The drawing itself is systematic,
along drops sorted by rule and probability (Madow 1949, "On the theory of systematic sampling, II", Annals of
Mathematical Statistics 20): it keeps every chance exactly, and spreads over rules and probabilities by itself.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from monitor.domain import DropRule

_BY_DOUBT, _BY_RULE = 0.4, 0.1
_SUREST, _DOUBTFUL = 0.02, 0.5
"""Doubt never falls below that of the first probability; from the second on, and without one, it is the greatest."""

_NEAR = 0.2
_JUDGED = frozenset({DropRule.NOT_A_COMPLAINT, DropRule.NOT_US})
"""Rules that read the text as a whole; all others name a sign that they saw."""


class Answer(StrEnum):
    """What a person says of a drop: yes, it is a missed complaint; no; or that it cannot be told."""

    YES = "yes"
    NO = "no"
    SKIP = "skip"


class Stratum(StrEnum):
    """Drops of a like kind: answers of one kind stand for the unanswered of the same kind."""

    NEAR = "near-miss"
    FAR = "far"
    NAMED = "named-rule"


@dataclass(frozen=True, slots=True)
class Drop:
    """A drop that may be drawn, with the complaint probability that the model gave; None where it gave none."""

    hit_id: int
    brand: str
    source: str
    rule: DropRule
    complaint: float | None

    @property
    def stratum(self) -> Stratum:
        """The kind of drop that this one stands for."""
        if self.rule not in _JUDGED:
            return Stratum.NAMED
        return Stratum.NEAR if self.complaint is None or self.complaint >= _NEAR else Stratum.FAR


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drop that was drawn, and the chance that it had."""

    drop: Drop
    probability: float


def draw(drops: Sequence[Drop], wanted: int, key: str) -> list[Drawn]:
    """Draw `wanted` of the drops, all where there are no more; returns them in an order of chance.

    The same drops and the same `key` always give the same sample. The number drawn is exact but for rounding.
    """
    ordered = sorted(drops, key=lambda drop: (drop.rule, drop.complaint or 0.0, _lot(key, drop.hit_id)))
    chances = chances_of(ordered, wanted)
    drawn = [Drawn(ordered[at], chances[at]) for at in _systematic(chances, _lot(key, 0))]
    return sorted(drawn, key=lambda entry: _lot(key, -entry.drop.hit_id))


def chances_of(drops: Sequence[Drop], wanted: int) -> list[float]:
    """Return the chance of each drop to be among `wanted` drawn ones: above 0, at most 1, `wanted` in sum."""
    if len(drops) <= wanted:
        return [1.0] * len(drops)
    shares = _shares(drops)
    certain: set[int] = set()
    while True:
        left = math.fsum(share for at, share in enumerate(shares) if at not in certain)
        factor = (wanted - len(certain)) / left
        sure = {at for at, share in enumerate(shares) if at not in certain and share * factor >= 1}
        if not sure:
            return [1.0 if at in certain else share * factor for at, share in enumerate(shares)]
        certain |= sure


def _shares(drops: Sequence[Drop]) -> list[float]:
    """Return each drop's share of the sample; in sum 1."""
    rules = Counter(drop.rule for drop in drops)
    doubts = [_doubt(drop) for drop in drops]
    doubted = math.fsum(doubts)
    by_doubt = _BY_DOUBT if doubted else 0.0
    evenly = (1 - by_doubt - _BY_RULE) / len(drops)
    return [
        (by_doubt * doubt / doubted if doubted else 0.0) + evenly + _BY_RULE / len(rules) / rules[drop.rule]
        for drop, doubt in zip(drops, doubts, strict=True)
    ]


def _doubt(drop: Drop) -> float:
    if drop.rule not in _JUDGED:
        return 0.0
    probability = _DOUBTFUL if drop.complaint is None else min(max(drop.complaint, _SUREST), _DOUBTFUL)
    return math.sqrt(probability * (1 - probability))


def _systematic(chances: Sequence[float], start: float) -> Iterator[int]:
    """Give the places where the running sum of the chances passes `start`, `start` + 1, …"""
    below = 0.0
    for at, chance in enumerate(chances):
        above = below + chance
        if math.floor(above - start) > math.floor(below - start):
            yield at
        below = above


def _lot(key: str, number: int) -> float:
    """Return a number in [0, 1) that a key and a number fix, and that nothing else tells."""
    digest = blake2b(f"{key}\x1f{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
