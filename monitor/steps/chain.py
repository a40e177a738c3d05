"""Chains at work: begun, paused and ended with their cases, their steps taken when they are due.

    case changes ─▶ follow_chain ─▶ [chain, rows of the next step and the warning]      in the transaction of the change
    row due      ─▶ take_steps   ─▶ [row done, messages, trail, row of the next step]   each in one transaction

A step is taken where its row still waits, so that a restart, or a second process, takes none twice.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.config.schema import Settings
from monitor.domain import Case, Level, Status
from monitor.rules.chain import ChainState, Progress, Step, advance, follow, steps_of
from monitor.rules.routes import group_of
from monitor.rules.shifts import roster_of
from monitor.rules.summons import Summons, Turns, owner, summon
from monitor.service.log import log
from monitor.steps.facts import facts_of
from monitor.steps.telling import CRITICAL_INTERVAL, Event, recipients, route_for
from monitor.store.chains import ChainStepRow, StepKind, StepState
from monitor.store.store import Store

_WHO = "monitor"
_NONE = timedelta(0)


def follow_chain(store: Store, settings: Settings, case_id: int, now: datetime, *, begins: bool = False) -> None:
    """Bring the chain of a case in line with it; only in the transaction of the change. See `rules.chain.follow`.

    With `begins` a case that has none gets one, unless it is urgent and nobody was told of it: history has no chain.
    """
    progress = store.chain(case_id)
    if progress is None and not (begins and settings.escalation.levels):
        return
    case = store.case(case_id)
    if case is None:
        return
    begins = begins and (case.told_level is not None or not case.level.urgent)
    followed = follow(progress, case, settings.escalation, now, begins=begins)
    if followed is not None and followed != progress:
        store.put_chain(case_id, followed)


def begin_chains(store: Store, settings: Settings, now: datetime, limit: int = 100) -> int:
    """Begin the chains of open cases that have none, as after a config that brings the first; returns how many."""
    levels = settings.escalation.levels
    found = store.cases_without_chain(levels, limit) if levels else []
    for case_id in found:
        with store.write():
            follow_chain(store, settings, case_id, now, begins=True)
    return len(found)


def take_steps(store: Store, settings: Settings, now: datetime, limit: int) -> int:
    """Take up to `limit` steps whose time has come, the oldest first; returns how many."""
    count = 0
    while count < limit and (due := store.due_chain_steps(now, limit - count)):
        for row in due:
            with store.write():
                _take(store, settings, row, now)
        count += len(due)
    return count


def step_now(store: Store, settings: Settings, case_id: int, now: datetime) -> None:
    """Take the next step of a chain at once, also while a claim pauses it; nothing where no step is to come."""
    progress = store.chain(case_id)
    if progress is None or not progress.state.alive:
        return
    store.put_chain(case_id, replace(progress, state=ChainState.RUNNING, due_at=now, left=_NONE))
    for row in store.chain_steps(case_id):
        if (row.run, row.kind, row.state) == (progress.run, StepKind.STEP, StepState.WAITING):
            _take(store, settings, row, now)


def summon_to(store: Store, settings: Settings, case: Case, notify: Sequence[str], now: datetime) -> Summons:
    """Return whom the words of a step mean for a case at this moment."""
    (view,) = store.case_views([case.id])
    rows = [row for row in store.chain_steps(case.id) if row.turn]
    run = max((row.run for row in rows), default=0)
    turns = Turns([row.turn for row in rows if row.turn and row.run == run], store.last_turns())
    others = dict.fromkeys([*recipients(settings, view, now), *settings.fallback])
    return summon(
        notify,
        roster_of(settings, store.shift_changes(now)),
        case.brand,
        now,
        usable={name for name, receiver in settings.receivers.items() if receiver.enabled},
        turns=turns,
        others=tuple(others),
    )


def tell_receivers(store: Store, settings: Settings, case: Case, receivers: Sequence[str], now: datetime) -> None:
    """Tell receivers of a case: the first message at once, then at most one a minute to each.

    A message that tells of the case and has not left yet is hastened instead: a critical one to leave at once, any
    other within a minute, and none sooner than a minute after the last one of its group. A grave case goes with the
    group that it was told in, whose pace holds for both.
    """
    pace = _NONE if case.level is Level.CRITICAL else CRITICAL_INTERVAL
    (view,) = store.case_views([case.id])
    facts = facts_of(settings, view)
    for receiver in receivers:
        key = group_of(route_for(settings, receiver, facts), facts) if facts.grave else f"chain/brand={case.brand}"
        last = store.last_sealed(receiver, key)
        due = max(now, last + CRITICAL_INTERVAL) if last else now
        if not store.hasten_message_with(receiver, case.id, now + pace, CRITICAL_INTERVAL):
            store.add_to_message(receiver, key, Event.ESCALATED, case.id, case.level, due, now)


def next_words(settings: Settings, progress: Progress) -> tuple[str, ...]:
    """Return the words of the step that comes next; none where the config has none left."""
    steps = _steps(settings, progress)
    return steps[progress.step].notify if progress.step < len(steps) else ()


def _take(store: Store, settings: Settings, row: ChainStepRow, now: datetime) -> None:
    case, progress = store.case(row.case_id), store.chain(row.case_id)
    if case is None or progress is None or progress.run != row.run or not _waits_for(case, progress, row):
        store.finish_chain_step(row.id, now, ())
        return
    if row.kind is StepKind.WARNING:
        _warn(store, settings, case, row, now)
        return
    steps = _steps(settings, progress)
    if progress.step >= len(steps):
        over = ChainState.FINISHED if steps else ChainState.ENDED  # the config has fewer steps than it had, or none
        store.put_chain(case.id, replace(progress, state=over, due_at=None))
        return
    summons = summon_to(store, settings, case, steps[progress.step].notify, now)
    if store.finish_chain_step(row.id, now, summons.told, summons.turn):
        _tell(store, settings, case, summons, f"chain-step {progress.step + 1} of {len(steps)}", now)
        claimed = case.status is Status.CLAIMED
        store.put_chain(case.id, advance(progress, steps, now, claimed=claimed))


def _waits_for(case: Case, progress: Progress, row: ChainStepRow) -> bool:
    """Whether a row is what the chain waits for; else somebody has meddled with the tables."""
    if case.status not in {Status.NEW, Status.CLAIMED}:
        return False
    return row.kind is StepKind.WARNING or (progress.state is ChainState.RUNNING and progress.step == row.step)


def _warn(store: Store, settings: Settings, case: Case, row: ChainStepRow, now: datetime) -> None:
    """Warn the owner, else who is on shift, that the first reply is due soon."""
    named = owner(roster_of(settings, store.shift_changes(now)), case.claimed_by)
    summons = summon_to(store, settings, case, (named or "on-shift",), now)
    if store.finish_chain_step(row.id, now, summons.told):
        _tell(store, settings, case, summons, "warned-before-late", now)


def _tell(store: Store, settings: Settings, case: Case, summons: Summons, action: str, now: datetime) -> None:
    tell_receivers(store, settings, case, summons.receivers, now)
    store.audit(case.id, _WHO, action, now, told=", ".join(summons.told) or "nobody")
    if not summons.receivers:
        log.error("chain_told_nobody", f"case {case.id}: nobody could be told", case=case.id)


def _steps(settings: Settings, progress: Progress) -> tuple[Step, ...]:
    chain = settings.escalation.chain(progress.level)
    return steps_of(chain) if chain else ()
