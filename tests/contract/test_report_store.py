"""What reports need of a store: first times that no move changes, posts counted as decided, fixes of causes."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.desk import Command, execute
from monitor.domain import DropRule, Level
from monitor.rules.recall import Stratum
from monitor.store import connection
from monitor.store.connection import ms
from monitor.store.report import CaseTimes, CauseFix, PostCount
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
from tests.incident_cases import store_complaint, store_incident
from tests.services import make_settings

SINCE, UNTIL = NOW - timedelta(days=1), NOW + timedelta(days=1)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    opened = SqliteStore(None)
    yield opened
    opened.close()


def do(store: SqliteStore, name: str, after_min: float, case: int, who: str = "ana", **arguments: Any) -> None:
    execute(store, make_settings(), Command(name, who, {"case": case, **arguments}), NOW + minutes(after_min))


def times(store: SqliteStore) -> CaseTimes:
    (found,) = store.report_cases(SINCE, UNTIL, None)
    return found


def after(minute: float) -> int:
    return ms(NOW + minutes(minute))


def test_a_fresh_case_has_the_times_of_its_first_post(store: SqliteStore) -> None:
    case = store_case(store, Level.HIGH, author="Ann", posted_at=NOW - minutes(5))
    found = times(store)
    assert (found.case_id, found.author, found.level, found.kind) == (case, "ann", "high", "complaint")
    assert (found.posted_at, found.fetched_at, found.decided_at) == (after(-5), after(0), after(0))
    assert found.due_at == after(30)
    assert (found.notified_at, found.claimed_at, found.replied_at, found.handled_ms) == (None, None, None, 0)


def test_moves_keep_the_first_of_everything(store: SqliteStore) -> None:
    case = store_case(store)
    do(store, "claim", 2, case)
    do(store, "release", 5, case)
    do(store, "assign", 10, case, to="ben")
    do(store, "reply", 14, case, who="ben", text="Sorry!")
    do(store, "resolve", 20, case)
    do(store, "reopen", 30, case)
    do(store, "claim", 31, case, who="cay")
    do(store, "reply", 45, case, who="cay", text="Sorry again.")
    do(store, "resolve", 50, case)
    found = times(store)
    assert (found.claimed_at, found.replied_at, found.resolved_at) == (after(2), after(14), after(20))
    assert (found.again_at, found.reopened, found.due_at) == (after(45), 1, after(30))
    assert found.handled_ms == 7 * 60_000


def test_a_raise_changes_neither_level_nor_promise(store: SqliteStore) -> None:
    case = store_case(store, Level.NORMAL)
    do(store, "escalate", 3, case, reason="angry")
    assert store.case(case).level is Level.HIGH  # type: ignore[union-attr]
    assert (times(store).level, times(store).due_at) == ("normal", after(30))


def test_a_second_reply_within_a_quarter_of_an_hour_is_the_first_one_going_on(store: SqliteStore) -> None:
    case = store_case(store)
    do(store, "reply", 5, case, text="Part one")
    do(store, "reply", 20, case, text="part two")
    assert times(store).again_at is None
    do(store, "reply", 20.1, case, text="and another")
    assert times(store).again_at == after(20.1)


def test_a_reply_without_a_claim_is_no_claim(store: SqliteStore) -> None:
    case = store_case(store)
    do(store, "reply", 5, case, text="Hello")
    assert (times(store).claimed_at, times(store).handled_ms) == (None, 0)


def test_a_dismissal_ends_the_handling_and_taking_it_back_is_no_reopening(store: SqliteStore) -> None:
    case = store_case(store)
    do(store, "claim", 1, case)
    do(store, "dismiss", 4, case, reason="spam")
    do(store, "reopen", 9, case)
    assert (times(store).handled_ms, times(store).reopened, times(store).resolved_at) == (3 * 60_000, 0, None)


def test_words_after_a_reply_are_counted_and_the_first_bad_one_kept(store: SqliteStore) -> None:
    case = store_case(store)
    store.audit(case, "monitor", "customer-answered", NOW + minutes(1), mood="angrier", after=0.9)
    do(store, "reply", 2, case, text="Sorry")
    store.audit(case, "monitor", "customer-answered", NOW + minutes(3), mood="calmer", after=0.2)
    assert (times(store).negative_at, times(store).words) == (None, 2)
    store.audit(case, "monitor", "customer-answered", NOW + minutes(4), mood="same", after=0.5)
    store.audit(case, "monitor", "reopened", NOW + minutes(5), post="x:9")
    assert (times(store).negative_at, times(store).words, times(store).reopened) == (after(4), 3, 1)


def test_an_impostor_reopens_a_case_without_a_bad_word_of_the_customer(store: SqliteStore) -> None:
    case = store_case(store)
    do(store, "reply", 2, case, text="Sorry")
    store.audit(case, "monitor", "impostor", NOW + minutes(3), post="x:9")
    store.audit(case, "monitor", "reopened", NOW + minutes(3), post="x:9")
    assert (times(store).negative_at, times(store).reopened) == (None, 1)


def test_the_first_message_that_was_sent_counts(store: SqliteStore) -> None:
    case = store_case(store)
    for number, minute in enumerate((3, 6)):
        message = store.add_to_message("desk", f"g{number}", "case.opened", case, Level.HIGH, NOW, NOW)
        store.seal_message(message, {}, f"k{number}", NOW)
        assert times(store).notified_at == (None if number == 0 else after(3))
        sealed = store.claim_message(["desk"], NOW + minutes(minute), 60)
        assert sealed is not None
        assert store.finish_message(sealed, NOW + minutes(minute))
    assert times(store).notified_at == after(3)


def test_an_edited_post_and_new_rules_are_counted_once(store: SqliteStore) -> None:
    store_mentions(store, [make_mention("lumo", lang="en-GB", posted_at=NOW - minutes(9))])
    (hit, _), *_ = store.claim_hits(NOW, 60, 10)
    history = store.history(hit, NOW, ())
    outcomes = {
        make_drop(DropRule.SPAM): None,
        make_decision(): (1, 1),
        make_drop(DropRule.NOT_A_COMPLAINT): (1, 0),
        make_drop(DropRule.NOT_US): None,
    }
    for decision, expected in outcomes.items():
        with store.write():
            store.connection.query("UPDATE hits SET state = 'doing'", {})
        assert store.save_decision(hit, decision, make_verdict(), history, "r", NOW)
        wanted = [] if expected is None else [PostCount("lumo", "x", "en", *expected, 0)]
        assert store.report_posts(SINCE, UNTIL, None, incidents=True) == wanted


def test_posts_that_wait_or_were_parked_are_undecided(store: SqliteStore) -> None:
    store_mentions(store, [make_mention(lang=None), make_mention(platform="reddit")])
    with store.write():
        store.connection.query("UPDATE hits SET state = 'parked' WHERE id = 1", {})
    found = store.report_posts(SINCE, UNTIL, "lumo", incidents=True)
    assert found == [PostCount("lumo", "reddit", "", 0, 0, 1), PostCount("lumo", "x", "", 0, 0, 1)]
    assert store.report_posts(SINCE, UNTIL, "nova", incidents=True) == []


def test_the_posts_of_incidents_can_be_left_out(store: SqliteStore) -> None:
    alone, inside = store_case(store), store_complaint(store)
    incident = store_incident(store, [inside])
    found = {case.case_id: case.incident_id for case in store.report_cases(SINCE, UNTIL, None)}
    assert found == {alone: None, inside: incident}
    (left,) = store.report_posts(SINCE, UNTIL, None, incidents=False)
    assert (left.posts, left.complaints) == (1, 1)
    assert len(store.report_complaints(SINCE, UNTIL, None)) == 2


def test_an_erased_author_is_nobody(store: SqliteStore) -> None:
    store_case(store, author="ann")
    store.forget_author("ann", None, "ana", NOW)
    assert times(store).author == ""
    assert store.report_complaints(SINCE, UNTIL, None) == []


def test_a_case_belongs_to_the_time_in_which_its_first_post_was_written(store: SqliteStore) -> None:
    store_case(store, posted_at=NOW - minutes(5))
    assert len(store.report_cases(NOW - minutes(5), NOW, "lumo")) == 1
    assert store.report_cases(NOW - minutes(4), UNTIL, "lumo") == []
    assert store.report_cases(SINCE, NOW - minutes(5), "lumo") == []
    assert store.report_cases(SINCE, UNTIL, "nova") == []


def test_causes_are_counted_by_quarter(store: SqliteStore) -> None:
    first, second, third = (store_case(store) for _ in range(3))
    for case, cause in ((first, "billing"), (second, "billing"), (third, "staff")):
        store.update_case(case, cause=cause)
    do(store, "dismiss", 4, second, reason="spam")
    (found,) = store.report_causes(SINCE, UNTIL, "lumo", ["billing"], incidents=True)
    assert (found.cause, found.cases, found.quarter) == ("billing", 1, after(-2) // 900_000)


def test_what_sources_returned_is_kept_by_day(store: SqliteStore) -> None:
    for days in (0, 0, 1):
        store_mentions(store, [make_mention()], now=NOW + timedelta(days=days))
    noon = NOW.replace(hour=12)
    assert store.report_returned(noon, noon + timedelta(days=1)) == {"x": 2}
    assert store.report_returned(noon, noon + timedelta(days=2)) == {"x": 3}
    assert store.report_returned(noon + timedelta(minutes=1), noon + timedelta(days=1)) == {}


def test_draws_count_that_end_in_the_span(store: SqliteStore) -> None:
    with store.write():
        for number, hours in enumerate((0, 24), 1):
            store.connection.query(
                "INSERT INTO recall_draws VALUES (:id, :id, 0, :until, 0)",
                {"id": number, "until": ms(NOW + timedelta(hours=hours))},
            )
            for answer in ("yes", "no", "skip", None):
                store.connection.query(
                    "INSERT INTO recall_sample (draw_id, brand, source, drop_rule, stratum, probability, answer) "
                    "VALUES (:id, 'lumo', 'x', 'spam', 'far', 0.5, :answer)", {"id": number, "answer": answer},
                )  # fmt: skip
            store.connection.query("INSERT INTO recall_frame VALUES (:id, 'lumo', 'far', 8)", {"id": number})
    said = store.report_sample(NOW, NOW + timedelta(hours=24), "lumo")
    assert ([one.missed for one in said.answers], said.frame, said.waiting) == ([True, False], {Stratum.FAR: 8}, 2)
    assert store.report_sample(SINCE, UNTIL, "nova").answers == []


def test_a_fix_is_kept_once_a_day_and_taken_back(store: SqliteStore) -> None:
    fix = CauseFix("lumo", "billing", date(2026, 3, 1), "mended", "ana", NOW)
    assert store.add_cause_fix(fix)
    assert not store.add_cause_fix(fix)
    assert store.cause_fixes("lumo") == [fix]
    assert store.cause_fixes("nova") == []
    assert store.drop_cause_fix("lumo", "billing", fix.fixed_on)
    assert not store.drop_cause_fix("lumo", "billing", fix.fixed_on)


def test_counts_are_forgotten_with_the_cases(store: SqliteStore) -> None:
    store_case(store)
    later = NOW + timedelta(days=3)
    store.forget(later, no_watch=SINCE, drops=SINCE, cases=NOW - timedelta(days=1))
    assert len(store.report_posts(SINCE, UNTIL, None, incidents=True)) == 1
    store.forget(later, no_watch=SINCE, drops=SINCE, cases=later)
    assert store.report_posts(SINCE, UNTIL, None, incidents=True) == []
    assert store.report_returned(SINCE, UNTIL) == {}


def test_a_store_of_before_knows_what_its_trail_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "monitor.db"
    with monkeypatch.context() as older:
        older.setattr(connection, "MIGRATIONS", tuple(name for name in connection.MIGRATIONS if name != "schema_15"))
        old = SqliteStore(path)
        case = store_case(old, author="Ann")
        old.audit(case, "monitor", "opened", NOW, level="high")
        do(old, "claim", 2, case)
        do(old, "reply", 6, case, text="Sorry")
        store_case(old, now=NOW + minutes(1))
        old.close()
    store = SqliteStore(path)
    first, second = store.report_cases(SINCE, UNTIL, None)
    assert (first.author, first.level, first.claimed_at, first.replied_at) == ("ann", "high", after(2), after(6))
    assert (first.handled_ms, second.replied_at) == (4 * 60_000, None)
    assert [one.posts for one in store.report_posts(SINCE, UNTIL, None, incidents=True)] == [2]
    assert store.report_returned(SINCE, UNTIL) == {"x": 2}
    store.close()
