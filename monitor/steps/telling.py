"""Telling: which receivers hear of a case, in which message, and when that message is due.

A message stays open while it collects cases of one group. A critical case does not wait: its message is due at once,
then at most once a minute; grave ones are a group of their own. Whether a receiver may be told at that hour, and what
it was told before, is judged when the message is sealed (`steps/sealing.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.config.routes import Route
from monitor.config.schema import Settings
from monitor.domain import Level
from monitor.rules.alerting import News
from monitor.rules.hours import is_active
from monitor.rules.routes import Facts, audience, group_of
from monitor.steps.facts import facts_of
from monitor.store.records import CaseView
from monitor.store.store import Store

CRITICAL_INTERVAL = timedelta(minutes=1)

RESCORE_WAIT = timedelta(minutes=5)
"""How long the list of re-scored cases waits, at most, for the last of them; a critical one waits a minute."""

UPDATE_INTERVAL = timedelta(minutes=30)
"""The least time between two messages about an incident or a spike whose level has not risen."""


_DEFAULTS = Route(to=("fallback",))
"""The settings of a case that no route is for."""


class Event(StrEnum):
    """What a message is about."""

    OPENED = "case.opened"
    REOPENED = "case.reopened"
    IMPOSTOR = "case.impostor"
    """Somebody plays the brand in a case that was told without that."""

    RAISED = "case.raised"
    ESCALATED = "case.escalated"
    REMINDED = "case.reminded"
    RELEASED = "case.released"
    REPEATED = "case.repeated"
    """Told long ago, still open, and nobody has taken it."""

    RESCORED = "case.rescored"
    """Open cases that a changed config made urgent: one list a receiver, whatever their groups."""


NEWS: Mapping[str, News] = {
    Event.OPENED: News.FIRST,
    Event.RAISED: News.FIRST,
    Event.RESCORED: News.FIRST,
    Event.REPEATED: News.REPEAT,
    Event.REOPENED: News.AGAIN,
    Event.IMPOSTOR: News.AGAIN,
}
"""What an event means for who hears of it; others are steps of their own."""


@dataclass(frozen=True, slots=True)
class Topic:
    """An incident or a spike as alerting sees it.

    `subject` is its kind and number (incident:7), `size` how many cases or complaints it has, `cases` some of them, the
    worst first: whoever hears of its cases hears of it. `rose` says that its level is worse than what was told.
    """

    subject: str
    brand: str
    level: Level
    size: int
    cases: Sequence[CaseView]
    rose: bool = False


def tell(store: Store, settings: Settings, case_id: int, event: Event, now: datetime, *, again: bool = False) -> None:
    """Put an urgent case into the messages of its routes, unless it was told at this level and `again` is False."""
    case = store.case(case_id)
    if case is None or not case.level.urgent:
        return
    if not again and case.told_level is not None and case.told_level.rank <= case.level.rank:
        return
    (view,) = store.case_views([case_id])
    for receiver, route in recipients(settings, view, now).items():
        put(store, settings, receiver, route, view, event, now)
    store.update_case(case_id, told_level=case.level, told_at=now)


def put(
    store: Store, settings: Settings, receiver: str, route: Route, view: CaseView, event: str, now: datetime
) -> None:
    """Put a case into the open message of its group for one receiver."""
    facts = facts_of(settings, view)
    key = group_of(route, facts)
    due_at = message_due(route, view.level, store.last_sealed(receiver, key), now, grave=bool(facts.grave))
    store.add_to_message(receiver, key, event, view.id, view.level, due_at, now)


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


def tell_topic(store: Store, settings: Settings, topic: Topic, event: str, now: datetime) -> None:
    """Tell of an incident or a spike whoever hears of its cases; an update that is no rise waits for its interval."""
    told: dict[str, Route] = {}
    for view in topic.cases:
        for receiver, route in recipients(settings, view, now).items():
            told.setdefault(receiver, route)
    for receiver, route in told.items():
        last = None if topic.rose else store.last_sealed(receiver, topic.subject)
        first = now if topic.rose or topic.level is Level.CRITICAL else now + route.group_wait
        due_at = max(first, last + UPDATE_INTERVAL) if last else first
        store.add_subject_message(receiver, topic.subject, event, due_at, now, urgent=topic.level.urgent)


def recipients(settings: Settings, view: CaseView, now: datetime) -> dict[str, Route]:
    """Return the receivers of a case, each with the first route that leads to it and its settings.

    Those of the fallback are among them where an urgent case has no other that may be told at this moment.
    """
    facts = facts_of(settings, view)
    found = routed(settings, facts)
    if facts.level.urgent and not any(may_be_told(settings, receiver, facts, now) for receiver in found):
        usual = next(iter(found.values()), _DEFAULTS)
        for receiver in standing_in(settings, facts, now):
            found.setdefault(receiver, usual)
    return found


def route_for(settings: Settings, receiver: str, facts: Facts) -> Route:
    """Return the route whose settings hold for a receiver; the fallback, and people on shift, take the first one's."""
    return route_among(routed(settings, facts), receiver)


def route_among(routes: Mapping[str, Route], receiver: str) -> Route:
    """Return the same from the routes that lead from a case to each receiver."""
    return routes.get(receiver) or next(iter(routes.values()), _DEFAULTS)


def routed(settings: Settings, facts: Facts) -> dict[str, Route]:
    """Return the receivers that routes name for a case, whatever the hour."""
    choices = audience(settings.routes, facts)
    return {receiver: choice.route for receiver, choice in choices.items() if receiver in settings.receivers}


def may_be_told(settings: Settings, receiver: str, facts: Facts, now: datetime) -> bool:
    """Whether a receiver is switched on, and may be told of this case at this moment."""
    options = settings.receivers.get(receiver)
    return options is not None and options.enabled and (bool(facts.grave) or is_active(options, now))


def standing_in(settings: Settings, facts: Facts, now: datetime) -> list[str]:
    """Return the receivers of the fallback: those that may be told now, else all of them."""
    known = [receiver for receiver in settings.fallback if receiver in settings.receivers]
    return [receiver for receiver in known if may_be_told(settings, receiver, facts, now)] or known


def message_due(
    route: Route, level: Level, last_sealed: datetime | None, now: datetime, *, grave: bool = False
) -> datetime:
    """Return when a case is told: critical and grave at once (then once a minute), the rest by the route's times."""
    if grave or level is Level.CRITICAL:
        return max(now, last_sealed + CRITICAL_INTERVAL) if last_sealed else now
    wait = now + route.group_wait
    return max(wait, last_sealed + route.group_interval) if last_sealed else wait
