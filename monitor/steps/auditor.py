"""The auditor: finds urgent cases that nobody has taken and whose chain does not go on, and raises itself.

It trusts no step before it: it asks the tables for cases that must have a row with a due time and have none, or one
that is overdue for more than a minute. Everybody is told, the chain is mended, and health stays red until somebody
takes the case.
"""

from dataclasses import replace
from datetime import datetime

from monitor.config.escalation import EVERYONE
from monitor.config.schema import Settings
from monitor.domain import Case
from monitor.rules.chain import GRACE, ChainState, Progress, steps_of
from monitor.service.log import log
from monitor.steps.chain import follow_chain, summon_to, tell_receivers
from monitor.steps.telling import recipients
from monitor.store.chains import LostChain
from monitor.store.store import Store


def lost_chains(store: Store, settings: Settings, now: datetime) -> list[LostChain]:
    """Return the urgent cases that nobody has taken and whose chain does not go on."""
    levels = settings.escalation.levels
    return store.lost_chains(levels, now - GRACE) if levels else []


def audit_chains(store: Store, settings: Settings, now: datetime) -> int:
    """Raise each chain that was newly found not to go on; returns how many."""
    fresh = [lost for lost in lost_chains(store, settings, now) if lost.raised_at is None]
    for lost in fresh:
        with store.write():
            case = store.case(lost.case_id)
            if case is not None:
                _raise(store, settings, case, lost, now)
    return len(fresh)


def lost_reason(lost: LostChain) -> str:
    """Return in words what is wrong with a chain."""
    if lost.raised_at:
        what = "had stopped; everybody was told"
    else:
        what = "is overdue" if lost.due_at else "has lost its next step"
    return f"the escalation of case {lost.case_id} ({lost.level}) {what}: claim it"


def _raise(store: Store, settings: Settings, case: Case, lost: LostChain, now: datetime) -> None:
    (view,) = store.case_views([case.id])
    everyone = summon_to(store, settings, case, (EVERYONE,), now)
    receivers = dict.fromkeys([*everyone.receivers, *settings.fallback, *recipients(settings, view, now)])
    tell_receivers(store, settings, case, [name for name in receivers if name in settings.receivers], now)
    store.audit(case.id, "monitor", "chain-lost", now, told=", ".join(receivers) or "nobody")
    log.error("chain_lost", lost_reason(lost), case=case.id)
    _mend(store, settings, case, now)


def _mend(store: Store, settings: Settings, case: Case, now: datetime) -> None:
    """Plan the step that was lost, and remember that it was."""
    follow_chain(store, settings, case.id, now, begins=True)
    progress = store.chain(case.id)
    if progress is not None:
        store.put_chain(case.id, replace(_planned(settings, progress, now), raised_at=now))


def _planned(settings: Settings, progress: Progress, now: datetime) -> Progress:
    chain = settings.escalation.chain(progress.level)
    steps = steps_of(chain) if chain else ()
    if progress.state is not ChainState.RUNNING or progress.due_at is not None or progress.step >= len(steps):
        return progress
    return replace(progress, due_at=now + steps[progress.step].after)
