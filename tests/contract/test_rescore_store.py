"""What every store must do for the re-scoring of open cases; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain import History, Hit, Level, Status
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_decision, make_mention, make_verdict, minutes, store_case, store_mentions

TRIES = 3


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def claim(store: SqliteStore, rules: str = "r2", *, after: float = 0, limit: int = 10) -> list[Hit]:
    return [hit for hit, _ in store.claim_rescore(rules, NOW + minutes(after), 60, limit, tries=TRIES)]


def test_only_posts_of_open_cases_by_older_rules_are_claimed_with_their_verdicts(store: SqliteStore) -> None:
    first, closed = store_case(store), store_case(store)
    store.update_case(closed, status=Status.DISMISSED)
    assert claim(store, "r1") == []
    ((hit, verdict),) = store.claim_rescore("r2", NOW, 60, 10, tries=TRIES)
    assert (store.case_of_hit(hit.id), verdict) == (first, make_verdict())
    assert claim(store) == [], "a claim is ours alone"


def test_a_decision_by_the_new_rules_ends_it(store: SqliteStore) -> None:
    store_case(store)
    assert store.waiting_rescores("r2", tries=TRIES) == 1
    (hit,) = claim(store)
    assert store.save_decision(hit, make_decision(), make_verdict(), History(), "r2", NOW)
    assert claim(store, after=9) == []
    assert store.waiting_rescores("r2", tries=TRIES) == 0


def test_triage_never_takes_one_for_news(store: SqliteStore) -> None:
    store_case(store)
    claim(store)
    assert (store.claim_hits(NOW + minutes(9), 60, 10), store.waiting_hits()) == ([], 0)
    store.void_leases()
    assert (store.claim_hits(NOW + minutes(9), 60, 10), store.waiting_hits()) == ([], 0)


def test_what_a_dead_process_held_is_claimed_again_alone_and_the_old_fence_writes_nothing(store: SqliteStore) -> None:
    for _ in range(3):
        store_case(store)
    held = claim(store, limit=2)
    store.void_leases()
    (fresh,) = claim(store)
    assert fresh.id not in {hit.id for hit in held}, "what was never tried comes first"
    (again,) = claim(store)
    assert again.id in {hit.id for hit in held}
    assert not store.save_decision(held[0], make_decision(), None, History(), "r2", NOW)


def test_a_lease_that_ended_is_claimed_again(store: SqliteStore) -> None:
    store_case(store)
    (hit,) = claim(store)
    (heir,) = claim(store, after=2)
    assert heir.fence == hit.fence + 1


def test_a_post_that_fails_keeps_its_decision_after_three_tries_until_other_rules_come(store: SqliteStore) -> None:
    store_case(store)
    for _ in range(TRIES):
        (hit,) = claim(store)
        store.fail_rescore(hit)
    assert (claim(store), store.waiting_rescores("r2", tries=TRIES)) == ([], 0)
    assert len(claim(store, "r3")) == 1


def test_a_claim_given_back_untried_costs_no_try(store: SqliteStore) -> None:
    store_case(store)
    for _ in range(TRIES + 1):
        hits = claim(store)
        assert len(hits) == 1
        store.unclaim_rescore(hits)


def test_an_edit_meanwhile_is_news_and_the_claim_is_lost(store: SqliteStore) -> None:
    mention = make_mention()
    store_mentions(store, [mention])
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    store.save_decision(hit, make_decision(), make_verdict(), History(), "r1", NOW)
    store.open_case(hit, make_decision(), NOW + minutes(30), NOW)
    (held,) = claim(store)
    store_mentions(store, [make_mention("lumo burns", native_id=mention.native_id, author=mention.author.handle)])
    assert not store.save_decision(held, make_decision(), None, History(), "r2", NOW)
    assert len(store.claim_hits(NOW, 60, 10)) == 1


def test_open_messages_of_an_event_are_told_at_once_and_others_wait(store: SqliteStore) -> None:
    case = store_case(store)
    for event in ("case.rescored", "case.opened"):
        store.add_to_message("desk", "g", event, case, Level.HIGH, NOW + minutes(5), NOW)
    assert store.hasten_messages("case.rescored", NOW) == 1
    assert store.hasten_messages("case.rescored", NOW) == 0
    assert [message.event for message in store.messages_to_seal(NOW, 10)] == ["case.rescored"]
