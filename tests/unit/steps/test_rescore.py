"""Open cases under a changed config: judged anew, never lowered, told in one list; killed anywhere, run twice."""

import pytest

from models.errors import InferenceFailed
from monitor.config.schema import LevelBounds, Triage
from monitor.domain import Level, Status
from monitor.steps.deliver import deliver, seal
from monitor.steps.escalate import escalate
from monitor.steps.reading import TRIES
from monitor.steps.rescore import rescore
from monitor.steps.services import Services
from monitor.steps.triage import triage
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_mentions
from tests.services import FakeClassifier, FakeReceiver, make_services

SOON = NOW + minutes(1)
STRICT = {"triage": Triage(levels=LevelBounds(critical=99, high=20, normal=10))}
LAX = {"triage": Triage(levels=LevelBounds(critical=99, high=98, normal=97))}


def opened(number: int = 3, **settings: object) -> SqliteStore:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(f"lumo lamp {n} broken again") for n in range(number)])
    triage(store, make_services(**settings), NOW)
    assert len(store.queue(NOW)) == number
    return store


def run(store: SqliteStore, services: Services, limit: int = 64) -> int:
    turns = 0
    while rescore(store, services, SOON, limit).count:
        turns += 1
    return turns


def test_cases_that_the_new_rules_make_urgent_are_raised_and_told_in_one_message() -> None:
    store, receiver = opened(), FakeReceiver()
    services = make_services(receiver=receiver, **STRICT)
    run(store, services)
    assert {case.level for case in store.queue(SOON)} == {Level.HIGH}
    deliver(store, services, SOON)
    (message,) = receiver.sent
    assert (message.event, message.payload["count"]) == ("case.rescored", 3)
    assert [entry.action for entry in store.audit_trail(1)] == ["opened", "raised"]


def test_a_second_run_judges_and_tells_nothing_again() -> None:
    store, services = opened(), make_services(**STRICT)
    run(store, services)
    seal(store, services.settings, SOON, SOON)
    trail = store.audit_trail(1)
    assert run(store, services) == 0
    assert (store.audit_trail(1), store.messages_to_seal(SOON + minutes(99), 9)) == (trail, [])


def test_killed_between_batches_the_rest_joins_the_same_list() -> None:
    store, services = opened(5), make_services(**STRICT)
    rescore(store, services, SOON, 2)
    store.claim_rescore(services.rules.version, SOON, 60, 2, tries=TRIES)
    store.void_leases()
    assert store.messages_to_seal(SOON, 9) == [], "the list waits for the last of them"
    run(store, services)
    (message,) = store.messages_to_seal(SOON, 9)
    assert len(message.cases) == 5


def test_killed_inside_a_batch_nothing_of_it_is_kept_and_the_next_run_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    store, services, calls = opened(), make_services(**STRICT), []

    def dies(*values: object) -> None:
        calls.append(values)
        if len(calls) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("monitor.steps.filing.tell_rescored", dies)
        with pytest.raises(KeyboardInterrupt):
            rescore(store, services, SOON)
    assert {case.level for case in store.queue(SOON)} == {Level.LOW}
    store.void_leases()
    run(store, services)
    (message,) = store.messages_to_seal(SOON, 9)
    assert len(message.cases) == 3


def test_a_level_never_falls_and_the_trail_says_what_the_rules_would_make_of_it() -> None:
    store = opened(1, **STRICT)
    run(store, make_services(**LAX))
    (case,) = store.queue(SOON)
    assert case.level is Level.HIGH
    assert store.audit_trail(case.id)[-1].action == "would-be-lower"


def test_stored_verdicts_are_used_and_a_changed_model_reads_again() -> None:
    same, other = FakeClassifier(), FakeClassifier(lambda _: 0.99)
    other.fingerprint = "other"
    store = opened(1)
    run(store, make_services(classifier=same, **STRICT))
    assert same.read_texts == []
    run(store, make_services(classifier=other, **LAX))
    assert len(other.read_texts) == 1


def test_a_case_that_became_late_by_its_new_level_is_not_escalated_besides() -> None:
    store, services = opened(1), make_services(**STRICT)
    later = NOW + minutes(60)
    while rescore(store, services, later, 64).count:
        pass
    (case,) = store.queue(later)
    assert case.due_at < later
    assert escalate(store, services, later).count == 0
    assert [message.event for message in store.messages_to_seal(later, 9)] == ["case.rescored"]


def test_answered_cases_stay_answered_and_closed_ones_are_left_alone() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(author="ann"), make_mention("lumo broken, still", author="ann")])
    triage(store, make_services(), NOW)
    store.update_case(1, status=Status.REPLIED, replied_at=NOW)
    run(store, make_services(**STRICT))
    case = store.case(1)
    assert case is not None
    assert case.status is Status.REPLIED
    store.update_case(1, status=Status.RESOLVED, closed_at=NOW)
    assert rescore(store, make_services(**LAX), SOON).count == 0


def test_history_is_raised_and_never_told() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(posted_at=NOW - minutes(48 * 60))])
    triage(store, make_services(), NOW)
    run(store, make_services(**STRICT))
    assert store.queue(SOON)[0].level is Level.HIGH
    assert store.messages_to_seal(SOON + minutes(99), 9) == []


def test_a_text_that_breaks_the_new_model_keeps_its_decision_and_the_rest_goes_on() -> None:
    def judge(text: str) -> float:
        if "lamp 1" in text:
            raise InferenceFailed("test", "boom")
        return 0.99

    broken = FakeClassifier(judge)
    broken.fingerprint = "other"
    store, services = opened(3), make_services(classifier=broken, **STRICT)
    run(store, services)
    assert sorted(case.level for case in store.queue(SOON)) == [Level.HIGH, Level.HIGH, Level.LOW]
    assert store.waits()["parked"] == 0


def test_a_model_that_is_down_costs_no_try() -> None:
    def judge(text: str) -> float:
        raise InferenceFailed("test", "no memory")

    down = FakeClassifier(judge)
    down.fingerprint = "other"
    store = opened(1)
    for _ in range(TRIES + 1):
        with pytest.raises(InferenceFailed):
            rescore(store, make_services(classifier=down, **STRICT), SOON)
    assert run(store, make_services(**STRICT)) > 0
    assert store.queue(SOON)[0].level is Level.HIGH
