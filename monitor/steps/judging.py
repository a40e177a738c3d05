"""Judging: what becomes of one case in a message to one receiver at this moment, from what the store knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.config.routes import Route
from monitor.config.schema import Settings
from monitor.domain import Status
from monitor.rules.alerting import Judgement, News, Situation, Telling, judge
from monitor.rules.hours import next_active
from monitor.rules.routes import Facts
from monitor.steps.facts import facts_of
from monitor.steps.telling import NEWS, may_be_told, route_among, routed
from monitor.store.records import CaseView
from monitor.store.store import Store


@dataclass(frozen=True, slots=True)
class Known:
    """What a receiver was told of some cases, and of the incidents that they belong to."""

    cases: Mapping[int, Telling]
    incidents: Mapping[str, Telling]


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges cases by the config and the silences in force at `now`."""

    settings: Settings
    silences: Sequence[Mapping[str, Any]]
    now: datetime
    _read: dict[int, tuple[Facts, Mapping[str, Route]]] = field(default_factory=dict, init=False, repr=False)

    def judge(self, receiver: str, view: CaseView, event: str, known: Known) -> Judgement:
        """Return what becomes of a case in a message of that event to a receiver."""
        facts, routes = self._facts(view)
        incident = known.incidents.get(subject_of(view.incident_id))
        situation = Situation(
            now=self.now,
            news=NEWS.get(event, News.STEP),
            open=view.status.open,
            taken=view.status is not Status.NEW,
            active_at=self.active_at(receiver, facts),
            repeat_interval=route_among(routes, receiver).repeat_interval,
            told=known.cases.get(view.id),
            incident_told=incident.level if incident else None,
            silences=self.silences,
        )
        return judge(facts, situation)

    def _facts(self, view: CaseView) -> tuple[Facts, Mapping[str, Route]]:
        """Return the facts of a case and its routes: every receiver of a storm is judged by the same ones."""
        if view.id not in self._read:
            facts = facts_of(self.settings, view)
            self._read[view.id] = facts, routed(self.settings, facts)
        return self._read[view.id]

    def active_at(self, receiver: str, facts: Facts) -> datetime | None:
        """Return when a receiver may be told; the fallback may at any hour where nobody else may."""
        options = self.settings.receivers.get(receiver)
        if options is None or not (options.hours or options.quiet):
            return self.now
        found = next_active(options, self.now)
        alone = found != self.now and receiver in self.settings.fallback and not self._anybody(facts)
        return self.now if alone else found

    def _anybody(self, facts: Facts) -> bool:
        names = [*routed(self.settings, facts), *self.settings.fallback]
        return any(may_be_told(self.settings, name, facts, self.now) for name in names)


def known_to(store: Store, receiver: str, views: Sequence[CaseView]) -> Known:
    """Return what a receiver was told of these cases and of their incidents."""
    ids = list({view.id for view in views})
    incidents = {subject_of(view.incident_id) for view in views if view.incident_id is not None}
    return Known(store.tellings_of(receiver, ids), store.subjects_told(receiver, sorted(incidents)))


def subject_of(incident_id: int | None) -> str:
    """Return the subject of messages about an incident; empty for none."""
    return "" if incident_id is None else f"incident:{incident_id}"
