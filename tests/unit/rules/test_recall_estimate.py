"""The estimate of missed complaints, and its interval."""

import pytest

from bench.recall_estimate import BOUND, SCENARIOS, Scenario, measure, simulate
from monitor.rules.gamma import gamma_below
from monitor.rules.recall import Stratum
from monitor.rules.recall_estimate import Answered, Estimate, RecallFigures, figures_of, weights_of


def answers(number: int, probability: float, *, missed: int = 0, stratum: Stratum = Stratum.FAR) -> list[Answered]:
    return [Answered(stratum, probability, at < missed) for at in range(number)]


@pytest.mark.parametrize(
    ("shape", "value", "share"),
    [
        (1, 0.6931472, 0.5),
        (0.5, 1.920729, 0.95),
        (5, 10.24158, 0.975),
        (50, 37.11096, 0.025),
        (2_500, 2_598.942, 0.975),
        (3, 1e6, 1.0),
        (3, 0, 0.0),
    ],
)
def test_the_gamma_distribution_agrees_with_printed_tables_of_chi_square(
    shape: float, value: float, share: float
) -> None:
    assert gamma_below(shape, value) == pytest.approx(share, abs=1e-5)


def test_an_estimate_reads_as_the_digest_prints_it() -> None:
    assert RecallFigures(4_100, 500, 9, Estimate(12.2, 5.4, 23.6)).sentence == "12 of 4,100 (95 % 5–24)"


def test_too_few_answers_are_said_to_be_too_few() -> None:
    figures = figures_of(answers(59, 0.1, missed=5), {Stratum.FAR: 590})
    assert figures.estimate is None
    assert figures.sentence == "too few answers (59 of 60)"
    assert figures_of(answers(60, 0.1), {Stratum.FAR: 600}).estimate is not None


def test_nothing_drawn_is_no_estimate() -> None:
    assert figures_of([], {}) == RecallFigures(0, 0, 0, None)


def test_when_every_drop_was_looked_at_the_number_is_exact() -> None:
    figures = figures_of(answers(15, 1.0, missed=3), {Stratum.FAR: 15})
    assert figures.estimate == Estimate(3, 3, 3)
    assert figures.sentence == "3 of 15 (95 % 3–3)"


def test_none_found_leaves_room_for_some() -> None:
    found = figures_of(answers(100, 0.1), {Stratum.FAR: 1_000}).estimate
    assert found is not None
    assert found.missed == 0
    assert found.low == pytest.approx(0, abs=1e-9)
    assert 25 < found.high < 31, "about three times the weight of one answer: the rule of three"


def test_answers_stand_for_the_unanswered_of_their_kind() -> None:
    near, far = answers(20, 0.5, stratum=Stratum.NEAR), answers(20, 0.1)
    weights = weights_of([*near, *far], {Stratum.NEAR: 80, Stratum.FAR: 400})
    assert weights == pytest.approx([4.0] * 20 + [20.0] * 20)


def test_a_kind_with_few_answers_is_weighed_with_the_others() -> None:
    near, far = answers(2, 0.5, stratum=Stratum.NEAR), answers(98, 0.1)
    weights = weights_of([*near, *far], {Stratum.NEAR: 100, Stratum.FAR: 884})
    assert weights == pytest.approx([2.0] * 2 + [10.0] * 98)


def test_the_interval_never_contradicts_what_was_seen() -> None:
    figures = figures_of(answers(60, 0.9, missed=58), {Stratum.FAR: 66})
    assert figures.estimate is not None
    assert figures.estimate.low >= 58
    assert figures.estimate.high <= 64


def test_more_answers_narrow_the_interval() -> None:
    few = figures_of(answers(100, 0.1, missed=3), {Stratum.FAR: 1_000}).estimate
    many = figures_of(answers(1_000, 1.0, missed=30), {Stratum.FAR: 1_000}).estimate
    assert few is not None
    assert many is not None
    assert few.high - few.low > many.high - many.low


@pytest.mark.parametrize("scenario", SCENARIOS[:3], ids=lambda scenario: scenario.name)
def test_the_interval_holds_the_truth_in_at_least_93_of_100_streams(scenario: Scenario) -> None:
    outcome = measure(scenario, 100)
    assert outcome.known == 100
    assert outcome.held >= BOUND * 100


def test_a_simulated_stream_is_the_same_every_time() -> None:
    assert simulate(SCENARIOS[0], "seed") == simulate(SCENARIOS[0], "seed")
