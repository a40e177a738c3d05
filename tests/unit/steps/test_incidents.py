"""Complaints become incidents, people are told of them once, and they end by themselves."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.config.incidents import Incidents
from monitor.domain import Level
from monitor.rules.causes import make_book
from monitor.steps.incidents import incidents
from monitor.steps.services import Services
from monitor.store.incidents import IncidentState
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes
from tests.incident_cases import LENS, store_complaint
from tests.services import FakeClassifier, make_services


def services_of(**rule: object) -> Services:
    made = make_services(incidents=Incidents(**{"cases": 3, **rule}))  # type: ignore[arg-type]
    classifier = FakeClassifier()
    book = make_book(made.settings.causes_of("lumo"), classifier.embed, classifier.fingerprint)
    return replace(made, lenses={"lumo": LENS}, causes={"lumo": book})


def complain(
    store: SqliteStore, count: int, axis: int = 0, text: str = "lumo login fails", *, at: datetime = NOW,
    level: Level = Level.HIGH,
) -> list[int]:  # fmt: skip
    return [
        store_complaint(store, axis, text, level=level, now=at, posted_at=at - minutes(1), author=f"a{axis}-{n}-{at}")
        for n in range(count)
    ]


def send(store: SqliteStore) -> None:
    """Have what is open sent, so that further news is a message of its own."""
    with store.write():
        store.connection.query("UPDATE outbox SET state = 'sent', sealed_at = 0 WHERE state = 'open'", {})


def subjects(store: SqliteStore) -> list[tuple[str, str]]:
    rows = store.connection.query("SELECT event, subject FROM outbox WHERE subject IS NOT NULL ORDER BY id", {})
    return [(row["event"], row["subject"]) for row in rows]


def test_enough_complaints_about_one_fault_become_an_incident() -> None:
    store = SqliteStore(None)
    cases = complain(store, 3)
    done = incidents(store, services_of(), NOW, 100)
    (incident,) = store.incidents()
    assert done.count == 3
    assert (incident.size, incident.state, incident.told_size) == (3, IncidentState.OPEN, 3)
    assert [view.incident_id for view in store.case_views(cases)] == [incident.id] * 3
    assert subjects(store) == [("incident.opened", f"incident:{incident.id}")]
    assert [entry.action for entry in store.incident_trail(incident.id)] == ["opened"]


def test_too_few_complaints_wait_for_others_like_them() -> None:
    store, services = SqliteStore(None), services_of()
    complain(store, 2)
    incidents(store, services, NOW, 100)
    assert store.incidents() == []
    complain(store, 1, at=NOW + minutes(10))
    incidents(store, services, NOW + minutes(10), 100)
    assert [incident.size for incident in store.incidents()] == [3]


def test_complaints_about_different_faults_stay_apart() -> None:
    store, services = SqliteStore(None), services_of()
    complain(store, 3, 0, "lumo login fails")
    complain(store, 4, 1, "the lamp from lumo flickers")
    complain(store, 1, 2, "parcel lost")
    incidents(store, services, NOW, 100)
    assert sorted(incident.size for incident in store.incidents()) == [3, 4]


def test_complaints_of_long_ago_join_nothing() -> None:
    store, services = SqliteStore(None), services_of(window=timedelta(hours=2))
    complain(store, 2)
    incidents(store, services, NOW, 100)
    complain(store, 2, at=NOW + timedelta(hours=3))
    incidents(store, services, NOW + timedelta(hours=3), 100)
    assert store.incidents() == []


def test_an_incident_is_told_again_when_it_has_doubled() -> None:
    store, services = SqliteStore(None), services_of()
    complain(store, 3)
    incidents(store, services, NOW, 100)
    complain(store, 2, at=NOW + minutes(5))
    incidents(store, services, NOW + minutes(5), 100)
    assert [event for event, _ in subjects(store)] == ["incident.opened"]
    send(store)
    complain(store, 1, at=NOW + minutes(6))
    incidents(store, services, NOW + minutes(6), 100)
    assert [event for event, _ in subjects(store)] == ["incident.opened", "incident.updated"]
    assert store.incidents()[0].told_size == 6


def test_an_incident_is_told_again_when_it_becomes_worse() -> None:
    store, services = SqliteStore(None), services_of()
    complain(store, 3)
    incidents(store, services, NOW, 100)
    send(store)
    complain(store, 1, at=NOW + minutes(5), level=Level.CRITICAL)
    incidents(store, services, NOW + minutes(5), 100)
    assert [event for event, _ in subjects(store)] == ["incident.opened", "incident.updated"]
    assert store.incidents()[0].told_level is Level.CRITICAL


def test_many_complaints_are_urgent_though_none_of_them_is() -> None:
    store = SqliteStore(None)
    complain(store, 3, level=Level.LOW)
    incidents(store, services_of(), NOW, 100)
    assert store.incidents()[0].told_level is Level.HIGH
    assert [event for event, _ in subjects(store)] == ["incident.opened"]


def test_a_quiet_incident_is_over_and_told_so() -> None:
    store, services = SqliteStore(None), services_of(over_after=timedelta(hours=6))
    complain(store, 3)
    done = incidents(store, services, NOW, 100)
    assert done.next_due_at is not None
    assert abs(done.next_due_at - NOW - timedelta(hours=6)) <= minutes(1)
    send(store)
    incidents(store, services, NOW + timedelta(hours=7), 100)
    (incident,) = store.incidents(everything=True)
    assert incident.state is IncidentState.OVER
    assert [event for event, _ in subjects(store)] == ["incident.opened", "incident.over"]
    complain(store, 1, at=NOW + timedelta(hours=7))
    incidents(store, services, NOW + timedelta(hours=7), 100)
    assert store.incidents() == []


def test_a_complaint_without_a_meaning_is_read_and_given_a_cause() -> None:
    store, services = SqliteStore(None), services_of()
    (case,) = complain(store, 1, text="lumo: my parcel never arrived")
    store.connection.query("DELETE FROM case_meanings", {})
    incidents(store, services, NOW, 100)
    (view,) = store.case_views([case])
    assert (view.cause, view.cause_by) == ("delivery", "monitor")
    assert store.meaning_of_case(case) is not None


def test_what_a_person_changed_meanwhile_is_placed_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    store, services = SqliteStore(None), services_of()
    complain(store, 3)
    incidents(store, services, NOW, 100)
    incident = store.incidents()[0]
    complain(store, 1, at=NOW + minutes(5))
    lone = store.lone_cases

    def end_it_meanwhile(*arguments: object) -> object:
        store.update_incident(incident.id, state=IncidentState.OVER)
        return lone(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "lone_cases", end_it_meanwhile)
    assert incidents(store, services, NOW + minutes(5), 100).count == 0
    assert len(store.cases_to_gather("lumo", 9)) == 1


def test_incidents_that_are_switched_off_join_nothing() -> None:
    store = SqliteStore(None)
    complain(store, 3)
    assert incidents(store, services_of(enabled=False), NOW, 100).count == 0
    assert store.incidents() == []
