"""What of a direction is the language that a post is written in, and not what it is about.

A model that learned on English places every German post near every other one. Sentences that say the same in several
languages (`tongues.txt`) show where: the mean of what lies between a sentence and its translation, and the directions
in which that differs most. Looked at without them, posts are alike by what they tell of.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.classifier import Embedding

Rows = npt.NDArray[np.float32]

_SENTENCES = Path(__file__).with_name("tongues.txt")
_ASIDE = 3
"""Directions a language beside its mean: with them `bench/incidents.py` finds 0.91 in place of 0.85 on `nordtel`."""


@lru_cache(maxsize=1)
def parallel_sentences() -> tuple[tuple[str, ...], ...]:
    """Return sentences by language, English first; those in the same place say the same."""
    blocks = _SENTENCES.read_text("utf-8").strip().split("\n\n")
    return tuple(tuple(line for line in block.splitlines() if not line.startswith("#")) for block in blocks)


def tongue_directions(embed: Callable[[Sequence[str]], Sequence[Embedding]]) -> Rows:
    """Return the directions of the languages, a row each, of any length; none where a model tells them not apart."""
    english, *others = (np.array(embed(block), np.float32) for block in parallel_sentences())
    rows = []
    for other in others:
        between = other - english
        middle = between.mean(axis=0)
        rows += [middle, *np.linalg.svd(between - middle, full_matrices=False)[2][:_ASIDE]]
    return np.array(rows, np.float32)
