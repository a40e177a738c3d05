"""Whether a customer calmed down: what the model heard in their words before our answer and after it. Pure."""

from enum import StrEnum

from models.classifier import Verdict

MARGIN = 0.15
"""A change of temper below this is none: the model's answers to one text in two wordings differ by as much."""

ANGRY = 0.5
"""The temper from which words are angry."""


class Mood(StrEnum):
    """How a customer's words compare with those before our answer."""

    CALMER = "calmer"
    SAME = "same"
    ANGRIER = "angrier"


def temper(verdict: Verdict) -> float | None:
    """Return how ill-tempered a text is, 0 to 1: the mean of negative, anger and complaint, as far as known."""
    heard = [
        (verdict.sentiment or {}).get("negative"),
        (verdict.emotion or {}).get("anger"),
        verdict.complaint,
    ]
    known = [value for value in heard if value is not None]
    return sum(known) / len(known) if known else None


def compare_mood(before: Verdict | None, after: Verdict) -> Mood | None:
    """Return how a customer's words changed, or None where either is unknown."""
    old, new = temper(before) if before else None, temper(after)
    if old is None or new is None:
        return None
    if abs(new - old) < MARGIN:
        return Mood.SAME
    return Mood.ANGRIER if new > old else Mood.CALMER


def is_angry(verdict: Verdict) -> bool:
    """Whether words are angry by themselves."""
    return (temper(verdict) or 0.0) >= ANGRY
