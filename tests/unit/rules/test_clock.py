from datetime import UTC, datetime, time, timedelta

from monitor.config.schema import Hours, Triage
from monitor.domain import Level
from monitor.rules.clock import CRITICAL_CLAIM, claim_times, due_at

WEEKDAYS = Triage(hours=Hours(start=time(9), end=time(17)))
WEDNESDAY = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)


def test_a_deadline_is_the_post_plus_the_promise_of_its_level() -> None:
    assert due_at(WEDNESDAY, Level.HIGH, Triage()) == WEDNESDAY + timedelta(minutes=30)


def test_critical_runs_around_the_clock_while_normal_waits_for_people() -> None:
    assert due_at(WEDNESDAY, Level.CRITICAL, WEEKDAYS, "Europe/Berlin") == WEDNESDAY + timedelta(minutes=5)
    assert due_at(WEDNESDAY, Level.NORMAL, WEEKDAYS) == datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def test_a_weekend_is_skipped() -> None:
    friday = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
    assert due_at(friday, Level.NORMAL, WEEKDAYS) == datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def test_working_hours_move_with_the_clocks_of_the_zone() -> None:
    before = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)
    due = due_at(before, Level.NORMAL, WEEKDAYS, "Europe/Berlin")
    assert due == datetime(2026, 3, 30, 10, 0, tzinfo=UTC), "one hour on Friday, three from 09:00 summer time on Monday"


def test_a_claim_has_half_then_all_of_the_remaining_time() -> None:
    now = WEDNESDAY
    assert claim_times(now + timedelta(hours=2), Level.NORMAL, now) == (
        now + timedelta(hours=1),
        now + timedelta(hours=2),
    )
    assert claim_times(now + timedelta(hours=2), Level.CRITICAL, now)[1] == now + CRITICAL_CLAIM


def test_a_claim_of_a_late_case_still_has_some_time() -> None:
    ping, release = claim_times(WEDNESDAY - timedelta(days=1), Level.HIGH, WEDNESDAY)
    assert WEDNESDAY < ping < release
