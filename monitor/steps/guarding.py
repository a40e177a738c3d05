"""The impostor guard at work: somebody who plays the brand in the thread of a case makes it critical.

Only inside the transaction that finishes the hit. The case stays that of its customer: it goes on to show their post,
and is told of at once, also where it was answered or resolved in the last seven days.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.config.schema import Settings
from monitor.domain import MONITOR, Case, Decision, Hit, Level, Reason, Severity, Status
from monitor.rules.clock import due_at, earlier
from monitor.rules.summary import products_told, summarise
from monitor.rules.timers import next_timer
from monitor.steps.aftermath import back_to_work
from monitor.steps.chain import follow_chain
from monitor.steps.telling import Event, tell
from monitor.store.records import CaseView
from monitor.store.store import Store

ROLE = "impostor"
"""What such a post is to the case."""

_WHY = "impostor: an account that looks like ours writes to the customer"


def guard_case(store: Store, settings: Settings, hit: Hit, decision: Decision, now: datetime) -> bool:
    """Raise the case in whose thread an impostor has written; False where there is no case of somebody else."""
    case = _guarded_case(store, hit, now)
    if case is None:
        return False
    post = f"{hit.mention.platform}:{hit.mention.native_id}"
    if any(entry.action == ROLE and entry.detail.get("post") == post for entry in store.audit_trail(case.id)):
        return True
    store.join_case(case.id, hit, ROLE)
    is_new = store.add_impostor(case.id, hit, now)
    store.audit(case.id, MONITOR, ROLE, now, post=post)
    reopens = case.status in {Status.REPLIED, Status.RESOLVED}
    (view,) = store.case_views([case.id])
    changes = _raised(settings, case, view, hit, decision, now)
    if reopens:
        changes |= back_to_work(settings, replace(case, level=changes["level"]), hit.clock_at, now)
        store.audit(case.id, MONITOR, "reopened", now, post=post)
    known = {name: value for name, value in changes.items() if hasattr(case, name)}
    store.update_case(case.id, **changes, escalate_at=next_timer(replace(case, **known)))
    if (is_new or reopens) and not hit.backfilled:
        tell(store, settings, case.id, Event.IMPOSTOR if case.told_level else Event.OPENED, now, again=True)
    follow_chain(store, settings, case.id, now, begins=not hit.backfilled)
    return True


def _guarded_case(store: Store, hit: Hit, now: datetime) -> Case | None:
    """Return the case of somebody else that the thread of a hit belongs to, an open one first."""
    mention = hit.mention
    if mention.thread_id is None:
        return None
    author = mention.author.handle.casefold()
    for watched in store.watched_cases(mention.platform, mention.thread_id, now):
        if watched.brand == hit.brand and set(watched.customers) - {author}:
            return store.case(watched.id)
    return None


def _raised(
    settings: Settings, case: Case, view: CaseView, hit: Hit, decision: Decision, now: datetime
) -> dict[str, Any]:
    """Return level, score, reasons, classes and due time of a case that an impostor has written into.

    The evidence names neither the account nor its words, so that nothing is left of them once its post is gone.
    """
    level = min(case.level, decision.level or Level.CRITICAL, key=lambda one: one.rank)
    score = max(case.score, decision.score)
    brand = settings.brands.get(case.brand)
    due = earlier(case.due_at, due_at(hit.clock_at, level, settings.triage, brand.zone if brand else None))
    # late from the start: this message says so, a second one at once would only repeat it
    late = {"escalation_step": max(case.escalation_step, 1)} if due <= now else {}
    floor = (Reason("floor", round(score - case.score, 1), _WHY),) if score > case.score else ()
    severity = tuple(dict.fromkeys((*view.severity, Severity.IMPOSTOR)))
    products = products_told(view.summary, brand.lists if brand else {})
    return {
        "summary": summarise(
            case.kind, level, case.brand, view.platform, cause=view.cause, severity=severity, products=products
        ),
        "level": level,
        "score": round(sum(reason.points for reason in (*view.reasons, *floor)), 1),
        "reasons": (*view.reasons, *floor),
        "severity": severity,
        "due_at": due,
        **late,
    }
