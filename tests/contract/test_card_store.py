"""What every store must do for the card of a case; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.answering.state import AnswerKind, AnswerState
from monitor.domain import Kind, Status
from monitor.store._mentions import purge
from monitor.store.card import EARLIER, THREAD
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_case, store_mentions
from tests.incident_cases import store_complaint


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def send_answer(store: SqliteStore, case_id: int, text: str, kind: AnswerKind = AnswerKind.ANSWER) -> None:
    number = store.add_answer(case_id, kind, AnswerState.DRAFT, text, "ada", NOW)
    store.update_answer(number, state=AnswerState.SENT, sent_by="ada", sent_at=NOW)


def test_a_face_has_the_whole_post_and_leaves_unknown_what_is_unknown(store: SqliteStore) -> None:
    case_id = store_case(store, author="Ben", followers=12, metrics={"likes": 3})
    face = store.face_of_case(case_id)
    assert face is not None
    assert (face.author, face.followers, face.metrics) == ("Ben", 12, {"likes": 3})
    assert (face.decided_at, face.told_at, face.told) == (NOW, None, ())
    assert (face.thread_id, face.rating, face.deleted_at, face.author_name) == (None, None, None, None)
    assert store.face_of_case(999) is None


def test_a_thread_is_in_order_and_says_what_belongs_to_the_case(store: SqliteStore) -> None:
    case_id = store_case(store, thread_id="t", native_id="t")
    others = [make_mention(f"reply {number}", thread_id="t", posted_at=NOW + minutes(number)) for number in range(3)]
    store_mentions(store, others)
    lines = store.thread_of_case(case_id, "lumo", "x", "t")
    assert [line.text for line in lines][1:] == ["reply 0", "reply 1", "reply 2"]
    assert [line.role for line in lines] == ["first", None, None, None]


def test_of_a_long_thread_the_newest_posts_are_read(store: SqliteStore) -> None:
    case_id = store_case(store, thread_id="t")
    store_mentions(
        store,
        [make_mention(str(number), thread_id="t", posted_at=NOW + minutes(number)) for number in range(THREAD + 5)],
    )
    lines = store.thread_of_case(case_id, "lumo", "x", "t")
    assert len(lines) == THREAD
    assert lines[-1].text == str(THREAD + 4)


def test_earlier_cases_are_those_of_the_author_and_brand_with_our_answer(store: SqliteStore) -> None:
    first, second = store_case(store, author="Ben", thread_id="a"), store_case(store, author="ben", thread_id="b")
    store_case(store, author="eve")
    send_answer(store, first, "we look into it", AnswerKind.HOLDING)
    send_answer(store, first, "a new lamp is on its way")
    (earlier,) = store.cases_of_author(second, "lumo", "x", "BEN")
    assert (earlier.id, earlier.reply, earlier.status) == (first, "a new lamp is on its way", Status.NEW)
    assert store.cases_of_author(second, "other", "x", "ben") == []


def test_earlier_cases_are_bounded(store: SqliteStore) -> None:
    cases = [store_case(store, author="ben", thread_id=f"t{number}") for number in range(EARLIER + 3)]
    assert len(store.cases_of_author(cases[-1], "lumo", "x", "ben")) == EARLIER


def test_those_who_are_forgotten_share_no_history(store: SqliteStore) -> None:
    case_id = store_case(store, author="ben", native_id="gone")
    store_case(store, author="eve", native_id="gone too")
    purge(store.connection, "x", "x", ["gone", "gone too"], NOW)
    face = store.face_of_case(case_id)
    assert face is not None
    assert (face.author, face.text, face.deleted_at) == ("", "", NOW)
    assert store.cases_of_author(case_id, "lumo", "x", face.author) == []


def test_resolved_cases_come_with_their_answer_and_those_of_the_same_cause_first(store: SqliteStore) -> None:
    case_id, same, other, open_one, silent = (store_complaint(store, text=f"lumo fails {n}") for n in range(5))
    for number, cause in ((same, "delivery"), (other, "billing"), (silent, "delivery")):
        store.update_case(number, status=Status.RESOLVED, cause=cause, closed_at=NOW)
    for number in (same, other, open_one):
        send_answer(store, number, f"answer to {number}")
    found = store.resolved_with_reply(case_id, "lumo", Kind.COMPLAINT, "delivery")
    assert [(each.id, each.reply) for each in found] == [(same, f"answer to {same}"), (other, f"answer to {other}")]
    assert found[0].meaning == store.meaning_of_case(same)
    assert store.resolved_with_reply(case_id, "lumo", Kind.PRAISE, None) == []
