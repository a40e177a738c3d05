"""Figures of a classifier on labelled texts. Labels are positions, chances rows that sum to 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]
Chances = npt.NDArray[np.float64]

_BINS: Final = 15
_DRAWS: Final = 1_000
_CURVE_POINTS: Final = 200
THRESHOLDS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure between its 2.5th and 97.5th percentile over bootstrap samples; all from 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How one class is found. None: no text has the class, or none was given it."""

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a threshold gives; precision is None above the highest chance."""

    threshold: float
    precision: float | None
    recall: float


@dataclass(frozen=True, slots=True)
class AtBaseRate:
    """What a threshold gives in a stream in which `base_rate` of the posts have the class."""

    threshold: float
    precision: float | None
    recall: float
    alarms_per_1000: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All the figures of one set of texts."""

    count: int
    macro_f1: Interval
    macro_recall: Interval
    accuracy: float
    calibration_error: Interval
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Row: the true class, column: the class that was given."""


def measure(labels: Sequence[str], truth: Labels, chances: Chances, *, seed: int = 0, draws: int = _DRAWS) -> Figures:
    """Return the figures; the intervals come of ``draws`` bootstrap samples."""
    guess = chances.argmax(1).astype(np.int64)
    matrix = confusion(truth, guess, len(labels))
    samples = _samples(truth, guess, len(labels), seed, draws)
    return Figures(
        count=len(truth),
        macro_f1=_interval(float(macro_f1(matrix)), macro_f1(samples)),
        macro_recall=_interval(float(macro_recall(matrix)), macro_recall(samples)),
        accuracy=float(np.trace(matrix) / max(1, len(truth))),
        calibration_error=_calibration_interval(truth, chances, seed, draws),
        classes=tuple(_class_figures(label, matrix, place) for place, label in enumerate(labels)),
        confusion=tuple(tuple(int(cell) for cell in row) for row in matrix),
    )


def confusion(truth: Labels, guess: Labels, classes: int) -> npt.NDArray[np.int64]:
    """Return the confusion matrix: true class by row, given class by column."""
    return np.bincount(truth * classes + guess, minlength=classes * classes).reshape(classes, classes)


def macro_f1(matrix: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the mean F1 of the classes that occur at all; of one matrix, or of each in a stack."""
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    sizes = matrix.sum(-1) + matrix.sum(-2)
    return _mean_where(2 * hits / np.maximum(sizes, 1), sizes > 0)


def macro_recall(matrix: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the mean recall of the classes that occur; of one matrix, or of each in a stack."""
    support = matrix.sum(-1)
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    return _mean_where(hits / np.maximum(support, 1), support > 0)


def calibration_error(truth: Labels, chances: Chances) -> float:
    """Return the expected calibration error over 15 equal bins (Guo et al. 2017).

    With two classes, the chance of the second is compared with how often it is true; with more, the chance of the
    likeliest with how often it is right.
    """
    stated, right = _stated(truth, chances)
    places = np.minimum((stated * _BINS).astype(np.int64), _BINS - 1)
    return _error(places, stated, right)


def _stated(truth: Labels, chances: Chances) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    if chances.shape[1] == 2:
        return chances[:, 1], (truth == 1).astype(np.float64)
    return chances.max(1), (chances.argmax(1) == truth).astype(np.float64)


def _error(places: Labels, stated: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> float:
    gaps = np.bincount(places, weights=stated - right, minlength=_BINS)
    return float(np.abs(gaps).sum() / max(1, len(places)))


def curve(positive: npt.NDArray[np.bool_], chances: npt.NDArray[np.float64]) -> tuple[CurvePoint, ...]:
    """Return precision and recall over the threshold, from the lowest threshold up, thinned to 200 points."""
    order = np.argsort(-chances, kind="stable")
    hits = np.cumsum(positive[order])
    last_of_tie = np.append(np.diff(chances[order]) != 0, True) if len(order) else np.empty(0, bool)
    places = np.flatnonzero(last_of_tie)[::-1]
    places = (
        places[np.unique(np.linspace(0, len(places) - 1, _CURVE_POINTS).astype(np.int64))] if len(places) else places
    )
    total = max(1, int(positive.sum()))
    return tuple(
        CurvePoint(float(chances[order[at]]), float(hits[at] / (at + 1)), float(hits[at] / total)) for at in places
    )


def average_precision(positive: npt.NDArray[np.bool_], chances: npt.NDArray[np.float64]) -> float | None:
    """Return the area under the precision/recall curve, as a sum over the hits; None without hits to find."""
    if not positive.any():
        return None
    ranked = positive[np.argsort(-chances, kind="stable")]
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return float(precision[ranked].mean())


def at_base_rate(
    positive: npt.NDArray[np.bool_], chances: npt.NDArray[np.float64], base_rate: float
) -> tuple[AtBaseRate, ...]:
    """Return precision and alarms in a stream with another share of positives, for round thresholds.

    Recall and the share of false alarms among the negatives carry over to another base rate; precision does not.
    """
    rows = []
    for threshold in THRESHOLDS:
        flagged = chances >= threshold
        recall = float(flagged[positive].mean()) if positive.any() else 0.0
        false = float(flagged[~positive].mean()) if (~positive).any() else 0.0
        found, wrong = base_rate * recall, (1 - base_rate) * false
        precision = found / (found + wrong) if found + wrong > 0 else None
        rows.append(AtBaseRate(threshold, precision, recall, 1000 * (found + wrong)))
    return tuple(rows)


def _class_figures(label: str, matrix: npt.NDArray[np.int64], place: int) -> ClassFigures:
    hits, support, given = int(matrix[place, place]), int(matrix[place].sum()), int(matrix[:, place].sum())
    return ClassFigures(
        label=label,
        precision=hits / given if given else None,
        recall=hits / support if support else None,
        f1=2 * hits / (support + given) if support + given else None,
        support=support,
    )


def _samples(truth: Labels, guess: Labels, classes: int, seed: int, draws: int) -> npt.NDArray[np.int64]:
    """Return confusion matrices of bootstrap samples. Drawing texts is drawing cells: a multinomial."""
    cells = confusion(truth, guess, classes).reshape(-1)
    drawn = np.random.default_rng(seed).multinomial(len(truth), cells / max(1, cells.sum()), size=draws)
    return drawn.reshape(draws, classes, classes)


def _calibration_interval(truth: Labels, chances: Chances, seed: int, draws: int) -> Interval:
    stated, right = _stated(truth, chances)
    places = np.minimum((stated * _BINS).astype(np.int64), _BINS - 1)
    rng = np.random.default_rng(seed)
    errors = []
    for _ in range(min(draws, 200)):
        drawn = rng.integers(0, len(truth), len(truth))
        errors.append(_error(places[drawn], stated[drawn], right[drawn]))
    return _interval(_error(places, stated, right), np.array(errors))


def _interval(value: float, samples: npt.NDArray[np.float64]) -> Interval:
    low, high = np.percentile(samples, (2.5, 97.5))
    return Interval(value, float(low), float(high))


def _mean_where(values: npt.NDArray[np.float64], counted: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    means: npt.NDArray[np.float64] = (values * counted).sum(-1) / np.maximum(counted.sum(-1), 1)
    return means
