"""Short names for what was made from what, so that finished work is found again and nothing else is."""

import hashlib

import numpy as np
from numpy.typing import NDArray
from torch import nn


def digest(*parts: str) -> str:
    """Return twelve hexadecimal digits that name what was made from ``parts``."""
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:12]


def weights_digest(net: nn.Module) -> str:
    """Return a digest of all weights of a network."""
    found = hashlib.sha256()
    for weights in net.state_dict().values():
        found.update(weights.numpy().tobytes())
    return found.hexdigest()


def array_digest(numbers: NDArray[np.float32]) -> str:
    """Return a digest of the bytes of an array."""
    return hashlib.sha256(np.ascontiguousarray(numbers).tobytes()).hexdigest()
