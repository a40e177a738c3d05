"""What every store must do for receivers: states, threads, fallbacks and canaries."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain import Level, Status
from monitor.store.receivers import Thread
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case

LATER = NOW + minutes(6)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def told(store: SqliteStore, *cases: int, receiver: str = "desk", group: str = "g", urgent: bool = True) -> int:
    return store.add_told(receiver, group, "case.opened", {"subject": "s"}, "key", cases, NOW, urgent=urgent)


def test_a_receiver_that_takes_one_message_has_no_failures_in_a_row(store: SqliteStore) -> None:
    for _ in range(2):
        store.receiver_failed("desk", "server", "desk: 503", NOW)
    assert (store.receiver_states()["desk"].failures, store.receiver_states()["desk"].reason) == (2, "server")
    store.receiver_took("desk", LATER)
    state = store.receiver_states()["desk"]
    assert (state.failures, state.ok_at, state.failed_at, state.error) == (0, LATER, NOW, "desk: 503")


def test_waiting_and_dead_messages_are_counted(store: SqliteStore) -> None:
    told(store, store_case(store))
    told(store, store_case(store), receiver="mail")
    claimed = store.claim_message(["mail"], NOW, 60)
    assert claimed is not None
    store.kill_message(claimed, "mail: 550")
    states = store.receiver_states()
    assert (states["desk"].waiting, states["desk"].oldest_at, states["desk"].dead) == (1, NOW, 0)
    assert (states["mail"].waiting, states["mail"].oldest_at, states["mail"].dead) == (0, None, 1)


def test_a_case_stays_in_the_thread_in_which_it_was_first_told(store: SqliteStore) -> None:
    one, two = store_case(store, Level.CRITICAL), store_case(store, Level.HIGH)
    first = told(store, one, two)
    thread = store.thread_of("desk", first)
    assert thread == Thread(f"case:{one}")
    store.keep_thread("desk", Thread(thread.name, "CARE-1"), NOW, message_id=first)
    assert store.thread_of("desk", told(store, two)) == Thread(f"case:{one}", "CARE-1")
    assert store.thread_of("mail", told(store, two, receiver="mail")) == Thread(f"case:{two}")


def test_a_message_about_an_incident_goes_on_in_its_thread(store: SqliteStore) -> None:
    case = store_case(store)
    assert store.thread_of("desk", told(store, group="incident:7")) == Thread("incident:7")
    store.update_case(case, incident_id=7)
    assert store.thread_of("desk", told(store, case)) == Thread("incident:7")
    assert store.thread_of("desk", told(store)) is None


def test_the_name_at_the_other_end_is_kept_until_another_one_comes(store: SqliteStore) -> None:
    store.keep_thread("desk", Thread("case:1", "CARE-1"), NOW)
    store.keep_thread("desk", Thread("case:1"), LATER)
    assert store.thread_named("desk", "case:1").remote == "CARE-1"
    store.keep_thread("desk", Thread("case:1", "CARE-2"), LATER)
    assert store.thread_named("desk", "case:1").remote == "CARE-2"


def test_a_thread_ends_when_its_last_case_is_closed_and_once(store: SqliteStore) -> None:
    one, two = store_case(store), store_case(store)
    store.keep_thread("desk", Thread(f"case:{one}"), NOW, message_id=told(store, one, two))
    store.update_case(one, status=Status.RESOLVED, closed_at=LATER)
    assert store.threads_to_end(["desk"], 10) == []
    store.update_case(two, status=Status.DISMISSED, closed_at=LATER)
    assert store.threads_to_end(["mail"], 10) == []
    assert store.threads_to_end(["desk"], 10) == [("desk", f"case:{one}", (one, two))]
    store.end_thread("desk", f"case:{one}", LATER)
    assert store.threads_to_end(["desk"], 10) == []


def test_what_was_announced_as_an_incident_does_not_end_with_the_cases_that_were_told(store: SqliteStore) -> None:
    case = store_case(store)
    store.update_case(case, incident_id=7, status=Status.RESOLVED, closed_at=NOW)
    store.keep_thread("desk", Thread("incident:7"), NOW, message_id=told(store, case))
    assert len(store.threads_to_end(["desk"], 10)) == 1
    told(store, group="incident:7")
    assert store.threads_to_end(["desk"], 10) == []


def test_only_urgent_messages_that_wait_long_enough_are_undelivered(store: SqliteStore) -> None:
    case = store_case(store)
    message = told(store, case)
    told(store, store_case(store), urgent=False)
    assert store.undelivered(NOW - minutes(5), NOW - minutes(60), NOW, 10) == []
    (found,) = store.undelivered(LATER - minutes(5), NOW - minutes(60), LATER, 10)
    assert (found.id, found.cases, found.refused) == (message, (case,), False)
    store.keep_fallback(found, LATER)
    assert store.undelivered(LATER - minutes(5), NOW - minutes(60), LATER, 10) == []
    assert store.last_fallback("desk") == LATER


def test_a_refused_message_is_undelivered_at_once(store: SqliteStore) -> None:
    told(store, store_case(store))
    claimed = store.claim_message(["desk"], NOW, 60)
    assert claimed is not None
    store.kill_message(claimed, "desk: 401")
    (found,) = store.undelivered(NOW - minutes(5), NOW - minutes(60), NOW, 10)
    assert (found.refused, found.error) == (True, "desk: 401")
    assert store.undelivered(NOW - minutes(5), NOW, NOW, 10) == []


def test_what_gathers_behind_a_message_that_is_stuck_is_undelivered_case_by_case(store: SqliteStore) -> None:
    stuck = told(store, store_case(store))
    first, second = store_case(store), store_case(store)
    behind = store.add_to_message("desk", "g", "case.opened", first, Level.HIGH, NOW, NOW)
    for message in (found := store.undelivered(LATER - minutes(5), NOW - minutes(60), LATER, 10)):
        store.keep_fallback(message, LATER)
    assert {(message.id, message.cases) for message in found} >= {(behind, (first,))}
    assert stuck in {message.id for message in found}
    store.add_to_message("desk", "g", "case.opened", second, Level.HIGH, NOW, LATER)
    (found_later,) = store.undelivered(LATER - minutes(5), NOW - minutes(60), LATER, 10)
    assert found_later.cases == (second,)


def test_a_canary_is_acknowledged_once_and_by_its_token_alone(store: SqliteStore) -> None:
    number = store.add_canary("desk", "key", "hash", LATER, NOW, by_delivery=False)
    store.canary_sent("key", NOW)
    run = store.last_canary("desk")
    assert run is not None
    assert (run.id, run.sent_at, run.acknowledged_at, run.overdue(LATER)) == (number, NOW, None, False)
    assert run.overdue(LATER + minutes(1))
    assert not store.acknowledge_canary(number, "other", NOW)
    assert store.acknowledge_canary(number, "hash", NOW)
    assert not store.acknowledge_canary(number, "hash", NOW)
    store.forget_canaries(LATER)
    assert store.last_canary("desk") is None


def test_a_canary_by_delivery_is_acknowledged_when_it_was_taken(store: SqliteStore) -> None:
    store.add_canary("desk", "key", "hash", LATER, NOW, by_delivery=True)
    store.canary_sent("key", NOW)
    run = store.last_canary("desk")
    assert run is not None
    assert run.acknowledged_at == NOW
