"""What every store must do for the recall sample; SQLite in memory and SQLite in a file run the same suite."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.domain import DropRule, History
from monitor.errors import StoreError
from monitor.rules.recall import Answer, Drawn, Drop, Stratum
from monitor.store import connection
from monitor.store.records import Draw
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_decision, make_drop, make_mention, make_verdict, minutes, store_mentions

LATER = NOW + minutes(5)
LONG_AGO = NOW - timedelta(days=28)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def store_drop(store: SqliteStore, text: str = "lumo, meh", rule: DropRule = DropRule.NOT_A_COMPLAINT) -> Drop:
    store_mentions(store, [make_mention(text, author="eve")])
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    assert store.save_decision(hit, make_drop(rule), make_verdict(0.3), History(), "r1", NOW)
    return Drop(hit.id, "lumo", "x", rule, 0.3)


def save_draw(store: SqliteStore, *drops: Drop, day: str = "2026-03-04") -> bool:
    drawn = [Drawn(drop, 0.5) for drop in drops]
    return store.save_draw(Draw(day, LONG_AGO, LATER, LATER), drops, drawn)


def test_only_drops_first_seen_in_the_window_can_be_drawn(store: SqliteStore) -> None:
    drop = store_drop(store)
    store_mentions(store, [make_mention()])
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    store.save_decision(hit, make_decision(), make_verdict(), History(), "r1", NOW)
    assert store.drops_to_draw(LONG_AGO, LATER) == [drop]
    assert store.drops_to_draw(LONG_AGO, NOW) == []
    assert store.drops_to_draw(NOW, LATER) == [drop]


def test_a_hit_that_was_never_decided_holds_the_window_back(store: SqliteStore) -> None:
    assert store.oldest_undecided() is None
    store_mentions(store, [make_mention()])
    assert store.oldest_undecided() == NOW


def test_a_local_date_has_one_draw(store: SqliteStore) -> None:
    drop = store_drop(store)
    assert store.last_draw() is None
    assert save_draw(store, drop)
    assert not save_draw(store, drop)
    assert store.last_draw() == Draw("2026-03-04", LONG_AGO, LATER, LATER)
    assert store.waiting_samples(LONG_AGO) == 1


def test_an_answer_is_kept_and_the_last_one_counts(store: SqliteStore) -> None:
    save_draw(store, store_drop(store))
    (sampled,) = store.samples(LONG_AGO)
    assert (sampled.text, sampled.rule, sampled.evidence) == ("lumo, meh", DropRule.NOT_A_COMPLAINT, "0.10 < 0.50")
    store.answer_sample(sampled.id, Answer.YES, "ana", LATER)
    store.answer_sample(sampled.id, Answer.NO, "ben", LATER)
    assert store.samples(LONG_AGO) == []
    ((said,), (answer,)) = store.samples(LONG_AGO, waiting=False), store.recall_answers(LONG_AGO)
    assert (said.answer, said.answered_by, answer.missed, answer.probability) == (Answer.NO, "ben", False, 0.5)


def test_a_skipped_drop_waits_no_more_and_is_no_answer(store: SqliteStore) -> None:
    save_draw(store, store_drop(store))
    store.answer_sample(store.samples(LONG_AGO)[0].id, Answer.SKIP, "ana", LATER)
    assert (store.waiting_samples(LONG_AGO), store.recall_answers(LONG_AGO)) == (0, [])


def test_answers_and_frame_narrow_to_brands_and_times(store: SqliteStore) -> None:
    save_draw(store, store_drop(store))
    store.answer_sample(store.samples(LONG_AGO)[0].id, Answer.NO, "ana", LATER)
    assert store.recall_frame(LONG_AGO, ["lumo"]) == {Stratum.NEAR: 1}
    assert store.recall_frame(LONG_AGO, ["other"]) == store.recall_frame(LATER) == {}
    assert len(store.recall_answers(LONG_AGO, ["lumo"])) == 1
    assert store.recall_answers(LONG_AGO, ["other"]) == store.recall_answers(LATER) == []


def test_an_erased_post_is_asked_about_no_more_and_its_words_are_gone(store: SqliteStore) -> None:
    save_draw(store, store_drop(store, "secret words"))
    store.forget_author("eve", None, "ana", LATER)
    assert store.samples(LONG_AGO) == []
    assert store.waiting_samples(LONG_AGO) == 0
    (erased,) = store.samples(LONG_AGO, waiting=False)
    assert (erased.text, erased.author, erased.native_id, erased.evidence) == (None, None, None, "")


def test_answers_outlive_the_drop_that_they_are_about(store: SqliteStore) -> None:
    save_draw(store, store_drop(store))
    store.answer_sample(store.samples(LONG_AGO)[0].id, Answer.NO, "ana", LATER)
    store.forget(LATER, no_watch=LONG_AGO, drops=LATER, cases=LONG_AGO)
    assert store.totals()["mentions"] == 0
    (answer,) = store.recall_answers(LONG_AGO)
    assert (answer.hit_id, answer.missed) == (None, False)
    assert store.recall_frame(LONG_AGO) == {Stratum.NEAR: 1}


def test_draws_are_forgotten_with_the_cases_of_their_time(store: SqliteStore) -> None:
    save_draw(store, store_drop(store))
    store.forget(LATER, no_watch=LONG_AGO, drops=LONG_AGO, cases=LATER + minutes(1))
    assert store.last_draw() is None
    assert store.samples(LONG_AGO, waiting=False) == []


def test_a_miss_that_was_found_is_part_of_the_history(store: SqliteStore) -> None:
    drop = store_drop(store)
    save_draw(store, drop)
    ((hit, verdict), *_) = [store.claim_this_hit(drop.hit_id, LATER, 60) or pytest.fail("gone")]
    assert verdict == make_verdict(0.3)
    assert not store.history(hit, LATER, ()).found_missed
    store.answer_sample(store.samples(LONG_AGO)[0].id, Answer.YES, "ana", LATER)
    assert store.history(hit, LATER, ()).found_missed


def test_a_hit_is_taken_from_whoever_has_it(store: SqliteStore) -> None:
    drop = store_drop(store)
    store.renew_this_hit(drop.hit_id)
    ((old, _),) = store.claim_hits(NOW, 60, 10)
    taken = store.claim_this_hit(drop.hit_id, LATER, 60)
    assert taken is not None
    assert not store.save_decision(old, make_drop(), None, History(), "r1", LATER)
    assert store.save_decision(taken[0], make_drop(), None, History(), "r1", LATER)
    assert store.claim_this_hit(999, LATER, 60) is None


def test_an_older_file_is_brought_up_to_date_and_kept_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "store.db"
    monkeypatch.setattr(connection, "MIGRATIONS", ("schema_1",))
    older = SqliteStore(place)
    store_mentions(older, [make_mention()])
    older.close()
    monkeypatch.undo()
    reader = SqliteStore(place, read_only=True)
    with pytest.raises(StoreError, match="an older version wrote it"):
        reader.samples(LONG_AGO)
    reader.close()
    newer = SqliteStore(place)
    assert (newer.totals()["mentions"], newer.samples(LONG_AGO)) == (1, [])
    newer.close()
    with sqlite3.connect(tmp_path / "store.before-schema_2.db") as copy:
        assert copy.execute("SELECT count(*) FROM mentions").fetchone() == (1,)
