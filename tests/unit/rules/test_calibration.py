"""Calibration moves the line for one brand at one source, and says so wherever its number is told."""

import pytest

from monitor.config.schema import Calibration, Settings, Triage
from monitor.domain import Decision, History
from monitor.rules.calibration import calibrated
from monitor.rules.decide import decide
from monitor.rules.rules import compile_rules
from tests.builders import NOW, make_hit, make_mention, make_verdict
from tests.services import make_settings


def settings(**table: float) -> Settings:
    return make_settings(triage=Triage(calibration={"lumo": {"x": Calibration(**table)}}))


def decided(config: Settings, probability: float, **hit: object) -> Decision:
    found = make_hit(make_mention("the lumo lamp flickers since tuesday"), **hit)
    return decide(found, make_verdict(probability), History(), compile_rules(config), NOW)


def test_a_shift_makes_a_case_of_what_lay_below_the_line_and_tells_both_numbers() -> None:
    plain, shifted = decided(make_settings(), 0.4), decided(settings(shift=1.0), 0.4)
    assert (plain.is_case, shifted.is_case) == (False, True)
    reason = next(reason for reason in shifted.reasons if reason.name == "complaint")
    assert reason.evidence == "the model gives 0.64, 0.40 before calibration"
    assert sum(entry.points for entry in shifted.reasons) == pytest.approx(shifted.score)


def test_a_drop_tells_both_numbers() -> None:
    assert decided(settings(shift=-1.0), 0.6).evidence == "complaint 0.36 < 0.50, 0.60 before calibration"


def test_other_sources_are_read_as_the_model_gives_them() -> None:
    assert decided(settings(shift=-9), 0.6, source="reddit") == decided(make_settings(), 0.6, source="reddit")


def test_the_order_of_posts_is_kept_and_nothing_changes_nothing() -> None:
    table = Calibration(slope=0.4, shift=-2)
    read = [calibrated(step / 20, table) for step in range(21)]
    assert read == sorted(read)
    assert calibrated(0.3, Calibration()) == pytest.approx(0.3)


def test_a_calibration_is_part_of_the_rules_version() -> None:
    assert compile_rules(settings(shift=1.0)).version != compile_rules(make_settings()).version
