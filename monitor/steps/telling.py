"""Telling: which receivers hear of a case, in which message, and when that message is due.

A message stays open while it collects cases of one group. A critical case does not wait: its message is due at once,
then at most once a minute. What was told at a level is not told again at the same level.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from monitor.config.routes import GroupBy, Route
from monitor.config.schema import Settings
from monitor.domain import Level
from monitor.store.records import CaseView
from monitor.store.store import Store

CRITICAL_INTERVAL = timedelta(minutes=1)

RESCORE_WAIT = timedelta(minutes=5)
"""How long the list of re-scored cases waits, at most, for the last of them; a critical one waits a minute."""


class Event(StrEnum):
    """What a message is about."""

    OPENED = "case.opened"
    RAISED = "case.raised"
    REOPENED = "case.reopened"
    ESCALATED = "case.escalated"
    REMINDED = "case.reminded"
    RELEASED = "case.released"
    RESCORED = "case.rescored"
    """Open cases that a changed config made urgent: one list a receiver, whatever their groups."""


def tell(store: Store, settings: Settings, case_id: int, event: Event, now: datetime, *, again: bool = False) -> None:
    """Put an urgent case into the messages of its routes, unless it was told at this level and `again` is False."""
    case = store.case(case_id)
    if case is None or not case.level.urgent:
        return
    if not again and case.told_level is not None and case.told_level.rank <= case.level.rank:
        return
    (view,) = store.case_views([case_id])
    for receiver, route in recipients(settings, view, now).items():
        key = group_key(route, view)
        due_at = message_due(route, view.level, store.last_sealed(receiver, key), now)
        store.add_to_message(receiver, key, event, case_id, view.level, due_at, now)
    store.update_case(case_id, told_level=case.level, told_at=now)


def tell_rescored(store: Store, settings: Settings, case_id: int, rules: str, now: datetime) -> None:
    """Put a case that new rules made urgent into the list of these rules, one for each receiver of its routes.

    The list stays open until all cases are judged (`hasten_messages`); should that take long, it leaves as it is.
    """
    case = store.case(case_id)
    if case is None or not case.level.urgent:
        return
    if case.told_level is not None and case.told_level.rank <= case.level.rank:
        return
    (view,) = store.case_views([case_id])
    wait = CRITICAL_INTERVAL if view.level is Level.CRITICAL else RESCORE_WAIT
    for receiver in recipients(settings, view, now):
        store.add_to_message(receiver, f"rules={rules}", Event.RESCORED, case_id, view.level, now + wait, now)
    store.update_case(case_id, told_level=case.level, told_at=now)


def group_key(route: Route, view: CaseView) -> str:
    """Return the group of a case under a route: cases without an incident share one group."""
    values = {
        GroupBy.BRAND: view.brand,
        GroupBy.INCIDENT: str(view.incident_id or ""),
        GroupBy.LEVEL: view.level.value,
        GroupBy.PLATFORM: view.platform,
    }
    return "/".join(f"{name.value}={values[name]}" for name in route.group_by)


def message_due(route: Route, level: Level, last_sealed: datetime | None, now: datetime) -> datetime:
    """Return when a case is told: critical at once (then once a minute), the rest by the route's group times."""
    if level is Level.CRITICAL:
        return max(now, last_sealed + CRITICAL_INTERVAL) if last_sealed else now
    wait = now + route.group_wait
    return max(wait, last_sealed + route.group_interval) if last_sealed else wait


def recipients(settings: Settings, view: CaseView, now: datetime) -> dict[str, Route]:  # noqa: ARG001 - the hour
    """Return the receivers of a case at a moment, each with the first route that leads to it."""
    found: dict[str, Route] = {}
    for route in settings.routes:
        if _matches(route, view):
            for receiver in route.to:
                if receiver in settings.receivers:
                    found.setdefault(receiver, route)
    return found


def _matches(route: Route, view: CaseView) -> bool:
    return (
        (not route.level or view.level in route.level)
        and (not route.brand or view.brand in route.brand)
        and (not route.platform or view.platform in route.platform)
    )
