"""Makes probabilities honest: one temperature a head, and a small shift of its classes where that pays."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar

from models.train.metrics import Labels, Scores, figure, probabilities

REACH: Final = 0.3
"""Widest shift: small, as the classes of a test set, or of next month, have other shares than these rows."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is done to the raw logits of a head: ``(logits + bias) / temperature``."""

    temperature: float
    bias: tuple[float, ...]


def temperature(logits: Scores, labels: Labels) -> float:
    """Return the temperature with the lowest negative log-likelihood (Guo et al. 2017), between 0.3 and 4."""
    found = minimize_scalar(
        lambda log: surprise(logits, labels, np.exp(log)), bounds=(np.log(0.3), np.log(4)), method="bounded"
    )
    return float(np.exp(found.x))


def surprise(logits: Scores, labels: Labels, temperature: float = 1.0) -> float:
    """Return the mean negative log-likelihood of the labels."""
    chances = probabilities(logits, temperature)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())


def best_shift(head: str, logits: Scores, labels: Labels, reach: float = REACH) -> float:
    """Return the shift of the second class, within ``reach``, that serves the head's figure best.

    The figure is averaged over bootstrap samples, so that the shift follows the data and not one lucky row.
    """
    rng = np.random.default_rng(0)
    samples = [rng.integers(0, len(labels), len(labels)) for _ in range(40)]
    margin = logits[:, 1] - logits[:, 0]

    def gain(shift: float) -> float:
        guesses = (margin + shift > 0).astype(np.int64)
        return float(np.mean([figure(head, labels[sample], guesses[sample]) for sample in samples]))

    grid = np.arange(-reach, reach + 0.01, 0.1)
    gains = np.array([gain(float(shift)) for shift in grid])
    smooth = np.convolve(np.pad(gains, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return float(round(float(grid[smooth.argmax()]), 2))
