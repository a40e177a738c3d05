"""Advice on `triage.complaint`: where the line could stand, what that spares, and what it loses or finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from monitor.config.schema import Settings
from monitor.feedback.answers import Answered, read_as, total

LEAST_JUDGED = 40
"""Judged complaints without which no higher line is proposed."""

LEAST_CHANGED = 5
"""Cases that a higher line must spare, to be worth a change."""

LEAST_MISSED = 3
"""Sampled drops, called missed complaints, that a lower line must find."""

MOST_LOST = 0.01
"""Share of the confirmed cases that a higher line may lose."""

_STEP, _REACH = 0.01, 0.3
_WORTH = 0.5
"""Share of true complaints among what a lower line adds, from which it is proposed."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A line for `triage.complaint`, with the counts that speak for it."""

    line: float
    evidence: dict[str, Any]


def advise(answers: Sequence[Answered], settings: Settings) -> list[Advice]:
    """Return a higher line that spares work, and a lower one that finds what is missed, where the answers ask for it.

    Posts that became cases for another reason count here as if the line alone had made them: the lab tells the cost.
    """
    present = settings.triage.complaint
    told = [(read, answer) for answer in answers if (read := read_as(settings, answer)) is not None]
    return [advice for advice in (_higher(told, present), _lower(told, present)) if advice is not None]


Told = Sequence[tuple[float, Answered]]


def _higher(told: Told, present: float) -> Advice | None:
    cases = [(read, answer) for read, answer in told if not answer.dropped and answer.complaint is not None]
    confirmed = sum(answer.wanted for _, answer in cases)
    best = None
    for line in _lines(present, 1):
        between = [answer for read, answer in cases if present <= read < line]
        lost = sum(answer.wanted for answer in between)
        spared = len(between) - lost
        if len(cases) >= LEAST_JUDGED and lost <= MOST_LOST * confirmed and spared >= LEAST_CHANGED:
            counts = {"spared": spared, "of_dismissed": len(cases) - confirmed, "lost": lost}
            best = best if best and best.evidence["spared"] >= spared else Advice(
                line, {**counts, "of_confirmed": confirmed, "was": present}
            )  # fmt: skip
    return best


def _lower(told: Told, present: float) -> Advice | None:
    drops = [(read, answer) for read, answer in told if answer.dropped and answer.complaint is not None]
    best = None
    for line in _lines(present, -1):
        between = [answer for read, answer in drops if line <= read < present]
        missed = [answer for answer in between if answer.complaint]
        if len(missed) >= LEAST_MISSED and total(missed) >= _WORTH * total(between):
            counts = {"answers": len(between), "missed": len(missed), "stand_for_missed": round(total(missed))}
            best = Advice(line, {**counts, "stand_for_more": round(total(between)), "was": present})
    return best


def _lines(present: float, sign: int) -> list[float]:
    steps = range(1, round(_REACH / _STEP) + 1)
    return [line for step in steps if 0.02 <= (line := round(present + sign * step * _STEP, 2)) <= 0.98]
