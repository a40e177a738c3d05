"""The two sums that every network's answer needs."""

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]


def softmax(logits: Rows) -> Rows:
    """Return probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True, initial=-np.inf))
    chances: Rows = shifted / shifted.sum(axis=-1, keepdims=True)
    return chances


def unit(vector: Rows) -> Rows:
    """Return a vector of length 1 in the same direction; nought stays nought."""
    length = float(np.linalg.norm(vector))
    return (vector / length if length > 0 else vector).astype(np.float32)


def sigmoid(logits: Rows) -> Rows:
    """Return the probability of each yes or no."""
    return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float32)
