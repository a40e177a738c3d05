"""A calibration is fitted to enough answers that speak for one, and to nothing else."""

import random

import pytest

from monitor.feedback.answers import Answered
from monitor.feedback.platt import LEAST_EACH, fit_calibration
from monitor.rules.calibration import calibrated


def answers(number: int, *, shift: float, seed: int = 1, weight: float = 1.0) -> list[Answered]:
    """Return answers by people for whom posts are complaints more often (`shift` > 0) than the model says."""
    from monitor.config.schema import Calibration  # noqa: PLC0415

    chance, truth = random.Random(seed), Calibration(shift=shift)
    found = []
    for at in range(number):
        given = chance.uniform(0.02, 0.98)
        said = chance.random() < calibrated(given, truth)
        found.append(Answered("lumo", "x", f"a{at}", "", given, said, said, weight))
    return found


@pytest.mark.parametrize("shift", [-1.5, 1.5])
def test_a_shift_is_found_again(shift: float) -> None:
    fit = fit_calibration(answers(600, shift=shift))
    assert fit is not None
    assert fit.table.shift == pytest.approx(shift, abs=0.4)
    assert fit.table.slope == pytest.approx(1, abs=0.3)
    assert fit.yes + fit.no == 600


def test_a_model_that_is_right_is_left_alone() -> None:
    fitted = [fit_calibration(answers(300, shift=0, seed=seed)) for seed in range(40)]
    assert sum(fit is not None for fit in fitted) <= 5, "chance alone speaks for a calibration once in twenty"


def test_too_few_answers_of_one_kind_fit_nothing() -> None:
    sure = [Answered("lumo", "x", "a", "", 0.9, True, True)] * 500
    few = [Answered("lumo", "x", "a", "", 0.9, False, False)] * (LEAST_EACH - 1)
    assert fit_calibration([*sure, *few]) is None


def test_what_nobody_judged_and_what_the_model_left_open_do_not_count() -> None:
    unjudged = [Answered("lumo", "x", "a", "", 0.9, True, None)] * 500
    unread = [Answered("lumo", "x", "a", "", None, False, False)] * 500
    assert fit_calibration([*unjudged, *unread, *answers(20, shift=2)]) is None


def test_the_size_of_all_weights_invents_no_evidence() -> None:
    light, heavy = (fit_calibration(answers(400, shift=1, weight=weight)) for weight in (1.0, 1000.0))
    assert light == heavy


def test_all_answers_the_same_way_stay_within_bounds() -> None:
    lows = [Answered("lumo", "x", f"a{at}", "", 0.001, True, True) for at in range(200)]
    highs = [Answered("lumo", "x", f"b{at}", "", 0.999, False, False) for at in range(200)]
    fit = fit_calibration([*lows, *highs])
    assert fit is not None
    assert 0 < fit.table.slope <= 10
    assert -10 <= fit.table.shift <= 10
