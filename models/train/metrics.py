"""Figures of merit, each as its benchmark defines it; all in percent except the calibration error."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, recall_score

from models.train.recipe import HEADS

Labels = NDArray[np.int64]
Scores = NDArray[np.float32]

MEASURE: Final[dict[str, str]] = {
    "sentiment": "macro-recall",
    "complaint": "macro-F1",
    "offensive": "macro-F1",
    "irony": "F1 of irony",
    "emotion": "macro-F1",
}
"""Which figure TweetEval (Barbieri et al. 2020), or the complaint paper, gives for each head."""


def figure(head: str, labels: Labels, guesses: Labels) -> float:
    """Return the figure of ``MEASURE[head]`` in percent."""
    if head == "irony":
        return 100 * float(f1_score(labels, guesses, pos_label=1, zero_division=0))
    classes = range(len(HEADS[head]))
    score = recall_score if head == "sentiment" else f1_score
    return 100 * float(score(labels, guesses, labels=classes, average="macro", zero_division=0))


def macro_f1(labels: Labels, guesses: Labels, classes: int) -> float:
    """Return the mean F1 of the classes in percent."""
    return 100 * float(f1_score(labels, guesses, labels=range(classes), average="macro", zero_division=0))


def standard_error(head: str, labels: Labels, guesses: Labels, draws: int = 300, seed: int = 0) -> float:
    """Return the bootstrap standard error of ``figure``, in points."""
    rng = np.random.default_rng(seed)
    places = (rng.integers(0, len(labels), len(labels)) for _ in range(draws))
    return float(np.std([figure(head, labels[drawn], guesses[drawn]) for drawn in places]))


def probabilities(logits: Scores, temperature: float = 1.0) -> Scores:
    """Return the softmax of ``logits / temperature``."""
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True), np.float32)


def calibration_error(chances: Scores, labels: Labels, bins: int = 10) -> float:
    """Return the expected calibration error of the top answer, equal-width bins (Guo et al. 2017), from 0 to 1."""
    sure = chances.max(-1)
    right = chances.argmax(-1) == labels
    places = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [
        abs(sure[places == bin_].mean() - right[places == bin_].mean()) * (places == bin_).mean()
        for bin_ in set(places)
    ]
    return float(sum(gaps))
