from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.digests import Digest
from monitor.digest.schedule import LONGEST_WINDOW, Sent, digest_due, next_digest_at

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(time: str = "08:00", zone: str = "Europe/Berlin") -> Digest:
    return Digest.model_validate({"name": "morning", "to": "desk", "at": time, "zone": zone})


def every(span: str, **more: str) -> Digest:
    return Digest.model_validate({"name": "hourly", "to": "desk", "every": span, **more})


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
    last = Sent("2026-11-10", at("2026-11-10 07:00"))
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
    st.sampled_from([daily(), daily("02:30"), daily("00:00", "America/New_York"), every("1h"), every("7m")]),
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
