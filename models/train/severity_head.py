"""Trains the severity head on the embeddings of finished weights: `python -m models.train.severity_head`.

Texts are invented (`customers_*.jsonl`, `severity_*.jsonl`, `live_stream.jsonl`); nothing that a platform published is
among them. A head is an average of several small networks that differ in their first weights, one set for the grave
classes and one for the others and urgency, which fewer texts tell of. It is measured by cross-validation before all
texts together make the one that ships. Two minutes on two cores.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.complaint_onnx import load_complaint_onnx
from models.severity_head import HEAD_FILE, MARKS, SeverityHead
from models.vectors import Rows

WEIGHTS = Path(__file__).parents[1] / "weights" / "complaint-minilm"
TITLE = "## Severity head"
GRAVE = slice(0, 5)
OTHERS = slice(5, len(MARKS))
Marks = npt.NDArray[np.int8]
FOLDS = 5
THRESHOLDS = (0.5, 0.7, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Texts:
    """Embeddings with what is known of each, a column a mark: 1 holds, 0 does not, -1 unknown."""

    embeddings: Rows
    marks: Marks

    def of(self, rows: npt.NDArray[Any], columns: slice = slice(None)) -> "Texts":
        """Return some of the texts with some of the marks."""
        return Texts(self.embeddings[rows], self.marks[rows, columns])


@dataclass(frozen=True, slots=True)
class Settings:
    """How a head is trained; chosen by cross-validation on the invented texts alone."""

    hidden: int = 48
    members: int = 4
    alpha: float = 0.1
    """Weight decay: the embedding has 384 numbers and there are but a few thousand texts."""
    iterations: int = 60
    seed: int = 7


def load_texts(folder: Path) -> list[tuple[str, tuple[int, ...]]]:
    """Return the invented texts with their marks.

    Customer posts have all of them; the severity files tell of the grave classes, and that a grave post is urgent;
    posts of the live stream that are no complaints have none.
    """
    found = [
        (row["text"], _marks(row["severity"], row["urgent"])) for row in _rows(sorted(folder.glob("customers_*.jsonl")))
    ]
    for row in _rows(sorted(folder.glob("severity_*.jsonl"))):
        marks = _marks(row["severity"], bool(row["severity"]))
        found.append((row["text"], (*marks[GRAVE], *[-1] * (len(MARKS) - 6), marks[-1] or -1)))
    plain = [row for row in _rows([folder / "live_stream.jsonl"]) if row["label"] == "not_complaint"]
    return found + [(row["text"], (0,) * len(MARKS)) for row in plain]


def _rows(paths: Sequence[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]


def _marks(severity: Sequence[str], urgent: bool) -> tuple[int, ...]:
    return (*(int(mark in severity) for mark in MARKS[:-1]), int(urgent))


def embed(rows: Sequence[tuple[str, tuple[int, ...]]], weights: Path) -> Texts:
    """Read the texts with the finished weights."""
    vectors = load_complaint_onnx(weights).embed([text for text, _ in rows])
    return Texts(np.stack(vectors), np.array([marks for _, marks in rows], np.int8))


def train(texts: Texts, settings: Settings) -> SeverityHead:
    """Train the members of both sets and put all side by side: the output is the mean of a set."""
    seeds = range(settings.seed, settings.seed + settings.members)
    known = (texts.marks[:, OTHERS] >= 0).all(axis=1)
    every = np.arange(len(texts.marks))
    sets = [
        [_member(texts.of(rows, columns), settings, seed) for seed in seeds]
        for rows, columns in ((every, GRAVE), (np.flatnonzero(known), OTHERS))
    ]
    return _side_by_side(sets)


def _side_by_side(sets: Sequence[Sequence[SeverityHead]]) -> SeverityHead:
    """Join heads: the hidden layer holds all of theirs, and each output listens to its own set alone."""
    members = [member for group in sets for member in group]
    width, outputs = (sum(part) for part in zip(*_shapes(sets), strict=True))
    weights = np.zeros((width, outputs), np.float32)
    down = across = 0
    for group in sets:
        for member in group:
            high, wide = member.weights.shape
            weights[down : down + high, across : across + wide] = member.weights / len(group)
            down += high
        across += group[0].weights.shape[1]
    return SeverityHead(
        hidden_weights=np.concatenate([member.hidden_weights for member in members], axis=1),
        hidden_bias=np.concatenate([member.hidden_bias for member in members]),
        weights=weights,
        bias=np.concatenate([np.mean([member.bias for member in group], axis=0) for group in sets]).astype(np.float32),
    )


def _shapes(sets: Sequence[Sequence[SeverityHead]]) -> list[tuple[int, int]]:
    return [(sum(len(member.weights) for member in group), group[0].weights.shape[1]) for group in sets]


def cross_validate(texts: Texts, settings: Settings) -> dict[str, dict[str, float]]:
    """Return, for each mark and threshold, recall and precision on texts that the head has not seen."""
    from sklearn.model_selection import KFold  # noqa: PLC0415 - only training needs it

    heard = np.zeros(texts.marks.shape, np.float32)
    for learn, check in KFold(FOLDS, shuffle=True, random_state=settings.seed).split(texts.embeddings):
        heard[check] = train(texts.of(learn), settings).hear(texts.embeddings[check])
    return {name: _figures(heard[:, at], texts.marks[:, at]) for at, name in enumerate(MARKS)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, train on everything, write the head beside the weights. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.train.severity_head", description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
    (options.weights / HEAD_FILE).unlink(missing_ok=True)  # it may know other classes, and would not be read
    texts = embed(load_texts(Path(__file__).parent), options.weights)
    figures = {"texts": len(texts.embeddings), **cross_validate(texts, Settings())}
    head = train(texts, Settings())
    parts = {name: getattr(head, name).astype(np.float16) for name in SeverityHead.__dataclass_fields__}
    np.savez_compressed(options.weights / HEAD_FILE, **parts)
    write_section(options.weights / "README.md", figures)
    print(json.dumps(figures, indent=1))
    return 0


def write_section(card: Path, figures: dict[str, Any]) -> None:
    """Write the figures into the model card, in place of those of an earlier head."""
    text = card.read_text("utf-8").partition(TITLE)[0].rstrip() if card.is_file() else ""
    intro = (
        f"`{HEAD_FILE}` hears what no phrase list has words for: grave classes, other trouble, and whether a post can "
        f"wait. It is a small network over the embedding, learned from {figures['texts']:,} invented posts of some "
        "hundred trades, two thirds of them grave or written to look it: in a stream, where few are, precision is "
        "lower (bench/results/triage_quality.md). "
        f"On texts that it had not seen ({FOLDS} folds), recall / precision at a threshold:"
    )
    heading = "| mark | posts | " + " | ".join(str(threshold) for threshold in THRESHOLDS) + " |"
    lines = [TITLE, "", intro, "", heading, "|---|---" + "|---" * len(THRESHOLDS) + "|"]
    for name in MARKS:
        found = figures[name]
        cells = [f"{found[f'recall@{at}']:.0%} / {found[f'precision@{at}']:.0%}" for at in THRESHOLDS]
        lines.append(f"| {name} | {found['posts']} | {' | '.join(cells)} |")
    card.write_text("\n".join([text, "", *lines]) + "\n", "utf-8")


def _member(texts: Texts, settings: Settings, seed: int) -> SeverityHead:
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 - only training needs it

    network = MLPClassifier((settings.hidden,), activation="tanh", alpha=settings.alpha, learning_rate_init=0.003,
                            max_iter=settings.iterations, random_state=seed)  # fmt: skip
    network.fit(texts.embeddings, texts.marks > 0)
    (first, second), (bias, last) = network.coefs_, network.intercepts_
    return SeverityHead(*(part.astype(np.float32) for part in (first, bias, second, last)))


def _figures(heard: Rows, marks: Marks) -> dict[str, float]:
    heard, meant = heard[marks >= 0], marks[marks >= 0] == 1
    found: dict[str, float] = {"posts": int(meant.sum())}
    for threshold in THRESHOLDS:
        said = heard >= threshold
        found[f"recall@{threshold}"] = round(float((said & meant).sum() / max(1, meant.sum())), 3)
        found[f"precision@{threshold}"] = round(float((said & meant).sum() / max(1, said.sum())), 3)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
