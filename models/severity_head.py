"""A second ear for grave trouble: a small network over the embedding, for what no phrase list has words for.

    embedding (384) ─▶ hidden (tanh) ─▶ nine classes and urgency, each yes or no

It is trained on invented posts of many trades (`models/train/severity_head.py`). It only ever adds to what lists find.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from models.classifier import SEVERITIES
from models.errors import ModelBroken
from models.vectors import Rows

HEAD_FILE: Final = "severity.npz"
MARKS: Final = (*SEVERITIES, "urgent")
"""What the head answers, in the order of its outputs."""


@dataclass(frozen=True, slots=True)
class SeverityHead:
    """Weights of the two layers; `hear` gives a probability for each class."""

    hidden_weights: Rows
    hidden_bias: Rows
    weights: Rows
    bias: Rows

    def hear(self, embeddings: Rows) -> Rows:
        """Return the probabilities of MARKS for each row; they need not sum to 1, a post may speak of two."""
        hidden = np.tanh(embeddings @ self.hidden_weights + self.hidden_bias)
        chances: Rows = 1.0 / (1.0 + np.exp(-(hidden @ self.weights + self.bias)))
        return chances


def load_severity_head(path: Path) -> SeverityHead | None:
    """Read a head; None where the weights have none.

    Raises:
        ModelBroken: the file is no head for these classes.
    """
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            names = ("hidden_weights", "hidden_bias", "weights", "bias")
            head = SeverityHead(*(stored[name].astype(np.float32) for name in names))
    except (OSError, ValueError, KeyError) as error:
        raise ModelBroken(f"model {path.parent.name}", f"{path.name} cannot be read: {error!s:.200}") from error
    if head.weights.shape[1:] != (len(MARKS),):
        raise ModelBroken(f"model {path.parent.name}", f"{path.name} knows other classes than this program")
    return head
