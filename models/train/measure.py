"""Measures what was trained: five folds for complaints, held-out rows for the rest, airline posts never trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.train.calibrate import Calibration, best_shift, temperature
from models.train.corpus import Row
from models.train.metrics import Labels, Scores, calibration_error, figure, macro_f1, probabilities, standard_error
from models.train.network import ComplaintNet
from models.train.pipeline import Answers, Workshop, complaint_folds, specialise
from models.train.recipe import HEADS

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
class Folded:
    """What the five networks of the folds said, each about rows that it had not learned from."""

    sheets: dict[str, Sheet]
    complaint_rows: tuple[Row, ...]
    """The rows of ``sheets["complaint"]``, in its order."""
    live: Sheet
    """Answers to all hand-written rows; no network of a fold has learned from any."""


def cross_validate(shop: Workshop, base: ComplaintNet, count: int) -> Folded:
    """Train a complaint stage for each fold and collect its answers to the fold's own rows and the held-out ones."""
    corpus = shop.corpus
    others = [row for row in corpus.held_out if row.head != "complaint"]
    live = [row for row in (*corpus.train, *corpus.held_out) if row.corpus == "live_stream"]
    sheets: dict[str, list[Sheet]] = {head: [] for head in (*HEADS, "live")}
    order: list[Row] = []
    for place, (learn, measure) in enumerate(complaint_folds(corpus, count, shop.recipe.seed)):
        net = specialise(shop, base, learn, f"fold-{place}")
        order += measure
        for head in HEADS:
            rows = measure if head == "complaint" else others
            sheets[head].append(pick(shop.answers(net, rows), rows, head, place))
        sheets["live"].append(pick(shop.answers(net, live), live, "complaint", place))
    joined = {head: join(parts) for head, parts in sheets.items()}
    return Folded({head: joined[head] for head in HEADS}, tuple(order), joined["live"])
