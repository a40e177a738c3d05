"""Gathers what the model card reports, as plain numbers by name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.stats import spearmanr

from models.classifier import MARKS
from models.train.calibrate import Calibration
from models.train.corpus import Row
from models.train.export import Shipped, export, run
from models.train.loop import encode
from models.train.measure import (
    Folded,
    MarkSheet,
    Sheet,
    apply,
    cross_calibrated,
    fold_network,
    join,
    parted,
    pick,
    summary,
)
from models.train.metrics import MEASURE, Labels, figure, macro_f1
from models.train.network import ComplaintNet
from models.train.pipeline import Workshop, meanings
from models.train.recipe import HEADS

STREAM_SHARE: Final = 0.05
"""Share of complaints in a live stream of mentions."""

THRESHOLDS: Final = (0.5, 0.7, 0.9, 0.95)

Numbers = dict[str, float]


def head_figures(folded: Folded) -> dict[str, Numbers]:
    """Return the figures of every head: complaints over all folds, the others as the mean over the networks."""
    found = {}
    for head, sheet in folded.sheets.items():
        numbers = summary(head, sheet)
        networks = 1 if head == "complaint" else len(set(sheet.groups))
        if networks > 1:
            numbers["error"] = summary(head, _of(sheet, 0))["error"]
        found[head] = numbers | {"networks": float(networks)}
    return found


def complaint_figures(folded: Folded) -> dict[str, Any]:
    """Return precision and recall over all folds, macro-F1 by fold, and what a stream with few complaints gives."""
    sheet = folded.sheets["complaint"]
    guesses = cross_calibrated("complaint", sheet).argmax(-1)
    unaddressed = np.array([row.kind.startswith("random_") for row in folded.complaint_rows])
    numbers: dict[str, Any] = dict(rates(guesses, sheet.labels))
    numbers["false_alarms"] = 100 * float(guesses[unaddressed].mean())
    caught, false = STREAM_SHARE * numbers["recall"], (1 - STREAM_SHARE) * numbers["false_alarms"]
    numbers["precision_at_5_percent"] = 100 * caught / max(caught + false, 1e-9)
    parts = [sheet.groups == group for group in sorted(set(sheet.groups))]
    numbers["by_fold"] = [figure("complaint", sheet.labels[part], guesses[part]) for part in parts]
    return numbers


def rates(guesses: Labels, labels: Labels) -> Numbers:
    """Return precision, recall and false alarms (share of the other class that is called a complaint) in percent."""
    right = float(((guesses == 1) & (labels == 1)).sum())
    return {
        "rows": float(len(labels)),
        "precision": 100 * right / max(1.0, float((guesses == 1).sum())),
        "recall": 100 * right / max(1.0, float((labels == 1).sum())),
        "false_alarms": 100 * float(guesses[labels == 0].mean()),
    }


def live_figures(shop: Workshop, folded: Folded, net: ComplaintNet, calibration: Calibration) -> dict[str, Numbers]:
    """Return rates on the hand-written rows: the folds on those apart, and the shipped one on its held-out part."""
    apart = [row for row in shop.corpus.held_out if row.corpus == "live_stream"]
    shipped = pick(shop.answers(net, apart), apart, "complaint")
    return {
        "folds, rows of other parts learned": rates(apply(folded.live, calibration).argmax(-1), folded.live.labels),
        "shipped, held-out rows": rates(apply(shipped, calibration).argmax(-1), shipped.labels),
    }


def eight_bit(
    shop: Workshop, base: ComplaintNet, calibrations: Mapping[str, Calibration], count: int
) -> dict[str, Numbers]:
    """Export the network of each fold and compare its two files on rows that it did not learn from.

    Complaints are compared over all folds, the other heads with the first fold's network.
    """
    pairs: dict[str, list[tuple[Sheet, Sheet]]] = {head: [] for head in HEADS}
    for fold in parted(shop.corpus, count, shop.recipe.seed):
        net = fold_network(shop, base, fold)
        files = export(
            Shipped(net, calibrations, shop.recipe.longest), shop.folder, shop.recipe.longest, shop.sample(fold.rows)
        )
        others = [row for row in shop.corpus.held_out if row.head != "complaint" and fold.place == 0]
        rows = [*fold.measure, *others]
        whole, small = (run(path, _ids(shop, rows)) for path in files)
        for head in {row.head for row in rows}:
            pairs[head].append((pick(whole, rows, head), pick(small, rows, head)))
    return {head: _compared(head, found) for head, found in pairs.items()}


def mark_figures(sheet: MarkSheet) -> dict[str, Numbers]:
    """Return for each mark how many posts have it, and recall and precision in percent at each of THRESHOLDS."""
    found: dict[str, Numbers] = {}
    for place, name in enumerate(MARKS):
        known = sheet.truth[:, place] >= 0
        meant, chances = sheet.truth[known, place] == 1, sheet.chances[known, place]
        found[name] = {"posts": float(meant.sum())}
        for threshold in THRESHOLDS:
            said = chances >= threshold
            right = 100 * float((said & meant).sum())
            found[name] |= {
                f"recall@{threshold}": right / max(1, int(meant.sum())),
                f"precision@{threshold}": right / max(1, int(said.sum())),
            }
    return found


def shipped_figures(shop: Workshop, small: Path) -> Numbers:
    """Return what the shipped file reaches on rows that it has not learned: held-out ones and the airline posts."""
    heads = ("sentiment", "offensive", "emotion")
    rows = [row for row in shop.corpus.held_out if row.corpus in heads]
    answers = run(small, _ids(shop, rows))
    found = {}
    for head in heads:
        sheet = pick(answers, rows, head)
        found[f"{head}, {MEASURE[head]}"] = figure(head, sheet.labels, sheet.logits.argmax(-1))
    if shop.corpus.airline:
        airline = list(shop.corpus.airline)
        sheet = pick(run(small, _ids(shop, airline)), airline, "sentiment")
        found["airline, macro-F1"] = macro_f1(sheet.labels, sheet.logits.argmax(-1), 3)
        found["airline, macro-recall"] = figure("sentiment", sheet.labels, sheet.logits.argmax(-1))
    return found


def meaning_kept(shop: Workshop, small: Path, texts: int = 600) -> Numbers:
    """Compare the shipped embedding with the untouched encoder's: Spearman over all pairs of held-out texts."""
    rows = [row for row in shop.corpus.held_out if row.corpus != "live_stream"][
        :: max(1, len(shop.corpus.held_out) // texts)
    ]
    ours = run(small, _ids(shop, rows))["embedding"]
    theirs = meanings([row.text for row in rows], shop.recipe.max_length)
    upper = np.triu_indices(len(rows), 1)
    found = spearmanr((ours @ ours.T)[upper], (theirs @ theirs.T)[upper]).statistic
    return {"spearman": float(found), "pairs": float(len(upper[0]))}


def _compared(head: str, pairs: Sequence[tuple[Sheet, Sheet]]) -> Numbers:
    whole, small = join([first for first, _ in pairs]), join([second for _, second in pairs])
    guesses, others = whole.logits.argmax(-1), small.logits.argmax(-1)
    return {
        "float": figure(head, whole.labels, guesses),
        "int8": figure(head, small.labels, others),
        "same": 100 * float((guesses == others).mean()),
    }


def _of(sheet: Sheet, group: int) -> Sheet:
    own = sheet.groups == group
    return Sheet(sheet.logits[own], sheet.labels[own], sheet.groups[own])


def _ids(shop: Workshop, rows: list[Row]) -> tuple[tuple[int, ...], ...]:
    return encode(shop.tokenizer, [row.text for row in rows], shop.recipe.max_length)
