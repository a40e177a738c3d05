from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.config.schema import Hours, Triage
from monitor.domain import Level
from monitor.rules.clock import due_at, earlier, is_working_time


def test_due_times_only_move_earlier() -> None:
    now = datetime(2026, 3, 4, tzinfo=UTC)
    later = now + timedelta(hours=1)
    assert earlier(None, later) == later
    assert earlier(now, later) == now


def test_people_work_in_their_zone() -> None:
    monday_seven = datetime(2026, 3, 30, 6, 30, tzinfo=UTC)
    assert is_working_time(monday_seven, Hours(), "Europe/Berlin")
    assert not is_working_time(monday_seven, Hours(), "UTC")
    assert is_working_time(monday_seven, None)


@given(st.datetimes(timezones=st.just(UTC), allow_imaginary=False), st.sampled_from(list(Level)))
def test_working_time_is_never_shorter_than_the_promise(moment: datetime, level: Level) -> None:
    start = moment.replace(year=2000 + moment.year % 50, day=min(moment.day, 28))
    triage = Triage(hours=Hours())
    due = due_at(start, level, triage, "America/New_York")
    assert due >= start + triage.sla.of(level)
    assert due <= start + timedelta(days=8)
