"""``python -m models.train --data FOLDER --out FOLDER``: trains, measures, exports and writes the model card."""

import argparse
import json
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.train import card, figures, vocabulary
from models.train.calibrate import Calibration
from models.train.corpus import Corpus, CorpusError, Row, hashes, load
from models.train.export import Shipped, export
from models.train.marked import load_invented, marked_rows
from models.train.measure import Folded, calibrate, cross_validate
from models.train.network import ComplaintNet
from models.train.pipeline import Workshop, generalise, listen, open_workshop, specialise
from models.train.recipe import HEADS, Recipe


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the whole recipe; an interrupted run goes on from its work folder. Returns the exit code."""
    options = _options(arguments)
    try:
        corpus = load(options.data)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    recipe = Recipe(seed=options.seed)
    shop, base = generalise(open_workshop(recipe, corpus, options.work))
    folded = cross_validate(shop, base, options.folds)
    calibrations = {head: calibrate(head, folded.sheets[head]) for head in HEADS}
    net = shipped_network(shop, base)
    small = ship(shop, net, calibrations, options.out)
    digests = hashes(options.data) | {small.name: card.sha256(small)}
    found = measure(shop, Trained(base, folded, net, calibrations, small), options.folds)
    (options.work / "figures.json").write_text(json.dumps(found, indent=2), "utf-8")
    card.write_config(options.out, recipe, calibrations, digests)
    card.write_card(options.out, recipe, found, digests)
    return 0


@dataclass(frozen=True, slots=True)
class Trained:
    """All that training leaves behind."""

    base: ComplaintNet
    folded: Folded
    shipped: ComplaintNet
    calibrations: Mapping[str, Calibration]
    weights: Path


def measure(shop: Workshop, trained: Trained, folds: int) -> dict[str, Any]:
    """Return every figure of the model card."""
    calibrations = trained.calibrations
    learned = Counter(row.corpus for row in shipped_rows(shop.corpus)) + Counter(invented=len(load_invented()))
    return {
        "heads": figures.head_figures(trained.folded),
        "complaint": figures.complaint_figures(trained.folded),
        "marks": figures.mark_figures(trained.folded.marks),
        "live": figures.live_figures(shop, trained.folded, trained.shipped, calibrations["complaint"]),
        "shipped": figures.shipped_figures(shop, trained.weights),
        "eight_bit": figures.eight_bit(shop, trained.base, calibrations, folds),
        "meaning": figures.meaning_kept(shop, trained.weights),
        "rows": learned | {"airline": len(shop.corpus.airline)},
        "folds": folds,
    }


def shipped_network(shop: Workshop, base: ComplaintNet) -> ComplaintNet:
    """Train the network that ships: its complaint stage on all that is left, then its second ear."""
    rows = shipped_rows(shop.corpus)
    net = specialise(shop, base, rows, "shipped")
    told = [row for row in rows if row.corpus in {"complaint", "live_stream"}]
    return listen(shop, net, [*load_invented(), *marked_rows(told)], "shipped")


def shipped_rows(corpus: Corpus) -> list[Row]:
    """Return what the shipped weights learn in the last stage.

    That is all training rows, and two held-out parts that are too small to waste once they have been measured: of the
    complaints and of irony. The hand-written rows that are held out stay so.
    """
    return [*corpus.train, *(row for row in corpus.held_out if row.corpus in {"complaint", "irony"})]


def ship(shop: Workshop, net: ComplaintNet, calibrations: Mapping[str, Calibration], out: Path) -> Path:
    """Write the eight-bit weights and the tokenizer to ``out``; returns the path of the weights."""
    out.mkdir(parents=True, exist_ok=True)
    build = shop.folder / "shipped"
    build.mkdir(exist_ok=True)
    _, small = export(
        Shipped(net, calibrations, shop.recipe.longest), build, shop.recipe.longest, shop.sample(shop.corpus.train)
    )
    vocabulary.save(shop.tokenizer, out, shop.recipe.max_length)
    return Path(shutil.copy2(small, out / small.name))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled posts (*.jsonl)")
    parser.add_argument("--out", type=Path, required=True, help="folder for weights, tokenizer and model card")
    parser.add_argument("--work", type=Path, default=Path("build/train"), help="folder for finished stages")
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--folds", type=int, default=5, help="parts of the complaint set, at least 2")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
