"""Which cases ask for an answer, what became of it, whose a breach is, how long a case was handled."""

from typing import Any

import pytest

from monitor.report.figure import Whose
from monitor.report.found import Wall, percentile
from monitor.report.rules import Standing, asks, handled, in_time, is_confirmed, links, settled_at, standing, whose
from monitor.store.report import CaseTimes
from tests.unit.report.examples import MIN, a_case


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([7], 0.9, 7), ([1, 3], 0.5, 2), ([1, 2, 3, 4, 5], 0.9, 4.6), ([5, 5, 9], 0.5, 5)],
)
def test_a_percentile_lies_between_its_neighbours(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == pytest.approx(expected) if expected is not None else True
    assert (percentile(values, share) is None) is (expected is None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, True), ({"kind": "question"}, True), ({"kind": "praise"}, False), ({"status": "dismissed"}, False)],
)
def test_praise_and_dismissed_cases_ask_for_no_answer(changes: dict[str, Any], expected: bool) -> None:
    assert asks(a_case(**changes)) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Standing.WAITING),
        ({"replied_at": MIN, "status": "replied"}, Standing.ANSWERED),
        ({"replied_at": MIN, "status": "resolved"}, Standing.ANSWERED),
        ({"status": "resolved"}, Standing.UNSEEN),
        ({"resolved_at": MIN, "status": "new"}, Standing.WAITING),
        ({"backfilled": 1, "replied_at": MIN}, Standing.HISTORY),
    ],
)
def test_what_became_of_an_answer(changes: dict[str, Any], expected: Standing) -> None:
    assert standing(a_case(**changes)) is expected


@pytest.mark.parametrize(
    ("changes", "now", "expected"),
    [
        ({"replied_at": 30 * MIN}, 99 * MIN, True),
        ({"replied_at": 30 * MIN + 1}, 99 * MIN, False),
        ({}, 30 * MIN, None),
        ({}, 30 * MIN + 1, False),
        ({"status": "resolved"}, 99 * MIN, None),
        ({"backfilled": 1}, 99 * MIN, None),
    ],
)
def test_an_answer_outside_our_sight_is_unknown_and_not_late(
    changes: dict[str, Any], now: int, expected: bool | None
) -> None:
    assert in_time(a_case(**changes), now) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fetched_at": 20 * MIN, "decided_at": 21 * MIN, "replied_at": 35 * MIN}, Whose.PLATFORM),
        ({"fetched_at": MIN, "decided_at": 20 * MIN, "replied_at": 35 * MIN}, Whose.OURS),
        ({"decided_at": 2 * MIN, "notified_at": 25 * MIN, "replied_at": 35 * MIN}, Whose.OURS),
        ({"notified_at": 3 * MIN, "replied_at": 35 * MIN}, Whose.TEAM),
        ({"notified_at": 90 * MIN, "fetched_at": MIN, "replied_at": 35 * MIN}, Whose.OURS),
        ({}, Whose.TEAM),
        ({"fetched_at": -MIN, "replied_at": 35 * MIN}, Whose.TEAM),
    ],
)
def test_a_breach_is_of_whoever_had_the_case_for_the_longest(changes: dict[str, Any], expected: Whose) -> None:
    assert whose(a_case(**changes), 60 * MIN) is expected


def test_a_link_whose_ends_are_unknown_or_in_the_other_order_is_unknown() -> None:
    whole = a_case(notified_at=5 * MIN, claimed_at=8 * MIN, replied_at=20 * MIN)
    assert links(whole) == (MIN, MIN, 3 * MIN, 3 * MIN, 12 * MIN)
    assert links(a_case(claimed_at=8 * MIN)) == (MIN, MIN, None, 6 * MIN, None)
    early = a_case(fetched_at=-1, notified_at=9 * MIN, claimed_at=8 * MIN, replied_at=7 * MIN)
    assert links(early) == (None, 2 * MIN + 1, 7 * MIN, None, None)


@pytest.mark.parametrize(
    ("case", "settled", "expected"),
    [
        (a_case(claimed_at=5 * MIN, handled_ms=7), None, None),
        (a_case(claimed_at=5 * MIN, replied_at=9 * MIN, resolved_at=MIN, handled_ms=7), 9 * MIN, 7),
        (a_case(claimed_at=5 * MIN, resolved_at=9 * MIN, handled_ms=7), 9 * MIN, 7),
        (a_case(replied_at=9 * MIN), 9 * MIN, None),
        (a_case(claimed_at=10 * MIN, replied_at=9 * MIN), 9 * MIN, None),
    ],
)
def test_only_what_was_claimed_before_has_a_handling_time(
    case: CaseTimes, settled: int | None, expected: int | None
) -> None:
    assert settled_at(case) == settled
    assert handled(case) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False), ({"claimed_at": 1}, True), ({"resolved_at": 1}, True), ({"replied_at": 1}, True),
        ({"claimed_at": 1, "kind": "question"}, False), ({"claimed_at": 1, "status": "dismissed"}, False),
    ],
)  # fmt: skip
def test_a_complaint_is_confirmed_by_whoever_takes_it(changes: dict[str, Any], expected: bool) -> None:
    assert is_confirmed(a_case(**changes)) is expected


def test_the_wall_clock_knows_summer_and_winter() -> None:
    wall = Wall("Europe/Berlin")
    summer, winter = 1_792_886_400_000 - 900_000, 1_792_886_400_000 + 5_400_000  # 25 Oct 2026, 00:00 UTC
    assert (wall.hour(summer), wall.hour(winter)) == ("1", "2")
    assert wall.monday(summer).isoformat() == "2026-10-19"
