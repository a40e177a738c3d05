"""The incident step: complaints that nobody has looked at → the incident each belongs to → [incidents, outbox].

One brand at a time. What is placed is written in one transaction for the brand, and only where no incident that it
touches was changed by a person meanwhile; else the next run does it. An incident that stays quiet is over by itself.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from connectors.mention import Author, Mention
from monitor.config.schema import Settings
from monitor.domain import MONITOR, Level, Meaning
from monitor.rules.folded import fold_mention
from monitor.rules.incidents import Cluster, Gatherer, Lens, Report, telling_words
from monitor.service.log import log
from monitor.steps.services import Done, Services
from monitor.steps.telling import Topic, tell_topic
from monitor.store.incidents import Gatherable, Incident, IncidentState, Placement, StoredCluster
from monitor.store.records import CaseView
from monitor.store.store import Store

LONE_CASES = 2_000
"""Complaints without an incident that a new one is compared with, the latest ones of a brand."""

_TOLD_CASES = 20


def incidents(store: Store, services: Services, now: datetime, limit: int = 128) -> Done:
    """Place up to `limit` complaints of each brand, and end what has been quiet for long."""
    rule = services.settings.incidents
    if not rule.enabled:
        return Done(0)
    count = sum(
        _gather(store, services, brand, now, limit) for brand in store.brands_to_gather() if brand in services.lenses
    )
    for incident_id in store.quiet_incidents(now - rule.over_after):
        _end(store, services, incident_id, now)
    quiet = store.next_quiet()
    return Done(count, quiet + rule.over_after if quiet else None)


def brand_names(services: Services, brand: str) -> tuple[str, ...]:
    """Return what a brand is called: such words tell nothing of a fault."""
    known = services.settings.brands.get(brand)
    handles = [name for names in known.handles.values() for name in names] if known else []
    return (brand, *handles)


def _gather(store: Store, services: Services, brand: str, now: datetime, limit: int) -> int:
    """Place complaints of one brand; returns how many."""
    lens, rule = services.lenses[brand], services.settings.incidents
    fresh = _understood(store, services, brand, store.cases_to_gather(brand, limit), lens)
    alive = store.alive_clusters(brand, lens.model, now - rule.window)
    versions = {cluster.id: _version(store, cluster.id) for cluster in alive}
    lone = store.lone_cases(brand, now - rule.window, LONE_CASES)
    names = brand_names(services, brand)
    gatherer = Gatherer(lens, rule, [_cluster(found) for found in alive], _reports(lone, lens, names))
    reports = _reports(fresh, lens, names)
    gatherer.place_all(reports)
    changed = [cluster for cluster in gatherer.clusters if cluster.joined]
    with store.write():
        if any(cluster.id is not None and _version(store, cluster.id) != versions[cluster.id] for cluster in changed):
            return 0
        _leave_alone(store, fresh, reports)
        for cluster in changed:
            _keep(store, services, brand, lens, cluster, now)
    return len(fresh)


def _version(store: Store, incident_id: int) -> tuple[int, IncidentState] | None:
    incident = store.incident(incident_id)
    return (incident.version, incident.state) if incident else None


def _understood(
    store: Store, services: Services, brand: str, cases: Sequence[Gatherable], lens: Lens
) -> list[Gatherable]:
    """Return the complaints with their meanings and causes; what was decided from a stored verdict is read now."""
    book = services.causes.get(brand)
    unread = [case for case in cases if case.meaning is None or case.meaning.model != lens.model]
    vectors = services.classifier.embed([case.text for case in unread]) if unread else []
    read = {case.case_id: Meaning(lens.model, vector) for case, vector in zip(unread, vectors, strict=True)}
    found = [replace(case, meaning=read.get(case.case_id, case.meaning)) for case in cases]
    with store.write():
        for case in found:
            if case.case_id in read and case.meaning is not None:
                store.keep_meaning(case.case_id, case.hit_id, case.meaning)
            if case.cause is None and book is not None and case.meaning is not None:
                cause = book.find(fold_mention(_as_mention(case)), case.meaning.vector)
                store.update_case(case.case_id, cause=cause.name, cause_by=MONITOR, cause_why=cause.evidence)
    return found


def _as_mention(case: Gatherable) -> Mention:
    return Mention(platform="", native_id=str(case.case_id), author=Author("", None, None), text=case.text,
                   posted_at=case.at)  # fmt: skip


def _cluster(found: StoredCluster) -> Cluster:
    return Cluster(found.id, found.size, found.total, Counter(found.words), found.first_at, found.last_at)


def _reports(cases: Sequence[Gatherable], lens: Lens, names: Sequence[str]) -> list[Report]:
    """Return the complaints as they are compared; those without words of their own belong to none."""
    return [
        Report(
            case.case_id,
            case.meaning.vector,
            telling_words(case.text, names) if case.words is None else frozenset(case.words),
            case.at,
        )
        for case in cases
        if case.meaning is not None and case.meaning.model == lens.model and np.any(case.meaning.vector)
    ]


def _leave_alone(store: Store, fresh: Sequence[Gatherable], reports: Sequence[Report]) -> None:
    """Note that complaints were looked at; those that joined an incident are noted anew after that."""
    words = {report.case_id: tuple(report.words) for report in reports}
    placements = [Placement(case.case_id, None, words.get(case.case_id, ()), case.at) for case in fresh]
    store.place_cases(placements, MONITOR)


def _keep(store: Store, services: Services, brand: str, lens: Lens, cluster: Cluster, now: datetime) -> None:
    """Write what has become of one incident, and tell of it where that is news."""
    stored = StoredCluster(cluster.id or 0, cluster.size, cluster.total, cluster.top_words(), cluster.first_at,
                           cluster.last_at)  # fmt: skip
    if cluster.id is None:
        incident_id = store.open_incident(brand, lens.model, stored, now)
        store.audit_incident(incident_id, MONITOR, "opened", now, cases=cluster.size)
        log.info("incident_opened", f"{brand}: incident {incident_id} of {cluster.size} cases", incident=incident_id)
    else:
        incident_id = cluster.id
        store.grow_incident(stored)
    placements = [Placement(entry.case_id, incident_id, tuple(entry.words), entry.at) for entry in cluster.joined]
    store.place_cases(placements, MONITOR)
    for entry in cluster.joined:
        store.audit(entry.case_id, MONITOR, "joined-incident", now, incident=incident_id)
    tell_news(store, services, incident_id, now)


def tell_news(store: Store, services: Services, incident_id: int, now: datetime) -> None:
    """Tell of an incident that is new, has doubled, or has become worse since it was told of."""
    incident = store.incident(incident_id)
    if incident is None or not incident.state.alive:
        return
    level, cases = level_of(store, incident_id)
    rose = incident.told_level is not None and level.rank < incident.told_level.rank
    if incident.told_size is None:
        event = "incident.opened"
    elif rose or incident.size >= 2 * incident.told_size:
        event = "incident.updated"
    else:
        return
    _tell(store, services, incident, event, level, cases, now, rose=rose)
    store.update_incident(incident_id, told_size=incident.size, told_level=level, told_at=now)


def _tell(
    store: Store, services: Services, incident: Incident, event: str, level: Level, cases: Sequence[CaseView],
    now: datetime, *, rose: bool = False,
) -> None:  # fmt: skip
    subject = f"incident:{incident.id}"
    heard = [replace(case, level=level) for case in cases]
    tell_topic(store, services.settings, Topic(subject, incident.brand, level, incident.size, heard, rose), event, now)


def level_of(store: Store, incident_id: int) -> tuple[Level, list[CaseView]]:
    """Return the level of an incident and its worst cases: that of the worst open case, and high at least.

    Many complaints about one fault are urgent, also where each of them is not.
    """
    views = store.case_views(store.worst_of_incident(incident_id, _TOLD_CASES))
    levels = [view.level for view in views if view.status.open]
    return min([*levels, Level.HIGH], key=lambda level: level.rank), views


def _end(store: Store, services: Services, incident_id: int, now: datetime) -> None:
    """End an incident that had no new case for long."""
    with store.write():
        store.update_incident(incident_id, state=IncidentState.OVER, over_at=now)
        store.audit_incident(incident_id, MONITOR, "over", now, reason="quiet")
        tell_over(store, services.settings, incident_id, now)


def tell_over(store: Store, settings: Settings, incident_id: int, now: datetime) -> None:
    """Tell whoever heard of an incident that it is over."""
    incident = store.incident(incident_id)
    if incident is not None:
        level, cases = level_of(store, incident_id)
        heard = [replace(case, level=level) for case in cases]
        topic = Topic(f"incident:{incident_id}", incident.brand, level, incident.size, heard)
        tell_topic(store, settings, topic, "incident.over", now)
