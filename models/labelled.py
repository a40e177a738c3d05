"""Labelled texts, one JSON object a line: `{"text", "label"}`, or `{"text", "complaint": true}`; `lang` where known."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.classifier import EMOTIONS, SENTIMENTS, YES_NO_HEADS
from models.errors import BadLabelledFile
from models.metrics import Labels

HEAD_LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "sentiment": SENTIMENTS,
    "emotion": EMOTIONS,
    **{head: (f"not_{head}", head) for head in YES_NO_HEADS},
}
_MAX_LINE: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text."""

    text: str
    label: str
    lang: str | None


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """A file of labelled texts; all its labels belong to one head."""

    head: str
    rows: tuple[Row, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the head, in the order of its probabilities; of two, the second is what is looked for."""
        return HEAD_LABELS[self.head]

    @property
    def texts(self) -> list[str]:
        """The texts in the order of the file."""
        return [row.text for row in self.rows]

    @property
    def truth(self) -> Labels:
        """The place of each row's label among `labels`."""
        return np.array([self.labels.index(row.label) for row in self.rows], np.int64)


def read_labelled(path: Path) -> LabelledTexts:
    """Read a labelled file and find the head that its labels belong to.

    Raises:
        BadLabelledFile: it cannot be read, a line is not as it should be, or the labels belong to no head.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            rows = tuple(_rows(path, lines))
    except OSError as error:
        raise BadLabelledFile(str(path), f"it cannot be read: {error.strerror}") from error
    if not rows:
        raise BadLabelledFile(str(path), "it holds no labelled text", 'write {"text": "…", "label": "…"} on each line')
    return LabelledTexts(_find_head(path, rows), rows)


def _rows(path: Path, lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if len(line) > _MAX_LINE:
            raise BadLabelledFile(f"{path}:{number}", f"the line is longer than {_MAX_LINE:,} characters")
        if line.strip():
            yield _parse(f"{path}:{number}", line)


def _parse(subject: str, line: str) -> Row:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLabelledFile(subject, f"it is not JSON ({error!s:.100})") from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise BadLabelledFile(subject, "it holds no text", 'write {"text": "…", "label": "…"} on each line')
    lang = record.get("lang")
    return Row(record["text"], _label(subject, record), lang if isinstance(lang, str) else None)


def _label(subject: str, record: Mapping[str, Any]) -> str:
    label, complaint = record.get("label"), record.get("complaint")
    if isinstance(label, str):
        return label
    if isinstance(complaint, bool):
        return "complaint" if complaint else "not_complaint"
    raise BadLabelledFile(subject, "it holds neither a label nor complaint: true or false")


def _find_head(path: Path, rows: Sequence[Row]) -> str:
    used = {row.label for row in rows}
    for head, labels in HEAD_LABELS.items():
        if used <= set(labels):
            return head
    shown = ", ".join(sorted(used)[:6])
    known = "; ".join(", ".join(labels) for labels in HEAD_LABELS.values())
    raise BadLabelledFile(str(path), f"its labels ({shown:.120}) belong to no head", f"use one of these sets: {known}")
