"""What every store must do; SQLite in memory and SQLite in a file run the same suite."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.connector import Reread
from connectors.mention import Author, Metrics
from monitor.domain import DropRule, History, Level, Status
from monitor.errors import StoreError
from monitor.store.records import SourceState
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


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def test_a_mention_is_stored_once_however_often_it_is_returned(store: SqliteStore) -> None:
    mention = make_mention()
    store_mentions(store, [mention, mention])
    store_mentions(store, [mention], source="other")
    assert store.totals()["mentions"] == 1
    assert store.totals()["hits"] == 1


def test_an_edit_is_a_version_and_is_decided_again(store: SqliteStore) -> None:
    mention = make_mention("lumo is fine")
    store_mentions(store, [mention])
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    store.save_decision(hit, make_drop(), make_verdict(0.1), History(), "r1", NOW)
    store_mentions(store, [replace(mention, text="lumo is NOT fine, my lamp burns")])
    ((again, verdict),) = store.claim_hits(NOW, 60, 10)
    assert (again.id, again.version, again.mention.text) == (hit.id, 2, "lumo is NOT fine, my lamp burns")
    assert verdict is None, "the verdict of the old text must not be used again"


def test_new_metrics_are_decided_again_with_the_stored_verdict(store: SqliteStore) -> None:
    mention = make_mention(metrics={"likes": 0})
    store_mentions(store, [mention])
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    store.save_decision(hit, make_drop(), make_verdict(0.1), History(), "r1", NOW)
    store_mentions(store, [replace(mention, metrics=Metrics(likes=5000))], now=NOW + minutes(30))
    ((again, verdict),) = store.claim_hits(NOW, 60, 10)
    assert verdict == make_verdict(0.1)
    assert store.history(again, NOW, ()).velocity == pytest.approx(10_000)


def test_a_claim_is_ours_alone_until_its_lease_ends(store: SqliteStore) -> None:
    store_mentions(store, [make_mention()])
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    assert store.claim_hits(NOW, 60, 10) == []
    ((heir, _),) = store.claim_hits(NOW + minutes(2), 60, 10)
    assert heir.fence == hit.fence + 1
    assert not store.save_decision(hit, make_drop(), None, History(), "r1", NOW), "the old fence must write nothing"
    assert store.save_decision(heir, make_drop(), None, History(), "r1", NOW)


def test_a_hit_tried_before_is_claimed_alone_and_parked_after_three_tries(store: SqliteStore) -> None:
    store_mentions(store, [make_mention() for _ in range(5)])
    poison, *others = [hit for hit, _ in store.claim_hits(NOW, 60, 10)]
    for hit in others:
        store.save_decision(hit, make_drop(), None, History(), "r1", NOW)
    store.fail_hit(poison, "boom", tries=3)
    for _ in range(2):
        store_mentions(store, [make_mention()])
        fresh = store.claim_hits(NOW, 60, 10)
        assert poison.id not in [hit.id for hit, _ in fresh], "fresh hits come first and in company"
        ((alone, _),) = store.claim_hits(NOW, 60, 10)
        assert alone.id == poison.id
        store.fail_hit(alone, "boom", tries=3)
    assert store.waits()["parked"] == 1
    assert store.explain(poison.mention.native_id)[0].parked == "boom"


def test_voiding_leases_frees_everything_a_dead_process_held(store: SqliteStore) -> None:
    store_mentions(store, [make_mention()])
    ((hit, _),) = store.claim_hits(NOW, 600, 10)
    store.void_leases()
    ((again, _),) = store.claim_hits(NOW, 600, 10)
    assert again.id == hit.id
    assert not store.save_decision(hit, make_drop(), None, History(), "r1", NOW)


def test_what_a_dead_process_left_is_decided_first_in_its_order_and_alone(store: SqliteStore) -> None:
    store_mentions(store, [make_mention() for _ in range(3)])
    left = [hit.id for hit, _ in store.claim_hits(NOW, 600, 10)]
    store.void_leases()
    store_mentions(store, [make_mention() for _ in range(3)])
    claims = [store.claim_hits(NOW, 600, 10) for _ in range(4)]
    assert [[hit.id for hit, _ in claim] for claim in claims[:3]] == [[number] for number in left]
    assert len(claims[3]) == 3


def test_a_hit_that_kills_its_process_three_times_is_parked(store: SqliteStore) -> None:
    store_mentions(store, [make_mention()])
    for _ in range(3):
        ((deadly, _),) = store.claim_hits(NOW, 600, 10)
        store.void_leases()
    assert store.claim_hits(NOW, 600, 10) == []
    assert store.waits()["parked"] == 1
    assert store.explain(deadly.mention.native_id)[0].parked == "the process died each time that it was decided"


def test_a_failed_poll_leaves_the_cursor_and_names_its_reason(store: SqliteStore) -> None:
    store.register_sources({"x": "x"})
    claim = store.claim_source(["x"], NOW, 60)
    assert claim is not None
    store.save_page(claim, [], (), {"watermark": "w"}, NOW, platform="x", returned=0, skipped=0)
    store.fail_poll(claim, "x: no connection; it is tried again", NOW + minutes(1), NOW, stop=False)
    (status,) = store.sources(NOW)
    assert (status.state, status.reason) == (SourceState.FAILING, "x: no connection; it is tried again")
    assert store.claim_source(["x"], NOW, 60) is None
    again = store.claim_source(["x"], NOW + minutes(1), 60)
    assert again is not None
    assert again.cursor == {"watermark": "w"}


def test_a_stopped_source_is_given_another_chance_when_it_is_registered_again(store: SqliteStore) -> None:
    store.register_sources({"x": "x"})
    store.stop_source("x", "wrong token", NOW)
    assert store.claim_source(["x"], NOW + minutes(99), 60) is None
    store.register_sources({"x": "x"})
    assert store.claim_source(["x"], NOW, 60) is not None


def test_a_page_behind_a_lost_claim_is_not_stored(store: SqliteStore) -> None:
    store.register_sources({"x": "x"})
    old = store.claim_source(["x"], NOW, 60)
    heir = store.claim_source(["x"], NOW + minutes(2), 60)
    assert old is not None
    assert heir is not None
    page = [(make_mention(), {"lumo": ("name",)})]
    assert not store.save_page(old, page, (), {}, NOW, platform="x", returned=1, skipped=0)
    assert store.totals()["mentions"] == 0


def test_posts_older_than_a_day_at_the_first_poll_are_history(store: SqliteStore) -> None:
    store_mentions(store, [make_mention(posted_at=NOW - minutes(25 * 60)), make_mention()])
    assert [hit.backfilled for hit, _ in store.claim_hits(NOW, 60, 10)] == [True, False]


def test_a_deleted_post_leaves_no_text_or_identity_behind(store: SqliteStore) -> None:
    case_id = store_case(store, text="canary-text lumo burns", author="canary-author")
    native_id = store.case_views([case_id])[0].native_id
    claim = store.claim_source(["x"], NOW, 60)
    assert claim is not None
    store.save_page(claim, [], [native_id], {}, NOW, platform="x", returned=0, skipped=0)
    rows = [
        str(store.connection.query(f"SELECT * FROM {table['name']}", {}))
        for table in store.connection.query("SELECT name FROM sqlite_master WHERE type = 'table'", {})
    ]
    assert "canary" not in "".join(rows)
    assert [entry.action for entry in store.audit_trail(case_id)] == ["deleted"]


def test_a_deleted_post_leaves_a_message_that_was_not_sent_yet(store: SqliteStore) -> None:
    case_id = store_case(store, text="canary-text lumo burns")
    message_id = store.add_to_message("desk", "g", "case.opened", case_id, Level.HIGH, NOW, NOW)
    store.seal_message(message_id, {"text": "canary-text lumo burns"}, "key", NOW)
    claim = store.claim_source(["x"], NOW, 60)
    assert claim is not None
    native_id = store.case_views([case_id])[0].native_id
    store.save_page(claim, [], [native_id], {}, NOW, platform="x", returned=0, skipped=0)
    assert "canary" not in str(store.connection.query("SELECT * FROM outbox", {}))
    (again,) = store.messages_to_seal(NOW, 10)
    assert (again.id, again.cases[0].text) == (message_id, "")


def test_only_one_case_is_open_per_join_key(store: SqliteStore) -> None:
    store_mentions(store, [make_mention(author="ann"), make_mention("another lumo lamp broke", author="Ann")])
    (first, _), (second, _) = store.claim_hits(NOW, 60, 10)
    store.save_decision(first, make_decision(), make_verdict(), History(), "r1", NOW)
    case_id = store.open_case(first, make_decision(), NOW, NOW)
    history = store.history(second, NOW, ())
    assert (history.open_case, history.complaints_30d) == (case_id, 1)
    store.join_case(case_id, second, "further")
    assert store.case_views([case_id])[0].posts == 2


def test_equal_texts_after_folding_are_copies_of_the_first_case(store: SqliteStore) -> None:
    store_mentions(store, [make_mention("Lumo app is DOWN again, nothing works", author="a")])
    ((first, _),) = store.claim_hits(NOW, 60, 10)
    store.save_decision(first, make_decision(), make_verdict(), History(), "r1", NOW)
    case_id = store.open_case(first, make_decision(), NOW, NOW)
    store_mentions(store, [make_mention("lumo app  is down again, nothing works", author="b")])
    ((copy, _),) = store.claim_hits(NOW, 60, 10)
    history = store.history(copy, NOW, ())
    assert (history.copies, history.copy_of, history.open_case) == (1, case_id, None)


def test_the_queue_puts_critical_first_then_breached_then_at_risk(store: SqliteStore) -> None:
    late = store_case(store, Level.NORMAL)
    store.update_case(late, due_at=NOW - minutes(1))
    risky = store_case(store, Level.LOW)
    store.update_case(risky, due_at=NOW + minutes(1), clock_at=NOW - minutes(59))
    calm = store_case(store, Level.HIGH)
    store.update_case(calm, due_at=NOW + minutes(90), clock_at=NOW)
    critical = store_case(store, Level.CRITICAL)
    assert [view.id for view in store.queue(NOW)] == [critical, late, risky, calm]


def test_an_open_message_collects_cases_until_it_is_sealed(store: SqliteStore) -> None:
    first, second = store_case(store), store_case(store)
    for case_id in (first, second):
        store.add_to_message("desk", "brand=lumo", "case.opened", case_id, Level.HIGH, NOW + minutes(0.5), NOW)
    assert store.messages_to_seal(NOW, 10) == []
    (message,) = store.messages_to_seal(NOW + minutes(1), 10)
    assert {view.id for view in message.cases} == {first, second}
    store.seal_message(message.id, {"subject": "two"}, "key", NOW)
    third = store_case(store)
    assert store.add_to_message("desk", "brand=lumo", "case.opened", third, Level.HIGH, NOW, NOW) != message.id


def test_a_message_is_sent_by_one_sender_and_kept_until_then(store: SqliteStore) -> None:
    store.add_sealed("desk", "digest", {"subject": "s"}, "key", NOW, urgent=False)
    claim = store.claim_message(["desk"], NOW, 60)
    assert claim is not None
    assert store.claim_message(["desk"], NOW, 60) is None
    heir = store.claim_message(["desk"], NOW + minutes(2), 60)
    assert heir is not None
    assert not store.finish_message(claim, NOW)
    assert store.finish_message(heir, NOW)
    assert store.claim_message(["desk"], NOW + minutes(9), 60) is None


def test_a_digest_of_one_date_is_recorded_once(store: SqliteStore) -> None:
    store.record_digest("morning", "2026-03-04", NOW)
    with pytest.raises(Exception, match="UNIQUE"):
        store.record_digest("morning", "2026-03-04", NOW)


def test_a_followed_post_shows_its_growth_and_its_end(store: SqliteStore) -> None:
    mention = make_mention(metrics={"likes": 1})
    store_mentions(store, [mention])
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    store.save_decision(hit, make_drop(), make_verdict(), History(), "r1", NOW)
    store.plan_follow(hit, NOW + minutes(15), 0.4)
    assert store.sources_to_follow(NOW) == []
    later = NOW + minutes(15)
    (claim,) = store.claim_follows("x", later, 60, 10)
    grown = replace(mention, metrics=Metrics(likes=400))
    store.save_reread([claim], Reread((grown,)), {claim.mention_id: None}, later)
    assert store.next_follow_due(["x"]) is None
    assert store.waiting_hits() == 1


def test_a_transaction_that_fails_leaves_nothing(store: SqliteStore) -> None:
    def fail() -> None:
        with store.write():
            store.set_meta("a", "b")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert store.meta("a") is None


def test_drops_are_counted_by_their_rule(store: SqliteStore) -> None:
    store_mentions(store, [make_mention(), make_mention()])
    for hit, _ in store.claim_hits(NOW, 60, 10):
        store.save_decision(hit, make_drop(DropRule.JOB_AD), None, History(), "r1", NOW)
    assert store.drops_by_rule(NOW) == {DropRule.JOB_AD: 2}


def test_what_nobody_watches_is_forgotten_after_its_time(store: SqliteStore) -> None:
    store.register_sources({"x": "x"})
    claim = store.claim_source(["x"], NOW, 60)
    assert claim is not None
    store.save_page(claim, [(make_mention(), {})], (), {}, NOW, platform="x", returned=1, skipped=0)
    assert store.forget(NOW, no_watch=NOW, drops=NOW, cases=NOW) == 0
    assert store.forget(NOW, no_watch=NOW + minutes(1), drops=NOW, cases=NOW) == 1


def test_hostile_texts_come_back_as_they_were_stored(store: SqliteStore) -> None:
    text = "lumo '; DROP TABLE mentions; -- \u202e \U0001f469\u200d\U0001f525 <script>"
    mention = replace(make_mention(text), author=Author("o'neil", "{{7*7}}", 2**40))
    store_mentions(store, [mention])
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    assert hit.mention == mention


def test_a_changed_case_raises_its_version_and_refuses_unknown_columns(store: SqliteStore) -> None:
    case_id = store_case(store)
    store.update_case(case_id, status=Status.CLAIMED, claimed_by="ann")
    case = store.case(case_id)
    assert case is not None
    assert (case.status, case.claimed_by, case.version) == (Status.CLAIMED, "ann", 2)
    with pytest.raises(KeyError, match="nonsense"):
        store.update_case(case_id, nonsense=1)


def test_a_read_only_store_that_does_not_exist_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="the daemon makes it"):
        SqliteStore(tmp_path / "none.db", read_only=True)


def test_a_backup_is_a_store_of_its_own(store: SqliteStore, tmp_path: Path) -> None:
    store_mentions(store, [make_mention()])
    store.backup(tmp_path / "copy.db")
    copy = SqliteStore(tmp_path / "copy.db")
    assert copy.totals() == store.totals()
    copy.close()


def test_words_of_closed_cases_are_erased_after_their_time_and_the_trail_stays(store: SqliteStore) -> None:
    case_id = store_case(store, text="canary lumo burns")
    store.update_case(case_id, status=Status.RESOLVED, closed_at=NOW)
    assert store.forget(NOW, no_watch=NOW, drops=NOW, cases=NOW) == 0
    later = NOW + minutes(1)
    assert store.forget(later, no_watch=NOW, drops=NOW, cases=later) == 1
    assert store.case_views([case_id])[0].text == ""
    assert [entry.action for entry in store.audit_trail(case_id)] == ["expired"]


def test_words_that_a_platform_lends_for_a_time_are_erased_but_for_open_cases_found_live(store: SqliteStore) -> None:
    lamp = make_mention("lumo burns")
    store_mentions(store, [lamp])
    ((hit, _),) = store.claim_hits(NOW, 60, 1)
    case_id = store.open_case(hit, make_decision(), NOW + minutes(30), NOW)
    store_mentions(store, [make_mention("lumo is nice")])
    store.plan_follow(hit, NOW, 1.0)
    claimed = store.claim_follows("x", NOW + minutes(2), 60, 10)
    store.save_reread(claimed, Reread((lamp,)), {hit.mention_id: None}, NOW + minutes(2))
    assert store.forget_texts("x", NOW + minutes(1), NOW + minutes(1)) == 1
    assert store.case_views([case_id])[0].text == "lumo burns"
    assert store.forget_texts("x", NOW + minutes(3), NOW + minutes(3)) == 1, "nobody has found it live since"
    assert store.case_views([case_id])[0].text == ""
