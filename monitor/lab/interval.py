"""Shares with the range in which the truth lies 95 times in 100."""

import math
from dataclasses import dataclass
from typing import Any

_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """A share between 0 and 1 with its 95 % interval, and of how many it was counted."""

    value: float
    low: float
    high: float
    of: int

    def to_json(self) -> dict[str, Any]:
        """Return the share rounded to a tenth of a percent."""
        return {name: round(getattr(self, name), 3) for name in ("value", "low", "high")} | {"of": self.of}

    def __str__(self) -> str:
        return f"{self.value:.0%} (95 % {self.low:.0%} to {self.high:.0%})"


def wilson(count: int, of: int) -> Share | None:
    """Return a share with the score interval of Wilson (1927), fit for few and for extreme counts; None of nothing."""
    if not of:
        return None
    share, square = count / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return Share(share, max(0.0, middle - half), min(1.0, middle + half), of)
