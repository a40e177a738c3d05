"""The texts that teach the second ear: invented posts with marks, the invented live stream, public complaints.

Nothing that a platform published is among the invented ones: `customers_*.jsonl` tell of all marks and of complaint,
`severity_*.jsonl` of the grave classes, `live_stream.jsonl` of complaint, and its other posts have no mark.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.classifier import MARKS, SEVERITIES
from models.fold import fold_for_model
from models.normalise import normalise
from models.train.corpus import Row

FOLDER: Final = Path(__file__).parent
UNKNOWN: Final = -1
GRAVE: Final = SEVERITIES[:5]

Answers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MarkedText:
    """One text with what is known of it, in the order of `ear.ANSWERS`: 1 holds, 0 does not, -1 is unknown."""

    text: str
    answers: Answers
    source: str


def load_invented(folder: Path = FOLDER) -> list[MarkedText]:
    """Read the invented posts that have marks."""
    customers = [_marked(row, _whole(row)) for row in _rows(sorted(folder.glob("customers_*.jsonl")))]
    severity = [_marked(row, _grave_alone(row)) for row in _rows(sorted(folder.glob("severity_*.jsonl")))]
    return customers + severity


def marked_rows(rows: Sequence[Row]) -> list[MarkedText]:
    """Return what complaint rows tell: of marks nothing, but that an invented post that is no complaint has none.

    Taking public complaints to have no mark either was worse: the ear then missed more and was as often wrong.
    """
    return [MarkedText(row.text, (*[_mark_of(row)] * len(MARKS), row.label), row.corpus) for row in rows]


def _mark_of(row: Row) -> int:
    return 0 if row.corpus == "live_stream" and row.label == 0 else UNKNOWN


def _marked(row: Mapping[str, Any], answers: Answers) -> MarkedText:
    return MarkedText(normalise(fold_for_model(row["text"])), answers, "invented")


def _whole(row: Mapping[str, Any]) -> Answers:
    return (*(int(name in row["severity"]) for name in SEVERITIES), int(row["urgent"]), int(row["complaint"]))


def _grave_alone(row: Mapping[str, Any]) -> Answers:
    """These files label the grave classes alone; a post that has one is urgent."""
    known = {name: int(name in row["severity"]) for name in GRAVE}
    urgent = 1 if row["severity"] else UNKNOWN
    return (*(known.get(name, UNKNOWN) for name in SEVERITIES), urgent, UNKNOWN)


def _rows(paths: Sequence[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]
