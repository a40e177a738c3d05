"""What is trained on what, for how long: every number that shapes the weights, and nothing else."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Final

HEADS: Final[dict[str, tuple[str, ...]]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "complaint": ("not_complaint", "complaint"),
    "offensive": ("not_offensive", "offensive"),
    "irony": ("not_irony", "irony"),
    "emotion": ("anger", "joy", "optimism", "sadness"),
}
"""The heads and their labels, in the order of the logits."""

CORPORA: Final[dict[str, str]] = {head: head for head in HEADS} | {
    "live_stream": "complaint",
    "implied_sentiment": "sentiment",
}
"""Which head each corpus teaches."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One pass of training: how often each corpus is seen, and the step sizes."""

    repeats: dict[str, float]
    """Corpus to how many times each of its rows is seen; a fraction takes that share of the rows, drawn anew."""
    peak_rate: float
    """Learning rate at the end of the warm-up, for the top layer."""
    layer_decay: float = 0.9
    """Factor on the learning rate for each layer further down."""
    warm_up: float = 0.06
    """Share of the steps in which the learning rate rises from nought."""
    loyalty: float = 0.0
    """Weight of what the tutor thinks, on the heads that it has learned: 0 is labels alone."""
    average_from: float = 0.6
    """Share of the steps after which the running average of the weights begins."""


@dataclass(frozen=True, slots=True)
class EarStage:
    """How the second ear is taught; the network below it stays as it is."""

    layers: int = 2
    """How many of the upper layers are read a second time."""
    rank: int = 32
    """Width of the corrections."""
    repeats: dict[str, int] = field(default_factory=lambda: {"invented": 1, "live_stream": 4, "complaint": 2})
    """How often each source of texts is seen in an epoch."""
    epochs: int = 4
    peak_rate: float = 5e-4
    warm_up: float = 0.06
    dropout: float = 0.1
    smoothing: float = 0.02
    """How far from 0 and 1 the answers that it learns are."""
    average_from: float = 0.5


@dataclass(frozen=True, slots=True)
class TutorStage:
    """How the tutor is taught; ``repeats`` as in a Stage."""

    repeats: dict[str, float]
    peak_rate: float = 5e-5
    layer_decay: float = 0.9
    fresh_factor: float = 10.0
    """How much faster the questions' own weights learn than the layers, which know much already."""
    warm_up: float = 0.06
    average_from: float = 0.6
    batch: int = 32


@dataclass(frozen=True, slots=True)
class Tutors:
    """What the tutors learn; that of complaints begins with the layers of the general one."""

    layers: int = 6
    """How many of the twelve layers learn."""
    general: TutorStage = field(
        default_factory=lambda: TutorStage({"sentiment": 0.34, "offensive": 1.0, "emotion": 2.0, "irony": 2.0})
    )
    complaint: TutorStage = field(default_factory=lambda: TutorStage({"complaint": 3.0}))


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the weights besides the data."""

    seed: int = 20260
    batch: int = 32
    max_length: int = 128
    longest: int = 256
    """Tokens that the shipped file can read at once."""
    smoothing: float = 0.05
    weight_decay: float = 0.01
    balance: dict[str, float] = field(default_factory=lambda: {"sentiment": 1.0, "offensive": 0.0, "emotion": 0.0})
    """Strength of the prior correction in the loss: 1 makes a head answer as if its classes were equally frequent."""
    keep_meaning: float = 0.5
    """Weight of the loss that keeps the embedding near the one of the untouched encoder."""
    meaning_one_in: int = 3
    """One text in so many takes part in that loss; to know its meaning costs a pass of the untouched encoder."""
    general: Stage = field(
        default_factory=lambda: Stage(
            repeats={"sentiment": 1.5, "offensive": 2.0, "emotion": 2.0, "irony": 2.0}, peak_rate=1.2e-4, loyalty=0.5
        )
    )
    """Learns everything but complaints, so that the folds of the complaint figures can share it."""
    rehearsal: dict[str, float] = field(
        default_factory=lambda: {"sentiment": 0.1, "offensive": 0.25, "emotion": 0.7, "irony": 0.6}
    )
    """Share of each corpus that the complaint stage sees again."""
    complaint: Stage = field(
        default_factory=lambda: Stage(
            repeats={
                "complaint": 4.0,
                "implied_sentiment": 2.0,
                "sentiment": 1.0,
                "offensive": 1.0,
                "emotion": 1.0,
                "irony": 1.0,
            },
            peak_rate=1e-4,
            loyalty=0.5,
            average_from=0.5,
        )
    )
    """Adds complaints while the other heads rehearse."""
    tutor: Tutors = field(default_factory=Tutors)
    ear: EarStage = field(default_factory=EarStage)
    """Adds marks, and a second opinion on complaints, while nothing else changes."""

    def fingerprint(self) -> str:
        """Return twelve hexadecimal digits that change whenever a number here does."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]
