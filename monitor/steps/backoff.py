"""How long to wait after a failure: the platform's own word first, else exponential with full jitter."""

import random
from datetime import timedelta

LONGEST = timedelta(minutes=15)
"""No wait is longer, whatever a server says: a hostile header must not silence a source for a year."""

_FIRST = timedelta(seconds=5)


def backoff(failures: int, *, asked: timedelta | None = None, longest: timedelta = LONGEST) -> timedelta:
    """Return the wait after the n-th failure in a row (1 for the first), at least a second.

    Full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/): spreads the retries of
    many clients; the lower half is cut off, so that a wait still grows with every failure.
    """
    if asked is not None:
        return min(max(asked, timedelta(seconds=1)), longest)
    ceiling: timedelta = min(_FIRST * 2.0 ** min(failures, 16), longest)
    return max(ceiling * random.uniform(0.5, 1.0), timedelta(seconds=1))  # noqa: S311  (jitter is no secret)
