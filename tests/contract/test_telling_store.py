"""What every store must do about who was told of what: held back, repeated, remembered."""

from datetime import timedelta

import pytest

from monitor.domain import Level
from monitor.rules.alerting import Telling
from monitor.store.records import OpenMessage
from monitor.store.sqlite import SqliteStore
from monitor.store.tellings import ToldCase
from tests.builders import NOW, minutes, store_case

LATER = NOW + minutes(30)


@pytest.fixture
def store() -> SqliteStore:
    return SqliteStore(None)


def opened(store: SqliteStore, event: str = "case.opened", group: str = "g") -> tuple[int, OpenMessage]:
    case_id = store_case(store)
    message_id = store.add_to_message("desk", group, event, case_id, Level.HIGH, NOW, NOW)
    (message,) = [found for found in store.messages_to_seal(NOW, 10) if found.id == message_id]
    return case_id, message


def sealed(store: SqliteStore, group: str = "g") -> OpenMessage:
    _, message = opened(store, group=group)
    store.seal_message(message.id, {"subject": "s"}, f"key-{message.id}", NOW)
    return message


def test_a_group_whose_last_message_is_not_sent_yet_gathers_on(store: SqliteStore) -> None:
    sealed(store)
    case_id = store_case(store)
    store.add_to_message("desk", "g", "case.opened", case_id, Level.HIGH, NOW, NOW)
    store.add_to_message("boss", "g", "case.opened", case_id, Level.HIGH, NOW, NOW)
    assert [message.receiver for message in store.messages_to_seal(LATER, 10)] == ["boss"]
    claimed = store.claim_message(["desk"], NOW, 60)
    assert claimed is not None
    assert store.finish_message(claimed, NOW)
    assert sorted(message.receiver for message in store.messages_to_seal(LATER, 10)) == ["boss", "desk"]


def test_the_open_messages_beside_one_are_those_of_its_group(store: SqliteStore) -> None:
    _, message = opened(store)
    opened(store, "case.raised")
    opened(store, group="other")
    assert [other.event for other in store.open_beside(message)] == ["case.raised"]


def test_what_is_held_back_waits_until_its_time_or_until_somebody_wakes_it(store: SqliteStore) -> None:
    _, message = opened(store)
    store.hold_message(message.id, LATER, "silence 1")
    assert store.messages_to_seal(LATER - minutes(1), 10) == []
    assert store.next_message_due() == LATER
    assert store.waits()["oldest_urgent_at"] is None
    assert store.wake_held(NOW + minutes(1)) == 1
    assert [found.id for found in store.messages_to_seal(NOW + minutes(1), 10)] == [message.id]
    assert store.wake_held(NOW + minutes(2)) == 0


def test_what_is_marked_as_held_does_not_wait_for_anybody_until_it_is_due(store: SqliteStore) -> None:
    case_id = store_case(store)
    message_id = store.add_to_message("desk", "g#held", "case.opened", case_id, Level.HIGH, LATER, NOW)
    store.mark_held(message_id, "quiet hours")
    assert store.waits()["oldest_urgent_at"] is None
    (message,) = store.messages_to_seal(LATER, 10)
    assert message.id == message_id


def test_a_message_can_be_left_with_some_of_its_cases_be_given_others_or_be_dropped(store: SqliteStore) -> None:
    case_id, message = opened(store)
    other = store_case(store)
    store.move_cases(message.id, [case_id, other])
    store.keep_cases(message.id, [other])
    (found,) = store.messages_to_seal(NOW, 10)
    assert [view.id for view in found.cases] == [other]
    store.drop_message(message.id)
    assert store.messages_to_seal(NOW, 10) == []


def test_a_telling_is_remembered_for_each_receiver_and_replaced_by_the_next(store: SqliteStore) -> None:
    case_id = store_case(store)
    store.record_tellings("desk", [ToldCase(case_id, Level.HIGH, None, None)], NOW)
    store.record_tellings("desk", [ToldCase(case_id, Level.CRITICAL, "billing", None)], LATER)
    assert store.tellings_of("desk", [case_id, 99]) == {case_id: Telling(Level.CRITICAL, "billing", LATER)}
    assert store.tellings_of("boss", [case_id]) == {}


def test_repeats_come_when_they_are_due_and_can_be_put_off_or_ended(store: SqliteStore) -> None:
    case_id = store_case(store)
    store.record_tellings("desk", [ToldCase(case_id, Level.HIGH, None, LATER)], NOW)
    assert store.repeats_due(LATER - minutes(1), 10) == []
    assert store.next_message_due() == LATER
    (repeat,) = store.repeats_due(LATER, 10)
    assert (repeat.case_id, repeat.receiver, repeat.snoozed_until) == (case_id, "desk", None)
    store.plan_repeat(repeat, LATER + minutes(5))
    assert store.repeats_due(LATER, 10) == []
    store.plan_repeat(repeat, None)
    assert store.repeats_due(LATER + timedelta(days=9), 10) == []


def test_an_incident_has_one_open_message_a_receiver_which_says_that_it_is_over(store: SqliteStore) -> None:
    for event, urgent, due in (("opened", False, LATER), ("updated", True, NOW), ("over", False, LATER)):
        store.add_subject_message("desk", "incident:7", f"incident.{event}", due, NOW, urgent=urgent)
    (message,) = store.messages_to_seal(NOW, 10)
    assert (message.subject, message.event, message.urgent) == ("incident:7", "incident.over", True)


def test_messages_about_incidents_are_sealed_before_those_about_cases(store: SqliteStore) -> None:
    opened(store)
    store.add_subject_message("desk", "incident:7", "incident.opened", NOW, NOW, urgent=False)
    assert [message.subject for message in store.messages_to_seal(NOW, 10)] == ["incident:7", None]


def test_who_heard_of_an_incident_is_remembered(store: SqliteStore) -> None:
    store.record_subject("incident:7", "desk", Level.HIGH, NOW)
    store.record_subject("incident:7", "desk", Level.CRITICAL, LATER)
    assert store.subjects_told("desk", ["incident:7", "spike:7"]) == {
        "incident:7": Telling(Level.CRITICAL, None, LATER)
    }
    assert store.subjects_told("boss", ["incident:7"]) == {}


def test_a_receiver_that_failed_is_left_alone_until_it_is_due_and_then_gets_what_waited(store: SqliteStore) -> None:
    first, second = sealed(store), sealed(store, "other")
    claimed = store.claim_message(["desk"], NOW, 60)
    assert claimed is not None
    assert claimed.id == first.id
    assert store.delay_message(claimed, LATER, "503", NOW)
    store.delay_receiver("desk", LATER)
    assert store.last_try("desk") == NOW
    assert store.claim_message(["desk"], LATER - minutes(1), 60) is None
    store.hasten_receiver("desk", NOW + minutes(1))
    freed = store.claim_message(["desk"], NOW + minutes(1), 60)
    assert freed is not None
    assert freed.id == second.id


def test_a_muted_message_does_not_count_as_the_last_of_its_group(store: SqliteStore) -> None:
    _, message = opened(store)
    store.mute_message(message.id, "closed before it was due", NOW)
    assert store.last_sealed("desk", "g") is None
