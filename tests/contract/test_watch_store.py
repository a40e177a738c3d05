"""What a store does for watched threads; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.domain import Hit, Level, Status
from monitor.rules.watching import GUARDED
from monitor.store.sqlite import SqliteStore
from monitor.store.watching import OWN_TIMELINE
from tests.builders import NOW, make_decision, make_mention, make_verdict, minutes, store_mentions


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    opened.register_sources({"x": "x"})
    yield opened
    opened.close()


def open_case(store: SqliteStore, native_id: str = "1", author: str = "Ann", thread: str = "1") -> tuple[int, Hit]:
    store_mentions(store, [make_mention("lumo broken", native_id=native_id, author=author, thread_id=thread)])
    ((hit, _),) = store.claim_hits(NOW, 60, 1)
    decision = make_decision()
    assert store.save_decision(hit, decision, make_verdict(0.7), store.history(hit, NOW, ()), "r", NOW)
    return store.open_case(hit, decision, NOW + minutes(60), NOW), hit


def test_a_place_is_claimed_once_while_its_lease_runs_and_read_from_its_reading_on(store: SqliteStore) -> None:
    store.plan_watch("x", "7", NOW, NOW + minutes(15))
    store.plan_watch("x", "7", NOW + minutes(3), NOW + minutes(10))
    assert store.claim_watches("x", NOW + minutes(9), 60, 5) == []
    (place,) = store.claim_watches("x", NOW + minutes(10), 60, 5)
    assert (place.place, place.read_at) == ("7", NOW)
    assert store.claim_watches("x", NOW + minutes(10), 60, 5) == []
    store.save_watched("x", {place: NOW + minutes(40)}, [], [], NOW + minutes(11))
    assert store.next_watch_due(["x"]) == NOW + minutes(40)
    (again,) = store.claim_watches("x", NOW + minutes(40), 60, 5)
    assert again.read_at == NOW + minutes(11)
    store.save_watched("x", {again: None}, [], [], NOW)
    assert store.next_watch_due(["x"]) is None


def test_a_lost_claim_writes_nothing(store: SqliteStore) -> None:
    store.plan_watch("x", "7", NOW, NOW)
    (lost,) = store.claim_watches("x", NOW, 60, 5)
    store.void_leases()
    store.save_watched("x", {lost: None}, [], [], NOW)
    store.delay_watches([lost], NOW + minutes(99))
    assert [place.place for place in store.claim_watches("x", NOW, 60, 5)] == ["7"]


def test_the_own_timeline_is_a_place_of_its_own(store: SqliteStore) -> None:
    store.plan_watch("x", OWN_TIMELINE, NOW, NOW)
    store.plan_watch("x", "7", NOW, NOW)
    assert [one.place for one in store.claim_watches("x", NOW, 60, 5, own=True)] == [OWN_TIMELINE]
    assert [one.place for one in store.claim_watches("x", NOW, 60, 5)] == ["7"]


def test_cases_are_watched_while_open_and_seven_days_after_they_were_resolved(store: SqliteStore) -> None:
    case_id, _ = open_case(store)
    (case,) = store.watched_cases("x", "1", NOW)
    assert (case.id, case.brand, case.status, case.customers) == (case_id, "lumo", Status.NEW, ("ann",))
    store.update_case(case_id, status=Status.RESOLVED, closed_at=NOW)
    assert len(store.watched_cases("x", "1", NOW + GUARDED - minutes(1))) == 1
    assert store.watched_cases("x", "1", NOW + GUARDED) == []
    store.update_case(case_id, status=Status.DISMISSED, closed_at=NOW)
    assert store.watched_cases("x", "1", NOW) == []


def test_a_post_is_guarded_in_the_thread_of_somebody_elses_case_alone(store: SqliteStore) -> None:
    _, hit = open_case(store)
    other = replace(hit, mention=replace(hit.mention, author=replace(hit.mention.author, handle="eve")))
    assert store.history(other, NOW, ()).guarded
    assert not store.history(hit, NOW, ()).guarded
    assert not store.history(replace(other, brand="acme"), NOW, ()).guarded
    assert not store.history(replace(other, mention=replace(other.mention, thread_id="2")), NOW, ()).guarded


def test_posts_read_are_counted_by_the_day_together_with_polled_ones(store: SqliteStore) -> None:
    store.spend_posts("x", 5, NOW)
    store.spend_posts("x", 2, NOW)
    assert store.spent_posts("x", NOW) == 7
    claim = store.claim_source(["x"], NOW, 60)
    assert claim is not None
    assert claim.returned_today == 7
    assert store.spent_posts("x", NOW + timedelta(days=1)) == 0


def test_an_impostor_is_remembered_once_a_case_and_cleared_for_all(store: SqliteStore) -> None:
    case_id, hit = open_case(store)
    assert store.add_impostor(case_id, hit, NOW)
    assert not store.add_impostor(case_id, hit, NOW)
    assert store.history(hit, NOW, ()).known_impostor
    assert [one["handle"] for one in store.impostors(case_id)] == ["Ann"]
    assert store.clear_impostor("lumo", "x", "@ANN", "kim", NOW)
    assert not store.clear_impostor("lumo", "x", "ann", "kim", NOW)
    assert not store.history(hit, NOW, ()).known_impostor
    assert store.impostors()[0]["cleared_by"] == "kim"


def test_the_first_due_time_outlives_later_ones(store: SqliteStore) -> None:
    case_id, _ = open_case(store)
    store.update_case(case_id, due_at=NOW + minutes(500), clock_at=NOW + minutes(400))
    case = store.case(case_id)
    assert case is not None
    assert (case.first_due_at, case.due_at) == (NOW + minutes(60), NOW + minutes(500))
    store.update_case(case_id, status=Status.REPLIED, replied_at=NOW + minutes(30))
    ((wait, in_time),) = store.replies_by_level(NOW, NOW + minutes(31), ())[Level.NORMAL]
    assert wait == pytest.approx(32 * 60), "from the first post"
    assert in_time, "by the first promise"
