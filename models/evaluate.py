"""Measure a classifier on labelled texts: what `complaint-monitor eval FILE.jsonl` prints, writes and draws."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console

from models.classifier import Classifier, Reading, Verdict
from models.curve_plot import draw_curves
from models.errors import BadLabelledFile
from models.evaluation_table import render_evaluation
from models.folds import cross_validate
from models.labelled import LabelledTexts, Row, read_labelled
from models.language import guess_language
from models.metrics import (
    AtBaseRate,
    Chances,
    CurvePoint,
    Figures,
    Labels,
    at_base_rate,
    average_precision,
    curve,
    measure,
)

FOLDS_NOTE: Final = (
    "out-of-fold figures of a logistic regression over the frozen embedding; the network itself was not trained anew"
)
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that one labelled file says about one classifier."""

    path: str
    model: str
    head: str
    labels: tuple[str, ...]
    figures: Figures
    curves: Mapping[str, tuple[CurvePoint, ...]]
    """Of two labels only the second's, which is what is looked for."""
    average_precision: Mapping[str, float | None]
    base_rate: float | None
    at_base_rate: tuple[AtBaseRate, ...]
    by_language: Mapping[str, Figures]
    """Where the file does not say a text's language, it is guessed; `unknown` where that is not sure."""
    folds: int | None
    folded: Figures | None
    """Figures of cross-validation, see `FOLDS_NOTE`."""

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self) | {"folds_note": FOLDS_NOTE if self.folded else None}

    def render_table(self, console: Console) -> None:
        """Print the figures as tables."""
        render_evaluation(self, console)

    def write_plot(self, path: Path) -> None:
        """Write the precision/recall curves as SVG."""
        title = f"{self.head}: {Path(self.path).name}, {self.model}"
        path.write_text(draw_curves(title, self.curves), encoding="utf-8")


def evaluate_file(
    path: Path,
    classifier: Classifier,
    *,
    base_rate: float | None = None,
    folds: int | None = None,
    seed: int = 0,
) -> Evaluation:
    """Measure ``classifier`` on the labelled file at ``path``.

    ``base_rate`` is the share of the looked-for class in the stream one has in mind: precision is given for it.
    ``folds`` adds cross-validation of a light head.

    Raises:
        BadLabelledFile: the file cannot be evaluated, or not with these options.
        InferenceFailed: the model broke down.
    """
    texts = read_labelled(path)
    _check_options(path, texts, base_rate, folds)
    readings = classifier.read(texts.texts)
    truth, chances = texts.truth, _chances(path, classifier, texts, readings)
    sought = _sought(texts)
    return Evaluation(
        path=str(path),
        model=classifier.fingerprint,
        head=texts.head,
        labels=texts.labels,
        figures=measure(texts.labels, truth, chances, seed=seed),
        curves={texts.labels[at]: curve(truth == at, chances[:, at]) for at in sought},
        average_precision={texts.labels[at]: average_precision(truth == at, chances[:, at]) for at in sought},
        base_rate=base_rate,
        at_base_rate=() if base_rate is None else at_base_rate(truth == 1, chances[:, 1], base_rate),
        by_language=_by_language(texts, truth, chances, seed),
        folds=folds,
        folded=_fold(texts, readings, folds, seed) if folds else None,
    )


def _check_options(path: Path, texts: LabelledTexts, base_rate: float | None, folds: int | None) -> None:
    if base_rate is not None and len(texts.labels) != 2:
        raise BadLabelledFile(
            str(path), f"a base rate needs two labels, {texts.head} has {len(texts.labels)}", "omit it"
        )
    if base_rate is not None and not 0 < base_rate < 1:
        raise BadLabelledFile("base rate", f"{base_rate} is not between 0 and 1", "give a share such as 0.05")
    if folds is not None and not 2 <= folds <= len(texts.rows):
        raise BadLabelledFile("folds", f"{folds} is not between 2 and the number of texts", "give 5")


def _sought(texts: LabelledTexts) -> Sequence[int]:
    return (1,) if len(texts.labels) == 2 else range(len(texts.labels))


def _chances(path: Path, classifier: Classifier, texts: LabelledTexts, readings: Sequence[Reading]) -> Chances:
    rows = [chances_of(reading.verdict, texts.head, texts.labels) for reading in readings]
    if any(row is None for row in rows):
        raise BadLabelledFile(
            str(path), f"model {classifier.fingerprint} has no opinion on {texts.head}", "choose another model"
        )
    return np.array(rows, np.float64)


def chances_of(verdict: Verdict, head: str, labels: Sequence[str]) -> list[float] | None:
    """Return a verdict's probabilities in the order of the labels; None where the model lacks the head."""
    found = getattr(verdict, head)
    if found is None:
        return None
    return [found[label] for label in labels] if isinstance(found, Mapping) else [1.0 - found, found]


def _by_language(texts: LabelledTexts, truth: Labels, chances: Chances, seed: int) -> dict[str, Figures]:
    codes = np.array([_language(row) for row in texts.rows])
    return {
        str(code): measure(texts.labels, truth[codes == code], chances[codes == code], seed=seed)
        for code in sorted(set(codes.tolist()))
    }


def _language(row: Row) -> str:
    return row.lang or guess_language(row.text) or UNKNOWN


def _fold(texts: LabelledTexts, readings: Sequence[Reading], folds: int, seed: int) -> Figures:
    vectors = np.stack([reading.embedding for reading in readings])
    chances = cross_validate(vectors, texts.truth, len(texts.labels), folds=folds, seed=seed)
    return measure(texts.labels, texts.truth, chances, seed=seed)
