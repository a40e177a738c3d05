"""How unlikely a count is: upper tails of the negative binomial and the beta-binomial distribution.

Both have more spread than chance alone: complaints come in clumps (a thread, an author who writes twice) and their
rate wanders. The standard library knows neither. Johnson, Kemp and Kotz (2005), "Univariate Discrete Distributions",
chapters 5 and 6.
"""

import math
from collections.abc import Callable

Ratio = Callable[[int], float]

_NEGLIGIBLE = 1e-12
_POISSON = 1.001
"""Variance over mean below which counts are taken for those of chance alone."""


def count_tail(seen: int, mean: float, variance: float) -> float:
    """Return the chance of a count of at least `seen`, of a negative binomial of this mean and variance.

    A variance at or below the mean gives the Poisson distribution.
    """
    if seen <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    ratio = variance / mean
    if ratio <= _POISSON:
        first = seen * math.log(mean) - mean - math.lgamma(seen + 1)
        return _sum_up(first, seen, mean, lambda at: mean / (at + 1))
    size, chance = mean / (ratio - 1), 1 - 1 / ratio
    first = (
        math.lgamma(seen + size)
        - math.lgamma(size)
        - math.lgamma(seen + 1)
        - size * math.log(ratio)
        + seen * math.log(chance)
    )
    return _sum_up(first, seen, mean, lambda at: chance * (at + size) / (at + 1))


def share_tail(seen: int, of: int, share: float, spread: float) -> float:
    """Return the chance of at least `seen` among `of`, of a beta-binomial with this mean share.

    `spread` is the correlation of two of them, from 0 (chance alone) up to below 1.
    """
    if seen <= 0:
        return 1.0
    if not 0 < share < 1:
        return float(share >= 1)
    strength = 1 / max(spread, 1e-6) - 1
    yes, no = share * strength, (1 - share) * strength
    first = _log_choose(of, seen) + _log_beta(seen + yes, of - seen + no) - _log_beta(yes, no)
    mean = of * share

    def ratio(at: int) -> float:
        return 0.0 if at >= of else (of - at) * (at + yes) / ((at + 1) * (of - at - 1 + no))

    return _sum_up(first, seen, mean, ratio)


def _sum_up(log_first: float, start: int, mean: float, ratio: Ratio) -> float:
    """Add probabilities from `start` on, each the one before times `ratio`; beyond the mean they only fall."""
    total = term = 1.0
    at = start
    while term > total * _NEGLIGIBLE or at < mean:
        term *= ratio(at)
        total += term
        at += 1
        if term == 0.0:
            break
    return min(1.0, math.exp(min(log_first + math.log(total), 0.0)))


def _log_choose(of: int, seen: int) -> float:
    return math.lgamma(of + 1) - math.lgamma(seen + 1) - math.lgamma(of - seen + 1)


def _log_beta(one: float, other: float) -> float:
    return math.lgamma(one) + math.lgamma(other) - math.lgamma(one + other)
