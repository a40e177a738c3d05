"""The escalate step: cases past a due time → [step, outbox]. Due times are rows, so a restart forgets none.

First what happens to cases by itself, then the steps of their chains, then those of answers that wait for an approval,
then the auditor, which looks whether every urgent case that nobody has taken still has a step to come.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.domain import Case
from monitor.rules.moves import Action, move
from monitor.rules.timers import Timer, next_timer, timers_due
from monitor.steps.approvals import ask_for_approvals
from monitor.steps.auditor import audit_chains
from monitor.steps.chain import begin_chains, follow_chain, take_steps
from monitor.steps.services import Done, Services
from monitor.steps.telling import Event, tell
from monitor.store.store import Store

Change = dict[str, Any]


def escalate(store: Store, services: Services, now: datetime, limit: int = 100) -> Done:
    """Take every timed step that has come, case by case, each with its messages in one transaction."""
    settings = services.settings
    count = _take_timers(store, services, now, limit)
    begin_chains(store, settings, now)
    steps = take_steps(store, settings, now, limit)
    count += ask_for_approvals(store, settings, now, limit)
    if steps < limit:
        count += audit_chains(store, settings, now)
    moments = (store.next_case_due(), store.next_chain_due(), store.next_answer_step())
    return Done(count + steps, min((moment for moment in moments if moment is not None), default=None))


def _take_timers(store: Store, services: Services, now: datetime, limit: int) -> int:
    due = store.cases_due(now, limit)
    for found in due:
        with store.write():
            case = store.case(found.id)
            if case is not None and case.status.open:
                _advance(store, services, case, now)
                follow_chain(store, services.settings, case.id, now)
    return len(due)


def _advance(store: Store, services: Services, case: Case, now: datetime) -> None:
    for timer in timers_due(case, now):
        if timer not in timers_due(case, now):
            continue
        change = _CHANGES[timer](case, now)
        store.update_case(case.id, **change)
        store.audit(case.id, "monitor", timer.value, now)
        case = replace(case, **change)
        event = _EVENTS.get(timer)
        if event is not None and case.told_level is not None and not _chain_tells(store, case, event):
            tell(store, services.settings, case.id, event, now, again=True)
    store.update_case(case.id, escalate_at=next_timer(case))


def _chain_tells(store: Store, case: Case, event: Event) -> bool:
    """Whether a chain is still to tell somebody of a case that is late now: its steps do, and have warned before."""
    chain = store.chain(case.id)
    return event is Event.ESCALATED and chain is not None and chain.state.alive


def _overdue(case: Case, _: datetime) -> Change:
    return {"escalation_step": case.escalation_step + 1}


def _ping(_: Case, __: datetime) -> Change:
    return {"ping_at": None}


def _release(case: Case, _: datetime) -> Change:
    status = move(case.status, Action.EXPIRE)
    return {"status": status, "claimed_by": None, "claimed_at": None, "ping_at": None, "release_at": None}


def _presume(case: Case, now: datetime) -> Change:
    return {"status": move(case.status, Action.PRESUME), "closed_at": now}


def _unsnooze(_: Case, __: datetime) -> Change:
    return {"snoozed_until": None}


_CHANGES: Mapping[Timer, Callable[[Case, datetime], Change]] = {
    Timer.OVERDUE: _overdue,
    Timer.PING: _ping,
    Timer.RELEASE: _release,
    Timer.PRESUME: _presume,
    Timer.UNSNOOZE: _unsnooze,
}

_EVENTS = {Timer.OVERDUE: Event.ESCALATED, Timer.PING: Event.REMINDED, Timer.RELEASE: Event.RELEASED}
"""Steps that somebody is told of; only where the case was told of before, so that history never alerts."""
