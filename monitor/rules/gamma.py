"""The gamma distribution; the standard library knows none."""

import math


def gamma_below(shape: float, value: float) -> float:
    """Return the regularised lower incomplete gamma function P(shape, value), for a shape above 0.

    The series 6.5.29 of Abramowitz and Stegun (1964), Handbook of Mathematical Functions: its terms are all positive,
    so that nothing cancels, and it ends after some value + 10 √value terms.
    """
    if value <= 0:
        return 0.0
    term = total = 1.0
    divisor = shape
    while term > total * 1e-16:
        divisor += 1
        term *= value / divisor
        total += term
        if total > 1e280:  # such a sum needs a value 35 standard deviations beyond the shape
            return 1.0
    exponent = shape * math.log(value) - value - math.lgamma(shape + 1) + math.log(total)
    return math.exp(min(exponent, 0.0))
