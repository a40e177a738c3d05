"""Measures what was trained: five folds for complaints, held-out rows for the rest, airline posts never trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.classifier import MARKS
from models.train.calibrate import Calibration, best_shift, temperature
from models.train.corpus import Corpus, Row, bucket
from models.train.loop import answer, encode
from models.train.marked import MarkedText, load_invented, marked_rows
from models.train.metrics import Labels, Scores, calibration_error, figure, macro_f1, probabilities, standard_error
from models.train.network import ComplaintNet
from models.train.pipeline import Answers, Workshop, complaint_folds, listen, specialise
from models.train.recipe import HEADS
from models.vectors import sigmoid

SHIFTED = ("irony", "offensive")
"""Heads whose second class is shifted for their figure; a shift of the complaint head gained nothing."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Logits of one head with the right answers; ``groups`` says which fold answered."""

    logits: Scores
    labels: Labels
    groups: Labels


def pick(answers: Answers, rows: Sequence[Row], head: str, group: int = 0) -> Sheet:
    """Return the answers of one head for the rows that carry its label."""
    places = [place for place, row in enumerate(rows) if row.head == head and row.label >= 0]
    labels = np.array([rows[place].label for place in places], np.int64)
    return Sheet(answers[head][places], labels, np.full(len(places), group))


def join(sheets: Sequence[Sheet]) -> Sheet:
    """Put the sheets of several folds together."""
    return Sheet(
        *(np.concatenate(parts) for parts in zip(*((s.logits, s.labels, s.groups) for s in sheets), strict=True))
    )


def calibrate(head: str, sheet: Sheet) -> Calibration:
    """Return temperature and bias of a head from answers to rows that it did not learn from."""
    bias = np.zeros(len(HEADS[head]), np.float32)
    if head in SHIFTED:
        bias[1] = best_shift(head, sheet.logits, sheet.labels)
    return Calibration(temperature(sheet.logits + bias, sheet.labels), tuple(map(float, bias)))


def apply(sheet: Sheet, calibration: Calibration) -> Scores:
    """Return the probabilities of a calibrated head."""
    return probabilities(sheet.logits + np.array(calibration.bias, np.float32), calibration.temperature)


def cross_calibrated(head: str, sheet: Sheet) -> Scores:
    """Return probabilities where each part is calibrated on the others, so that no row helps its own figure."""
    groups = sheet.groups if len(set(sheet.groups)) > 1 else np.arange(len(sheet.labels)) % 5
    found = np.zeros_like(sheet.logits)
    for group in set(groups):
        own = groups == group
        others = Sheet(sheet.logits[~own], sheet.labels[~own], groups[~own])
        found[own] = apply(Sheet(sheet.logits[own], sheet.labels[own], groups[own]), calibrate(head, others))
    return found


def summary(head: str, sheet: Sheet) -> dict[str, float]:
    """Return the figures of a head, calibrated across parts; ``raw`` is the figure before any shift."""
    chances = cross_calibrated(head, sheet)
    guesses = chances.argmax(-1)
    return {
        "rows": float(len(sheet.labels)),
        "figure": figure(head, sheet.labels, guesses),
        "error": standard_error(head, sheet.labels, guesses),
        "raw": figure(head, sheet.labels, sheet.logits.argmax(-1)),
        "macro_f1": macro_f1(sheet.labels, guesses, len(HEADS[head])),
        "calibration_error": calibration_error(chances, sheet.labels),
    }


@dataclass(frozen=True, slots=True)
class MarkSheet:
    """Probabilities of the marks (n, marks) with the truth: 1 holds, 0 does not, -1 is unknown."""

    chances: Scores
    truth: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Folded:
    """What the five networks of the folds said, each about rows that it had not learned from."""

    sheets: dict[str, Sheet]
    complaint_rows: tuple[Row, ...]
    """The rows of ``sheets["complaint"]``, in its order."""
    live: Sheet
    """Answers to all hand-written rows of the live stream."""
    marks: MarkSheet
    """Answers to all invented posts with marks."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One part of the folds: what its network learns, and what it is measured on."""

    place: int
    rows: Sequence[Row]
    texts: Sequence[MarkedText]
    measure: Sequence[Row]
    live: Sequence[Row]
    marked: Sequence[MarkedText]


def parted(corpus: Corpus, count: int, seed: int) -> list[Fold]:
    """Return the folds: public complaints stratified, invented posts by a hash of their text."""
    invented = load_invented()
    live = [row for row in (*corpus.train, *corpus.held_out) if row.corpus == "live_stream"]
    found = []
    for place, (learn, measure) in enumerate(complaint_folds(corpus, count, seed)):
        complaints = [row for row in learn if row.corpus == "complaint"]
        others = [row for row in live if bucket(row.text, count) != place]
        texts = [text for text in invented if bucket(text.text, count) != place]
        found.append(
            Fold(
                place, learn, [*texts, *marked_rows([*complaints, *others])], measure,
                [row for row in live if bucket(row.text, count) == place],
                [text for text in invented if bucket(text.text, count) == place],
            )
        )  # fmt: skip
    return found


def fold_network(shop: Workshop, base: ComplaintNet, fold: Fold) -> ComplaintNet:
    """Train the network of a fold: its complaint stage, then its second ear."""
    net = specialise(shop, base, list(fold.rows), f"fold-{fold.place}")
    return listen(shop, net, fold.texts, f"fold-{fold.place}")


def cross_validate(shop: Workshop, base: ComplaintNet, count: int) -> Folded:
    """Train a network for each fold and collect its answers to the fold's own rows and the held-out ones."""
    others = [row for row in shop.corpus.held_out if row.head != "complaint"]
    sheets: dict[str, list[Sheet]] = {head: [] for head in (*HEADS, "live")}
    marks: list[MarkSheet] = []
    order: list[Row] = []
    for fold in parted(shop.corpus, count, shop.recipe.seed):
        net = fold_network(shop, base, fold)
        order += fold.measure
        for head in HEADS:
            rows = fold.measure if head == "complaint" else others
            sheets[head].append(pick(shop.answers(net, rows), rows, head, fold.place))
        sheets["live"].append(pick(shop.answers(net, fold.live), fold.live, "complaint", fold.place))
        marks.append(heard(shop, net, fold.marked))
    joined = {head: join(parts) for head, parts in sheets.items()}
    together = MarkSheet(np.concatenate([s.chances for s in marks]), np.concatenate([s.truth for s in marks]))
    return Folded({head: joined[head] for head in HEADS}, tuple(order), joined["live"], together)


def heard(shop: Workshop, net: ComplaintNet, texts: Sequence[MarkedText]) -> MarkSheet:
    """Return what a network hears in texts beside what is known of them."""
    ids = encode(shop.tokenizer, [text.text for text in texts], shop.recipe.max_length)
    logits = answer(net, ids, rough=True)["marks"]
    truth = np.array([text.answers[: len(MARKS)] for text in texts], np.int8)
    return MarkSheet(sigmoid(logits), truth)
