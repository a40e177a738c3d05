from datetime import timedelta

import numpy as np
import pytest

from monitor.digest.figures import Audience, blind_windows, gather_figures, heard_since
from monitor.domain import DropRule, Level
from monitor.store.incidents import Placement, StoredCluster
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_drop, make_mention, make_verdict, minutes, store_case, store_mentions

SINCE = NOW - timedelta(days=1)
LATER = NOW + minutes(1)


@pytest.fixture
def store() -> SqliteStore:
    return SqliteStore(None)


def poll(store: SqliteStore, name: str) -> None:
    """Read a source once; it is due again a minute later."""
    store.register_sources({name: "replay"})
    claim = store.claim_source([name], NOW, 60)
    assert claim is not None
    assert store.finish_poll(claim, NOW + minutes(1), NOW)


def test_a_digest_of_one_brand_counts_that_brand_alone(store: SqliteStore) -> None:
    store_case(store, Level.HIGH)
    store_mentions(store, [make_mention()], now=NOW)
    (hit, _), *_ = store.claim_hits(NOW, 60, 10)
    store.save_decision(hit, make_drop(DropRule.JOB_AD), make_verdict(), store.history(hit, NOW, ()), "r1", NOW)
    ours = gather_figures(store, SINCE, LATER, Audience(brands=("lumo",)))
    other = gather_figures(store, SINCE, LATER, Audience(brands=("nova",)))
    everything = gather_figures(store, SINCE, LATER, Audience())
    assert ours == everything
    assert (ours.open_by_level, ours.mentions, ours.drops) == ({Level.HIGH: 1}, 2, {DropRule.JOB_AD: 1})
    assert sum(ours.opened.values()) == 1
    assert (other.open_by_level, other.mentions, other.drops, other.opened, other.top) == ({}, 0, {}, {}, [])


def test_a_source_that_no_daemon_reads_is_no_heard_source(store: SqliteStore) -> None:
    poll(store, "feed")
    assert blind_windows(store, SINCE, NOW + minutes(10), ["feed"]) == []
    (window,) = blind_windows(store, SINCE, NOW + timedelta(hours=3), ["feed"])
    assert (window.source, window.state, window.since, window.until) == ("feed", "not read", NOW, None)


def test_a_source_that_fails_now_is_told_once_beside_its_older_gaps(store: SqliteStore) -> None:
    poll(store, "feed")
    store.add_coverage("feed", "gap", NOW - minutes(30), NOW - minutes(20), "page cap")
    later = NOW + minutes(2)
    claim = store.claim_source(["feed"], later, 60)
    assert claim is not None
    store.fail_poll(claim, "no route", later + minutes(1), later, stop=False)
    store.add_coverage("feed", "blind", later, later, "no route")
    windows = blind_windows(store, SINCE, later, ["feed"])
    assert [(window.state, window.since) for window in windows] == [("failing", NOW), ("gap", NOW - minutes(30))]


def test_a_source_that_left_the_config_is_not_missed(store: SqliteStore) -> None:
    poll(store, "feed")
    assert blind_windows(store, SINCE, NOW + timedelta(days=3), []) == []


def test_a_source_is_heard_since_its_first_poll(store: SqliteStore) -> None:
    poll(store, "feed")
    assert heard_since(store, LATER, ["feed", "x"]) == {"feed": NOW, "x": None}


def test_an_incident_is_told_by_the_words_that_are_its_own(store: SqliteStore) -> None:
    cases = [store_case(store, text=f"my {word} router lost the uplink again") for word in ("old", "new", "big", "red")]
    cluster = StoredCluster(0, 4, np.zeros(4, "float32"), {"again": 4}, NOW, NOW)
    incident = store.open_incident("lumo", "model", cluster, NOW)
    store.place_cases([Placement(case, incident, (), NOW) for case in cases], "monitor")
    (told,) = gather_figures(store, SINCE, LATER, Audience()).incidents
    assert {"router", "uplink"} <= set(told.words)
    assert told.example is not None
    assert told.example.id in cases
