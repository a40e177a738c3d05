import pytest

from monitor.answering.state import (
    MOVES,
    AnswerKind,
    AnswerMove,
    AnswerRefused,
    AnswerState,
    Standing,
    allowed_moves,
    move_answer,
    same_person,
)

S, M = AnswerState, AnswerMove


def standing(state: AnswerState, approved_by: str | None = None, kind: AnswerKind = AnswerKind.ANSWER) -> Standing:
    return Standing(state, "ana", approved_by, kind)


def test_the_table_says_what_may_become_of_an_answer() -> None:
    found = {(move, state): MOVES[move].to for move in M for state in S if state in MOVES[move].sources}
    live = [state for state in S if state.live]
    wanted = {(M.WRITE, state): S.DRAFT for state in live} | {(M.WITHDRAW, state): S.WITHDRAWN for state in live}
    wanted |= {(M.ASK, S.DRAFT): S.WAITING, (M.APPROVE, S.WAITING): S.APPROVED, (M.REJECT, S.WAITING): S.REJECTED}
    for state in (S.DRAFT, S.APPROVED, S.OPENED):
        wanted |= {(M.OPEN, state): S.OPENED, (M.SENT, state): S.SENT}
    assert found == wanted


@pytest.mark.parametrize("state", list(AnswerState))
@pytest.mark.parametrize("move", list(AnswerMove))
@pytest.mark.parametrize("classed", [True, False])
def test_a_move_is_made_exactly_where_it_is_offered(state: AnswerState, move: AnswerMove, classed: bool) -> None:
    for approved_by in (None, "ben"):
        found = standing(state, approved_by)
        if move in allowed_moves(found, classed=classed):
            assert move_answer(found, move, "cleo", classed=classed) is MOVES[move].to
        else:
            with pytest.raises(AnswerRefused) as refused:
                move_answer(found, move, "cleo", classed=classed)
            assert refused.value.advice


@pytest.mark.parametrize("who", ["ana", "Ana", " ANA ", "\uff21na", "a.n.a"])
@pytest.mark.parametrize("move", [M.APPROVE, M.REJECT])
def test_nobody_judges_their_own_words_however_they_spell_their_name(who: str, move: AnswerMove) -> None:
    with pytest.raises(AnswerRefused, match="was written by ana"):
        move_answer(standing(S.WAITING), move, who, classed=True)


@pytest.mark.parametrize("move", [M.OPEN, M.SENT])
@pytest.mark.parametrize("state", [S.DRAFT, S.OPENED])
def test_without_an_approval_a_grave_answer_goes_nowhere(move: AnswerMove, state: AnswerState) -> None:
    with pytest.raises(AnswerRefused, match="is not approved"):
        move_answer(standing(state), move, "cleo", classed=True)
    assert move_answer(standing(state), move, "cleo", classed=False) is MOVES[move].to


def test_a_holding_reply_is_sent_as_it_was_agreed_on() -> None:
    held = standing(S.APPROVED, "answers.holding", AnswerKind.HOLDING)
    assert move_answer(held, M.OPEN, "ana", classed=True) is S.OPENED
    for move in (M.WRITE, M.ASK):
        with pytest.raises(AnswerRefused):
            move_answer(held, move, "ana", classed=True)


def test_names_are_compared_without_case_width_and_signs() -> None:
    assert same_person("Ana María", "ana maría ")
    assert not same_person("ana", "anna")
