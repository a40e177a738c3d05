"""The legal moves of an answer as one table: from which states, to which, and who may make them. Pure.

    write ─▶ draft ──ask──▶ waiting ──approve──▶ approved ──open──▶ opened ──sent──▶ sent
              ▲ │              └──reject──▶ rejected          ▲
              │ └──────────────open (no class asks for approval)
            write: from any state but the last two; an approval holds for the text alone that was approved

A holding reply is made approved: its words were agreed on beforehand.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class AnswerKind(StrEnum):
    """What an answer is: one to this customer, or words agreed on beforehand that only say that we look into it."""

    ANSWER = "answer"
    HOLDING = "holding"


class AnswerState(StrEnum):
    """Where an answer stands. The last two are history."""

    DRAFT = "draft"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    OPENED = "opened"
    SENT = "sent"
    WITHDRAWN = "withdrawn"

    @property
    def live(self) -> bool:
        """Whether it may still be sent one day."""
        return self not in {AnswerState.SENT, AnswerState.WITHDRAWN}


class AnswerMove(StrEnum):
    """What people can do with an answer."""

    WRITE = "write"
    ASK = "ask"
    APPROVE = "approve"
    REJECT = "reject"
    OPEN = "open"
    SENT = "sent"
    WITHDRAW = "withdraw"


class AnswerRefused(ValueError):
    """A move that an answer does not allow; `advice` says what would help."""

    def __init__(self, cause: str, advice: str) -> None:
        super().__init__(f"{cause}; {advice}")
        self.cause = cause
        self.advice = advice


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One row of the table. `others` asks for somebody else than the author, `approved` for an approval of the text."""

    move: AnswerMove
    sources: frozenset[AnswerState]
    to: AnswerState
    others: bool = False
    approved: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What the table needs of an answer: its state, who wrote its words, who approved exactly these."""

    state: AnswerState
    author: str
    approved_by: str | None = None
    kind: AnswerKind = AnswerKind.ANSWER


_S = AnswerState
_LIVE = frozenset(state for state in _S if state.live)

MOVES: dict[AnswerMove, AnswerRow] = {
    row.move: row
    for row in (
        AnswerRow(AnswerMove.WRITE, _LIVE, _S.DRAFT),
        AnswerRow(AnswerMove.ASK, frozenset({_S.DRAFT}), _S.WAITING),
        AnswerRow(AnswerMove.APPROVE, frozenset({_S.WAITING}), _S.APPROVED, others=True),
        AnswerRow(AnswerMove.REJECT, frozenset({_S.WAITING}), _S.REJECTED, others=True),
        AnswerRow(AnswerMove.OPEN, frozenset({_S.DRAFT, _S.APPROVED, _S.OPENED}), _S.OPENED, approved=True),
        AnswerRow(AnswerMove.SENT, frozenset({_S.DRAFT, _S.APPROVED, _S.OPENED}), _S.SENT, approved=True),
        AnswerRow(AnswerMove.WITHDRAW, _LIVE, _S.WITHDRAWN),
    )
}


def move_answer(standing: Standing, move: AnswerMove, who: str, *, classed: bool) -> AnswerState:
    """Return the state after a move. `classed`: the case has a class whose answers a second person must approve.

    Raises AnswerRefused with what would help.
    """
    row = MOVES[move]
    if standing.state not in row.sources:
        allowed = ", ".join(allowed_moves(standing, classed=classed)) or "nothing"
        raise AnswerRefused(f"is {standing.state}: {move} is not possible", f"possible: {allowed}")
    if row.others and same_person(standing.author, who):
        raise AnswerRefused(f"was written by {standing.author}, who cannot {move} it", "ask a second person")
    if row.approved and classed and standing.approved_by is None:
        raise AnswerRefused("is not approved", "ask a second person, or send the holding reply meanwhile")
    if standing.kind is AnswerKind.HOLDING and move in {AnswerMove.WRITE, AnswerMove.ASK}:
        raise AnswerRefused("is a holding reply, agreed on word by word", "write an answer of your own beside it")
    return row.to


def allowed_moves(standing: Standing, *, classed: bool) -> tuple[AnswerMove, ...]:
    """Return the moves that somebody could make, in the order of the table."""
    return tuple(
        row.move
        for row in MOVES.values()
        if standing.state in row.sources
        and not (row.approved and classed and standing.approved_by is None)
        and not (standing.kind is AnswerKind.HOLDING and row.move in {AnswerMove.WRITE, AnswerMove.ASK})
    )


def same_person(one: str, other: str) -> bool:
    """Whether two names are meant for one person: letters of any case or width, however spaced."""
    return _key(one) == _key(other)


def one_of_them(who: str, names: Iterable[str]) -> bool:
    """Whether a name is among others."""
    return any(same_person(who, name) for name in names)


def _key(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
