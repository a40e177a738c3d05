"""What digests need of a store."""

from datetime import timedelta

import numpy as np
import pytest

from monitor.domain import DropRule, Kind, Level, Status
from monitor.store.incidents import Placement, StoredCluster
from monitor.store.sqlite import SqliteStore
from tests.builders import (
    NOW,
    make_decision,
    make_drop,
    make_mention,
    make_verdict,
    minutes,
    store_case,
    store_mentions,
)

SOON, LATE = NOW + minutes(20), NOW + minutes(40)
"""A case of the builders is due after 30 minutes."""


@pytest.fixture
def store() -> SqliteStore:
    return SqliteStore(None)


def drop(store: SqliteStore, positive: float, **mention: object) -> None:
    store_mentions(store, [make_mention("I love my lumo lamp", **mention)], now=NOW)
    (hit, _), *_ = store.claim_hits(NOW, 60, 10)
    verdict = make_verdict(0.01, sentiment={"negative": 0.0, "neutral": 1 - positive, "positive": positive})
    decided = make_drop(DropRule.NOT_A_COMPLAINT)
    assert store.save_decision(hit, decided, verdict, store.history(hit, NOW, ()), "r1", NOW)


def test_critical_and_late_cases_are_to_act_on_the_worst_first(store: SqliteStore) -> None:
    high, critical, replied = (store_case(store, level) for level in (Level.HIGH, Level.CRITICAL, Level.CRITICAL))
    store.update_case(replied, status=Status.REPLIED, replied_at=NOW)
    total, shown = store.to_act_on(SOON, (), 20)
    assert (total, [case.id for case in shown]) == (1, [critical])
    total, shown = store.to_act_on(LATE, ["lumo"], 1)
    assert (total, [case.id for case in shown]) == (2, [critical])
    assert store.to_act_on(LATE, ["nova"], 20) == (0, [])
    assert [case.id for case in store.worst_urgent(LATE, (), 20)] == [critical, high, replied]


def test_cases_are_at_risk_from_half_of_their_time_until_they_are_late(store: SqliteStore) -> None:
    case = store_case(store)
    assert store.next_at_risk(NOW + minutes(10), (), 5) == []
    assert [found.id for found in store.next_at_risk(SOON, (), 5)] == [case]
    assert store.next_at_risk(LATE, (), 5) == []


def test_complaints_are_counted_when_they_were_posted(store: SqliteStore) -> None:
    store_case(store, posted_at=NOW - minutes(50))
    store_case(store, posted_at=NOW - minutes(49))
    quarter = int((NOW - minutes(50)).timestamp()) // 900
    assert store.complaints_by_quarter(NOW - minutes(90), NOW, ["lumo"]) == {quarter: 2}
    assert store.complaints_by_quarter(NOW - minutes(45), NOW, ()) == {}
    assert store.complaints_by_quarter(NOW - minutes(90), NOW, ["nova"]) == {}


def test_causes_of_complaints_are_counted_and_none_is_unknown(store: SqliteStore) -> None:
    store.update_case(store_case(store), cause="delivery")
    store_case(store)
    assert store.causes_between(NOW, SOON, ()) == {"delivery": 1, None: 1}
    assert store.causes_between(SOON, LATE, ()) == {}


def test_first_replies_are_told_by_level(store: SqliteStore) -> None:
    case = store_case(store, Level.HIGH, posted_at=NOW - minutes(2))
    store.update_case(case, replied_at=LATE)
    assert store.replies_by_level(NOW, LATE + minutes(1), ()) == {Level.HIGH: [(42 * 60.0, False)]}
    assert store.replies_by_level(NOW, LATE, ()) == {}


def test_praise_is_told_by_reach_whether_it_became_a_case_or_not(store: SqliteStore) -> None:
    drop(store, 0.99, author="known", followers=50)
    drop(store, 0.99, author="unknown")
    drop(store, 0.5, author="lukewarm", followers=9_000)
    store_mentions(store, [make_mention(author="case", followers=700)], now=NOW)
    (hit, _), *_ = store.claim_hits(NOW, 60, 10)
    praise = make_decision(Level.LOW, 5, kind=Kind.PRAISE)
    assert store.save_decision(hit, praise, make_verdict(0.1), store.history(hit, NOW, ()), "r1", NOW)
    case = store.open_case(hit, praise, SOON, NOW)
    found = store.praise_between(NOW, SOON, ["lumo"], 5)
    assert [(post.author, post.case_id) for post in found] == [("case", case), ("known", None), ("unknown", None)]
    assert store.praise_between(NOW, SOON, ["nova"], 5) == []
    assert len(store.praise_between(NOW, SOON, (), 1)) == 1


def test_incidents_are_told_with_their_worst_case_and_what_waits(store: SqliteStore) -> None:
    cases = [store_case(store), store_case(store, Level.CRITICAL)]
    store.update_case(cases[0], status=Status.REPLIED, replied_at=NOW, cause="outage")
    total = np.zeros(4, "float32")
    cluster = StoredCluster(0, 2, total, {"login": 2, "app": 1, "the": 5, "old": 1}, NOW, NOW)
    incident = store.open_incident("lumo", "model", cluster, NOW)
    store.place_cases([Placement(case, incident, (), NOW) for case in cases], "monitor")
    (told,) = store.incidents_to_tell(NOW, ["lumo"], 5)
    assert (told.id, told.size, told.waiting, told.cause, told.words) == (
        incident,
        2,
        1,
        "outage",
        ("the", "login", "app"),
    )
    assert told.example is not None
    assert told.example.id in cases
    store.update_incident(incident, state="over", over_at=NOW)
    assert [ended.state for ended in store.incidents_to_tell(NOW - timedelta(days=1), (), 5)] == ["over"]
    assert store.incidents_to_tell(SOON, (), 5) == []
