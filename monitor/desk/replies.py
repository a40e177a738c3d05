"""What a recorded reply means for the answers of its case: which words were sent, and who knew them before.

words of the approved answer ──▶ sent        words of the holding reply ──▶ sent, the answer is still to come
any words, no class asks for approval ──▶ kept as sent
any words, a class does ──▶ refused, unless they stand on the platform already: kept, marked "without approval"
"""

import re
from dataclasses import dataclass, field
from typing import Any

from monitor.answering.length import LINK
from monitor.answering.offer import classes_of
from monitor.answering.state import AnswerKind, AnswerMove, AnswerState, allowed_moves
from monitor.config.schema import Settings
from monitor.desk.turn import Turn
from monitor.domain import Case, Severity
from monitor.errors import MoveRefused
from monitor.steps.approvals import AnswerEvent, tell_outcome
from monitor.store.answers import Answer
from monitor.store.records import CaseView
from monitor.store.sendings import SendingState

_HANDLES = re.compile(r"^(?:@[\w.-]+\s+)+")


@dataclass(frozen=True, slots=True)
class Settled:
    """What was sent: `holding` says that it only keeps the customer informed; `told` is for the trail."""

    holding: bool = False
    told: dict[str, Any] = field(default_factory=dict)


def needs_approval(settings: Settings, view: CaseView) -> tuple[Severity, ...]:
    """Return the classes of a case that ask for a second person, the gravest first; none: nobody has to."""
    return classes_of(settings.answers_of(view.brand), view.severity)


def settle(turn: Turn, case: Case, text: str, permalink: str | None, *, native: bool) -> Settled:
    """Keep what was sent to a customer; only in the transaction of the reply.

    `native` says that it stands on the platform already, whoever knew of it. Raises MoveRefused for words that a second
    person had to approve and has not.
    """
    known = _sent_before(turn, case.id, text) if native and text else None
    if known is not None:
        return Settled(known.kind is AnswerKind.HOLDING, _told(known, without=known.unapproved))
    (view,) = turn.store.case_views([case.id])
    classes = needs_approval(turn.settings, view)
    meant = _meant(turn, case.id, text)
    approved = meant is not None and (not classes or meant.approved_by is not None)
    if classes and not approved and not native:
        raise _refusal(turn, case.id, text, classes)
    without = bool(classes) and not approved
    if meant is not None and (approved or native) and _may_be_sent(meant, classed=bool(classes) and not native):
        _send(turn, meant, permalink, without=without)
        if meant.kind is AnswerKind.ANSWER:
            return Settled(told=_told(meant, without=without))
        return Settled(holding=True, told=_told(meant, without=without))
    _withdraw(turn, case.id)
    if text:
        _keep_other_words(turn, case.id, text, permalink, without=without)
    return Settled(told={"without_approval": True} if without else {})


def _meant(turn: Turn, case_id: int, text: str) -> Answer | None:
    """Return the answer that was sent: the one of these words; without words the one that was opened last."""
    live = [turn.store.live_answer(case_id, kind) for kind in (AnswerKind.ANSWER, AnswerKind.HOLDING)]
    known = [answer for answer in live if answer is not None]
    if text:
        return next((answer for answer in known if plain_words(answer.text) == plain_words(text)), None)
    opened = [answer for answer in known if answer.state is AnswerState.OPENED and answer.opened_at is not None]
    if opened:
        return max(opened, key=lambda answer: (answer.opened_at, answer.kind is AnswerKind.ANSWER))
    ready = (AnswerState.APPROVED, AnswerState.DRAFT)
    return next((a for a in known if a.kind is AnswerKind.ANSWER and a.state in ready), None)


def _sent_before(turn: Turn, case_id: int, text: str) -> Answer | None:
    """Return the answer of these words that was recorded already: what is seen on the platform is no second one."""
    sent = [answer for answer in turn.store.answers_of_case(case_id) if answer.state is AnswerState.SENT]
    return next((answer for answer in sent if plain_words(answer.text) == plain_words(text)), None)


def _may_be_sent(answer: Answer, *, classed: bool) -> bool:
    return AnswerMove.SENT in allowed_moves(answer.standing, classed=classed)


def _send(turn: Turn, answer: Answer, permalink: str | None, *, without: bool) -> None:
    attempts = turn.store.sendings_of_answer(answer.id)
    sender = next((one.who for one in reversed(attempts) if one.state is not SendingState.NOT_SENT), turn.who)
    turn.store.found_sending(answer.id, turn.who, turn.now)
    changes = {"sent_by": sender, "sent_at": turn.now, "permalink": permalink, "unapproved": without}
    turn.store.update_answer(answer.id, state=AnswerState.SENT, step_at=None, **changes)


def _keep_other_words(turn: Turn, case_id: int, text: str, permalink: str | None, *, without: bool) -> None:
    """Keep words that were never a draft here, as they were sent."""
    number = turn.store.add_answer(case_id, AnswerKind.ANSWER, AnswerState.DRAFT, text, turn.who, turn.now)
    answer = turn.store.answer(number)
    if answer is not None:
        _send(turn, answer, permalink, without=without)


def _withdraw(turn: Turn, case_id: int) -> None:
    """End the answer that other words took the place of."""
    rest = turn.store.live_answer(case_id, AnswerKind.ANSWER)
    if rest is not None:
        if rest.state is AnswerState.WAITING:
            tell_outcome(turn.store, turn.settings, rest, AnswerEvent.WITHDRAWN, turn.now)
        turn.store.update_answer(rest.id, state=AnswerState.WITHDRAWN, step_at=None)


def _told(answer: Answer, *, without: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"without_approval": True} if without else {}
    return {"text": answer.text, "answer": answer.id, "approved_by": answer.approved_by, **told}


def _refusal(turn: Turn, case_id: int, text: str, classes: tuple[Severity, ...]) -> MoveRefused:
    names = " and ".join(classes)
    approved = turn.store.live_answer(case_id, AnswerKind.ANSWER)
    if text and approved is not None and approved.approved_by is not None:
        cause = "these are not the words that were approved"
        return MoveRefused(f"case {case_id}", cause, "send the approved ones, or write these and ask again")
    cause = f"is about {names}: a second person must approve its answer"
    hint = f"`answer ask {case_id}`, `answer hold {case_id}` meanwhile; answered on the platform already: add --native"
    return MoveRefused(f"case {case_id}", cause, hint)


def plain_words(text: str) -> str:
    """Return the words of an answer as they are compared: platforms put handles before them, and links of their own."""
    return " ".join(_HANDLES.sub("", LINK.sub(" ", text.strip())).split())
