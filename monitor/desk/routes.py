"""Who would be told of a case, when and why: the same judgements that sealing makes, and no row is changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from monitor.config.schema import Settings
from monitor.domain import Level
from monitor.errors import UnknownCase
from monitor.rules.alerting import Judgement, Outcome
from monitor.rules.routes import Choice, Facts, audience, group_of
from monitor.steps.facts import facts_of, language_of
from monitor.steps.judging import Judge, known_to
from monitor.steps.telling import Event, message_due, recipients, route_for
from monitor.store.records import CaseView, stamp
from monitor.store.store import Store


@dataclass(frozen=True, slots=True)
class Plan:
    """What would become of one receiver: `at` is when it would be told, None where it would not be, or nobody knows.

    `place` is the route that leads to it, such as routes[0].routes[1], or fallback; `why` says it in words.
    """

    receiver: str
    outcome: Outcome
    at: datetime | None
    place: str
    group: str
    why: str
    told_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return the plan as `route test --json` prints it; times are ISO 8601 in UTC."""
        plain = {name: getattr(self, name) for name in Plan.__dataclass_fields__}
        return {**plain, "at": stamp(self.at), "told_at": stamp(self.told_at)}


@dataclass(frozen=True, slots=True)
class RouteTest:
    """A case as routes see it at a moment, and what would become of each of its receivers."""

    case: CaseView
    at: datetime
    facts: Facts
    plans: tuple[Plan, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the test as `route test --json` prints it."""
        facts = {name: getattr(self.facts, name) for name in Facts.__dataclass_fields__}
        plans = [plan.to_json() for plan in self.plans]
        return {"at": stamp(self.at), "facts": {**facts, "severity": list(self.facts.severity)}, "receivers": plans}


def try_routes(store: Store, settings: Settings, case_id: int, at: datetime) -> RouteTest:
    """Return who would be told if the case came up at a moment. Raises UnknownCase."""
    views = store.case_views([case_id])
    if not views:
        raise UnknownCase(f"case {case_id}", "there is no such case")
    (view,) = views
    facts = replace(facts_of(settings, view), language=language_of(settings, view))
    judge = Judge(settings, store.active_silences(at), at)
    return RouteTest(view, at, facts, tuple(_plans(store, judge, view, facts)) if facts.level.urgent else ())


def _plans(store: Store, judge: Judge, view: CaseView, facts: Facts) -> Iterator[Plan]:
    choices = audience(judge.settings.routes, facts)
    for receiver in dict.fromkeys([*choices, *recipients(judge.settings, view, judge.now)]):
        yield _plan(store, judge, receiver, choices.get(receiver), view, facts)


def _plan(store: Store, judge: Judge, receiver: str, choice: Choice | None, view: CaseView, facts: Facts) -> Plan:
    options = judge.settings.receivers.get(receiver)
    if options is None or not options.enabled:
        return Plan(receiver, Outcome.DROP, None, _place(choice), "", "the receiver is switched off, or broken", None)
    known = known_to(store, receiver, [view])
    judgement = judge.judge(receiver, view, Event.OPENED, known)
    route = route_for(judge.settings, receiver, facts)
    group = group_of(route, facts)
    due = message_due(route, view.level, store.last_sealed(receiver, group), judge.now, grave=bool(facts.grave))
    at = {Outcome.TELL: due, Outcome.HOLD: judgement.over_at, Outcome.DROP: None}[judgement.outcome]
    before = known.cases.get(view.id)
    told_at = before.told_at if before else None
    return Plan(receiver, judgement.outcome, at, _place(choice), group, _why(choice, judgement, facts), told_at)


def _place(choice: Choice | None) -> str:
    """Return the path of a route in the config."""
    if choice is None:
        return "fallback"
    return ".".join(f"routes[{number}]" for number in choice.place)


def _why(choice: Choice | None, judgement: Judgement, facts: Facts) -> str:
    """Return in a few words what decides about a receiver."""
    if judgement.reason:
        return judgement.reason
    if choice is None:
        return "no other receiver may be told now"
    if facts.level is Level.CRITICAL:
        return "critical: at once, then once a minute"
    return "after group_wait" if judgement.outcome is Outcome.TELL else ""
