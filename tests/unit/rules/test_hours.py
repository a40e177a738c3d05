from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.hours import Presence, Window
from monitor.rules.hours import is_active, next_active

WORK = Window(days=("mon", "tue", "wed", "thu", "fri"), start=time(8), end=time(18))
NIGHT = Window(start=time(22), end=time(7))
OFFICE = Presence(hours=(WORK,), zone="Europe/Berlin")
SLEEPER = Presence(quiet=(NIGHT,), zone="Europe/Berlin")
MONDAY = datetime(2026, 3, 2, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("presence", "hours_after_monday", "active"),
    [
        (Presence(), 3, True),
        (OFFICE, 7.99, False),
        (OFFICE, 8, True),
        (OFFICE, 17.99, True),
        (OFFICE, 18, False),
        (OFFICE, 5 * 24 + 12, False),
        (SLEEPER, 6.99, False),
        (SLEEPER, 7, True),
        (SLEEPER, 22, False),
        (SLEEPER, 24 + 3, False),
        (Presence(hours=(WORK,), quiet=(Window(start=time(12), end=time(13)),), zone="Europe/Berlin"), 12.5, False),
        (Presence(hours=(Window(days=("mon",)),), zone="Europe/Berlin"), 23.99, True),
        (Presence(hours=(Window(days=("mon",)),), zone="Europe/Berlin"), 24, False),
        (Presence(hours=(Window(days=("mon",), start=time(20), end=time(6)),), zone="Europe/Berlin"), 29, True),
        (Presence(hours=(Window(days=("mon",), start=time(20), end=time(6)),), zone="Europe/Berlin"), 5, False),
    ],
)
def test_a_receiver_may_be_told_within_its_hours_and_outside_quiet_ones(
    presence: Presence, hours_after_monday: float, active: bool
) -> None:
    assert is_active(presence, MONDAY + timedelta(hours=hours_after_monday)) is active


@pytest.mark.parametrize(
    ("presence", "hours_after_monday", "waits_hours"),
    [(Presence(), 3, 0), (OFFICE, 12, 0), (OFFICE, 20, 12), (OFFICE, 4 * 24 + 18, 62), (SLEEPER, 23, 8)],
)
def test_what_is_held_back_is_told_when_the_hours_come(
    presence: Presence, hours_after_monday: float, waits_hours: float
) -> None:
    moment = MONDAY + timedelta(hours=hours_after_monday)
    assert next_active(presence, moment) == moment + timedelta(hours=waits_hours)


def test_a_receiver_that_is_always_quiet_is_never_told() -> None:
    assert next_active(Presence(quiet=(Window(),)), MONDAY) is None


def test_quiet_hours_follow_the_clock_on_the_wall_when_it_is_changed() -> None:
    spring = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)  # a quarter of the night before clocks go forward
    autumn = datetime(2026, 10, 24, 21, 30, tzinfo=UTC)
    assert next_active(SLEEPER, spring) == datetime(2026, 3, 29, 5, tzinfo=UTC)
    assert next_active(SLEEPER, autumn) == datetime(2026, 10, 25, 6, tzinfo=UTC)


times = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
windows = st.builds(
    Window, days=st.lists(st.sampled_from(["mon", "wed", "sat", "sun"]), min_size=1).map(tuple), start=times, end=times
)
presences = st.builds(
    Presence,
    hours=st.lists(windows, max_size=2).map(tuple),
    quiet=st.lists(windows, max_size=2).map(tuple),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
)
moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: MONDAY.astimezone(UTC) + timedelta(minutes=minutes))


@given(presences, moments)
def test_the_next_time_is_active_and_no_earlier_minute_is(presence: Presence, moment: datetime) -> None:
    found = next_active(presence, moment)
    end = found or moment + timedelta(days=7)
    assert found is None or (found >= moment and is_active(presence, found))
    steps = [moment + (end - moment) * part / 60 for part in range(60)]
    assert not any(is_active(presence, step) for step in steps if step < end)
