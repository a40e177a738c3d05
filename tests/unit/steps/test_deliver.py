from datetime import timedelta

from monitor.domain import Level, Status
from monitor.errors import SendError, SendReason
from monitor.steps.deliver import GIVE_UP, deliver
from monitor.steps.telling import Event, tell
from monitor.store.connection import dump, ms
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.services import FakeReceiver, make_services, make_settings


def told_store(*levels: Level) -> SqliteStore:
    store = SqliteStore(None)
    for level in levels or (Level.HIGH,):
        tell(store, make_settings(), store_case(store, level), Event.OPENED, NOW)
    return store


def test_cases_of_one_group_leave_as_one_message_after_the_wait() -> None:
    store, receiver = told_store(Level.HIGH, Level.HIGH), FakeReceiver()
    services = make_services(receiver=receiver)
    assert deliver(store, services, NOW).count == 0
    deliver(store, services, NOW + minutes(1))
    assert [message.payload["count"] for message in receiver.sent] == [2]


def test_a_message_is_sent_once() -> None:
    store, receiver = told_store(), FakeReceiver()
    for minute in range(1, 5):
        deliver(store, make_services(receiver=receiver), NOW + minutes(minute))
    assert len(receiver.sent) == 1


def test_a_failed_send_is_tried_again_with_the_same_key() -> None:
    store = told_store()
    receiver = FakeReceiver(SendError("desk", "reset", reason=SendReason.NETWORK, permanent=False))
    services = make_services(receiver=receiver)
    assert deliver(store, services, NOW + minutes(1)).failed == 1
    key = store.connection.query("SELECT idempotency_key FROM outbox", {})[0]["idempotency_key"]
    deliver(store, services, NOW + minutes(20))
    assert [message.idempotency_key for message in receiver.sent] == [key]


def test_a_receiver_that_is_down_is_asked_at_most_once_a_minute() -> None:
    store = told_store()
    receiver = FakeReceiver(*(SendError("desk", "503", reason=SendReason.SERVER, permanent=False) for _ in range(1000)))
    services = make_services(receiver=receiver)
    attempts = 0
    for second in range(0, 6 * 3600, 10):
        attempts += deliver(store, services, NOW + timedelta(seconds=60 + second)).count
    assert attempts <= 6 * 60 + 2
    receiver.errors.clear()
    deliver(store, services, NOW + timedelta(hours=7))
    assert len(receiver.sent) == 1


def test_what_no_attempt_can_mend_is_dead_and_visible() -> None:
    for error, at in (
        (SendError("desk", "401", reason=SendReason.AUTH, permanent=True), NOW + minutes(1)),
        (SendError("desk", "503", reason=SendReason.SERVER, permanent=False), NOW + GIVE_UP + minutes(1)),
    ):
        store = told_store()
        deliver(store, make_services(receiver=FakeReceiver(error)), at)
        assert [message["error"] for message in store.dead_messages()] == [str(error)]


def test_a_silence_mutes_the_message_and_leaves_the_case() -> None:
    store, receiver = told_store(), FakeReceiver()
    with store.write():
        store.connection.insert(
            "add_silence", matchers=dump({"brand": ["lumo"]}), author="kim", reason="drill", starts_at=ms(NOW),
            ends_at=ms(NOW + minutes(30)),
        )  # fmt: skip
    deliver(store, make_services(receiver=receiver), NOW + minutes(1))
    assert receiver.sent == []
    assert len(store.queue(NOW)) == 1


def test_a_case_closed_while_its_message_was_open_is_not_told() -> None:
    store, receiver = told_store(), FakeReceiver()
    store.update_case(store.queue(NOW)[0].id, status=Status.DISMISSED)
    deliver(store, make_services(receiver=receiver), NOW + minutes(1))
    assert receiver.sent == []


def test_nothing_people_wrote_stays_in_the_outbox_once_it_was_sent() -> None:
    store = told_store()
    deliver(store, make_services(), NOW + minutes(1))
    (row,) = store.connection.query("SELECT state, body FROM outbox", {})
    assert row == {"state": "sent", "body": None}
