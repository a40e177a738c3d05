"""What the card works out by itself: bars, likeness, and what can be taken back."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.desk.card import alike, bars_of, times_of
from monitor.domain import Meaning, Reason, Status
from monitor.store.card import Face, ResolvedCase
from tests.builders import NOW, make_case, minutes
from tests.incident_cases import MODEL, direction


def face(**changes: Any) -> Face:
    values: dict[str, Any] = dict.fromkeys(Face.__dataclass_fields__)
    values |= {"platform": "x", "native_id": "1", "author": "ben", "text": "t", "edition": 1, "source": "x"}
    return Face(**{**values, "posted_at": NOW - minutes(9), "seen_at": NOW, "told": (), "metrics": {}, **changes})


def resolved(number: int, text: str = "", *, cause: str | None = None, meaning: Meaning | None = None) -> ResolvedCase:
    return ResolvedCase(number, cause, (), None, NOW - timedelta(days=1), text, "we helped", "ada", meaning)


def test_bars_follow_each_other_from_nothing_to_the_score() -> None:
    bars = bars_of([Reason("complaint", 30, ""), Reason("reach", 20.5, ""), Reason("cap", -10.5, "own cap")], 40)
    assert [(bar.start, bar.end) for bar in bars] == [(0, 30), (30, 50.5), (50.5, 40)]
    assert (bars[2].left, bars[2].width) == (40, 10.5)
    assert bars[-1].end == 40


def test_what_the_reasons_leave_open_is_a_bar_of_its_own() -> None:
    bars = bars_of([Reason("complaint", 30, "")], 42)
    assert [(bar.name, bar.points) for bar in bars] == [("complaint", 30), ("rest", 12)]
    assert bars_of([], 0) == ()


def test_a_time_that_has_not_come_is_none_and_its_place_stays() -> None:
    times = times_of(make_case(), face(decided_at=NOW))
    assert [(moment.name, moment.at is None) for moment in times] == [
        ("posted", False), ("fetched", False), ("decided", False), ("told", True), ("claimed", True), ("replied", True),
    ]  # fmt: skip
    closed = times_of(make_case(Status.DISMISSED, closed_at=NOW, dismissed_reason="a joke"), face())
    assert (closed[-1].name, closed[-1].detail) == ("dismissed", "a joke")


def test_likeness_goes_by_meaning_where_one_model_read_both() -> None:
    here, there = Meaning(MODEL, direction(0)), Meaning(MODEL, direction(1))
    known = [resolved(1, meaning=here), resolved(2, meaning=there), resolved(3, cause="delivery", meaning=here)]
    found = alike(here, "the lamp is late", "delivery", known)
    assert [(each.case.id, each.how) for each in found] == [(3, "meaning and cause"), (1, "meaning")]


@pytest.mark.parametrize("meaning", [None, Meaning("another model", direction(0))])
def test_without_a_common_model_likeness_goes_by_words(meaning: Meaning | None) -> None:
    known = [resolved(1, "my lamp arrived broken again", meaning=Meaning(MODEL, direction(0))), resolved(2, "login")]
    (found,) = alike(meaning, "Lamp arrived BROKEN", None, known)
    assert (found.case.id, found.how) == (1, "words")


def test_nothing_alike_is_nothing_and_the_best_few_are_enough() -> None:
    assert alike(None, "", None, [resolved(1, "lamp broken")]) == ()
    known = [resolved(number, "lamp arrived broken") for number in range(9)]
    assert [each.case.id for each in alike(None, "lamp arrived broken", None, known)] == [8, 7, 6]
