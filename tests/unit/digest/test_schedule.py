from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from monitor.config.digests import Digest
from monitor.digest.schedule import LONGEST_WINDOW, Sent, digest_due, next_digest_at

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(time: str = "08:00", zone: str = "Europe/Berlin") -> Digest:
    return Digest.model_validate({"name": "morning", "to": "desk", "at": time, "zone": zone})


def every(span: str, **more: object) -> Digest:
    return Digest.model_validate({"name": "hourly", "to": "desk", "every": span, **more})


def by_cron(line: str, zone: str = "Europe/Berlin") -> Digest:
    return Digest.model_validate({"name": "morning", "to": "desk", "cron": line, "zone": zone})


def send_all(digest: Digest, start: datetime, end: datetime, step: timedelta, first_run: datetime) -> list[str]:
    """Ask at every step, recording what was due; returns the keys."""
    keys: list[str] = []
    last: Sent | None = None
    now = start
    while now <= end:
        due = digest_due(digest, last, first_run, now)
        if due:
            keys.append(due.key)
            last = Sent(due.key, now)
        now += step
    return keys


def test_a_digest_leaves_at_its_time_in_its_zone() -> None:
    last = Sent("2026-11-17", at("2026-11-17 07:00"))
    assert digest_due(daily(), last, LONG_AGO, at("2026-11-18 06:59")) is None
    due = digest_due(daily(), last, LONG_AGO, at("2026-11-18 07:00"))
    assert due is not None
    assert (due.key, due.since, due.until) == ("2026-11-18", last.at, at("2026-11-18 07:00"))


def test_none_leaves_on_the_first_run_of_a_store() -> None:
    first_run = at("2026-11-18 12:00")
    assert digest_due(daily(), None, first_run, first_run) is None
    due = digest_due(daily(), None, first_run, at("2026-11-19 07:00"))
    assert due is not None
    assert due.since == at("2026-11-18 07:00")


@pytest.mark.parametrize("time", ["02:30", "03:00", "00:30", "23:59", "08:00"])
@pytest.mark.parametrize(("start", "end"), [("2026-03-27", "2026-03-31"), ("2026-10-23", "2026-10-27")])
def test_exactly_one_leaves_on_each_local_date_across_a_clock_change(time: str, start: str, end: str) -> None:
    keys = send_all(daily(time), at(start), at(end), timedelta(minutes=5), at(start) - timedelta(days=9))
    assert keys == sorted(set(keys))
    first, last = datetime.fromisoformat(keys[0]).date(), datetime.fromisoformat(keys[-1]).date()
    assert len(keys) == (last - first).days + 1


def test_a_skipped_time_leaves_right_after_the_gap() -> None:
    last = Sent("2026-03-28", at("2026-03-28 01:30"))
    assert digest_due(daily("02:30"), last, LONG_AGO, at("2026-03-29 01:29")) is None
    assert digest_due(daily("02:30"), last, LONG_AGO, at("2026-03-29 01:30")) is not None


def test_times_missed_while_nothing_ran_are_made_up_for_once() -> None:
    last = Sent("2026-09-10", at("2026-09-10 06:00"))
    due = digest_due(daily(), last, LONG_AGO, at("2026-11-18 06:00"))
    assert due is not None
    assert due.key == "2026-11-17"
    assert due.until - due.since == LONGEST_WINDOW
    again = digest_due(daily(), Sent(due.key, at("2026-11-18 06:00")), LONG_AGO, at("2026-11-18 06:30"))
    assert again is None


def test_a_clock_set_back_sends_nothing_twice() -> None:
    last = Sent("2026-11-18", at("2026-11-18 07:00"))
    assert digest_due(daily(), last, LONG_AGO, at("2026-11-18 06:30")) is None
    assert digest_due(daily(), last, LONG_AGO, at("2026-11-18 07:30")) is None


def test_every_so_often_keeps_its_beat() -> None:
    first_run = at("2026-11-18 08:10")
    keys = send_all(every("1h"), first_run, at("2026-11-18 12:00"), timedelta(minutes=7), first_run)
    assert [key[11:16] for key in keys] == ["09:10", "10:10", "11:10"]


def test_the_first_one_may_leave_sooner() -> None:
    first_run = at("2026-11-18 08:10")
    digest = every("1h", first_after="20s")
    assert digest_due(digest, None, first_run, first_run + timedelta(seconds=19)) is None
    assert digest_due(digest, None, first_run, first_run + timedelta(seconds=20)) is not None


def test_a_changed_schedule_neither_floods_nor_blocks() -> None:
    slot = Sent("2026-11-18T07:10:00+00:00", at("2026-11-18 07:10"))
    assert digest_due(daily(), slot, LONG_AGO, at("2026-11-18 08:00")) is None
    assert digest_due(daily(), slot, LONG_AGO, at("2026-11-19 08:00")) is not None


@settings(deadline=None)
@given(
    st.sampled_from(
        [
            daily(),
            daily("02:30"),
            daily("00:00", "America/New_York"),
            every("1h"),
            every("7m"),
            every("5h", days=["sat", "mon"], zone="Asia/Kathmandu"),
            by_cron("30 2 * * sun"),
            by_cron("0 8 1,15 * *"),
        ]
    ),
    st.integers(min_value=0, max_value=1_000_000),
    st.integers(min_value=0, max_value=20_000),
)
def test_asking_at_the_named_time_finds_it_due(digest: Digest, start: int, minutes: int) -> None:
    first_run = LONG_AGO + timedelta(minutes=start)
    now = first_run + timedelta(minutes=minutes)
    due = digest_due(digest, None, first_run, now)
    last = Sent(due.key, now) if due else None
    soon = next_digest_at(digest, last, first_run, now)
    assert soon > now
    assert digest_due(digest, last, first_run, soon) is not None


ZONES = ("Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut",
         "America/Nuuk", "Pacific/Chatham", "Asia/Kathmandu", "Africa/Casablanca")  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(ZONES),
    st.times(),
    st.dates(date(2026, 1, 3), date(2027, 11, 1)),
    st.integers(min_value=1, max_value=1_300),
    st.booleans(),
)
def test_exactly_one_leaves_on_each_local_date_in_any_zone(
    zone: str, clock: time, first: date, step: int, cron: bool
) -> None:
    """The daemon asks every `step` minutes, less than a day apart; the days hold whatever clock change comes."""
    digest = by_cron(f"{clock.minute} {clock.hour} * * *", zone) if cron else daily(f"{clock:%H:%M}", zone)
    begin = datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC)
    end = begin + timedelta(days=8)
    keys = send_all(digest, begin - timedelta(days=1), end, timedelta(minutes=step), begin - timedelta(days=20))
    days = [date.fromisoformat(key) for key in keys]
    assert days == [days[0] + timedelta(days=ahead) for ahead in range(len(days))]
    assert len(days) >= 8


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_clock_change_of_a_year_each_date_gets_one(zone: str) -> None:
    for change in clock_changes(zone, 2026):
        for digest in (daily(f"{change:%H:%M}", zone), by_cron(f"{change.minute} {change.hour} * * *", zone)):
            start = change.astimezone(UTC) - timedelta(days=2)
            keys = send_all(digest, start, start + timedelta(days=4), timedelta(minutes=10), start - timedelta(days=9))
            assert len(set(keys)) == len(keys)
            assert (date.fromisoformat(keys[-1]) - date.fromisoformat(keys[0])).days + 1 == len(keys)


def clock_changes(zone: str, year: int) -> Sequence[datetime]:
    """Return the local times of the first minute of every clock change of a year."""
    begin = datetime(year, 1, 1, tzinfo=UTC)
    hours = [(begin + timedelta(minutes=30 * number)).astimezone(ZoneInfo(zone)) for number in range(365 * 48)]
    pairs = pairwise(hours)
    return [after for before, after in pairs if before.utcoffset() != after.utcoffset()]


def test_the_zones_of_the_property_change_their_clocks() -> None:
    assert sum(len(clock_changes(zone, 2026)) for zone in ZONES) >= 16


def test_a_digest_leaves_on_its_days_alone() -> None:
    weekdays = Digest.model_validate({"name": "desk", "to": "desk", "at": "08:00", "days": ["mon", "wed"]})
    keys = send_all(weekdays, at("2026-11-16"), at("2026-11-30"), timedelta(hours=1), LONG_AGO)
    assert keys[1:] == ["2026-11-16", "2026-11-18", "2026-11-23", "2026-11-25"]
    assert next_digest_at(weekdays, Sent("2026-11-18", at("2026-11-18 08:00")), LONG_AGO, at("2026-11-18 09:00")) == at(
        "2026-11-23 08:00"
    )


def test_every_so_often_rests_on_other_days() -> None:
    hourly = every("6h", days="mon", zone="Europe/Berlin")
    first_run = at("2026-11-20 00:00")
    keys = send_all(hourly, first_run, at("2026-11-27"), timedelta(minutes=30), first_run)
    assert keys == [f"2026-11-23T{hour:02}:00:00+00:00" for hour in (0, 6, 12, 18)]


def test_a_cron_leaves_as_it_says() -> None:
    keys = send_all(by_cron("30 7 * * fri-sat"), at("2026-11-18"), at("2026-12-01"), timedelta(hours=1), LONG_AGO)
    assert keys[1:] == ["2026-11-20", "2026-11-21", "2026-11-27", "2026-11-28"]
    monthly = by_cron("0 9 last * *")
    assert digest_due(monthly, Sent("2026-10-31", at("2026-10-31 08:00")), LONG_AGO, at("2026-11-30 07:59")) is None
    due = digest_due(monthly, Sent("2026-10-31", at("2026-10-31 08:00")), LONG_AGO, at("2026-11-30 08:00"))
    assert due is not None
    assert due.since == at("2026-10-31 08:00")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("0 8 * *", "five fields"),
        ("0 8,16 * * *", "leaves once a day"),
        ("*/5 8 * * *", "leaves once a day"),
        ("0 24 * * *", "no time of day"),
        ("0 8 * * 1-5", "write names"),
        ("0 8 1 * mon", "two ways"),
        ("0 8 * * fun", 'Invalid weekday name "fun"'),
        ("0 8 30 2 *", "never comes"),
    ],
)
def test_a_cron_that_says_no_single_time_a_day_is_refused(line: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        by_cron(line)


def test_a_cron_beside_days_is_refused() -> None:
    with pytest.raises(ValidationError, match="names its own days"):
        Digest.model_validate({"name": "n", "to": "desk", "cron": "0 8 * * mon", "days": "tue"})
