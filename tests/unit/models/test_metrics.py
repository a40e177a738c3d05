"""The figures are what their definitions say, on examples small enough to check by hand."""

import numpy as np
import pytest

from models.metrics import at_base_rate, average_precision, calibration_error, curve, measure

LABELS = ("not_complaint", "complaint")
TRUTH = np.array([0, 0, 0, 0, 1, 1])
CHANCES = np.array([0.1, 0.2, 0.3, 0.8, 0.7, 0.4])
ROWS = np.stack([1 - CHANCES, CHANCES], 1)


def test_recall_precision_and_f1_of_each_class() -> None:
    figures = measure(LABELS, TRUTH, ROWS)
    negative, positive = figures.classes
    assert (negative.recall, negative.precision, negative.support) == (0.75, 0.75, 4)
    assert (positive.recall, positive.precision, positive.f1, positive.support) == (0.5, 0.5, 0.5, 2)
    assert figures.macro_f1.value == pytest.approx((0.75 + 0.5) / 2)
    assert figures.macro_recall.value == pytest.approx((0.75 + 0.5) / 2)
    assert figures.confusion == ((3, 1), (1, 1))
    assert figures.accuracy == pytest.approx(4 / 6)


def test_a_class_that_no_text_has_does_not_count() -> None:
    figures = measure(("a", "b", "c"), np.array([0, 1]), np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0]]))
    assert figures.macro_f1.value == 1.0
    assert figures.classes[2].recall is None


def test_an_interval_holds_its_figure_and_narrows_with_more_texts() -> None:
    few = measure(LABELS, TRUTH, ROWS).macro_f1
    many = measure(LABELS, np.tile(TRUTH, 100), np.tile(ROWS, (100, 1))).macro_f1
    assert few.low <= few.value <= few.high
    assert many.high - many.low < (few.high - few.low) / 3


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert measure(LABELS, TRUTH, ROWS, seed=3) == measure(LABELS, TRUTH, ROWS, seed=3)


def test_calibration_error_is_nought_where_chances_come_true() -> None:
    chances = np.full(10, 0.3)
    truth = np.array([1] * 3 + [0] * 7)
    assert calibration_error(truth, np.stack([1 - chances, chances], 1)) == pytest.approx(0)


def test_calibration_error_is_the_gap_where_they_do_not() -> None:
    chances = np.full(10, 0.9)
    truth = np.array([1] * 5 + [0] * 5)
    assert calibration_error(truth, np.stack([1 - chances, chances], 1)) == pytest.approx(0.4)


def test_the_curve_ends_at_full_recall_and_begins_with_the_surest() -> None:
    points = curve(TRUTH == 1, CHANCES)
    assert (points[0].threshold, points[0].recall, points[0].precision) == (0.1, 1.0, pytest.approx(2 / 6))
    assert (points[-1].threshold, points[-1].recall, points[-1].precision) == (0.8, 0.0, 0.0)


def test_equal_chances_are_one_point_of_the_curve() -> None:
    points = curve(np.array([True, False, True]), np.array([0.5, 0.5, 0.5]))
    assert [(point.recall, point.precision) for point in points] == [(1.0, pytest.approx(2 / 3))]


def test_average_precision_by_hand() -> None:
    assert average_precision(TRUTH == 1, CHANCES) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert average_precision(np.zeros(3, bool), np.ones(3)) is None


def test_precision_falls_with_the_base_rate() -> None:
    at_half = next(row for row in at_base_rate(TRUTH == 1, CHANCES, 0.5) if row.threshold == 0.5)
    at_one_in_20 = next(row for row in at_base_rate(TRUTH == 1, CHANCES, 0.05) if row.threshold == 0.5)
    assert at_half.precision == pytest.approx(0.5 / (0.5 + 0.25))
    assert at_one_in_20.precision == pytest.approx(0.05 * 0.5 / (0.05 * 0.5 + 0.95 * 0.25))
    assert at_one_in_20.alarms_per_1000 == pytest.approx(1000 * (0.05 * 0.5 + 0.95 * 0.25))
    assert at_half.recall == at_one_in_20.recall == 0.5
