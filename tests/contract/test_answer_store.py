"""What every store must do for answers; SQLite in memory and in a file run the same suite."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.answering.state import AnswerKind, AnswerState
from monitor.domain import Status
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case

ANSWER, HOLDING = AnswerKind.ANSWER, AnswerKind.HOLDING


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(None if request.param == "memory" else tmp_path / "store.db")
    yield opened
    opened.close()


def add(store: SqliteStore, case_id: int, kind: AnswerKind = ANSWER, text: str = "we are on it") -> int:
    return store.add_answer(case_id, kind, AnswerState.DRAFT, text, "ana", NOW)


def test_an_answer_is_kept_with_its_words_and_where_it_stands(store: SqliteStore) -> None:
    case_id = store_case(store)
    number = store.add_answer(
        case_id,
        HOLDING,
        AnswerState.APPROVED,
        "we hear you",
        "ana",
        NOW,
        template="holding:safety",
        approved_by="config",
    )
    answer = store.answer(number)
    assert answer is not None
    assert (answer.case_id, answer.brand, answer.kind, answer.state) == (case_id, "lumo", HOLDING, AnswerState.APPROVED)
    assert (answer.text, answer.author, answer.written_at, answer.version) == ("we hear you", "ana", NOW, 1)
    assert (answer.template, answer.approved_by, answer.approved_at) == ("holding:safety", "config", NOW)
    assert store.answer(number + 1) is None


def test_every_change_raises_the_version_and_unknown_columns_are_refused(store: SqliteStore) -> None:
    number = add(store, store_case(store))
    store.update_answer(number, state=AnswerState.WAITING, asked_by="ana", asked_at=NOW + minutes(1), unapproved=True)
    answer = store.answer(number)
    assert answer is not None
    assert (answer.version, answer.state, answer.asked_at) == (2, AnswerState.WAITING, NOW + minutes(1))
    assert answer.unapproved is True
    for column in ("case_id", "version", "nonsense"):
        with pytest.raises(KeyError):
            store.update_answer(number, **{column: 1})


def test_a_case_has_one_live_answer_of_each_kind(store: SqliteStore) -> None:
    case_id = store_case(store)
    first, held = add(store, case_id), add(store, case_id, HOLDING)
    with pytest.raises(Exception, match="UNIQUE"):
        add(store, case_id)
    store.update_answer(first, state=AnswerState.SENT)
    second = add(store, case_id)
    live = [store.live_answer(case_id, kind) for kind in (ANSWER, HOLDING)]
    assert [answer.id for answer in live if answer] == [second, held]
    assert [answer.id for answer in store.answers_of_case(case_id)] == [first, held, second]


def test_what_waits_is_listed_for_open_cases_the_longest_waiting_first(store: SqliteStore) -> None:
    cases = [store_case(store) for _ in range(3)]
    for wait, case_id in zip((1, 5, 9), cases, strict=True):
        asked = NOW - minutes(wait)
        store.update_answer(add(store, case_id), state=AnswerState.WAITING, asked_at=asked)
    store.update_case(cases[2], status=Status.RESOLVED)
    assert [answer.case_id for answer in store.waiting_answers()] == [cases[1], cases[0]]
    assert [answer.case_id for answer in store.waiting_answers(["lumo"])] == [cases[1], cases[0]]
    assert store.waiting_answers(["other"]) == []


def test_steps_of_asking_come_when_they_are_due(store: SqliteStore) -> None:
    first, second = (add(store, store_case(store)) for _ in range(2))
    assert store.next_answer_step() is None
    store.update_answer(first, step_at=NOW + minutes(5))
    store.update_answer(second, step_at=NOW + minutes(2))
    assert store.next_answer_step() == NOW + minutes(2)
    assert [answer.id for answer in store.answers_to_ask_for(NOW + minutes(2), 10)] == [second]
    assert [answer.id for answer in store.answers_to_ask_for(NOW + minutes(9), 10)] == [second, first]
    assert len(store.answers_to_ask_for(NOW + minutes(9), 1)) == 1


def test_what_was_sent_to_others_is_found_newest_first(store: SqliteStore) -> None:
    cases = [store_case(store) for _ in range(4)]
    for hours, case_id in zip((1, 2, 99, 1), cases, strict=True):
        number = add(store, case_id, text=f"answer {hours} to {case_id}")
        store.update_answer(number, state=AnswerState.SENT, sent_at=NOW - timedelta(hours=hours))
    held = add(store, cases[0], HOLDING)
    store.update_answer(held, state=AnswerState.SENT, sent_at=NOW)
    found = store.sent_texts("lumo", NOW - timedelta(hours=24), cases[3], 10)
    assert found == [f"answer 1 to {cases[0]}", f"answer 2 to {cases[1]}"]
    assert store.sent_texts("other", NOW - timedelta(hours=24), 0, 10) == []
