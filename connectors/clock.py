"""Where a connector takes the time from: a function that tests replace."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment, aware UTC."""


def utc_now() -> datetime:
    """Return the time by the system's clock, aware UTC."""
    return datetime.now(UTC)
