"""One incident as people see it: how many, how far it reaches, in which words, whether it grows, who still waits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.digest.words import rising_words
from monitor.domain import Level, Meaning, Status
from monitor.store.incidents import Incident, IncidentCase
from monitor.store.records import CaseView, stamp
from monitor.store.store import Store

_HOUR = timedelta(hours=1)
_BACKGROUND = timedelta(days=7)
"""How far back the other complaints lie whose words are no news."""

_EXAMPLES = 50
"""Cases, the worst ones, among which the example is looked for."""

_TEXTS = 300


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident with its figures.

    `waiting` are the open cases that nobody has answered, the most urgent first; `reach` is the sum of the followers of
    its authors, each once, None where no platform told any; `unknown_reach` counts the authors whose followers nobody
    told; `causes` and `platforms` count cases; `last_hour` and `hour_before` count posts.
    """

    incident: Incident
    level: Level
    waiting: tuple[int, ...]
    reach: int | None
    unknown_reach: int
    first: CaseView | None
    example: CaseView | None
    causes: Mapping[str, int]
    platforms: Mapping[str, int]
    words: tuple[str, ...]
    last_hour: int
    hour_before: int

    @property
    def cause(self) -> str | None:
        """The cause of most of its cases, None where none is known."""
        return next(iter(self.causes), None)

    @property
    def title(self) -> str:
        """What it is about, in our words and those of its posts: letters and figures only."""
        about = self.cause or "complaints"
        return f"{about}: {', '.join(self.words[:4])}" if self.words else about

    def to_json(self) -> dict[str, Any]:
        """Return the incident as `incident list --json` and the webhook give it; unknown is null."""
        incident = self.incident
        times = ("first_at", "last_at", "opened_at", "fixed_at", "over_at")
        return {
            "id": incident.id,
            "brand": incident.brand,
            "state": incident.state,
            "title": self.title,
            "level": self.level,
            "count": incident.size,
            "waiting": list(self.waiting),
            "reach": self.reach,
            "unknown_reach": self.unknown_reach,
            "cause": self.cause,
            "causes": dict(self.causes),
            "platforms": dict(self.platforms),
            "words": list(self.words),
            "trend": {"last_hour": self.last_hour, "hour_before": self.hour_before},
            **{name: stamp(getattr(incident, name)) for name in times},
            "owner": incident.owner,
            "answer": incident.answer,
            "answer_by": incident.answer_by,
            "merged_into": incident.merged_into,
            "version": incident.version,
            "first": self.first.to_json() if self.first else None,
            "example": self.example.to_json() if self.example else None,
        }


def view_incident(store: Store, incident: Incident, now: datetime) -> IncidentView:
    """Return an incident with its figures at a moment."""
    cases = store.incident_cases(incident.id)
    readable = [case for case in cases if case.text]
    reach, unknown = _reach(cases)
    example = _example(readable, store.incident_meanings(incident.id))
    views = {view.id: view for view in store.case_views([case.case_id for case in (readable[:1] + example)])}
    return IncidentView(
        incident=incident,
        level=_level(cases),
        waiting=tuple(case.case_id for case in _worst_first(cases) if case.status in {Status.NEW, Status.CLAIMED}),
        reach=reach,
        unknown_reach=unknown,
        first=views.get(readable[0].case_id) if readable else None,
        example=views.get(example[0].case_id) if example else None,
        causes=dict(Counter(case.cause for case in cases if case.cause).most_common()),
        platforms=dict(Counter(case.platform for case in cases).most_common()),
        words=_words(store, incident, readable, now),
        last_hour=sum(now - _HOUR < case.at <= now for case in cases),
        hour_before=sum(now - 2 * _HOUR < case.at <= now - _HOUR for case in cases),
    )


def _level(cases: Sequence[IncidentCase]) -> Level:
    """Return the level of the worst open case, and high at least: many complaints about one fault are urgent."""
    return min((Level.HIGH, *(case.level for case in cases if case.status.open)), key=lambda level: level.rank)


def _worst_first(cases: Sequence[IncidentCase]) -> list[IncidentCase]:
    return sorted(cases, key=lambda case: (case.level.rank, -case.score, case.case_id))


def _reach(cases: Sequence[IncidentCase]) -> tuple[int | None, int]:
    authors: dict[tuple[str, str], int | None] = {}
    for case in cases:
        key = (case.platform, case.author or f"erased {case.case_id}")
        known = [value for value in (authors.get(key), case.followers) if value is not None]
        authors[key] = max(known, default=None)
    told = [value for value in authors.values() if value is not None]
    return (sum(told) if told else None), len(authors) - len(told)


def _example(readable: Sequence[IncidentCase], meanings: Mapping[int, Meaning]) -> list[IncidentCase]:
    """Return the case that says best what the incident is about: of the worst ones, that nearest to the middle."""
    worst = _worst_first(readable)[:_EXAMPLES]
    known = [case for case in worst if case.case_id in meanings]
    if not known:
        return worst[:1]
    vectors = [meanings[case.case_id].vector for case in known]
    middle = sum(vectors[1:], start=vectors[0])
    return [max(known, key=lambda case: float(meanings[case.case_id].vector @ middle))]


def _words(store: Store, incident: Incident, readable: Sequence[IncidentCase], now: datetime) -> tuple[str, ...]:
    """Return the words that its posts use and other complaints of the brand do not."""
    others = store.other_complaints(incident.brand, incident.id, now - _BACKGROUND)
    texts = [case.text for case in readable[-_TEXTS:]]
    return tuple(found.word for found in rising_words(texts, others, skip=(incident.brand,)))
