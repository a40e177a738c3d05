"""An embedding for models that have none: words and their beginnings, hashed into 384 places.

It finds copies and near-copies of a text, not paraphrases.
"""

import re
import zlib
from typing import Final

import numpy as np

from models.classifier import Embedding
from models.fold import fold
from models.normalise import normalise

WIDTH: Final = 384
_WORD: Final = re.compile(r"[^\W_]+")
_STEM: Final = 4  # letters that make a beginning: refund, refunds and refunded share one


def hashed_embedding(text: str) -> Embedding:
    """Return the unit vector of a text's words; all zeros for a text without words."""
    vector = np.zeros(WIDTH, np.float32)
    for word in _WORD.findall(fold(normalise(text)).plain):
        for sign in (word, word[:_STEM] + "*"):
            digest = zlib.crc32(sign.encode())
            vector[digest % WIDTH] += 1 if digest & 0x8000_0000 else -1
    length = float(np.linalg.norm(vector))
    return vector / length if length else vector
