"""Reads the labelled posts, splits them, and records which bytes they were."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from models.normalise import normalise
from models.train.recipe import CORPORA, HEADS

LIVE_STREAM: Final = Path(__file__).with_name("live_stream.jsonl")
FILES: Final = (
    "complaint.train", "sentiment.train", "sentiment.val", "offensive.train", "offensive.val", "irony.train",
    "irony.val", "emotion.train", "emotion.val",
)  # fmt: skip
AIRLINE: Final = "airline.train"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text; ``label`` counts in the order of ``HEADS[head]``, and -1 means that it is unknown."""

    text: str
    head: str
    label: int
    corpus: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Corpus:
    """All labelled rows: those to learn from, those to measure and calibrate on, and the set never trained on."""

    train: tuple[Row, ...]
    held_out: tuple[Row, ...]
    airline: tuple[Row, ...]


class CorpusError(ValueError):
    """A file of labelled posts is missing or not in the expected form; permanent until the file changes."""


def load(data: Path) -> Corpus:
    """Read all corpora under ``data``; of the complaint set every tenth row, of the live rows every fifth, is held out.

    Raises CorpusError, naming file and line.
    """
    train: list[Row] = []
    held_out: list[Row] = []
    for head in ("sentiment", "offensive", "irony", "emotion"):
        held_out += read(data / f"{head}.val.jsonl", head)
        train += without(read(data / f"{head}.train.jsonl", head), held_out)
    for path, corpus, one_in in ((data / "complaint.train.jsonl", "complaint", 10), (LIVE_STREAM, "live_stream", 5)):
        rows = read(path, corpus)
        kept, apart = split(rows, one_in)
        train += kept
        held_out += apart
    airline = data / f"{AIRLINE}.jsonl"
    return Corpus(tuple(train), tuple(held_out), tuple(read(airline, "sentiment")) if airline.exists() else ())


def read(path: Path, corpus: str) -> list[Row]:
    """Read one file of JSON lines with ``text`` and ``label``; texts are normalised. Raises CorpusError."""
    if not path.is_file():
        raise CorpusError(f"labelled posts: {path} is missing; name their folder with --data")
    lines = path.read_text("utf-8").split("\n")
    return [_row(line, corpus, f"{path.name}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def _row(line: str, corpus: str, place: str) -> Row:
    head = CORPORA[corpus]
    try:
        found = json.loads(line)
        label = HEADS[head].index(found["label"])
        text = normalise(found["text"])
    except (KeyError, TypeError, ValueError) as error:
        raise CorpusError(f"{place}: not a labelled post ({error}); expected text and one of {HEADS[head]}") from error
    return Row(text, head, label, corpus, str(found.get("domain") or found.get("kind") or ""))


def split(rows: Sequence[Row], one_in: int) -> tuple[list[Row], list[Row]]:
    """Hold out one row in ``one_in``, chosen by a hash of its text, so that order and additions change nothing."""
    kept: list[Row] = []
    apart: list[Row] = []
    for row in rows:
        (apart if bucket(row.text, one_in) == 0 else kept).append(row)
    return kept, apart


def without(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """Drop the rows whose text also occurs among ``others``: a measured text must not have been learned."""
    seen = {_key(row.text) for row in others}
    return [row for row in rows if _key(row.text) not in seen]


def implied_sentiment(rows: Sequence[Row]) -> list[Row]:
    """Return sentiment rows that follow from other labels: complaints are negative, hand-written praise is positive.

    The sentiment corpora hold few posts to brands; these rows show the head what displeasure with a brand looks like.
    """
    kinds = {"praise": "positive", "question": "neutral", "reply": "neutral"}
    found = []
    for row in rows:
        meant = "negative" if row.head == "complaint" and row.label == 1 else kinds.get(row.kind)
        if meant:
            label = HEADS["sentiment"].index(meant)
            found.append(replace(row, head="sentiment", label=label, corpus="implied_sentiment"))
    return found


def folds(rows: Sequence[Row], count: int, seed: int) -> list[tuple[list[Row], list[Row]]]:
    """Return ``count`` pairs (learn, measure), stratified by label; equal texts stay on one side."""
    labels = np.array([row.label for row in rows])
    groups = np.unique([_key(row.text) for row in rows], return_inverse=True)[1]
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    return [
        ([rows[place] for place in learn], [rows[place] for place in measure])
        for learn, measure in splitter.split(labels, labels, groups)
    ]


def hashes(data: Path) -> dict[str, str]:
    """Return file name to SHA-256 of every file that training or measuring reads."""
    paths = [data / f"{name}.jsonl" for name in (*FILES, AIRLINE)] + [LIVE_STREAM]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()}


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def bucket(text: str, count: int) -> int:
    """Return one of ``count`` drawers for a text, the same on every machine and in every run."""
    return int.from_bytes(hashlib.sha256(_key(text).encode()).digest()[:8]) % count
