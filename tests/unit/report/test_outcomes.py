"""What counts as settled, as won back, as complaining again; shares of nothing; what a fix has left."""

from datetime import date, datetime
from typing import Any

import pytest

from monitor.report.counts import covered_by, measure_coverage
from monitor.report.fixes import fixes_of, outcomes_of
from monitor.report.found import WHOLE, Value, Wall
from monitor.report.outcomes import by_author, measure_outcomes, quiet_until
from monitor.report.rules import QUIET
from monitor.report.times import measure_costs
from monitor.store.report import CaseTimes, CauseCount, CauseFix
from tests.unit.report.examples import DAY, MIN, NOVEMBER, NOW, a_case

FAR = 400 * DAY


def measured(key: str, *cases: CaseTimes, now: int = FAR) -> Value:
    return measure_outcomes(cases, by_author(cases, ()), now, Wall("UTC"))[key, WHOLE]


@pytest.mark.parametrize(
    ("changes", "settled"),
    [
        ({}, 1), ({"again_at": 10 * MIN + QUIET}, 0), ({"again_at": 10 * MIN + QUIET + 1}, 1),
        ({"negative_at": 11 * MIN}, 0), ({"negative_at": 10 * MIN + QUIET + 1}, 1),
    ],
)  # fmt: skip
def test_one_reply_settles_a_case_that_stays_quiet_for_a_week(changes: dict[str, Any], settled: int) -> None:
    case = a_case(replied_at=10 * MIN, status="replied", **changes)
    assert measured("first_contact_resolution", case) == Value(settled, 1)


def test_an_answer_that_is_younger_than_a_week_is_unknown_also_where_it_has_failed_already() -> None:
    case = a_case(replied_at=10 * MIN, status="replied", negative_at=11 * MIN)
    assert measured("first_contact_resolution", case, now=10 * MIN + QUIET - 1) == Value(None, 0, 1)
    assert measured("first_contact_resolution", a_case(status="resolved")) == Value(None, 0, 1)
    assert measured("first_contact_resolution", a_case()) == Value(None, 0, 0)


@pytest.mark.parametrize(
    ("changes", "settled"),
    [
        ({"posted_at": 20 * MIN}, 0.0), ({"posted_at": 10 * MIN}, 1.0), ({"posted_at": 10 * MIN + QUIET + 1}, 1.0),
        ({"posted_at": 20 * MIN, "author": "bob"}, 1.0), ({"posted_at": 20 * MIN, "platform": "reddit"}, 1.0),
        ({"posted_at": 20 * MIN, "status": "dismissed"}, 1.0), ({"posted_at": 20 * MIN, "kind": "question"}, 1.0),
    ],
)  # fmt: skip
def test_a_further_complaint_of_the_same_author_in_a_case_of_its_own_spoils_a_reply(
    changes: dict[str, Any], settled: float
) -> None:
    first, again = a_case(replied_at=10 * MIN, status="resolved"), a_case(case_id=2, **changes)
    assert measured("first_contact_resolution", first, again).value == settled
    assert quiet_until([first, again]) == 10 * MIN + QUIET + 1


def test_silent_authors_are_counted_among_the_answered_and_never_as_won_back() -> None:
    answered = {"replied_at": 10 * MIN, "status": "replied"}
    calm = a_case(case_id=1, author="a", words=1, mood="calmer", **answered)
    angry = a_case(case_id=2, author="b", words=1, mood="angrier", **answered)
    silent = a_case(case_id=3, author="c", **answered)
    unclear = a_case(case_id=4, author="d", words=2, **answered)
    erased = a_case(case_id=5, author="", **answered)
    everybody = (calm, angry, silent, unclear, erased, a_case(case_id=6, author="e"))
    assert measured("recovered_authors", *everybody) == Value(1 / 3, 3, 2)
    assert measured("silent_authors", *everybody) == Value(0.25, 4, 1)


def test_the_latest_words_of_an_author_count() -> None:
    first = a_case(replied_at=10 * MIN, status="resolved", words=1, mood="angrier")
    second = a_case(case_id=2, replied_at=20 * MIN, status="resolved", words=1, mood="calmer")
    third = a_case(case_id=3, replied_at=30 * MIN, status="replied")
    assert measured("recovered_authors", third, second, first) == Value(1, 1, 0)


def test_authors_of_two_brands_complain_once_to_each() -> None:
    cases = [a_case(case_id=1), a_case(case_id=2, brand="nova"), a_case(case_id=3, author="")]
    assert measured("repeat_complainers", *cases) == Value(0, 2, 1)
    assert measured("repeat_complainers", *cases, a_case(case_id=4)) == Value(0.5, 2, 1)


def test_costs_are_unknown_without_the_price_of_an_hour_and_where_nothing_was_handled() -> None:
    handled = a_case(claimed_at=MIN, replied_at=31 * MIN, status="replied", handled_ms=30 * MIN)
    assert measure_costs([handled], None, 5.0)["cost_per_case", WHOLE] == Value(None, 1, 0)
    assert measure_costs([handled], 40.0, 5.0)["cost_per_case", WHOLE] == Value(20, 1, 0)
    assert measure_costs([handled], 40.0, 5.0)["cost_per_complaint", WHOLE] == Value(25, 1, 0)
    assert measure_costs([a_case()], 40.0, 5.0)["cost_per_complaint", WHOLE] == Value(None, 0, 0)


def test_overlapping_holes_are_lost_once_and_only_within_the_span() -> None:
    assert covered_by([(2, 6), (0, 4), (3, 5), (9, 99)], (1, 10)) == 6
    begun = NOVEMBER.since.timestamp() + 15 * 86_400
    found = measure_coverage(NOVEMBER, {"x": begun, "never": None}, {"x": [(begun, begun + 86_400)]})
    whole = found["coverage", WHOLE]
    assert whole.value == pytest.approx(14 / 15)
    assert (whole.n, whole.unknown) == (1, 1)
    assert found["coverage", (("source", "never"),)] == Value(None, 0, 1)


def a_fix(day: date) -> CauseFix:
    return CauseFix("lumo", "billing", day, "", "ana", NOW)


def counts(day: int, cases: int) -> CauseCount:
    quarter = int(datetime(2026, 11, day, 12, tzinfo=NOW.tzinfo).timestamp()) // 900
    return CauseCount(quarter, "lumo", "billing", cases)


def test_a_fix_holds_where_at_most_a_quarter_came_back() -> None:
    fix = a_fix(date(2026, 11, 3))
    for after, holds in ((7, True), (8, False)):
        (outcome,), _ = outcomes_of(NOVEMBER, [fix], [counts(2, 28), counts(5, after)])
        assert outcome.holds is holds
        assert outcome.recurrence == pytest.approx(after / 28)


def test_a_young_fix_and_one_of_a_cause_that_nobody_had_are_not_known_yet() -> None:
    young, idle = a_fix(date(2026, 11, 25)), a_fix(date(2026, 11, 3))
    (outcome, other), found = outcomes_of(NOVEMBER, [young, idle], [counts(20, 3)])
    assert (outcome.holds, outcome.recurrence, other.holds) == (None, None, None)
    assert found["forward_resolution", WHOLE] == Value(None, 0, 2)
    assert fixes_of(NOVEMBER, [a_fix(date(2026, 12, 2)), a_fix(date(2026, 8, 1)), young]) == [young]
