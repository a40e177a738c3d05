"""What every store must do for feedback and suggestions; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.domain import Status
from monitor.store.feedback import Suggestion, SuggestionState
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case

LATER = NOW + minutes(5)
LONG_AGO = NOW - timedelta(days=90)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def suggestion(value: object = "loto", **changes: object) -> Suggestion:
    base = {"id": 0, "kind": "exclusion", "brand": "lumo", "source": "", "value": value, "evidence": {"count": 5}}
    return Suggestion(**{**base, "cost": {"lost": 0}, "made_at": NOW, **changes})  # type: ignore[arg-type]


def test_the_last_feedback_that_was_not_taken_back_is_found(store: SqliteStore) -> None:
    case = store_case(store)
    store.add_feedback(case, "not-us", None, {"status": "new"}, "ana", NOW)
    store.add_feedback(case, "block-author", "eve", {}, "ben", LATER)
    last = store.last_feedback(case)
    assert last is not None
    assert (last.kind, last.entry, last.before, last.who, last.at) == ("block-author", "eve", {}, "ben", LATER)
    assert store.undo_feedback(last.id, "ana", LATER)
    assert not store.undo_feedback(last.id, "ana", LATER)
    first = store.last_feedback(case)
    assert first is not None
    assert (first.kind, first.before) == ("not-us", {"status": "new"})


def test_author_and_thread_are_those_of_the_worst_post(store: SqliteStore) -> None:
    assert store.author_and_thread(store_case(store, author="Eve", thread_id="t1")) == ("eve", "t1")
    assert store.author_and_thread(store_case(store, author="ann", native_id="n9")) == ("ann", "n9")


def test_judged_posts_are_of_the_named_sources_and_still_readable(store: SqliteStore) -> None:
    yes, no, gone, still = (store_case(store, text=f"lumo {n}", native_id=f"n{n}") for n in range(4))
    store.update_case(yes, status=Status.RESOLVED, closed_at=LATER)
    store.update_case(no, status=Status.DISMISSED, closed_at=LATER, dismissed_reason="not-us")
    store.update_case(gone, status=Status.RESOLVED, closed_at=LATER)
    store.forget_mention("x", "n2", "ana", LATER)
    found = store.judged_posts(LONG_AGO, ["x"])
    assert [(post.text, post.confirmed, post.reason) for post in found] == [
        ("lumo 0", True, None), ("lumo 1", False, "not-us"),
    ]  # fmt: skip
    assert found[0].complaint == 0.9
    assert store.judged_posts(LONG_AGO, ["reddit"]) == store.judged_posts(LATER + minutes(1), ["x"]) == []
    assert store.case(still) is not None


def test_new_suggestions_take_the_place_of_those_that_waited(store: SqliteStore) -> None:
    store.keep_suggestions([suggestion("a"), suggestion("b")], NOW)
    store.keep_suggestions([suggestion("b", evidence={"count": 9}), suggestion({"any": 1})], LATER)
    kept = store.suggestions(SuggestionState.WAITING)
    assert [(entry.value, entry.evidence, entry.cost) for entry in kept] == [
        ("b", {"count": 9}, {"lost": 0}), ({"any": 1}, {"count": 5}, {"lost": 0}),
    ]  # fmt: skip


def test_what_was_accepted_stays_as_it_is(store: SqliteStore) -> None:
    store.keep_suggestions([suggestion("a")], NOW)
    (waiting,) = store.suggestions()
    store.settle_suggestion(waiting.id, SuggestionState.ACCEPTED, 0.5, "ana", NOW)
    store.keep_suggestions([suggestion("a", evidence={"count": 99})], LATER)
    (kept,) = store.suggestions()
    assert (kept.id, kept.state, kept.before, kept.who, kept.at) == (waiting.id, "accepted", 0.5, "ana", NOW)
    assert (kept.evidence, store.suggestions(SuggestionState.WAITING)) == ({"count": 5}, [])
