"""Shifts at the desk: who is on shift and comes next, and what a person may say about shifts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.desk import Command, Turn, execute
from monitor.desk.shifts import be_absent, duty, end_shift_change, override_shift
from monitor.errors import MonitorError
from monitor.rules.shifts import Kind, ShiftChange
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes
from tests.staff import DAY, make_staffed

CONFIG = make_staffed()
HOUR = timedelta(hours=1)
ANA_AWAY = ShiftChange(Kind.ABSENT, "ana", NOW, NOW + HOUR, reason="ill")


@pytest.fixture
def store() -> SqliteStore:
    return SqliteStore(None)


def turn(store: SqliteStore, **config: object) -> Turn:
    return Turn(store, make_staffed(**config), "kim", NOW)  # type: ignore[arg-type]


def test_who_is_on_shift_till_when_and_who_comes_next(store: SqliteStore) -> None:
    found = duty(store, CONFIG, NOW)
    seven = NOW + 7 * HOUR
    assert (found.on_shift, found.next_at, found.next_on_shift) == ((("ana", seven), ("ben", seven)), seven, ("cleo",))
    shown = found.to_json()
    assert shown["on_shift"][0] == {"name": "ana", "until": "2026-03-04T19:00:00.000Z", "zone": "Europe/Berlin"}
    assert shown["next"] == {"at": "2026-03-04T19:00:00.000Z", "on_shift": ["cleo"]}


def test_an_absence_is_kept_with_who_said_so_and_ended(store: SqliteStore) -> None:
    answer = be_absent(turn(store), ANA_AWAY)
    change = answer["change"]
    assert (change["who"], change["author"], change["reason"]) == ("ana", "kim", "ill")
    assert answer["nobody_from"] is None
    assert [name for name, _ in duty(store, CONFIG, NOW).on_shift] == ["ben"]
    end_shift_change(turn(store), change["id"])
    assert [name for name, _ in duty(store, CONFIG, NOW).on_shift] == ["ana", "ben"]
    with pytest.raises(MonitorError, match="is not in force"):
        end_shift_change(turn(store), change["id"])


def test_an_absence_that_leaves_nobody_on_shift_says_from_when(store: SqliteStore) -> None:
    away = replace(ANA_AWAY, starts_at=NOW + minutes(30))
    be_absent(turn(store, shifts=(DAY,)), away)
    answer = be_absent(turn(store, shifts=(DAY,)), replace(away, who="ben"))
    assert answer["nobody_from"] == "2026-03-04T12:30:00.000Z"


def test_an_override_takes_the_place_of_another_or_adds_a_person(store: SqliteStore) -> None:
    override_shift(turn(store), ShiftChange(Kind.OVERRIDE, "cleo", NOW, NOW + HOUR, "ana"))
    assert [name for name, _ in duty(store, CONFIG, NOW).on_shift] == ["cleo", "ben"]
    assert duty(store, CONFIG, NOW).next_at == NOW + HOUR


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (replace(ANA_AWAY, who="anna"), "did you mean 'ana'"),
        (replace(ANA_AWAY, ends_at=NOW), "would end before it begins"),
        (replace(ANA_AWAY, starts_at=NOW - 2 * HOUR, ends_at=NOW - HOUR), "would end before it begins"),
        (replace(ANA_AWAY, ends_at=NOW + timedelta(days=400)), "longer than a year"),
    ],
)
def test_what_cannot_be_is_refused_and_not_kept(store: SqliteStore, change: ShiftChange, cause: str) -> None:
    with pytest.raises(MonitorError, match=cause):
        be_absent(turn(store), change)
    assert store.shift_changes(NOW - 9 * HOUR) == []


def test_an_override_of_a_stranger_or_of_oneself_is_refused(store: SqliteStore) -> None:
    for instead_of in ("zoe", "cleo"):
        with pytest.raises(MonitorError):
            override_shift(turn(store), ShiftChange(Kind.OVERRIDE, "cleo", NOW, NOW + HOUR, instead_of))


def test_shift_commands_travel_as_plain_values(store: SqliteStore) -> None:
    window = {"since": NOW.isoformat(), "until": (NOW + HOUR).isoformat()}
    said = {"who": "cleo", "instead_of": "ana", "reason": "swap", **window}
    answer = execute(store, CONFIG, Command("shift-override", "kim", said), NOW)
    assert answer["change"]["instead_of"] == "ana"
    execute(store, CONFIG, Command("shift-absent", "kim", {"who": "ben", **window}), NOW)
    assert [name for name, _ in duty(store, CONFIG, NOW).on_shift] == ["cleo"]
    execute(store, CONFIG, Command("shift-end", "kim", {"change": answer["change"]["id"]}), NOW)
    assert [name for name, _ in duty(store, CONFIG, NOW).on_shift] == ["ana"]
