"""Directions of the shipped examples, as the shipped model gives them: worked out once, not at every start.

They are looked up by the sentence and hold for one model alone; whatever is not among them is read by the model.
`python -m tools.directions` writes them anew after a change of the model or of the examples.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from models.classifier import Embedding

Embed = Callable[[Sequence[str]], Sequence[Embedding]]

DIRECTIONS_FILE: Final = Path(__file__).with_name("known_directions.npz")


def embed_known(embed: Embed, model: str) -> Embed:
    """Return `embed` of a model that looks up the shipped sentences first."""

    def look_up(texts: Sequence[str]) -> list[Embedding]:
        known = known_directions(model)
        unknown = [text for text in dict.fromkeys(texts) if _key(text) not in known]
        read = dict(zip(unknown, embed(unknown), strict=True)) if unknown else {}
        return [read[text] if text in read else known[_key(text)] for text in texts]

    return look_up


@cache
def known_directions(model: str) -> Mapping[bytes, Embedding]:
    """Return the directions that a model gives the shipped sentences; none for any other model."""
    with np.load(DIRECTIONS_FILE) as stored:
        if str(stored["model"]) != model:
            return {}
        return dict(zip(map(bytes, stored["keys"]), stored["rows"], strict=True))


def write_directions(sentences: Sequence[str], embed: Embed, model: str, path: Path = DIRECTIONS_FILE) -> None:
    """Keep the directions that a model gives sentences."""
    keys = np.array([list(_key(sentence)) for sentence in sentences], np.uint8)
    np.savez(path, model=np.array(model), keys=keys, rows=np.array(embed(sentences), np.float32))


def _key(text: str) -> bytes:
    return sha256(text.encode()).digest()[:16]
