"""What people do with incidents and causes, and what is refused."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from monitor.desk import Command, execute
from monitor.domain import Level
from monitor.errors import MonitorError, MoveRefused
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.incident_cases import store_complaint, store_incident
from tests.services import make_settings

LATER = NOW + minutes(30)


def made(number: int = 4) -> tuple[SqliteStore, list[int], int]:
    store = SqliteStore(None)
    cases = [
        store_complaint(store, text=f"lumo login fails {n}", native_id=f"n{n}", author=f"a{n}", followers=n or None)
        for n in range(number)
    ]
    return store, cases, store_incident(store, cases)


def do(store: SqliteStore, name: str, who: str = "ana", /, **arguments: Any) -> Mapping[str, Any]:
    return execute(store, make_settings(), Command(name, who, arguments), LATER)


def test_an_incident_is_owned_and_given_away() -> None:
    store, _, incident = made()
    assert do(store, "incident-own", incident=incident)["incident"]["owner"] == "ana"
    assert do(store, "incident-own", incident=incident, to="ben")["incident"]["owner"] == "ben"
    assert [entry.detail for entry in store.incident_trail(incident)] == [
        {"was": None, "to": "ana"}, {"was": "ana", "to": "ben"},
    ]  # fmt: skip


def test_after_the_fix_those_who_still_wait_are_listed() -> None:
    store, cases, incident = made()
    store.update_case(cases[0], status="replied", replied_at=NOW)
    found = do(store, "incident-fix", incident=incident)["incident"]
    assert (found["state"], found["waiting"]) == ("fixed", cases[1:])
    again = do(store, "incident-fix", incident=incident)["incident"]
    assert again["fixed_at"] == found["fixed_at"]
    assert len(store.incident_trail(incident)) == 1


def test_ending_an_incident_tells_of_it_and_keeps_its_cases_open() -> None:
    store, cases, incident = made()
    assert do(store, "incident-over", incident=incident)["incident"]["state"] == "over"
    rows = store.connection.query("SELECT event, subject FROM outbox", {})
    assert rows == [{"event": "incident.over", "subject": f"incident:{incident}"}]
    assert all(view.status.open for view in store.case_views(cases))
    with pytest.raises(MoveRefused, match="is over"):
        do(store, "incident-fix", incident=incident)


def test_one_answer_is_kept_for_all() -> None:
    store, _, incident = made()
    found = do(store, "incident-answer", incident=incident, text="We are on it.")["incident"]
    assert (found["answer"], found["answer_by"]) == ("We are on it.", "ana")


def test_incidents_are_merged() -> None:
    store, cases, incident = made()
    other = store_incident(store, [store_complaint(store, 1, native_id="z")], 1)
    found = do(store, "incident-merge", incident=other, into=incident)["incident"]
    assert (found["id"], found["count"]) == (incident, 5)
    gone = store.incident(other)
    assert gone is not None
    assert (gone.state, gone.merged_into, gone.size) == ("merged", incident, 0)
    with pytest.raises(MoveRefused, match="is merged; work on incident"):
        do(store, "incident-own", incident=other)
    with pytest.raises(MoveRefused, match="with itself"):
        do(store, "incident-merge", incident=incident, into=incident)
    assert store.audit_trail(cases[0]) == []


def test_some_cases_are_split_off() -> None:
    store, cases, incident = made()
    begun = do(store, "incident-split", incident=incident, cases=cases[:2])["incident"]
    assert (begun["count"], begun["owner"], begun["state"]) == (2, "ana", "open")
    left = store.incident(incident)
    assert left is not None
    assert left.size == 2
    assert [view.incident_id for view in store.case_views(cases[:2])] == [begun["id"]] * 2
    assert [entry.action for entry in store.audit_trail(cases[0])] == ["joined-incident"]


def test_a_case_that_was_taken_out_stays_alone() -> None:
    store, cases, incident = made()
    assert do(store, "incident-remove", incident=incident, cases=cases[:1])["incident"]["count"] == 3
    assert store.case_views(cases[:1])[0].incident_id is None
    assert store.brands_to_gather() == []
    assert store.lone_cases("lumo", NOW - timedelta(hours=1), 9) == []


@pytest.mark.parametrize("cases", [[], [99], "1", [0], [True], [2**70]])
def test_cases_that_are_none_of_the_incident_are_refused(cases: object) -> None:
    store, _, incident = made(2)
    with pytest.raises(MonitorError):
        do(store, "incident-split", incident=incident, cases=cases)
    assert len(store.incidents()) == 1


def test_an_unknown_incident_is_named() -> None:
    with pytest.raises(MonitorError, match="incident 9: there is no such incident"):
        do(SqliteStore(None), "incident-fix", incident=9)


def test_a_move_on_what_has_changed_since_is_refused() -> None:
    store, _, incident = made()
    do(store, "incident-own", incident=incident)
    with pytest.raises(MoveRefused, match="was changed by somebody else"):
        do(store, "incident-fix", incident=incident, version=1)


def test_figures_leave_unknown_reach_unknown() -> None:
    store, cases, incident = made()
    found = do(store, "incident-own", incident=incident)["incident"]
    assert (found["reach"], found["unknown_reach"]) == (6, 1)
    assert (found["count"], found["waiting"], found["level"]) == (4, cases, "high")
    assert found["trend"] == {"last_hour": 4, "hour_before": 0}
    assert found["platforms"] == {"x": 4}
    assert "login" in found["words"]
    assert found["example"]["text"].startswith("lumo login fails")
    silent, _, unknown = made(1)
    alone = do(silent, "incident-own", incident=unknown)["incident"]
    assert (alone["reach"], alone["unknown_reach"]) == (None, 1)


def test_a_cause_is_corrected_with_one_command() -> None:
    store, cases, _ = made(1)
    answer = do(store, "cause", case=cases[0], cause="outage")
    assert (answer["case"]["cause"], answer["case"]["cause_by"]) == ("outage", "ana")
    (entry,) = store.audit_trail(cases[0])
    assert (entry.action, entry.detail) == ("cause", {"was": None, "to": "outage"})


def test_a_cause_that_the_brand_does_not_have_is_refused() -> None:
    store, cases, _ = made(1)
    with pytest.raises(MonitorError, match="cause 'weather': is none; say delivery, billing"):
        do(store, "cause", case=cases[0], cause="weather")


def test_only_complaints_have_a_cause() -> None:
    store = SqliteStore(None)
    case = store_case(store, Level.NORMAL)
    store.update_case(case, kind="question")
    with pytest.raises(MoveRefused, match="only complaints have a cause"):
        do(store, "cause", case=case, cause="outage")
