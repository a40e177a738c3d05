"""Which rows are seen in which order: drawn by the recipe, packed by length so that little padding is computed."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 60
"""Batches that are sorted by length together: wide enough to save padding, narrow enough to stay random."""

Places = NDArray[np.int64]


def draw(corpora: Sequence[str], repeats: Mapping[str, float], rng: np.random.Generator) -> Places:
    """Return row numbers: each corpus as often as ``repeats`` says, fractions by chance; unnamed corpora never."""
    names = np.array(corpora)
    drawn: list[Places] = [np.empty(0, np.int64)]
    for corpus, times in repeats.items():
        rows = np.flatnonzero(names == corpus)
        drawn += [rows] * int(times)
        drawn.append(rng.permutation(rows)[: round(len(rows) * (times - int(times)))])
    return np.concatenate(drawn)


def pack(places: Places, lengths: Places, size: int, rng: np.random.Generator) -> list[Places]:
    """Return batches of up to ``size`` row numbers of similar length, in random order; every place occurs once."""
    shuffled = rng.permutation(places)
    batches: list[Places] = []
    for start in range(0, len(shuffled), size * WINDOW):
        window = shuffled[start : start + size * WINDOW]
        ordered = window[np.argsort(lengths[window], kind="stable")]
        batches += [ordered[at : at + size] for at in range(0, len(ordered), size)]
    return [batches[place] for place in rng.permutation(len(batches))]


def pad(texts: Sequence[Sequence[int]], filler: int = 0) -> tuple[Places, Places]:
    """Return ids and attention mask (n, longest) of texts given as token ids."""
    longest = max(len(ids) for ids in texts)
    ids = np.full((len(texts), longest), filler, np.int64)
    mask = np.zeros((len(texts), longest), np.int64)
    for place, found in enumerate(texts):
        ids[place, : len(found)] = found
        mask[place, : len(found)] = 1
    return ids, mask
