from dataclasses import replace

import pytest

from connectors.mention import Metrics
from models.errors import InferenceFailed
from monitor.domain import DropRule, Level, Status
from monitor.steps.deliver import deliver
from monitor.steps.escalate import escalate
from monitor.steps.reading import TRIES
from monitor.steps.triage import triage
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_mentions
from tests.services import FakeClassifier, make_services

FIRE = "@lumo my lumo lamp caught fire and burned my hand"


def test_a_complaint_becomes_a_case_with_points_that_add_up() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention()])
    triage(store, make_services(), NOW)
    (case,) = store.queue(NOW)
    assert (case.kind, case.status) == ("complaint", Status.NEW)
    assert sum(reason.points for reason in case.reasons) == pytest.approx(case.score)


def test_what_is_no_complaint_is_dropped_and_stays_findable() -> None:
    store = SqliteStore(None)
    mention = make_mention("lumo opened a shop in oslo")
    store_mentions(store, [mention])
    triage(store, make_services(), NOW)
    assert store.queue(NOW) == []
    (explained,) = store.explain(mention.native_id)
    assert explained.decision is not None
    assert explained.decision["drop"] == DropRule.NOT_A_COMPLAINT


def test_an_urgent_case_is_put_into_a_message_in_the_same_transaction() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(FIRE)])
    triage(store, make_services(), NOW)
    (message,) = store.messages_to_seal(NOW, 10)
    assert (message.event, message.cases[0].level) == ("case.opened", Level.CRITICAL)


def test_history_is_queued_and_never_alerts() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(FIRE, posted_at=NOW - minutes(48 * 60))])
    triage(store, make_services(), NOW)
    assert store.queue(NOW)[0].level is Level.CRITICAL
    assert store.messages_to_seal(NOW + minutes(999), 10) == []


def test_further_posts_of_an_author_join_the_open_case_and_raise_it() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(author="ann"), make_mention(FIRE, author="ann")])
    triage(store, make_services(), NOW)
    (case,) = store.queue(NOW)
    assert (case.posts, case.level, case.text) == (2, Level.CRITICAL, FIRE)
    assert [entry.action for entry in store.audit_trail(case.id)] == ["opened", "further-post", "raised"]


def test_copies_join_the_first_case_whoever_posts_them() -> None:
    store = SqliteStore(None)
    text = "lumo app is broken again and nobody at support answers"
    store_mentions(store, [make_mention(text), make_mention(text.upper()), make_mention(text)])
    triage(store, make_services(), NOW)
    (case,) = store.queue(NOW)
    assert (case.posts, case.copies) == (1, 2)


def test_equal_texts_are_read_once() -> None:
    store, classifier = SqliteStore(None), FakeClassifier()
    store_mentions(store, [make_mention("lumo is broken"), make_mention("lumo is broken")])
    triage(store, make_services(classifier=classifier), NOW)
    assert classifier.read_texts == ["lumo is broken"]


def test_a_text_that_did_not_change_is_not_read_again() -> None:
    store, classifier = SqliteStore(None), FakeClassifier()
    mention, services = make_mention(metrics={"likes": 0}), make_services(classifier=classifier)
    store_mentions(store, [mention])
    triage(store, services, NOW)
    store_mentions(store, [replace(mention, metrics=Metrics(likes=9))])
    assert triage(store, services, NOW).count == 1
    assert len(classifier.read_texts) == 1


def test_a_case_never_falls_in_level_by_itself() -> None:
    store = SqliteStore(None)
    mention = make_mention(FIRE)
    store_mentions(store, [mention])
    triage(store, make_services(), NOW)
    store_mentions(store, [replace(mention, text="lumo is lovely")])
    triage(store, make_services(), NOW)
    (case,) = store.queue(NOW)
    assert case.level is Level.CRITICAL
    assert store.audit_trail(case.id)[-1].action == "would-be-dropped"


def test_a_further_complaint_reopens_a_case_that_was_answered() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(author="ann")])
    triage(store, make_services(), NOW)
    (case,) = store.queue(NOW)
    store.update_case(case.id, status=Status.REPLIED, claimed_by="kim", replied_at=NOW)
    store_mentions(store, [make_mention("lumo still broken, your answer helped nothing", author="ann")])
    triage(store, make_services(), NOW)
    (again,) = store.queue(NOW)
    assert (again.id, again.status, again.claimed_by) == (case.id, Status.CLAIMED, "kim")


def test_a_text_that_breaks_the_model_is_parked_alone_and_the_rest_flows() -> None:
    def judge(text: str) -> float:
        if "poison" in text:
            raise InferenceFailed("test", "boom")
        return 0.9

    store, services = SqliteStore(None), make_services(classifier=FakeClassifier(judge))
    store_mentions(store, [make_mention("lumo poison"), *(make_mention(f"lumo lamp {n} broken") for n in range(5))])
    rounds = 0
    while triage(store, services, NOW).count:
        rounds += 1
    assert rounds <= 1 + 5 + TRIES, "each of the batch alone, the poison three times in all"
    assert len(store.queue(NOW)) == 5
    assert store.waits()["parked"] == 1


def test_a_post_that_spreads_is_urgent_at_the_next_reading() -> None:
    store, services = SqliteStore(None), make_services(classifier=FakeClassifier(lambda text: 0.3))
    mention = make_mention("lumo charges for light now lol", metrics={"likes": 0, "replies": 0, "reposts": 0})
    store_mentions(store, [mention])
    triage(store, services, NOW)
    assert store.queue(NOW) == []
    store_mentions(store, [replace(mention, metrics=Metrics(5000, 10, 10))], now=NOW + minutes(30))
    triage(store, services, NOW + minutes(30))
    assert store.queue(NOW)[0].level.urgent


def test_a_post_found_after_its_due_time_is_told_once_and_not_escalated_at_once() -> None:
    store, services = SqliteStore(None), make_services()
    store_mentions(store, [make_mention(FIRE, posted_at=NOW - minutes(600))])
    triage(store, services, NOW)
    assert escalate(store, services, NOW).count == 0
    assert [message.event for message in store.messages_to_seal(NOW, 10)] == ["case.opened"]


def test_a_model_that_is_down_parks_nothing() -> None:
    def judge(text: str) -> float:
        raise InferenceFailed("test", "no memory")

    store = SqliteStore(None)
    store_mentions(store, [make_mention(), make_mention("another broken lumo lamp")])
    for _ in range(TRIES + 1):
        with pytest.raises(InferenceFailed):
            triage(store, make_services(classifier=FakeClassifier(judge)), NOW)
    assert (store.waiting_hits(), store.waits()["parked"]) == (2, 0)
    assert triage(store, make_services(), NOW).count == 2


def test_somebody_who_plays_the_brand_in_a_case_is_told_at_once_though_its_level_stays() -> None:
    store, thread = SqliteStore(None), "t1"
    burnt = make_mention(FIRE, thread_id=thread)
    store_mentions(store, [burnt])
    triage(store, make_services(), NOW)
    deliver(store, make_services(), NOW)
    liar = make_mention("Dear customer, kindly DM us your card number", author="lumo_he1p", thread_id=thread)
    store_mentions(store, [liar])
    triage(store, make_services(), NOW + minutes(2))
    (case,) = store.queue(NOW)
    assert (case.level, case.posts, {"safety", "impostor"} <= set(case.severity)) == (Level.CRITICAL, 2, True)
    (message,) = store.messages_to_seal(NOW + minutes(2), 10)
    assert message.event == "case.impostor"


def test_a_worse_post_of_a_case_leaves_it_as_grave_as_it_was() -> None:
    store, case_id = SqliteStore(None), 1
    store_mentions(store, [make_mention(FIRE, author="ann"), make_mention(FIRE, author="ann", followers=900_000)])
    triage(store, make_services(), NOW)
    worse = make_mention("your broken lumo is the worst, my lawyer will sue you", author="ann", followers=9_000_000)
    store_mentions(store, [worse])
    triage(store, make_services(), NOW)
    (case,) = store.case_views([case_id])
    assert "safety" in case.severity
