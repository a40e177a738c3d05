"""What every store must do for spikes; SQLite in memory and in a file run the same suite."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.domain import Decision, DropRule, History, Level
from monitor.rules.spikes import Alarm, Series, Tally
from monitor.rules.usual import Hour, learn_usual
from monitor.store.spikes import Course, Explained, SpikeState, SpikeWord
from monitor.store.sqlite import TALLIES_KEPT, SqliteStore
from monitor.store.statements import statement
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

MINUTE = int(NOW.timestamp()) // 60
ALARM = Alarm(Series.COUNT, 10, 12, 1.5, 1e-7, NOW - minutes(8), 10.0)
COURSE = Course(Level.HIGH, 12, 1.5, 72.0)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def decide(store: SqliteStore, decision: Decision, ago: float = 5) -> None:
    """Store one post of so many minutes ago, and decide it."""
    store_mentions(store, [make_mention(posted_at=NOW - minutes(ago))])
    (hit, _), *_ = store.claim_hits(NOW, 60, 10)
    assert store.save_decision(hit, decision, make_verdict(), History(), "r1", NOW)


def tallies(store: SqliteStore, *, sources: tuple[str, ...] = ("x",)) -> dict[int, Tally]:
    return store.tallies("lumo", NOW - minutes(60), NOW + minutes(1), sources)


def test_posts_count_in_the_minute_of_their_posting(store: SqliteStore) -> None:
    decide(store, make_decision(), ago=5)
    decide(store, make_drop(), ago=5)
    decide(store, make_decision(), ago=30)
    assert tallies(store) == {MINUTE - 5: Tally(2, 1), MINUTE - 30: Tally(1, 1)}
    assert store.tally_tens("lumo", NOW - minutes(60), NOW, ["x"]) == {
        (MINUTE - 5) // 10: Tally(2, 1), (MINUTE - 30) // 10: Tally(1, 1),
    }  # fmt: skip
    assert store.tally_hours("lumo", NOW - minutes(60), NOW, ["x"]) == {
        (MINUTE - 60) // 60: Hour((MINUTE - 60) // 60, 3, (0, 0, 0, 1, 0, 1)),
    }
    assert tallies(store, sources=("reddit",)) == {}
    assert store.tallies("other", NOW - minutes(60), NOW, ["x"]) == {}


def test_noise_does_not_count(store: SqliteStore) -> None:
    decide(store, make_drop(DropRule.GIVEAWAY))
    assert tallies(store) == {MINUTE - 5: Tally(0, 0)}


def test_a_post_that_is_decided_again_counts_once_as_what_it_is_now(store: SqliteStore) -> None:
    decide(store, make_drop())
    for decision, expected in ((make_decision(), Tally(1, 1)), (make_decision(), Tally(1, 1)),
                               (make_drop(DropRule.BOT), Tally(0, 0)), (make_drop(), Tally(1, 0))):  # fmt: skip
        store.connection.query("UPDATE hits SET state = 'new', attempts = 0", {})
        (hit, _), *_ = store.claim_hits(NOW, 60, 10)
        assert store.save_decision(hit, decision, make_verdict(), History(), "r2", NOW)
        assert tallies(store) == {MINUTE - 5: expected}


def test_a_claim_that_was_lost_counts_nothing(store: SqliteStore) -> None:
    store_mentions(store, [make_mention()])
    (hit, _), *_ = store.claim_hits(NOW, 60, 10)
    store.void_leases()
    assert not store.save_decision(hit, make_decision(), make_verdict(), History(), "r1", NOW)
    assert tallies(store) == {}


def test_counts_of_an_older_store_are_taken_from_its_decisions(store: SqliteStore) -> None:
    decide(store, make_decision())
    decide(store, make_drop())
    decide(store, make_drop(DropRule.GIVEAWAY))
    counted = tallies(store)
    script = (Path(__file__).parents[2] / "monitor/store/sql/schema_5.sql").read_text("utf-8")
    (fill,) = [part for part in script.split(";\n") if "INSERT INTO tallies" in part]
    store.connection.query("DELETE FROM tallies", {})
    store.connection.query(fill, {})
    assert tallies(store) == counted == {MINUTE - 5: Tally(2, 1)}


def test_old_counts_are_forgotten(store: SqliteStore) -> None:
    decide(store, make_decision())
    store.keep_usual("lumo", learn_usual((), NOW.tzinfo), NOW)  # type: ignore[arg-type]
    later = NOW + TALLIES_KEPT
    store.forget(later - minutes(10), no_watch=NOW, drops=NOW, cases=NOW)
    assert tallies(store)
    store.forget(later, no_watch=NOW, drops=NOW, cases=NOW)
    assert tallies(store) == {}


def test_what_is_usual_is_kept_whole(store: SqliteStore) -> None:
    assert store.usual("lumo") is None
    hours = [Hour(at, 12, (1, 0, 2, 0, 1, at % 3)) for at in range(490_000, 490_200)]
    usual = learn_usual(hours, NOW.tzinfo)  # type: ignore[arg-type]
    store.keep_usual("lumo", usual, NOW)
    assert store.usual("lumo") == (NOW, usual)
    store.keep_usual("lumo", usual, NOW + minutes(60))
    assert store.usual("lumo") == (NOW + minutes(60), usual)


def test_a_brand_has_one_open_spike(store: SqliteStore) -> None:
    first = store.open_spike("lumo", ALARM, COURSE, "sale", NOW)
    assert first is not None
    assert store.open_spike("lumo", ALARM, COURSE, None, NOW) is None
    assert store.open_spike("other", ALARM, COURSE, None, NOW) is not None
    spike = store.spike(first)
    assert spike is not None
    assert (spike.state, spike.level, spike.series, spike.since) == ("open", "high", "count", ALARM.since)
    assert (spike.seen, spike.factor, spike.event, spike.per_hour) == (12, 8.0, "sale", 72.0)


def test_an_open_spike_is_kept_up_to_date_until_it_is_over(store: SqliteStore) -> None:
    number = store.open_spike("lumo", ALARM, COURSE, None, NOW) or 0
    store.update_spike(number, Course(Level.CRITICAL, 90, 5.0, 200.0), NOW + minutes(5))
    store.update_spike(number, Course(Level.CRITICAL, 99, 6.0, 80.0), NOW + minutes(9))
    spike = store.spike(number)
    assert spike is not None
    assert (spike.level, spike.seen, spike.per_hour, spike.peak) == ("critical", 99, 80.0, 200.0)
    assert (spike.told_per_hour, spike.told_at) == (72.0, NOW)
    store.note_spike_told(number, NOW + minutes(9))
    assert store.end_spike(number, NOW + minutes(30))
    assert not store.end_spike(number, NOW + minutes(31))
    store.update_spike(number, COURSE, NOW + minutes(40))
    over = store.spike(number)
    assert over is not None
    assert (over.state, over.ended_at, over.seen, over.told_per_hour) == (
        SpikeState.OVER, NOW + minutes(30), 99, 80.0,
    )  # fmt: skip


def test_spikes_are_listed_by_time_and_brand(store: SqliteStore) -> None:
    over = store.open_spike("lumo", ALARM, COURSE, None, NOW) or 0
    store.end_spike(over, NOW + minutes(30))
    again = store.open_spike("lumo", ALARM, COURSE, None, NOW + minutes(60))
    other = store.open_spike("other", ALARM, COURSE, None, NOW + minutes(61))
    assert [spike.id for spike in store.spikes(NOW)] == [other, again, over]
    assert [spike.id for spike in store.spikes(NOW + minutes(31))] == [other, again]
    assert [spike.id for spike in store.spikes(NOW, ["lumo"])] == [again, over]
    assert [spike.id for spike in store.spikes(NOW, open_only=True)] == [other, again]


def test_spikes_are_kept_as_long_as_cases(store: SqliteStore) -> None:
    over = store.open_spike("lumo", ALARM, COURSE, None, NOW) or 0
    store.explain_spike(over, Explained((), []))
    store.end_spike(over, NOW + minutes(30))
    again = store.open_spike("lumo", ALARM, COURSE, None, NOW + minutes(60))
    store.forget(NOW, no_watch=NOW, drops=NOW, cases=NOW + minutes(30))
    assert [spike.id for spike in store.spikes(NOW)] == [again, over]
    store.forget(NOW, no_watch=NOW, drops=NOW, cases=NOW + minutes(90))
    assert [spike.id for spike in store.spikes(NOW)] == [again]


def test_what_explains_a_spike_is_replaced_and_deleted_posts_are_left_out(store: SqliteStore) -> None:
    number = store.open_spike("lumo", ALARM, COURSE, None, NOW) or 0
    for text in ("lumo one", "lumo two", "lumo three"):
        store_case(store, text=text, native_id=text[-3:], posted_at=NOW - minutes(2))
    found = store.complaints_since("lumo", NOW - minutes(60), 10)
    assert {post.text for post in found} == {"lumo one", "lumo two", "lumo three"}
    hits = [post.hit_id for post in found]
    words = (SpikeWord("down", 3, 0),)
    store.explain_spike(number, Explained(words, hits, {"x": 1.0}, {"outage": 0.5}))
    store.explain_spike(number, Explained(words, hits[:2], {"x": 1.0}, {"outage": 0.5}))
    assert [post.hit_id for post in store.spike_posts(number)] == hits[:2]
    store.forget_mention("x", found[0].text[-3:], "ana", NOW)
    assert [post.hit_id for post in store.spike_posts(number)] == hits[1:2]
    spike = store.spike(number)
    assert spike is not None
    assert (spike.words, spike.platforms, spike.causes) == (words, {"x": 1.0}, {"outage": 0.5})


def test_a_message_that_quotes_a_deleted_post_is_rendered_anew(store: SqliteStore) -> None:
    number = store.open_spike("lumo", ALARM, COURSE, None, NOW) or 0
    store_case(store, native_id="gone")
    (post,) = store.complaints_since("lumo", NOW - minutes(60), 10)
    store.explain_spike(number, Explained((), [post.hit_id]))
    store.add_subject_message("desk", f"spike:{number}", "spike.opened", NOW, NOW, urgent=True)
    (message,) = store.messages_to_seal(NOW, 10)
    store.seal_message(message.id, {"text": post.text}, "key", NOW)
    assert store.messages_to_seal(NOW, 10) == []
    store.forget_mention("x", "gone", "ana", NOW)
    assert [message.subject for message in store.messages_to_seal(NOW, 10)] == [f"spike:{number}"]


def test_complaints_before_a_spike_are_the_posts_of_their_cases(store: SqliteStore) -> None:
    store_case(store, text="lumo late parcel", now=NOW - timedelta(days=3))
    store_case(store, text="lumo app down", now=NOW)
    before = store.complaints_before("lumo", NOW - timedelta(days=28), NOW, 10)
    assert [post.text for post in before] == ["lumo late parcel"]
    assert store.complaints_before("lumo", NOW - timedelta(days=28), NOW + minutes(1), 1)[0].text == "lumo app down"


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("tallies", "PRIMARY KEY (brand=? AND minute>? AND minute<?)"),
        ("tally_tens", "PRIMARY KEY (brand=? AND minute>? AND minute<?)"),
        ("tally_hours", "PRIMARY KEY (brand=? AND minute>? AND minute<?)"),
        ("complaints_decided", "INDEX decisions_time (decided_at>?)"),
        ("complaints_before", "INDEX cases_opened (opened_at>? AND opened_at<?)"),
        ("posts_of_spike", "PRIMARY KEY (spike_id=?)"),
        ("count_post", "PRIMARY KEY (rowid=?)"),
    ],
)
def test_what_every_look_reads_is_found_by_an_index(store: SqliteStore, name: str, index: str) -> None:
    sql = statement(name)
    values = dict.fromkeys(re.findall(r":(\w+)", sql), 1) | {"sources": "[]"}
    plan = [row["detail"] for row in store.connection.query(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert any(index in line.replace("sqlite_autoindex_spike_posts_1", "PRIMARY KEY") for line in plan), plan
    assert not [line for line in plan if line.startswith("SCAN") and "json_each" not in line], plan
