from datetime import datetime, timedelta

import pytest

from monitor.domain import Status
from monitor.rules.watching import GUARDED, WatchedCase, next_look
from tests.builders import NOW


def case(status: Status, age: timedelta, closed: timedelta | None = None) -> WatchedCase:
    closed_at: datetime | None = None if closed is None else NOW - closed
    return WatchedCase(1, "lumo", status, NOW - age, closed_at, ("ann",))


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(0), timedelta(minutes=15)),
        (timedelta(hours=3, minutes=59), timedelta(minutes=15)),
        (timedelta(hours=4), timedelta(hours=1)),
        (timedelta(hours=24), timedelta(hours=4)),
        (timedelta(days=90), timedelta(hours=4)),
    ],
)
def test_the_younger_a_case_the_sooner_its_thread_is_read_again(age: timedelta, wait: timedelta) -> None:
    assert next_look([case(Status.CLAIMED, age)], NOW) == NOW + wait


def test_a_resolved_case_is_watched_for_seven_days_and_no_longer() -> None:
    assert next_look([case(Status.RESOLVED, GUARDED, timedelta(days=1))], NOW) == NOW + timedelta(hours=6)
    assert next_look([case(Status.RESOLVED, GUARDED, GUARDED - timedelta(hours=5))], NOW) is None


def test_the_case_that_wants_it_soonest_decides_and_none_ends_it() -> None:
    old, young = case(Status.NEW, timedelta(days=2)), case(Status.NEW, timedelta(hours=1))
    assert next_look([old, young], NOW) == NOW + timedelta(minutes=15)
    assert next_look([], NOW) is None
