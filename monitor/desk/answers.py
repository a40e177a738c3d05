"""What a person does with an answer: begin it from a draft, have it looked at, approve or reject it, open the post.

Each deed checks, changes and writes the trail of its case in one transaction; nothing here ever posts to a customer:
a person copies the words, sends them, and records that (`moves.reply`), or presses the button of `sending.py`. The
moves stand in `answering/state.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.answering.draft import Draft
from monitor.answering.lint import Finding, LintContext, lint, stopped
from monitor.answering.offer import (
    AgreedAnswer,
    Subject,
    channel_for,
    holding_reply,
    length_limit,
    offers,
    signature_for,
)
from monitor.answering.playbooks import Playbook, playbooks
from monitor.answering.state import (
    AnswerKind,
    AnswerMove,
    AnswerRefused,
    AnswerState,
    allowed_moves,
    move_answer,
    same_person,
)
from monitor.config.schema import Settings
from monitor.desk.reads import known_case
from monitor.desk.replies import needs_approval
from monitor.desk.turn import Turn
from monitor.domain import Case, Severity
from monitor.errors import MoveRefused
from monitor.notify.text import safe_link
from monitor.steps.approvals import AnswerEvent, ask_next, tell_outcome
from monitor.steps.facts import language_of
from monitor.store.answers import Answer
from monitor.store.records import CaseView
from monitor.store.sendings import Sending, SendingState
from monitor.store.store import Store

AGREED = "answers.holding"
"""Who approved a holding reply: the config."""

_COMPARED = timedelta(days=30)
_COMPARED_MOST = 50


@dataclass(frozen=True, slots=True)
class Opened:
    """Words to copy, and the post to answer; `url` is None where the platform gives no address."""

    answer: Answer
    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class AnswersView:
    """The answers of a case at a moment: the one in work, the holding reply, what was before, and what may be done."""

    answer: Answer | None
    holding: Answer | None
    history: tuple[Answer, ...]
    classes: tuple[Severity, ...]
    allowed: tuple[AnswerMove, ...]
    may_hold: bool
    sendings: tuple[Sending, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the view as JSON."""
        return {
            "answer": self.answer.to_json() if self.answer else None,
            "holding": self.holding.to_json() if self.holding else None,
            "history": [answer.to_json() for answer in self.history],
            "needs_approval": list(self.classes),
            "allowed": list(self.allowed),
            "may_hold": self.may_hold,
        }


def drafts_for(store: Store, settings: Settings, case_id: int, now: datetime, *, variant: int = 0) -> tuple[Draft, ...]:
    """Return the texts that are offered for a case, the best first; `variant` asks for other wordings.

    Raises UnknownCase.
    """
    view = _view(store, case_id)
    incident = store.incident(view.incident_id) if view.incident_id is not None else None
    agreed = None
    if incident is not None and incident.answer:
        agreed = AgreedAnswer(incident.id, incident.answer, incident.answer_by or "somebody")
    subject = _subject(settings, view, _impostor(store, view))
    return offers(subject, settings.answers_of(view.brand), agreed, variant=variant)


def playbook_for(store: Store, settings: Settings, case_id: int) -> tuple[Playbook, ...]:
    """Return the playbooks of the classes of a case, the gravest first. Raises UnknownCase."""
    view = _view(store, case_id)
    return playbooks(settings.answers_of(view.brand), view.severity)


def lint_for(store: Store, settings: Settings, case_id: int, text: str, now: datetime) -> tuple[Finding, ...]:
    """Return what there is to look at in a text before it is sent to the customer of a case. Raises UnknownCase."""
    view = _view(store, case_id)
    answers = settings.answers_of(view.brand)
    language = language_of(settings, view) or "en"
    earlier = store.sent_texts(view.brand, now - _COMPARED, case_id, _COMPARED_MOST)
    context = LintContext(
        platform=view.platform,
        limit=length_limit(answers, view.platform),
        domains=answers.domains,
        own=(channel_for(answers, language), signature_for(answers, language)),
        earlier=tuple(earlier),
        classed=bool(needs_approval(settings, view)),
    )
    return lint(text, context)


def answers_view(store: Store, settings: Settings, case_id: int, now: datetime) -> AnswersView:
    """Return the answers of a case, and what may be done with them. Raises UnknownCase."""
    view = _view(store, case_id)
    classes = needs_approval(settings, view)
    found = store.answers_of_case(case_id)
    answer, holding = (_live(found, kind) for kind in (AnswerKind.ANSWER, AnswerKind.HOLDING))
    allowed = allowed_moves(answer.standing, classed=bool(classes)) if answer else (AnswerMove.WRITE,)
    reply = holding_reply(_subject(settings, view), settings.answers_of(view.brand))
    return AnswersView(
        answer=answer,
        holding=holding,
        history=tuple(one for one in found if not one.state.live),
        classes=classes,
        allowed=allowed if view.status.open else (),
        may_hold=view.status.open and reply is not None and not reply.problem,
        sendings=tuple(store.sendings_of_case(case_id)),
    )


def write(turn: Turn, case_id: int, text: str, *, template: str = "") -> Answer:
    """Keep the words of an answer as a draft; an approval of other words is gone. The same words change nothing.

    Raises MoveRefused where somebody else writes it and `turn.version` does not say that their words were seen.
    """
    with turn.store.write():
        case = _open_case(turn, case_id)
        answer = turn.store.live_answer(case_id, AnswerKind.ANSWER)
        if answer is None:
            values = (case_id, AnswerKind.ANSWER, AnswerState.DRAFT, text, turn.who, turn.now)
            number = turn.store.add_answer(*values, template=template)
            return _kept(turn, case, number, "answer-written", template=template)
        if answer.text == text:
            return answer
        _check_unsent(turn, answer)
        _check_seen(turn, answer, by_another=not same_person(answer.author, turn.who))
        fresh = dict.fromkeys(
            ("asked_by", "asked_at", "approved_by", "approved_at", "rejected_by", "reason", "opened_by", "opened_at")
        )
        words = {"text": text, "author": turn.who, "written_at": turn.now, "template": template or answer.template}
        if answer.state is AnswerState.WAITING:
            tell_outcome(turn.store, turn.settings, answer, AnswerEvent.WITHDRAWN, turn.now)
        turn.store.update_answer(answer.id, state=AnswerState.DRAFT, step=0, step_at=None, **words, **fresh)
        return _kept(turn, case, answer.id, "answer-written", was=answer.state)


def ask_approval(turn: Turn, case_id: int) -> Answer:
    """Ask those who may approve, now and again until somebody decides; refused while the lint stops the words."""
    with turn.store.write():
        case, answer = moving_answer(turn, case_id, AnswerMove.ASK)
        check_lint(turn, answer)
        changes = {"asked_by": turn.who, "asked_at": turn.now, "step": 0, "step_at": turn.now}
        turn.store.update_answer(answer.id, state=AnswerState.WAITING, **changes)
        asked = _kept(turn, case, answer.id, "approval-wanted")
        ask_next(turn.store, turn.settings, asked, turn.now)
        return needed_answer(turn, answer.id)


def approve(turn: Turn, case_id: int) -> Answer:
    """Approve exactly the words that wait; never by whoever wrote them."""
    with turn.store.write():
        case, answer = moving_answer(turn, case_id, AnswerMove.APPROVE)
        changes = {"approved_by": turn.who, "approved_at": turn.now, "step_at": None}
        turn.store.update_answer(answer.id, state=AnswerState.APPROVED, **changes)
        approved = _kept(turn, case, answer.id, "answer-approved", by_author=answer.author)
        tell_outcome(turn.store, turn.settings, approved, AnswerEvent.APPROVED, turn.now)
        return approved


def reject(turn: Turn, case_id: int, reason: str) -> Answer:
    """Reject the words that wait, and say why."""
    with turn.store.write():
        case, answer = moving_answer(turn, case_id, AnswerMove.REJECT)
        changes = {"rejected_by": turn.who, "reason": reason, "step_at": None}
        turn.store.update_answer(answer.id, state=AnswerState.REJECTED, **changes)
        rejected = _kept(turn, case, answer.id, "answer-rejected", reason=reason)
        tell_outcome(turn.store, turn.settings, rejected, AnswerEvent.REJECTED, turn.now)
        return rejected


def open_answer(turn: Turn, case_id: int) -> Opened:
    """Hand out the words to copy and the post to answer; refused without an approval that it needs, and by the lint."""
    with turn.store.write():
        case, answer = moving_answer(turn, case_id, AnswerMove.OPEN)
        return _open(turn, case, answer)


def hold(turn: Turn, case_id: int) -> Opened:
    """Hand out the holding reply of the gravest class of a case: words agreed on beforehand, which nobody changes."""
    with turn.store.write():
        case = _open_case(turn, case_id)
        view = _view(turn.store, case_id)
        reply = holding_reply(_subject(turn.settings, view), turn.settings.answers_of(view.brand))
        if reply is None or reply.problem:
            cause = reply.problem if reply else "has no class with a holding reply"
            raise MoveRefused(f"case {case_id}", cause, "write an answer")
        held = turn.store.live_answer(case_id, AnswerKind.HOLDING)
        if held is not None:
            _check_unsent(turn, held)
        if held is None or held.text != reply.text:
            held = _new_holding(turn, case_id, held, reply)
        return _open(turn, case, held)


def withdraw(turn: Turn, case_id: int, kind: AnswerKind = AnswerKind.ANSWER) -> Answer:
    """Give an answer up; whoever was asked to approve it hears of it."""
    with turn.store.write():
        case, answer = moving_answer(turn, case_id, AnswerMove.WITHDRAW, kind)
        if answer.state is AnswerState.WAITING:
            tell_outcome(turn.store, turn.settings, answer, AnswerEvent.WITHDRAWN, turn.now)
        turn.store.update_answer(answer.id, state=AnswerState.WITHDRAWN, step_at=None)
        return _kept(turn, case, answer.id, "answer-withdrawn")


def _new_holding(turn: Turn, case_id: int, old: Answer | None, reply: Draft) -> Answer:
    if old is not None:
        turn.store.update_answer(old.id, state=AnswerState.WITHDRAWN)
    values = (case_id, AnswerKind.HOLDING, AnswerState.APPROVED, reply.text, turn.who, turn.now)
    return needed_answer(turn, turn.store.add_answer(*values, template=reply.name, approved_by=AGREED))


def _open(turn: Turn, case: Case, answer: Answer) -> Opened:
    check_lint(turn, answer)
    turn.store.update_answer(answer.id, state=AnswerState.OPENED, opened_by=turn.who, opened_at=turn.now)
    action = "holding-opened" if answer.kind is AnswerKind.HOLDING else "answer-opened"
    opened = _kept(turn, case, answer.id, action, approved_by=answer.approved_by)
    return Opened(opened, opened.text, safe_link(_view(turn.store, case.id).permalink))


def moving_answer(
    turn: Turn, case_id: int, move: AnswerMove, kind: AnswerKind = AnswerKind.ANSWER
) -> tuple[Case, Answer]:
    """Return case and answer where the answer allows a move; raises MoveRefused with what would help."""
    case = known_case(turn.store, case_id) if move is AnswerMove.WITHDRAW else _open_case(turn, case_id)
    answer = turn.store.live_answer(case_id, kind)
    if answer is None:
        raise MoveRefused(f"case {case_id}", f"has no {kind} in work", "write one first")
    _check_seen(turn, answer, by_another=False)
    _check_unsent(turn, answer)
    classed = bool(needs_approval(turn.settings, _view(turn.store, case_id)))
    try:
        move_answer(answer.standing, move, turn.who, classed=classed)
    except AnswerRefused as error:
        raise MoveRefused(f"the {kind} of case {case_id}", error.cause, error.advice) from error
    return case, answer


def _check_unsent(turn: Turn, answer: Answer) -> None:
    """Refuse a deed on words that are on their way, or perhaps stand on the platform."""
    states = {one.stands(turn.now) for one in turn.store.sendings_of_answer(answer.id)}
    subject = f"the {answer.kind} of case {answer.case_id}"
    if SendingState.SENDING in states:
        raise MoveRefused(subject, "is just being sent", "wait a minute, then look again")
    if SendingState.PERHAPS in states:
        raise MoveRefused(subject, "was perhaps sent", "look at the post, then say whether it is there")


def _check_seen(turn: Turn, answer: Answer, *, by_another: bool) -> None:
    """Refuse a deed on words that are not those that the person saw."""
    if turn.version is not None and turn.version != answer.version:
        raise MoveRefused(f"the answer of case {answer.case_id}", "was changed meanwhile", "look at it again")
    if turn.version is None and by_another:
        cause = f"is being written by {answer.author}"
        raise MoveRefused(f"the answer of case {answer.case_id}", cause, f"go on from version {answer.version} of it")


def check_lint(turn: Turn, answer: Answer) -> None:
    """Refuse words that the lint stops."""
    stops = stopped(lint_for(turn.store, turn.settings, answer.case_id, answer.text, turn.now))
    if stops:
        told = "; ".join(f"{stop.rule}: {stop.advice}" for stop in stops[:3])
        raise MoveRefused(f"the answer of case {answer.case_id}", "cannot go on as it is", told)


def _open_case(turn: Turn, case_id: int) -> Case:
    case = known_case(turn.store, case_id)
    if not case.status.open:
        raise MoveRefused(f"case {case_id}", f"is {case.status}", "reopen it first")
    return case


def _kept(turn: Turn, case: Case, answer_id: int, action: str, **detail: Any) -> Answer:
    """Write the trail of the case; returns the answer as it stands now."""
    told = {key: value for key, value in detail.items() if value}
    turn.store.audit(case.id, turn.who, action, turn.now, answer=answer_id, **told)
    return needed_answer(turn, answer_id)


def needed_answer(turn: Turn, answer_id: int) -> Answer:
    """Return an answer; raises MoveRefused where it is gone."""
    answer = turn.store.answer(answer_id)
    if answer is None:
        raise MoveRefused(f"answer {answer_id}", "is gone", "write it again")
    return answer


def _view(store: Store, case_id: int) -> CaseView:
    known_case(store, case_id)
    (view,) = store.case_views([case_id])
    return view


def _impostor(store: Store, view: CaseView) -> str | None:
    """Return the handle of who poses as the brand in a case; None where nobody is known to."""
    if Severity.IMPOSTOR not in view.severity:
        return None
    handles = (entry["handle"] for entry in store.impostors(view.id))
    return next((f"@{handle.removeprefix('@')}" for handle in handles if handle), None)


def _subject(settings: Settings, view: CaseView, impostor: str | None = None) -> Subject:
    return Subject(
        case=view.id,
        brand=view.brand,
        platform=view.platform,
        author=view.author,
        kind=view.kind,
        severity=view.severity,
        cause=view.cause,
        language=language_of(settings, view),
        impostor=impostor,
    )


def _live(answers: list[Answer], kind: AnswerKind) -> Answer | None:
    return next((answer for answer in answers if answer.kind is kind and answer.state.live), None)
