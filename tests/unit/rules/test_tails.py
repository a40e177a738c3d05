"""Upper tails of counts and shares, beside sums that are written out."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.rules.tails import count_tail, share_tail

MEANS = st.floats(0.01, 300)
ROUNDING = 1e-9


def poisson_sum(seen: int, mean: float) -> float:
    return 1 - math.fsum(math.exp(-mean + at * math.log(mean) - math.lgamma(at + 1)) for at in range(seen))


def negative_binomial_sum(seen: int, mean: float, variance: float) -> float:
    size = mean**2 / (variance - mean)
    chance = mean / variance

    def weight(at: int) -> float:
        choose = math.lgamma(at + size) - math.lgamma(size) - math.lgamma(at + 1)
        return math.exp(choose + size * math.log(chance) + at * math.log(1 - chance))

    return 1 - math.fsum(weight(at) for at in range(seen))


@pytest.mark.parametrize(("seen", "mean"), [(1, 0.3), (5, 2.0), (3, 8.0), (20, 12.5)])
def test_without_further_spread_counts_are_poisson(seen: int, mean: float) -> None:
    assert count_tail(seen, mean, mean) == pytest.approx(poisson_sum(seen, mean), rel=1e-9)


@pytest.mark.parametrize(("seen", "mean", "variance"), [(1, 0.3, 0.6), (5, 2.0, 3.0), (3, 8.0, 30.0), (40, 20.0, 35.0)])
def test_spread_counts_are_negative_binomial(seen: int, mean: float, variance: float) -> None:
    assert count_tail(seen, mean, variance) == pytest.approx(negative_binomial_sum(seen, mean, variance), rel=1e-8)


def test_shares_sum_to_one_and_the_tail_is_what_is_left() -> None:
    parts = [share_tail(at, 9, 0.3, 0.1) - share_tail(at + 1, 9, 0.3, 0.1) for at in range(9)]
    assert sum(parts) + share_tail(9, 9, 0.3, 0.1) == pytest.approx(1)
    assert sum(at * part for at, part in enumerate([*parts, share_tail(9, 9, 0.3, 0.1)])) == pytest.approx(2.7)


def test_without_further_spread_shares_are_binomial() -> None:
    exact = sum(math.comb(12, at) * 0.25**at * 0.75 ** (12 - at) for at in range(6, 13))
    assert share_tail(6, 12, 0.25, 1e-6) == pytest.approx(exact, rel=1e-3)


@given(st.integers(0, 400), MEANS, st.floats(1, 4))
@example(39, 195.0, 1.1875)  # logarithms near 1,000 are exact to 1e-13, their sum to a few 1e-12
def test_a_greater_count_is_never_likelier(seen: int, mean: float, clumps: float) -> None:
    before = count_tail(seen, mean, clumps * mean)
    assert 0 <= count_tail(seen + 1, mean, clumps * mean) <= before + ROUNDING <= 1 + ROUNDING


@given(st.integers(1, 200), st.integers(0, 200), st.floats(0.01, 0.99), st.floats(0.001, 0.5))
def test_one_more_complaint_among_posts_is_never_likelier(
    seen: int, others: int, share: float, correlation: float
) -> None:
    before = share_tail(seen, seen + others, share, correlation)
    assert share_tail(seen + 1, seen + others + 1, share, correlation) <= before + ROUNDING


def test_edges() -> None:
    assert (count_tail(0, 5, 9), count_tail(1, 0, 0), share_tail(0, 5, 0.5, 0.1)) == (1.0, 0.0, 1.0)
    assert count_tail(10_000, 5, 9) < 1e-300
    assert (share_tail(1, 3, 0.0, 0.1), share_tail(1, 3, 1.0, 0.1)) == (0.0, 1.0)
