"""What every store must do for meanings and incidents; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from monitor.domain import MONITOR, Level, Meaning
from monitor.store.incidents import IncidentState, Placement, StoredCluster
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes
from tests.incident_cases import MODEL, direction, store_complaint, store_incident

LATER = NOW + minutes(5)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def test_a_meaning_comes_back_as_it_was_kept(store: SqliteStore) -> None:
    case = store_complaint(store, 3)
    kept = store.meaning_of_case(case)
    assert kept is not None
    assert kept.model == MODEL
    assert np.array_equal(kept.vector, direction(3))
    store.keep_meaning(case, 1, Meaning("other", direction(4)))
    again = store.meaning_of_case(case)
    assert again is not None
    assert (again.model, int(again.vector.argmax())) == ("other", 4)
    assert store.meaning_of_case(99) is None


def test_complaints_are_gathered_once(store: SqliteStore) -> None:
    cases = [store_complaint(store, text=f"lumo {n}", native_id=f"n{n}") for n in range(3)]
    assert store.brands_to_gather() == ["lumo"]
    assert [found.case_id for found in store.cases_to_gather("lumo", 2)] == cases[:2]
    store.place_cases([Placement(case, None, ("login",), NOW) for case in cases], MONITOR)
    assert store.brands_to_gather() == store.cases_to_gather("lumo", 9) == []
    lone = store.lone_cases("lumo", NOW - timedelta(hours=1), 9)
    assert [(found.case_id, found.words) for found in lone] == [(case, ("login",)) for case in cases]
    assert store.lone_cases("lumo", NOW + timedelta(hours=1), 9) == []


def test_questions_and_closed_cases_are_not_gathered(store: SqliteStore) -> None:
    question, closed = store_complaint(store, native_id="a"), store_complaint(store, native_id="b")
    store.update_case(question, kind="question")
    store.update_case(closed, status="resolved", closed_at=NOW)
    assert store.brands_to_gather() == []


def test_what_a_person_took_out_is_no_lone_case(store: SqliteStore) -> None:
    cases = [store_complaint(store, native_id=f"n{n}") for n in range(2)]
    store_incident(store, cases)
    store.move_to_incident(cases[:1], None, "ana")
    assert store.lone_cases("lumo", NOW - timedelta(hours=1), 9) == []
    assert store.brands_to_gather() == []


def test_an_incident_marks_its_cases(store: SqliteStore) -> None:
    cases = [store_complaint(store, native_id=f"n{n}") for n in range(2)]
    incident = store_incident(store, cases)
    assert [view.incident_id for view in store.case_views(cases)] == [incident, incident]
    assert [case.case_id for case in store.incident_cases(incident)] == cases
    assert set(store.incident_meanings(incident)) == set(cases)
    assert store.incident_of_case(cases[0]) == incident
    assert store.incident_of_case(99) is None


def test_an_incident_grows_only_while_it_is_alive(store: SqliteStore) -> None:
    incident = store_incident(store, [store_complaint(store)])
    grown = StoredCluster(incident, 4, direction(1) * 4, {"app": 4}, NOW, LATER)
    store.grow_incident(grown)
    (found,) = store.alive_clusters("lumo", MODEL, NOW)
    assert (found.id, found.size, found.words, found.last_at) == (incident, 4, {"app": 4}, LATER)
    assert float(found.total[1]) == 4
    assert store.alive_clusters("lumo", "other", NOW) == store.alive_clusters("nova", MODEL, NOW) == []
    assert store.alive_clusters("lumo", MODEL, LATER + minutes(1)) == []
    store.update_incident(incident, state=IncidentState.OVER)
    assert store.alive_clusters("lumo", MODEL, NOW) == []


def test_incidents_are_listed_by_brand_newest_first(store: SqliteStore) -> None:
    first, second = (store_incident(store, [store_complaint(store, native_id=f"n{n}")]) for n in range(2))
    assert [entry.id for entry in store.incidents()] == [second, first]
    store.update_incident(first, state=IncidentState.OVER, over_at=LATER, told_level=Level.HIGH)
    assert [entry.id for entry in store.incidents("lumo")] == [second]
    ended = store.incidents(everything=True)[1]
    assert (ended.state, ended.over_at, ended.told_level, ended.version) == (IncidentState.OVER, LATER, Level.HIGH, 2)
    assert store.incidents("nova") == []
    assert store.incident(99) is None


def test_an_unknown_column_is_refused(store: SqliteStore) -> None:
    incident = store_incident(store, [store_complaint(store)])
    with pytest.raises(KeyError, match="no column size"):
        store.update_incident(incident, size=3)


def test_moved_cases_take_their_words_and_directions_with_them(store: SqliteStore) -> None:
    cases = [store_complaint(store, axis, native_id=f"n{axis}") for axis in range(3)]
    here, there = store_incident(store, cases[:2]), store_incident(store, cases[2:], 2)
    store.move_to_incident(cases[:1], there, "ana")
    by_id = {cluster.id: cluster for cluster in store.alive_clusters("lumo", MODEL, NOW - minutes(60))}
    assert (by_id[here].size, by_id[there].size) == (1, 2)
    assert [float(by_id[there].total[axis]) for axis in range(3)] == [1, 0, 1]
    assert by_id[here].words == {"login": 1}
    assert store.case_views(cases[:1])[0].incident_id == there


def test_an_incident_is_quiet_once_its_last_case_is_old(store: SqliteStore) -> None:
    incident = store_incident(store, [store_complaint(store)])
    assert store.quiet_incidents(NOW) == []
    assert store.quiet_incidents(LATER) == [incident]
    assert store.next_quiet() == NOW
    store.update_incident(incident, state=IncidentState.OVER)
    assert store.quiet_incidents(LATER) == []
    assert store.next_quiet() is None


def test_the_trail_of_an_incident_keeps_its_order(store: SqliteStore) -> None:
    incident = store_incident(store, [store_complaint(store)])
    store.audit_incident(incident, "ana", "own", NOW, to="ana")
    store.audit_incident(incident, "ben", "fixed", LATER)
    assert [(entry.who, entry.action, entry.detail) for entry in store.incident_trail(incident)] == [
        ("ana", "own", {"to": "ana"}), ("ben", "fixed", {}),
    ]  # fmt: skip


def test_forgetting_an_author_forgets_what_the_post_meant(store: SqliteStore) -> None:
    eve = store_complaint(store, 0, native_id="a", author="eve")
    ann = store_complaint(store, 1, native_id="b", author="ann")
    incident = store_incident(store, [eve, ann])
    store.grow_incident(StoredCluster(incident, 2, direction(0) + direction(1), {"login": 2}, NOW, NOW))
    assert store.forget_author("eve", None, "ops", LATER) == 1
    assert store.meaning_of_case(eve) is None
    assert store.meaning_of_case(ann) is not None
    (cluster,) = store.alive_clusters("lumo", MODEL, NOW - minutes(60))
    assert [float(cluster.total[axis]) for axis in range(2)] == [0, 1]
    assert cluster.words == {"login": 1}
    assert cluster.size == 2


def test_retention_forgets_what_posts_of_closed_cases_meant(store: SqliteStore) -> None:
    case = store_complaint(store)
    incident = store_incident(store, [case])
    store.update_case(case, status="resolved", closed_at=NOW)
    store.forget(LATER, no_watch=NOW, drops=NOW, cases=LATER)
    assert store.meaning_of_case(case) is None
    assert store.incident_cases(incident)[0].text == ""


def test_other_complaints_are_those_of_the_brand_beside_the_incident(store: SqliteStore) -> None:
    inside, outside = store_complaint(store, text="lumo in", native_id="a"), store_complaint(store, text="lumo out")
    incident = store_incident(store, [inside])
    assert store.other_complaints("lumo", incident, NOW - minutes(60)) == ["lumo out"]
    assert store.other_complaints("nova", incident, NOW - minutes(60)) == []
    assert outside != inside
