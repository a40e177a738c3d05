"""Trains the severity head on the embeddings of finished weights: `python -m models.train.severity_head`.

Texts are invented (`severity_*.jsonl`, `live_stream.jsonl`); nothing that a platform published is among them. A head is
an average of several small networks that differ in their first weights; it is measured by cross-validation before all
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

from models.classifier import SEVERITIES
from models.complaint_onnx import load_complaint_onnx
from models.severity_head import HEAD_FILE, SeverityHead
from models.vectors import Rows

WEIGHTS = Path(__file__).parents[1] / "weights" / "complaint-minilm"
TITLE = "## Severity head"
FOLDS = 5
THRESHOLDS = (0.5, 0.7, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Texts:
    """Embeddings with the classes of each, one column a class."""

    embeddings: Rows
    classes: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a head is trained; chosen by cross-validation on the invented texts alone."""

    hidden: int = 48
    members: int = 4
    alpha: float = 0.003
    """Weight decay: the embedding has 384 numbers and there are but a few thousand texts."""
    iterations: int = 60
    seed: int = 7


def load_texts(folder: Path) -> list[tuple[str, frozenset[str]]]:
    """Return the invented texts with their classes; posts of the live stream are of no class unless they say so."""
    rows: list[dict[str, Any]] = []
    for path in [*sorted(folder.glob("severity_*.jsonl")), folder / "live_stream.jsonl"]:
        rows += [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    plain = [row for row in rows if "severity" in row or row.get("label") == "not_complaint"]
    return [(row["text"], frozenset(row.get("severity") or ()) & set(SEVERITIES)) for row in plain]


def embed(rows: Sequence[tuple[str, frozenset[str]]], weights: Path) -> Texts:
    """Read the texts with the finished weights."""
    vectors = load_complaint_onnx(weights).embed([text for text, _ in rows])
    classes = np.array([[name in found for name in SEVERITIES] for _, found in rows])
    return Texts(np.stack(vectors), classes)


def train(texts: Texts, settings: Settings) -> SeverityHead:
    """Train the members and put them side by side: the hidden layer holds theirs, the output is their mean."""
    members = [_member(texts, settings, settings.seed + number) for number in range(settings.members)]
    return SeverityHead(
        hidden_weights=np.concatenate([member.hidden_weights for member in members], axis=1),
        hidden_bias=np.concatenate([member.hidden_bias for member in members]),
        weights=(np.concatenate([member.weights for member in members]) / len(members)).astype(np.float32),
        bias=np.mean([member.bias for member in members], axis=0).astype(np.float32),
    )


def cross_validate(texts: Texts, settings: Settings) -> dict[str, dict[str, float]]:
    """Return, for each class and threshold, recall and precision on texts that the head has not seen."""
    from sklearn.model_selection import KFold  # noqa: PLC0415 - only training needs it

    heard = np.zeros(texts.classes.shape, np.float32)
    for learn, check in KFold(FOLDS, shuffle=True, random_state=settings.seed).split(texts.embeddings):
        head = train(Texts(texts.embeddings[learn], texts.classes[learn]), settings)
        heard[check] = head.hear(texts.embeddings[check])
    return {name: _figures(heard[:, at], texts.classes[:, at]) for at, name in enumerate(SEVERITIES)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, train on everything, write the head beside the weights. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m models.train.severity_head", description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    options = parser.parse_args(arguments)
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
        f"`{HEAD_FILE}` hears grave classes that no phrase list has words for: a small network over the embedding, "
        f"learned from {figures['texts']:,} invented posts of some thirty trades, half of them grave or written to "
        f"look it. On texts that it had not seen ({FOLDS} folds), recall / precision at a threshold:"
    )
    heading = "| class | posts | " + " | ".join(str(threshold) for threshold in THRESHOLDS) + " |"
    lines = [TITLE, "", intro, "", heading, "|---|---" + "|---" * len(THRESHOLDS) + "|"]
    for name in SEVERITIES:
        found = figures[name]
        cells = [f"{found[f'recall@{at}']:.0%} / {found[f'precision@{at}']:.0%}" for at in THRESHOLDS]
        lines.append(f"| {name} | {found['posts']} | {' | '.join(cells)} |")
    card.write_text("\n".join([text, "", *lines]) + "\n", "utf-8")


def _member(texts: Texts, settings: Settings, seed: int) -> SeverityHead:
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 - only training needs it

    network = MLPClassifier((settings.hidden,), activation="tanh", alpha=settings.alpha, learning_rate_init=0.003,
                            max_iter=settings.iterations, random_state=seed)  # fmt: skip
    network.fit(texts.embeddings, texts.classes)
    (first, second), (bias, last) = network.coefs_, network.intercepts_
    return SeverityHead(*(part.astype(np.float32) for part in (first, bias, second, last)))


def _figures(heard: Rows, meant: npt.NDArray[np.bool_]) -> dict[str, float]:
    found: dict[str, float] = {"posts": int(meant.sum())}
    for threshold in THRESHOLDS:
        said = heard >= threshold
        found[f"recall@{threshold}"] = round(float((said & meant).sum() / max(1, meant.sum())), 3)
        found[f"precision@{threshold}"] = round(float((said & meant).sum() / max(1, said.sum())), 3)
    return found


if __name__ == "__main__":
    raise SystemExit(main())
