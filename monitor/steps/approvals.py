"""Asking for approvals: a waiting answer is taken to those who may approve it, step by step, until somebody decides.

    asked ─▶ first step at once ─▶ wait ─▶ next step … ─▶ no step left: said loudly, and the answer waits on
    approved, rejected, written anew, withdrawn, case closed ─▶ no further step; whoever was asked hears of it

The steps are those of `answers.approval`, read like a chain of escalation; whoever wrote the answer is not asked.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from monitor.answering.state import AnswerState, same_person
from monitor.config.schema import Settings
from monitor.domain import MONITOR, Case
from monitor.rules.chain import Step, steps_of
from monitor.rules.shifts import Roster, away, roster_of
from monitor.rules.summons import Summons, summon
from monitor.service.log import log
from monitor.steps.telling import recipients
from monitor.store.answers import Answer
from monitor.store.store import Store


class AnswerEvent(StrEnum):
    """What a message about an answer says."""

    WAITING = "answer.waiting"
    APPROVED = "answer.approved"
    REJECTED = "answer.rejected"
    WITHDRAWN = "answer.withdrawn"


def ask_for_approvals(store: Store, settings: Settings, now: datetime, limit: int) -> int:
    """Take up to `limit` steps whose time has come, each in a transaction of its own; returns how many."""
    due = store.answers_to_ask_for(now, limit)
    for found in due:
        with store.write():
            answer = store.answer(found.id)
            if answer is not None and answer.step_at is not None and answer.step_at <= now:
                ask_next(store, settings, answer, now)
    return len(due)


def ask_next(store: Store, settings: Settings, answer: Answer, now: datetime) -> None:
    """Take the next step of asking for an answer; only in a transaction."""
    case = store.case(answer.case_id)
    if case is None or answer.state is not AnswerState.WAITING:
        store.update_answer(answer.id, step_at=None)
        return
    if not case.status.open:
        store.update_answer(answer.id, state=AnswerState.WITHDRAWN, step_at=None)
        store.audit(case.id, MONITOR, "answer-withdrawn", now, answer=answer.id, reason=f"the case is {case.status}")
        tell_outcome(store, settings, answer, AnswerEvent.WITHDRAWN, now)
        return
    steps = steps_of(settings.answers.approval)
    if answer.step >= len(steps):
        store.update_answer(answer.id, step_at=None)
        return
    _ask(store, settings, case, answer, steps, now)


def tell_outcome(store: Store, settings: Settings, answer: Answer, event: AnswerEvent, now: datetime) -> None:
    """Tell whoever was asked, and whoever wrote the answer, what became of it; only in a transaction."""
    subject = subject_of(answer.id)
    asked = [name for name in settings.receivers if store.subjects_told(name, [subject])]
    roster = roster_of(settings, store.shift_changes(now))
    told = dict.fromkeys((*asked, *_reaching(settings, roster, answer.author, now)))
    _tell(store, settings, told, subject, event, now)


def subject_of(answer_id: int) -> str:
    """Return what messages call an answer: answer:7."""
    return f"answer:{answer_id}"


def _ask(store: Store, settings: Settings, case: Case, answer: Answer, steps: tuple[Step, ...], now: datetime) -> None:
    summons = _summoned(store, settings, case, answer, steps[answer.step], now)
    _tell(store, settings, summons.receivers, subject_of(answer.id), AnswerEvent.WAITING, now)
    number = answer.step + 1
    later = now + steps[number].after if number < len(steps) else None
    store.update_answer(answer.id, step=number, step_at=later)
    told = ", ".join(summons.told) or "nobody"
    store.audit(case.id, MONITOR, f"approval-asked {number} of {len(steps)}", now, answer=answer.id, told=told)
    if not summons.receivers:
        log.error("approval_asked_nobody", f"case {case.id}: nobody could be asked to approve its answer", case=case.id)
    if later is None and len(steps) > 1:
        log.error("approval_overdue", f"case {case.id}: its answer was asked for the last time", case=case.id)


def _summoned(store: Store, settings: Settings, case: Case, answer: Answer, step: Step, now: datetime) -> Summons:
    """Return whom a step asks: as a chain would tell them, without whoever wrote the answer."""
    (view,) = store.case_views([case.id])
    roster = roster_of(settings, store.shift_changes(now))
    others = {name: person for name, person in roster.people.items() if not same_person(name, answer.author)}
    usable = {name for name, receiver in settings.receivers.items() if receiver.enabled}
    last = tuple(dict.fromkeys([*recipients(settings, view, now), *settings.fallback]))
    return summon(step.notify, replace(roster, people=others), case.brand, now, usable=usable, others=last)


def _reaching(settings: Settings, roster: Roster, name: str, now: datetime) -> tuple[str, ...]:
    """Return the receivers of a person who is there; none of one whom the config does not know."""
    gone = away(roster, now)
    return tuple(
        receiver
        for known, person in roster.people.items()
        if same_person(known, name) and known not in gone
        for receiver in person.receivers
        if receiver in settings.receivers and settings.receivers[receiver].enabled
    )


def _tell(
    store: Store, settings: Settings, receivers: Iterable[str], subject: str, event: AnswerEvent, now: datetime
) -> None:
    for receiver in receivers:
        if receiver in settings.receivers:
            store.add_subject_message(receiver, subject, event, now, now, urgent=event is AnswerEvent.WAITING)
