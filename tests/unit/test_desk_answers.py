"""Answers at the desk: written, asked for, approved, opened, sent; and that no grave answer goes out by one person."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import desk
from monitor.answering.state import AnswerKind, AnswerState, same_person
from monitor.desk import Command
from monitor.desk.answers import AGREED, answers_view, drafts_for, lint_for, playbook_for
from monitor.domain import Level, Severity, Status
from monitor.errors import MonitorError, MoveRefused
from monitor.rules.chain import ChainState
from monitor.store.answers import Answer
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.services import make_settings

SETTINGS = make_settings()
WORDS = "We're very sorry. Please stop using it; we come back to you here."
LINK = "https://x.com/kim/status/1"


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    opened = SqliteStore(None)
    yield opened
    opened.close()


def grave_case(store: SqliteStore, *classes: Severity) -> int:
    case_id = store_case(store, Level.CRITICAL, permalink=LINK)
    store.update_case(case_id, severity=classes or (Severity.SAFETY,))
    return case_id


def act(store: SqliteStore, name: str, case_id: int, who: str = "ana", at: float = 0, **values: Any) -> dict[str, Any]:
    return desk.execute(store, SETTINGS, Command(name, who, {"case": case_id, **values}), NOW + minutes(at))


def refused(store: SqliteStore, name: str, case_id: int, who: str = "ana", **values: Any) -> str:
    with pytest.raises(MoveRefused) as error:
        act(store, name, case_id, who, **values)
    return str(error.value)


def live(store: SqliteStore, case_id: int, kind: AnswerKind = AnswerKind.ANSWER) -> Answer:
    answer = store.live_answer(case_id, kind)
    assert answer is not None
    return answer


def actions(store: SqliteStore, case_id: int) -> list[str]:
    return [entry.action for entry in store.audit_trail(case_id)]


def test_a_grave_answer_goes_out_with_two_names(store: SqliteStore) -> None:
    case_id = grave_case(store)
    act(store, "answer-write", case_id, text=WORDS)
    assert "is not approved" in refused(store, "answer-open", case_id)
    act(store, "answer-ask", case_id)
    assert "was written by ana, who cannot approve it" in refused(store, "answer-approve", case_id, "Ana")
    act(store, "answer-approve", case_id, "ben")
    opened = act(store, "answer-open", case_id)
    assert (opened["text"], opened["url"]) == (WORDS, LINK)
    case = act(store, "reply", case_id, permalink="https://x.com/lumo/status/2")["case"]
    (sent,) = store.answers_of_case(case_id)
    assert case["status"] == "replied"
    assert (sent.state, sent.approved_by, sent.sent_by, sent.unapproved) == (AnswerState.SENT, "ben", "ana", False)
    assert sent.permalink == "https://x.com/lumo/status/2"
    entry = store.audit_trail(case_id)[-1]
    assert (entry.action, entry.who) == ("reply", "ana")
    assert entry.detail["text"] == WORDS
    assert entry.detail["approved_by"] == "ben"


def test_an_approval_holds_for_its_words_alone(store: SqliteStore) -> None:
    case_id = grave_case(store)
    act(store, "answer-write", case_id, text=WORDS)
    act(store, "answer-ask", case_id)
    act(store, "answer-approve", case_id, "ben")
    act(store, "answer-write", case_id, text=WORDS)
    assert live(store, case_id).approved_by == "ben"
    act(store, "answer-write", case_id, text=WORDS + " Soon.")
    changed = live(store, case_id)
    assert (changed.state, changed.approved_by) == (AnswerState.DRAFT, None)
    assert "is not approved" in refused(store, "answer-open", case_id)


def test_an_approver_decides_on_the_version_that_they_saw(store: SqliteStore) -> None:
    case_id = grave_case(store)
    act(store, "answer-write", case_id, text=WORDS)
    act(store, "answer-ask", case_id)
    seen = live(store, case_id).version
    act(store, "answer-write", case_id, text="It will explode again.")
    act(store, "answer-ask", case_id)
    assert "was changed meanwhile" in refused(store, "answer-approve", case_id, "ben", version=seen)
    act(store, "answer-approve", case_id, "ben", version=live(store, case_id).version)


def test_two_who_write_at_once_do_not_overwrite_each_other(store: SqliteStore) -> None:
    case_id = store_case(store)
    act(store, "answer-write", case_id, text="first words")
    assert "is being written by ana" in refused(store, "answer-write", case_id, "ben", text="others")
    version = live(store, case_id).version
    act(store, "answer-write", case_id, "ben", text="others", version=version)
    assert "was changed meanwhile" in refused(store, "answer-write", case_id, text="mine", version=version)
    assert (live(store, case_id).text, live(store, case_id).author) == ("others", "ben")


def test_a_rejection_says_why_and_the_words_may_be_written_anew(store: SqliteStore) -> None:
    case_id = grave_case(store)
    act(store, "answer-write", case_id, text=WORDS)
    act(store, "answer-ask", case_id)
    act(store, "answer-reject", case_id, "ben", reason="ask for the model")
    found = live(store, case_id)
    assert (found.state, found.rejected_by, found.reason) == (AnswerState.REJECTED, "ben", "ask for the model")
    act(store, "answer-write", case_id, text=WORDS + " Which model is it?")
    assert live(store, case_id).state is AnswerState.DRAFT
    assert actions(store, case_id)[-2:] == ["answer-rejected", "answer-written"]


def test_words_that_must_be_mended_are_neither_asked_for_nor_opened(store: SqliteStore) -> None:
    grave, mild = grave_case(store), store_case(store)
    act(store, "answer-write", grave, text="Sorry [name], write to kim@gmail.com")
    assert "unfilled: fill it in" in refused(store, "answer-ask", grave)
    act(store, "answer-write", mild, text="Sorry [name]")
    assert "unfilled" in refused(store, "answer-open", mild)
    assert live(store, mild).state is AnswerState.DRAFT


def test_a_holding_reply_needs_nobody_else_and_stops_the_first_clock_alone(store: SqliteStore) -> None:
    case_id = grave_case(store)
    opened = act(store, "answer-hold", case_id)
    assert "Our safety team is looking into it" in opened["text"]
    assert store.live_answer(case_id, AnswerKind.HOLDING) is not None
    case = act(store, "reply", case_id, at=3, permalink="https://x.com/lumo/status/3")["case"]
    stored = store.case(case_id)
    assert stored is not None
    assert (case["status"], case["claimed_by"]) == ("claimed", "ana")
    assert (stored.replied_at, stored.replied_by) == (NOW + minutes(3), "ana")
    assert stored.due_at == NOW + minutes(3) + timedelta(minutes=5)
    assert store.audit_trail(case_id)[-1].action == "hold"
    assert store.audit_trail(case_id)[-1].detail["approved_by"] == AGREED


def test_the_answer_after_a_holding_reply_still_needs_its_second_person(store: SqliteStore) -> None:
    case_id = grave_case(store)
    act(store, "answer-hold", case_id)
    act(store, "reply", case_id)
    assert "a second person must approve its answer" in refused(store, "reply", case_id, text=WORDS)
    assert "a second person must approve its answer" in refused(store, "reply", case_id)


def test_words_that_show_on_the_platform_after_they_were_recorded_are_no_second_answer(store: SqliteStore) -> None:
    case_id = grave_case(store)
    text = act(store, "answer-hold", case_id)["text"]
    act(store, "reply", case_id)
    act(store, "reply", case_id, "ben", at=5, text=f"@kim {text}", native=True)
    case = store.case(case_id)
    assert case is not None
    assert case.status is Status.CLAIMED
    assert [(answer.kind.value, answer.unapproved) for answer in store.answers_of_case(case_id)] == [("holding", False)]


def test_handles_and_links_of_the_platform_make_no_other_words_of_an_answer(store: SqliteStore) -> None:
    case_id = grave_case(store)
    settings = make_settings(answers={"domains": ["lumo.example"]})

    def tell(name: str, who: str, **values: Any) -> None:
        desk.execute(store, settings, Command(name, who, {"case": case_id, **values}), NOW)

    tell("answer-write", "ana", text="We are sorry. See lumo.example/safety for what to do.")
    tell("answer-ask", "ana")
    tell("answer-approve", "ben")
    tell("reply", "ana", text="@kim @bo We are sorry. See https://t.co/abc for what to do.")
    (sent,) = store.answers_of_case(case_id)
    assert (sent.state, sent.approved_by) == (AnswerState.SENT, "ben")


def test_a_holding_reply_is_for_grave_cases(store: SqliteStore) -> None:
    assert "has no class with a holding reply" in refused(store, "answer-hold", store_case(store))


def test_words_that_nobody_approved_are_refused_unless_they_stand_there_already(store: SqliteStore) -> None:
    case_id = grave_case(store)
    assert "is about safety: a second person must approve" in refused(store, "reply", case_id, text="Sorry!")
    assert "add --native" in refused(store, "reply", case_id, permalink="https://x.com/lumo/status/2")
    act(store, "reply", case_id, text="Sorry!", native=True)
    entry = store.audit_trail(case_id)[-1]
    assert (entry.action, entry.detail["without_approval"]) == ("reply", True)
    (sent,) = store.answers_of_case(case_id)
    assert (sent.state, sent.text, sent.unapproved, sent.approved_by) == (AnswerState.SENT, "Sorry!", True, None)


def test_other_words_than_the_approved_ones_are_refused(store: SqliteStore) -> None:
    case_id = grave_case(store)
    act(store, "answer-write", case_id, text=WORDS)
    act(store, "answer-ask", case_id)
    act(store, "answer-approve", case_id, "ben")
    assert "these are not the words that were approved" in refused(store, "reply", case_id, text="It was our fault.")
    act(store, "reply", case_id, text=f"  {WORDS} ")
    assert store.answers_of_case(case_id)[0].approved_by == "ben"


def test_a_class_that_is_recognised_later_asks_for_a_second_person_all_the_same(store: SqliteStore) -> None:
    case_id = store_case(store)
    act(store, "answer-write", case_id, text=WORDS)
    act(store, "answer-open", case_id)
    store.update_case(case_id, severity=(Severity.PRESS,))
    assert "is about press" in refused(store, "reply", case_id)


def test_an_everyday_case_is_answered_by_one_person(store: SqliteStore) -> None:
    case_id = store_case(store, permalink=LINK)
    act(store, "answer-write", case_id, text="Which model is it?", template="shipped:product")
    assert act(store, "answer-open", case_id)["url"] == LINK
    assert act(store, "reply", case_id)["case"]["status"] == "replied"
    (sent,) = store.answers_of_case(case_id)
    assert (sent.state, sent.template, sent.unapproved) == (AnswerState.SENT, "shipped:product", False)
    assert "without_approval" not in store.audit_trail(case_id)[-1].detail


def test_what_was_sent_in_other_words_is_kept_in_the_place_of_the_draft(store: SqliteStore) -> None:
    case_id = store_case(store)
    act(store, "answer-write", case_id, text="Which model is it?")
    act(store, "reply", case_id, text="Hi, which one do you have?")
    assert [(a.state, a.text) for a in store.answers_of_case(case_id)] == [
        (AnswerState.WITHDRAWN, "Which model is it?"), (AnswerState.SENT, "Hi, which one do you have?"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["answer-write", "answer-hold"])
def test_closed_cases_are_reopened_before_they_are_answered(store: SqliteStore, name: str) -> None:
    case_id = grave_case(store)
    act(store, "resolve", case_id)
    assert "reopen it first" in refused(store, name, case_id, text="x")


def test_deeds_without_an_answer_say_what_to_do_first(store: SqliteStore) -> None:
    case_id = grave_case(store)
    for name in ("answer-ask", "answer-approve", "answer-open", "answer-withdraw"):
        assert "write one first" in refused(store, name, case_id)
    with pytest.raises(MonitorError, match="argument native: is neither true nor false"):
        act(store, "reply", case_id, native="yes")


def test_a_card_is_told_what_may_be_done(store: SqliteStore) -> None:
    case_id = grave_case(store, Severity.SAFETY, Severity.MONEY)
    empty = answers_view(store, SETTINGS, case_id, NOW)
    assert (empty.answer, empty.classes, empty.may_hold) == (None, (Severity.SAFETY,), True)
    act(store, "answer-write", case_id, text=WORDS)
    view = answers_view(store, SETTINGS, case_id, NOW)
    assert view.answer is not None
    assert list(view.allowed) == ["write", "ask", "withdraw"]
    assert view.to_json()["needs_approval"] == ["safety"]
    assert [book.severity for book in playbook_for(store, SETTINGS, case_id)] == [Severity.SAFETY]
    assert [draft.name for draft in drafts_for(store, SETTINGS, case_id, NOW)] == ["holding:safety", "shipped:safety"]


def test_the_lint_knows_what_was_sent_to_others(store: SqliteStore) -> None:
    words = "We're sorry to hear that. Which parcel is it, and when did you order? We look it up at once."
    first, second = store_case(store), store_case(store)
    act(store, "reply", first, text=words)
    assert [finding.rule for finding in lint_for(store, SETTINGS, second, words, NOW)] == ["copy"]
    assert lint_for(store, SETTINGS, first, words, NOW) == ()


def test_giving_an_answer_up_leaves_room_for_another(store: SqliteStore) -> None:
    case_id = grave_case(store)
    act(store, "answer-write", case_id, text=WORDS)
    act(store, "answer-ask", case_id)
    act(store, "answer-withdraw", case_id)
    assert store.live_answer(case_id, AnswerKind.ANSWER) is None
    assert store.next_answer_step() is None
    act(store, "answer-write", case_id, "ben", text="Other words.")


def test_a_claim_pauses_the_chain_of_a_case_with_a_holding_reply(store: SqliteStore) -> None:
    chained = make_settings(escalation={"critical": {"steps": [{"notify": "desk", "wait": "5m"}], "repeat": 3}})
    case_id = grave_case(store)
    store.update_case(case_id, told_level=Level.CRITICAL, told_at=NOW)
    desk.execute(store, chained, Command("escalate", "ana", {"case": case_id}), NOW)
    for name in ("answer-hold", "reply"):
        desk.execute(store, chained, Command(name, "ana", {"case": case_id}), NOW)
    chain = store.chain(case_id)
    assert chain is not None
    assert chain.state in {ChainState.PAUSED, ChainState.FINISHED}


PEOPLE = ("ana", "Ana", "ben", "cleo")
DEEDS = st.one_of(
    st.tuples(
        st.just("answer-write"), st.sampled_from(PEOPLE), st.sampled_from(["We are sorry.", "Look here.", "Soon."])
    ),
    st.tuples(
        st.sampled_from(
            [
                "answer-ask",
                "answer-approve",
                "answer-reject",
                "answer-open",
                "answer-hold",
                "answer-withdraw",
                "reply",
                "claim",
                "release",
                "resolve",
                "reopen",
                "snooze",
                "take-over",
                "escalate",
            ]
        ),
        st.sampled_from(PEOPLE),
        st.just(""),
    ),
    st.tuples(st.just("reply"), st.sampled_from(PEOPLE), st.sampled_from(["We are sorry.", "Look here.", "Other."])),
)


@settings(max_examples=150)
@given(deeds=st.lists(DEEDS, max_size=14), severity=st.sampled_from([one for one in Severity if one.grave]))
def test_no_way_leads_from_a_draft_to_replied_without_a_second_person(
    deeds: list[tuple[str, str, str]], severity: Severity
) -> None:
    """Whatever four people do in whatever order: what was sent to a grave case was approved, or agreed on before."""
    store = SqliteStore(None)
    try:
        case_id = grave_case(store, severity)
        for number, (name, who, text) in enumerate(deeds):
            _try(store, name, case_id, who, text, number)
        case = store.case(case_id)
        sent = [answer for answer in store.answers_of_case(case_id) if answer.state is AnswerState.SENT]
        for answer in sent:
            assert answer.approved_by is not None
            assert not same_person(answer.approved_by, answer.author)
            assert answer.approved_by == AGREED or answer.kind is AnswerKind.ANSWER
        assert case is not None
        if case.replied_at is not None:
            assert sent
        if case.status is Status.REPLIED:
            assert any(answer.kind is AnswerKind.ANSWER for answer in sent)
    finally:
        store.close()


def _try(store: SqliteStore, name: str, case_id: int, who: str, text: str, number: int) -> None:
    values = {"text": text, "reason": "no", "until": "2027-01-01T00:00:00Z"}
    found = store.live_answer(case_id, AnswerKind.ANSWER)
    if name == "answer-write" and found is not None:
        values["version"] = found.version  # type: ignore[assignment]
    try:
        act(store, name, case_id, who, number, **values)
    except MoveRefused:
        return
