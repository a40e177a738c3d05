"""What every store must do for chains and shifts; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.domain import Level, Status
from monitor.rules.chain import ChainState, Progress
from monitor.rules.shifts import Kind, ShiftChange
from monitor.store.chains import StepKind, StepState
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case

URGENT = (Level.CRITICAL, Level.HIGH)
BEGUN = Progress(1, Level.CRITICAL, ChainState.RUNNING, 0, NOW + minutes(5), warn_at=NOW + minutes(3))


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def told_case(store: SqliteStore, level: Level = Level.CRITICAL) -> int:
    case_id = store_case(store, level)
    store.update_case(case_id, told_level=level, told_at=NOW)
    return case_id


def states(store: SqliteStore, case_id: int) -> list[tuple[str, int, str]]:
    return [(row.kind.value, row.step, row.state.value) for row in store.chain_steps(case_id)]


def test_a_chain_is_kept_with_the_rows_of_its_next_step_and_its_warning(store: SqliteStore) -> None:
    case_id = store_case(store)
    assert store.chain(case_id) is None
    store.put_chain(case_id, BEGUN)
    assert store.chain(case_id) == BEGUN
    step, warning = store.chain_steps(case_id)
    assert (step.kind, step.step, step.state, step.due_at) == (StepKind.STEP, 0, StepState.WAITING, NOW + minutes(5))
    assert (warning.kind, warning.state, warning.due_at) == (StepKind.WARNING, StepState.WAITING, NOW + minutes(3))
    assert store.next_chain_due() == NOW + minutes(3)


def test_steps_are_due_from_their_time_on_the_oldest_first(store: SqliteStore) -> None:
    case_id = store_case(store)
    store.put_chain(case_id, BEGUN)
    assert store.due_chain_steps(NOW + minutes(2.9), 10) == []
    assert [row.kind for row in store.due_chain_steps(NOW + minutes(5), 10)] == [StepKind.WARNING, StepKind.STEP]
    assert [row.kind for row in store.due_chain_steps(NOW + minutes(5), 1)] == [StepKind.WARNING]


def test_a_step_is_taken_once(store: SqliteStore) -> None:
    case_id = store_case(store)
    store.put_chain(case_id, BEGUN)
    step, _ = store.chain_steps(case_id)
    assert store.finish_chain_step(step.id, NOW, ["ana"], "ana")
    assert not store.finish_chain_step(step.id, NOW, ["ben"])
    done, _ = store.chain_steps(case_id)
    assert (done.state, done.done_at, done.told, done.turn) == (StepState.DONE, NOW, ("ana",), "ana")
    assert store.last_turns() == {"ana": NOW}


def test_a_step_that_was_taken_is_never_planned_again(store: SqliteStore) -> None:
    case_id = store_case(store)
    store.put_chain(case_id, BEGUN)
    for row in store.chain_steps(case_id):
        store.finish_chain_step(row.id, NOW, ())
    store.put_chain(case_id, BEGUN)
    assert store.due_chain_steps(NOW + minutes(60), 10) == []


def test_a_paused_chain_keeps_what_is_left_and_has_nothing_due_but_its_warning(store: SqliteStore) -> None:
    case_id = store_case(store)
    store.put_chain(case_id, BEGUN)
    paused = replace(BEGUN, state=ChainState.PAUSED, due_at=None, left=timedelta(seconds=90))
    store.put_chain(case_id, paused)
    assert store.chain(case_id) == paused
    assert [row.kind for row in store.due_chain_steps(NOW + minutes(60), 10)] == [StepKind.WARNING]
    store.put_chain(case_id, replace(BEGUN, due_at=NOW + minutes(9)))
    assert [row.due_at for row in store.chain_steps(case_id)] == [NOW + minutes(9), NOW + minutes(3)]


def test_what_ends_and_what_begins_anew_leaves_no_row_behind_that_waits(store: SqliteStore) -> None:
    case_id = store_case(store)
    store.put_chain(case_id, BEGUN)
    store.put_chain(case_id, replace(BEGUN, run=2, step=0, warn_at=None))
    assert states(store, case_id) == [("step", 0, "ended"), ("warning", -1, "ended"), ("step", 0, "waiting")]
    store.put_chain(case_id, replace(BEGUN, run=2, state=ChainState.ENDED, due_at=None, warn_at=None))
    assert {state for *_, state in states(store, case_id)} == {"ended"}
    assert store.next_chain_due() is None


def test_a_case_without_a_chain_is_found_where_it_was_told(store: SqliteStore) -> None:
    told, _, claimed = told_case(store), store_case(store, Level.CRITICAL), told_case(store)
    store.update_case(claimed, status=Status.CLAIMED)
    assert store.cases_without_chain(URGENT, 10) == [told]
    store.put_chain(told, BEGUN)
    assert store.cases_without_chain(URGENT, 10) == []
    store.put_chain(told, replace(BEGUN, state=ChainState.ENDED, due_at=None, warn_at=None))
    assert store.cases_without_chain([Level.HIGH], 10) == []
    assert store.cases_without_chain(URGENT, 10) == [told]


def test_a_chain_that_goes_on_is_not_lost(store: SqliteStore) -> None:
    case_id = told_case(store)
    store.put_chain(case_id, BEGUN)
    assert store.lost_chains(URGENT, NOW + minutes(5)) == []
    store.put_chain(case_id, replace(BEGUN, state=ChainState.FINISHED, step=1, due_at=None))
    assert store.lost_chains(URGENT, NOW + minutes(60)) == []


def test_a_chain_without_its_row_an_overdue_one_and_one_that_never_began_are_lost(store: SqliteStore) -> None:
    rowless, overdue, never = (told_case(store) for _ in range(3))
    for case_id in (rowless, overdue):
        store.put_chain(case_id, BEGUN)
    with store.write():
        store.connection.query("DELETE FROM chain_steps WHERE case_id = :id", {"id": rowless})
    lost = {entry.case_id: entry.due_at for entry in store.lost_chains(URGENT, NOW + minutes(5.1))}
    assert lost == {rowless: None, overdue: NOW + minutes(5), never: None}
    assert [entry.case_id for entry in store.lost_chains(URGENT, NOW)] == [rowless, never]


def test_a_chain_that_was_raised_stays_found_until_somebody_takes_the_case(store: SqliteStore) -> None:
    case_id = told_case(store)
    store.put_chain(case_id, replace(BEGUN, raised_at=NOW))
    assert [entry.raised_at for entry in store.lost_chains(URGENT, NOW)] == [NOW]
    store.update_case(case_id, status=Status.CLAIMED)
    assert store.lost_chains(URGENT, NOW + minutes(60)) == []


def test_a_message_that_waits_is_hastened_unless_it_is_the_list_of_a_changed_config(store: SqliteStore) -> None:
    case_id = store_case(store)
    assert not store.hasten_message_with("desk", case_id, NOW)
    store.add_to_message("desk", "rules=r1", "case.rescored", case_id, Level.HIGH, NOW + minutes(5), NOW)
    assert not store.hasten_message_with("desk", case_id, NOW)
    store.add_to_message("desk", "brand=lumo", "case.opened", case_id, Level.HIGH, NOW + minutes(5), NOW)
    assert store.hasten_message_with("desk", case_id, NOW)
    assert [message.event for message in store.messages_to_seal(NOW, 10)] == ["case.opened"]


def test_absences_and_overrides_are_kept_until_they_end(store: SqliteStore) -> None:
    absent = ShiftChange(Kind.ABSENT, "ana", NOW, NOW + minutes(60), None, "ill", "ben")
    override = ShiftChange(Kind.OVERRIDE, "ben", NOW + minutes(5), NOW + minutes(60), "ana", "", "ben")
    first, second = store.add_shift_change(absent), store.add_shift_change(override)
    assert store.shift_changes(NOW) == [replace(absent, id=first), replace(override, id=second)]
    assert store.shift_changes(NOW + minutes(60)) == []


def test_an_absence_is_ended_once_and_one_to_come_never_begins(store: SqliteStore) -> None:
    now_off = store.add_shift_change(ShiftChange(Kind.ABSENT, "ana", NOW, NOW + minutes(60)))
    later_off = store.add_shift_change(ShiftChange(Kind.ABSENT, "ana", NOW + minutes(30), NOW + minutes(60)))
    assert store.end_shift_change(now_off, NOW + minutes(1))
    assert store.end_shift_change(later_off, NOW + minutes(1))
    assert not store.end_shift_change(now_off, NOW + minutes(2))
    assert not store.end_shift_change(99, NOW)
    assert [change.ends_at for change in store.shift_changes(NOW)] == [NOW + minutes(1), NOW + minutes(30)]
