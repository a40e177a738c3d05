"""What the labels of a foreign model mean to us.

A label stands for one of `sentiment.negative`, `sentiment.neutral`, `sentiment.positive`, `emotion.anger` (`joy`,
`optimism`, `sadness`), `complaint`, `not_complaint`, `offensive`, `not_offensive`, `irony`, `not_irony`, or for nothing
(`-`). Several labels may stand for the same: their probabilities are added (1 and 2 stars are both negative).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.classifier import EMOTIONS, SENTIMENTS, YES_NO_HEADS, Verdict, name_scores
from models.errors import ModelBroken

NOTHING: Final = "-"
TARGETS: Final = (
    *(f"sentiment.{label}" for label in SENTIMENTS),
    *(f"emotion.{label}" for label in EMOTIONS),
    *(target for head in YES_NO_HEADS for target in (head, f"not_{head}")),
)
_KNOWN: Final = {target.partition(".")[2] or target: target for target in TARGETS} | {
    "neg": "sentiment.negative", "neu": "sentiment.neutral", "pos": "sentiment.positive",
    "non_complaint": "not_complaint", "no_complaint": "not_complaint", "non_offensive": "not_offensive",
    "non_irony": "not_irony", "ironic": "irony", "not_ironic": "not_irony",
    "1_star": "sentiment.negative", "2_stars": "sentiment.negative", "3_stars": "sentiment.neutral",
    "4_stars": "sentiment.positive", "5_stars": "sentiment.positive",
}  # fmt: skip


class LabelMap:
    """From a row of class probabilities to a verdict."""

    def __init__(self, targets: Sequence[str]) -> None:
        self._targets = tuple(targets)

    def __repr__(self) -> str:
        return f"LabelMap({', '.join(self._targets)})"

    @property
    def targets(self) -> tuple[str, ...]:
        """What each class stands for, in the order of the classes."""
        return self._targets

    def judge(self, chances: npt.NDArray[np.float32], **facts: Any) -> Verdict:
        """Return the verdict for one row; ``facts`` are the other fields of the verdict."""
        totals: dict[str, float] = {}
        for target, chance in zip(self._targets, chances.tolist(), strict=True):
            totals[target] = totals.get(target, 0.0) + chance
        answers: dict[str, Any] = {head: _yes(totals, head) for head in YES_NO_HEADS}
        answers["sentiment"] = _group(totals, "sentiment", SENTIMENTS)
        answers["emotion"] = _group(totals, "emotion", EMOTIONS)
        return Verdict(**answers, **facts)


def make_label_map(subject: str, classes: Sequence[str], explained: Mapping[str, str] | None) -> LabelMap:
    """Say what each class of a model stands for, by the config's explanation or by its own name.

    Raises:
        ModelBroken: a class nobody explained, an explanation that stands for nothing we know, or no head at all.
    """
    explained = explained or {}
    targets = [explained.get(name) or _KNOWN.get(_plain(name), "") for name in classes]
    unknown = [name for name, target in zip(classes, targets, strict=True) if target not in (*TARGETS, NOTHING)]
    if unknown:
        advice = (
            f"explain each in labels, as {{{unknown[0]}: sentiment.negative}}; known are {', '.join(TARGETS)} and -"
        )
        raise ModelBroken(subject, f"nobody explained the labels {', '.join(map(str, unknown))}", advice)
    if set(targets) == {NOTHING}:
        raise ModelBroken(subject, "no label stands for an answer we use", "choose another model")
    return LabelMap(targets)


def _plain(name: str) -> str:
    return str(name).strip().lower().replace(" ", "_").replace("-", "_")


def _yes(totals: Mapping[str, float], head: str) -> float | None:
    """Return the share of yes among the classes that answer this question; one class alone answers against all."""
    if head not in totals and f"not_{head}" not in totals:
        return None
    if head not in totals:
        return 1.0 - totals[f"not_{head}"]
    yes = totals[head]
    return yes / max(yes + totals[f"not_{head}"], 1e-12) if f"not_{head}" in totals else yes


def _group(totals: Mapping[str, float], head: str, labels: Sequence[str]) -> Mapping[str, float] | None:
    if not any(f"{head}.{label}" in totals for label in labels):
        return None
    shares = [totals.get(f"{head}.{label}", 0.0) for label in labels]
    whole = sum(shares)
    return name_scores(labels, [share / whole if whole > 0 else 1 / len(labels) for share in shares])
