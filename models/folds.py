"""Cross-validation of a light head: a logistic regression over the frozen embedding.

It says how much of a question the embedding answers on texts the head never saw. It does not train the network anew in
each fold; those figures, of the network itself, are in the model card.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from models.metrics import Chances, Labels

_STEPS: Final = 400
_PENALTY: Final = 1e-3  # on the squared weights, per text
_SCALE: Final = 8.0  # unit vectors of 384 numbers are small; this brings them near standard size

Vectors = npt.NDArray[np.float32]


def cross_validate(vectors: Vectors, truth: Labels, classes: int, *, folds: int, seed: int) -> Chances:
    """Return for each text the chances that a head gives which was fitted on the other folds only.

    Raises:
        ValueError: there are fewer texts than folds, or fewer than two folds.
    """
    if folds < 2 or folds > len(truth):
        raise ValueError(f"folds: {folds} is not between 2 and the number of texts ({len(truth)})")
    fold_of = split_evenly(truth, folds, seed)
    chances = np.zeros((len(truth), classes))
    for fold in range(folds):
        held = fold_of == fold
        weights = fit(vectors[~held], truth[~held], classes)
        chances[held] = predict(weights, vectors[held])
    return chances


def split_evenly(truth: Labels, folds: int, seed: int) -> Labels:
    """Return a fold for each text, so that every fold has its share of every class."""
    rng = np.random.default_rng(seed)
    fold_of = np.zeros(len(truth), np.int64)
    place = 0
    for label in np.unique(truth):
        members = rng.permutation(np.flatnonzero(truth == label))
        fold_of[members] = (np.arange(len(members)) + place) % folds
        place += len(members)
    return fold_of


def fit(vectors: Vectors, truth: Labels, classes: int) -> npt.NDArray[np.float64]:
    """Fit a logistic regression by accelerated gradient descent (Nesterov 1983) and return its weights."""
    inputs = _with_bias(vectors)
    wanted = np.eye(classes)[truth]
    rate = 1.0 / (0.5 * float(np.mean((inputs**2).sum(1))) + _PENALTY)
    weights = ahead = np.zeros((inputs.shape[1], classes))
    for step in range(_STEPS):
        slope = inputs.T @ (_chances(inputs @ ahead) - wanted) / len(truth) + _PENALTY * ahead
        before, weights = weights, ahead - rate * slope
        ahead = weights + step / (step + 3) * (weights - before)
    return weights


def predict(weights: npt.NDArray[np.float64], vectors: Vectors) -> Chances:
    """Return a row of chances for each vector."""
    return _chances(_with_bias(vectors) @ weights)


def _with_bias(vectors: Vectors) -> npt.NDArray[np.float64]:
    return np.hstack([vectors.astype(np.float64) * _SCALE, np.ones((len(vectors), 1))])


def _chances(logits: npt.NDArray[np.float64]) -> Chances:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    chances: Chances = shifted / shifted.sum(1, keepdims=True)
    return chances
