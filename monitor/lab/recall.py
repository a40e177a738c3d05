"""How many of all true cases a config catches, from the team's triage and the answers about sampled drops.

The true cases are those of the present config, as many as its precision says, and what it missed, as the weighted
answers say. A changed config loses some of the first and finds some of the second:

    recall = (true - lost + found) / (true + found + still missed)

The interval is that of the still missed alone (`rules/recall_estimate.py`): where few drops were looked at, it is by
far the greatest doubt.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from monitor.lab.interval import Share
from monitor.rules.recall import Stratum
from monitor.rules.recall_estimate import Answered, enough, estimate_misses

ENOUGH_JUDGED = 20
"""Cases that the team must have judged before their precision stands for all."""


@dataclass(frozen=True, slots=True)
class DropAnswer:
    """An answer about a sampled drop, and whether the config in question makes a case of it."""

    answer: Answered
    caught: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What the team made of stored cases: those it confirmed (answered or resolved), and those it dismissed."""

    confirmed: frozenset[int]
    dismissed: frozenset[int]

    @property
    def count(self) -> int:
        """How many were judged."""
        return len(self.confirmed) + len(self.dismissed)


def recall_of(
    cases: int,
    judged: Judged,
    kept: Collection[int],
    answers: Sequence[DropAnswer],
    frame: Mapping[Stratum, int],
) -> Share | None:
    """Return the recall of a config that keeps `kept` of the stored cases; None where too little is known.

    `cases` are those of the present config, each judged one of which stands for as many as were not judged; `frame`
    says how many drops of each kind the answers were drawn from.
    """
    drops = sum(frame.values())
    if not drops or len(answers) < enough(drops) or judged.count < ENOUGH_JUDGED:
        return None
    each = max(1.0, cases / judged.count)
    true = each * len(judged.confirmed)
    lost = each * len(judged.confirmed.difference(kept))
    missed = estimate_misses([entry.answer for entry in answers], frame).missed
    still = estimate_misses([_as_caught(entry) for entry in answers], frame)
    found = max(0.0, missed - still.missed)
    if not true + found + still.missed:
        return None
    value, low, high = ((true - lost + found) / (true + found + left) for left in (still.missed, still.high, still.low))
    return Share(value, low, high, len(answers))


def _as_caught(entry: DropAnswer) -> Answered:
    answer = entry.answer
    return Answered(answer.stratum, answer.probability, answer.missed and not entry.caught)
