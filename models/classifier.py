"""What a model says of a text, and what every model can do.

Importing this module loads no model library: the command line starts without paying for one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from models.errors import ModelBroken

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Embedding: TypeAlias = "npt.NDArray[np.float32]"  # one row, length 1 (all zeros for a text without words)
Scores: TypeAlias = Mapping[str, float]

SENTIMENTS: Final = ("negative", "neutral", "positive")
EMOTIONS: Final = ("anger", "joy", "optimism", "sadness")
YES_NO_HEADS: Final = ("complaint", "offensive", "irony")
SEVERITIES: Final = (
    "safety", "legal", "press", "fraud", "impostor", "outage", "money", "churn", "rude-staff"
)  # fmt: skip
MARKS: Final = (*SEVERITIES, "urgent")
"""What a model may hear beside its five answers; independent of each other."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The probabilities that a model gives a text; each group sums to 1, and None stands for a head the model lacks."""

    sentiment: Scores | None = None
    complaint: float | None = None
    offensive: float | None = None
    irony: float | None = None
    emotion: Scores | None = None
    severity: Scores | None = None
    """How surely the model hears each class; independent of each other. No part of what `classify` prints."""
    urgent: float | None = None
    """How surely a reader would want a person to look within half an hour. No part of what `classify` prints."""
    model: str = ""
    """Fingerprint of the model that read the text."""
    parts: int = 1
    """Windows the text was read in; the one with the highest complaint probability gave this verdict."""
    truncated: bool = False
    """Some of the text was never read, because it is longer than any model reads."""
    language_doubtful: bool = False
    """The language was not sure, so the default model read the text in place of one for its language."""

    def to_json(self) -> dict[str, Any]:
        """Return the five answers as plain values: the shape that `classify` prints."""
        return {
            "sentiment": dict(self.sentiment) if self.sentiment is not None else None,
            "complaint": self.complaint,
            "offensive": self.offensive,
            "irony": self.irony,
            "emotion": dict(self.emotion) if self.emotion is not None else None,
        }

    def to_record(self) -> dict[str, Any]:
        """Return everything there is to store: the five answers, and how they came about."""
        return self.to_json() | {
            "severity": dict(self.severity) if self.severity is not None else None,
            "urgent": self.urgent,
            "model": self.model,
            "parts": self.parts,
            "truncated": self.truncated,
            "language_doubtful": self.language_doubtful,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Verdict":
        """Read what `to_json` or `to_record` wrote.

        Raises:
            ModelBroken: a value that is no probability.
        """
        return cls(
            sentiment=_scores(record, "sentiment", SENTIMENTS),
            complaint=_probability(record, "complaint"),
            offensive=_probability(record, "offensive"),
            irony=_probability(record, "irony"),
            emotion=_scores(record, "emotion", EMOTIONS),
            severity=_heard(record),
            urgent=_probability(record, "urgent"),
            model=str(record.get("model", "")),
            parts=int(record.get("parts", 1)),
            truncated=bool(record.get("truncated", False)),
            language_doubtful=bool(record.get("language_doubtful", False)),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What one pass over a text gives."""

    verdict: Verdict
    embedding: Embedding = field(repr=False, compare=False)


class Classifier(Protocol):
    """A model that reads texts. Answers come in the order of the texts, one for each, also for an empty text.

    Every method may be called from several threads, and raises `InferenceFailed` when the model breaks down.
    Embeddings of two classifiers compare only when their fingerprints are equal.
    """

    @property
    def fingerprint(self) -> str:
        """What must be equal for two verdicts to come from the same model: name, version, calibration."""
        ...

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Give verdict and embedding of each text in one pass."""
        ...

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """Give the verdict on each text."""
        ...

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Give each text a direction in space; texts of like meaning point alike."""
        ...


def name_scores(labels: Sequence[str], probabilities: Sequence[float]) -> Scores:
    """Return the probabilities by label."""
    return dict(zip(labels, probabilities, strict=True))


def _scores(record: Mapping[str, Any], head: str, labels: Sequence[str]) -> Scores | None:
    group = record.get(head)
    if group is None:
        return None
    if not isinstance(group, Mapping) or set(group) != set(labels):
        raise ModelBroken("verdict", f"{head} must hold {', '.join(labels)}", "classify the text again")
    return name_scores(labels, [_number(head, group[label]) for label in labels])


def _heard(record: Mapping[str, Any]) -> Scores | None:
    """Read the severity classes; verdicts of earlier weights know fewer of them."""
    group = record.get("severity")
    if group is None:
        return None
    if not isinstance(group, Mapping) or not set(group) <= set(SEVERITIES):
        raise ModelBroken("verdict", f"severity must hold some of {', '.join(SEVERITIES)}", "classify the text again")
    return {label: _number("severity", group[label]) for label in SEVERITIES if label in group}


def _probability(record: Mapping[str, Any], head: str) -> float | None:
    value = record.get(head)
    return None if value is None else _number(head, value)


def _number(head: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ModelBroken("verdict", f"{head} must be a probability, not {value!r:.40}", "classify the text again")
    return float(value)
