"""Who is on shift: weeks, nights, zones, the days on which clocks change, absences and overrides."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.people import WEEK, Absence, Override, Person, Shift
from monitor.config.schema import Settings
from monitor.rules.shifts import Kind, Roster, ShiftChange, away, next_change, on_shift, present, roster_of, uncovered
from tests.staff import DAY, NIGHT, PEOPLE

BERLIN = ZoneInfo("Europe/Berlin")
TEAM = Roster(dict(PEOPLE), (DAY, NIGHT))
MONDAY = datetime(2026, 11, 16, tzinfo=BERLIN)


def at(hour: int, minute: int = 0, day: int = 0, base: datetime = MONDAY) -> datetime:
    local = base.replace(tzinfo=None) + timedelta(days=day)
    return local.replace(hour=hour, minute=minute, tzinfo=BERLIN).astimezone(UTC)


def test_a_shift_holds_from_its_start_up_to_its_end() -> None:
    assert on_shift(TEAM, at(7, 59)) == ("cleo",)
    assert on_shift(TEAM, at(8)) == ("ana", "ben")
    assert on_shift(TEAM, at(19, 59)) == ("ana", "ben")
    assert on_shift(TEAM, at(20)) == ("cleo",)


def test_a_night_belongs_to_the_day_on_which_it_starts() -> None:
    friday = Roster(dict(PEOPLE), (Shift(who=("cleo",), days=("fri",), start=time(20), end=time(8)),))
    assert on_shift(friday, at(23, day=4)) == on_shift(friday, at(7, day=5)) == ("cleo",)
    assert on_shift(friday, at(7, day=4)) == on_shift(friday, at(20, day=5)) == ()


def test_a_shift_that_ends_when_it_starts_is_a_whole_day() -> None:
    sunday = Roster(dict(PEOPLE), (Shift(who=("ana",), days=("sun",)),))
    assert on_shift(sunday, at(0, day=6)) == on_shift(sunday, at(23, 59, day=6)) == ("ana",)
    assert on_shift(sunday, at(0, day=7)) == ()


def test_hours_without_a_zone_are_those_of_each_person() -> None:
    people = {"ana": Person(receivers=("a",), zone="Europe/Berlin"), "bo": Person(receivers=("b",), zone="Asia/Tokyo")}
    roster = Roster(people, (Shift(who=("ana", "bo"), start=time(9), end=time(17)),))
    assert on_shift(roster, at(9)) == ("ana",)
    assert on_shift(roster, at(2)) == ("bo",)
    fixed = Roster(people, (Shift(who=("ana", "bo"), start=time(9), end=time(17), zone="Europe/Berlin"),))
    assert on_shift(fixed, at(9)) == ("ana", "bo")


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime(2026, 3, 28, tzinfo=BERLIN), 11), (datetime(2026, 10, 24, tzinfo=BERLIN), 13)]
)
def test_the_night_on_which_clocks_change_is_an_hour_shorter_or_longer(day: datetime, hours: int) -> None:
    begins = at(20, base=day)
    assert next_change(TEAM, begins) == begins + timedelta(hours=hours)
    assert next_change(TEAM, begins) == at(8, day=1, base=day)


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=BERLIN), datetime(2026, 10, 25, tzinfo=BERLIN)])
def test_shifts_that_meet_in_the_hour_that_changes_leave_no_gap_and_never_overlap(day: datetime) -> None:
    early = Shift(who=("ana",), start=time(0), end=time(2, 30))
    late = Shift(who=("ben",), start=time(2, 30), end=time(0))
    roster = Roster(dict(PEOPLE), (early, late))
    moments = [at(0, base=day) + timedelta(minutes=5 * number) for number in range(26 * 12)]
    assert all(len(on_shift(roster, moment)) == 1 for moment in moments)
    turns = [on_shift(roster, moment) for moment in moments[: 23 * 12]]
    assert sum(first != second for first, second in pairwise(turns)) == 1


def test_whoever_is_away_is_on_no_shift() -> None:
    absent = ShiftChange(Kind.ABSENT, "ana", at(9), at(12))
    roster = Roster(dict(PEOPLE), (DAY, NIGHT), (absent,))
    assert on_shift(roster, at(9)) == ("ben",)
    assert (away(roster, at(9)), present(roster, at(9))) == (frozenset({"ana"}), ("ben", "cleo"))
    assert on_shift(roster, at(12)) == ("ana", "ben")


def test_an_override_adds_a_person_or_takes_the_shifts_of_another() -> None:
    besides = ShiftChange(Kind.OVERRIDE, "cleo", at(9), at(23))
    assert on_shift(Roster(dict(PEOPLE), (DAY, NIGHT), (besides,)), at(10)) == ("ana", "ben", "cleo")
    instead = ShiftChange(Kind.OVERRIDE, "cleo", at(9), at(23), "ana")
    roster = Roster(dict(PEOPLE), (DAY,), (instead,))
    assert on_shift(roster, at(10)) == ("cleo", "ben")
    assert on_shift(roster, at(21)) == ()


def test_an_absence_counts_more_than_an_override() -> None:
    changes = (
        ShiftChange(Kind.OVERRIDE, "cleo", at(9), at(12), "ana"),
        ShiftChange(Kind.ABSENT, "cleo", at(9), at(12)),
    )
    assert on_shift(Roster(dict(PEOPLE), (DAY,), changes), at(10)) == ("ben",)


def test_a_person_is_on_shift_for_the_brands_that_they_answer_for() -> None:
    people = {**PEOPLE, "ben": Person(receivers=("b",), zone="Europe/Berlin", brands=("lumo",))}
    roster = Roster(people, (DAY,))
    assert on_shift(roster, at(9), "lumo") == ("ana", "ben")
    assert on_shift(roster, at(9), "other") == ("ana",)


def test_the_next_change_is_the_next_moment_with_other_people() -> None:
    assert next_change(TEAM, at(9)) == at(20)
    always = Roster(dict(PEOPLE), (Shift(who=("ana",)),))
    assert next_change(always, at(9)) is None
    assert next_change(Roster(), at(9)) is None


def test_the_first_hour_that_nobody_covers_is_found() -> None:
    assert uncovered(TEAM, at(0), at(0, day=7)) is None
    weekdays = Shift(who=("ana",), days=WEEK[:5], zone="Europe/Berlin")
    assert uncovered(Roster(dict(PEOPLE), (weekdays,)), at(0), at(0, day=7)) == at(0, day=5)


def test_absences_of_the_config_are_meant_in_the_zone_of_the_person_and_count_whole_days() -> None:
    absence = Absence.model_validate({"who": "ana", "start": "2026-11-16", "end": "2026-11-16"})
    override = Override.model_validate({"who": "ben", "start": "2026-11-16T06:00", "end": "2026-11-16 07:30"})
    stranger = Absence.model_validate({"who": "zoe", "start": "2026-11-16", "end": "2026-11-17"})
    said = ShiftChange(Kind.ABSENT, "ben", at(9), at(10), id=3)
    config = Settings(people=dict(PEOPLE), shifts=(DAY,), absences=(absence, stranger), overrides=(override,))
    first, second, third = roster_of(config, [said]).changes
    assert (first.who, first.starts_at, first.ends_at) == ("ana", at(0), at(0, day=1))
    assert (second.who, second.starts_at, second.ends_at) == ("ben", at(6), at(7, 30))
    assert third == said


shifts = st.builds(
    Shift,
    who=st.lists(st.sampled_from(list(PEOPLE)), min_size=1, max_size=2, unique=True).map(tuple),
    days=st.lists(st.sampled_from(WEEK), min_size=1, unique=True).map(tuple),
    start=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    end=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    zone=st.sampled_from([None, "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda number: MONDAY.astimezone(UTC) + timedelta(minutes=number))


@given(st.lists(shifts, min_size=1, max_size=3), moments)
def test_between_two_changes_the_same_people_are_on_shift(weekly: list[Shift], moment: datetime) -> None:
    roster = Roster(dict(PEOPLE), tuple(weekly))
    change = next_change(roster, moment)
    if change is None:
        return
    just_before = change - timedelta(milliseconds=1)
    assert set(on_shift(roster, just_before)) == set(on_shift(roster, moment))
    assert set(on_shift(roster, change)) != set(on_shift(roster, moment))
