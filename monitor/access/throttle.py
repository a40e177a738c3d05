"""How soon somebody may try to log in again. Pure: tries and the time are arguments.

A few tries are free; after them each one doubles the wait, up to a quarter of an hour. Tries are counted by name, so
that many machines cannot guess one password, and by address, so that one machine cannot guess many.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
"""How long a try counts, and the longest wait."""

FREE_BY_NAME = 5
FREE_BY_ADDRESS = 30

_FIRST_WAIT = timedelta(seconds=15)


def wait_until(tries: Sequence[datetime], now: datetime, *, free: int) -> datetime | None:
    """Return from when on the next try is allowed, None where it is now. `tries` are oldest first, in UTC."""
    counted = [at for at in tries if now - WINDOW < at]
    over = len(counted) - free
    if over < 0:
        return None
    until = counted[-1] + min(WINDOW, _FIRST_WAIT * 2 ** min(over, 16))
    return until if until > now else None
