"""What the past of an author, a thread and a text counts for: the windows and formulas of `History`.

The store reads the past from its tables and the replay lab from memory; both measure it by what stands here.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from models.fold import fold

OUTAGE_WINDOW = timedelta(minutes=30)
"""How long before a post those of others about an outage count."""

OUTAGES_COUNTED = 50

COPY_WINDOW = timedelta(hours=48)
"""How long a text is remembered, so that the next equal one is a copy."""

REPEAT_WINDOW = timedelta(days=30)
"""How long complaints of an author count."""

VELOCITY_FLOOR = timedelta(minutes=5)
"""Shortest span that a velocity is computed over: two readings a second apart say nothing about an hour."""

COPY_LENGTH = 24
"""Folded characters from which equal texts count as copies: shorter ones ("thanks!") are equal by chance."""


def velocity(readings: Sequence[tuple[int, int]]) -> float | None:
    """Return engagement gained an hour between the first and the last reading; None for fewer than two.

    `readings` are (milliseconds since 1970, engagement) in the order of time.
    """
    if len(readings) < 2:
        return None
    (first_at, first), (last_at, last) = readings[0], readings[-1]
    hours = max(last_at - first_at, VELOCITY_FLOOR.total_seconds() * 1000) / 3_600_000
    return (last - first) / hours


def copy_key(text: str) -> str | None:
    """Return a digest that equal texts share after folding; None for texts too short to compare."""
    folded = " ".join(fold(text).text.split())
    if len(folded) < COPY_LENGTH:
        return None
    return hashlib.blake2b(folded.encode("utf-8", "replace"), digest_size=16).hexdigest()
