from dataclasses import replace
from datetime import timedelta

from connectors.connector import Reread
from connectors.errors import Unreachable
from connectors.mention import Metrics
from monitor.domain import Level, Status
from monitor.rules.timers import SILENCE
from monitor.steps.deliver import deliver
from monitor.steps.escalate import escalate
from monitor.steps.follow import AFTER, follow, next_reading
from monitor.steps.triage import triage
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_mentions
from tests.services import FakeClassifier, FakeReceiver, make_services


def opened(text: str = "@lumo broken, my lumo lamp caught fire", **mention: object) -> SqliteStore:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(text, **mention)])
    triage(store, make_services(), NOW)
    return store


def test_an_urgent_case_past_its_due_time_is_told_once_more_and_only_once() -> None:
    store, receiver = opened(), FakeReceiver()
    services = make_services(receiver=receiver)
    deliver(store, services, NOW)
    for minute in range(1, 30):
        escalate(store, services, NOW + minutes(minute))
        deliver(store, services, NOW + minutes(minute))
    assert [message.event for message in receiver.sent] == ["case.opened", "case.escalated"]


def test_a_claim_without_a_reply_pings_and_is_released() -> None:
    store, services = opened(), make_services()
    (case,) = store.queue(NOW)
    store.update_case(case.id, status=Status.CLAIMED, claimed_by="kim", ping_at=NOW + minutes(1),
                      release_at=NOW + minutes(2), escalate_at=NOW + minutes(1))  # fmt: skip
    escalate(store, services, NOW + minutes(1))
    escalate(store, services, NOW + minutes(2))
    released = store.case(case.id)
    assert released is not None
    assert (released.status, released.claimed_by) == (Status.NEW, None)
    actions = [entry.action for entry in store.audit_trail(case.id)]
    assert actions[-2:] == ["claim-ping", "claim-released"]


def test_silence_after_a_reply_resolves_the_case() -> None:
    store, services = opened(), make_services()
    (case,) = store.queue(NOW)
    store.update_case(case.id, status=Status.REPLIED, replied_at=NOW, escalate_at=NOW + SILENCE)
    escalate(store, services, NOW + SILENCE - minutes(1))
    assert len(store.queue(NOW)) == 1
    escalate(store, services, NOW + SILENCE)
    assert store.queue(NOW) == []


def test_a_post_below_the_line_that_spreads_is_urgent_one_follow_later() -> None:
    store = SqliteStore(None)
    services = make_services(classifier=FakeClassifier(lambda text: 0.3))
    mention = make_mention("so lumo wants money for a light switch", metrics={"likes": 0})
    store_mentions(store, [mention])
    triage(store, services, NOW)
    assert store.queue(NOW) == []
    services.sources["x"].connector.rereads = [Reread((replace(mention, metrics=Metrics(likes=5000)),))]  # type: ignore[attr-defined]
    later = NOW + AFTER[0]
    assert follow(store, services, later).count == 1
    triage(store, services, later)
    (case,) = store.queue(later)
    assert case.level.urgent


def test_a_deleted_post_is_purged_and_its_case_stays() -> None:
    store, services = opened(), make_services()
    (case,) = store.queue(NOW)
    services.sources["x"].connector.rereads = [Reread(gone=(case.native_id,))]  # type: ignore[attr-defined]
    follow(store, services, NOW + AFTER[0])
    (after,) = store.queue(NOW)
    assert (after.level, after.text, after.author) == (Level.CRITICAL, "", "")


def test_a_reading_that_fails_is_tried_again() -> None:
    store, services = opened(), make_services()
    services.sources["x"].connector.rereads = [Unreachable("x", "reset")]  # type: ignore[attr-defined]
    assert follow(store, services, NOW + AFTER[0]).failed == 1
    assert follow(store, services, NOW + AFTER[0]).count == 0
    assert follow(store, services, NOW + AFTER[0] + minutes(15)).count == 1


def test_readings_come_after_15_minutes_an_hour_4_hours_and_a_day() -> None:
    moments, now = [], NOW
    for step in range(len(AFTER) - 1):
        now = next_reading(step, now) or now
        moments.append(now - NOW + AFTER[0])
    assert moments == list(AFTER[1:])
    assert next_reading(len(AFTER) - 1, NOW) is None
    assert AFTER[-1] == timedelta(hours=24)
