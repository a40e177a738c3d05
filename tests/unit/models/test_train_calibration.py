"""Calibration and figures: honest probabilities, and each figure as its benchmark defines it."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="training needs the extra train")

from models.train.calibrate import REACH, best_shift, surprise, temperature
from models.train.metrics import calibration_error, figure, macro_f1, probabilities, standard_error


def overconfident(seed: int, factor: float, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits that claim ``factor`` times more than is true, and labels drawn from the truth."""
    rng = np.random.default_rng(seed)
    margin = rng.normal(0, 2, 6000)
    labels = (rng.random(6000) < 1 / (1 + np.exp(-margin))).astype(np.int64)
    claimed = factor * margin - shift
    return np.stack([-claimed / 2, claimed / 2], -1).astype(np.float32), labels


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_exaggeration(factor: float) -> None:
    logits, labels = overconfident(1, factor)

    assert temperature(logits, labels) == pytest.approx(factor, rel=0.1)


def test_a_calibrated_head_is_less_surprised_and_nearly_honest() -> None:
    logits, labels = overconfident(2, 3.0)
    found = temperature(logits, labels)

    assert surprise(logits, labels, found) < surprise(logits, labels)
    assert calibration_error(probabilities(logits), labels) > 0.05
    assert calibration_error(probabilities(logits, found), labels) < 0.03


def test_a_shift_serves_the_figure_and_stays_within_reach() -> None:
    logits, labels = overconfident(4, 1.0, shift=0.3)

    shift = best_shift("offensive", logits, labels)

    assert 0 < shift <= REACH + 0.01


def test_sure_and_always_wrong_is_the_worst_calibration() -> None:
    chances = np.array([[1.0, 0.0]] * 8, np.float32)

    assert calibration_error(chances, np.ones(8, np.int64)) == pytest.approx(1.0)
    assert calibration_error(chances, np.zeros(8, np.int64)) == pytest.approx(0.0)


def test_each_head_has_the_figure_of_its_benchmark() -> None:
    labels, guesses = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])

    assert figure("irony", labels, guesses) == pytest.approx(200 / 3)
    assert figure("offensive", labels, guesses) == pytest.approx(100 * (0.8 + 2 / 3) / 2)
    assert figure("sentiment", np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0])) == pytest.approx(100 * 2.5 / 3)


def test_a_class_that_is_never_guessed_counts_as_nought() -> None:
    assert macro_f1(np.array([0, 1]), np.array([0, 0]), 2) == pytest.approx(100 / 3)


def test_more_rows_make_the_standard_error_smaller() -> None:
    labels = np.tile([0, 1, 1, 0], 25)
    guesses = np.tile([0, 1, 0, 0], 25)

    few, many = (
        standard_error("offensive", labels, guesses),
        standard_error("offensive", np.tile(labels, 9), np.tile(guesses, 9)),
    )

    assert many < few / 2
