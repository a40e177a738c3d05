"""The cases of a replay: opened, joined and raised as filing does it, closed when the team closed what they stand for.

A replayed case that holds a post of a stored case is open as long as that one was. One that never existed is taken to
be done with after 72 hours without a further post, like a case that was answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.mention import Mention
from monitor.config.schema import Settings
from monitor.domain import Decision, Hit, Kind, Level, Reason
from monitor.rules.clock import due_at, earlier
from monitor.rules.timers import SILENCE
from monitor.store.lab import StoredCase, StoredPost

_SILENCE_MS = round(SILENCE.total_seconds() * 1000)


@dataclass(slots=True)
class LabCase:
    """One case of a replay. `worst` is its worst post, in the row `row`; `stored` the stored cases of its posts.

    `posts` are the rows of all its mentions. `seeded` cases were open when the span began: they take in posts, and are
    counted nowhere.
    """

    id: int
    brand: str
    join_key: str
    kind: Kind
    level: Level
    last_ms: int
    seeded: bool = False
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()
    worst: Mention | None = None
    row: int = 0
    watches: tuple[str, ...] = ()
    opened_at: datetime | None = None
    due_at: datetime | None = None
    told: Level | None = None
    posts: list[int] = field(default_factory=list)
    stored: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Alert:
    """One time that people were told of a case."""

    at: datetime
    brand: str
    level: Level


class CaseBook:
    """The cases of one config while a replay goes on."""

    def __init__(self, settings: Settings, stored: Mapping[int, StoredCase]) -> None:
        self.alerts: list[Alert] = []
        self.cases: list[LabCase] = []
        self._settings = settings
        self._stored = stored
        self._by_key: dict[str, LabCase] = {}

    def seed(self, now_ms: int) -> dict[int, LabCase]:
        """Open the cases that were open at a moment; returns them by the number of the stored case."""
        seeded = {}
        for case in self._stored.values():
            if case.opened_ms < now_ms and (case.closed_ms is None or case.closed_ms > now_ms):
                seeded[case.id] = self._add(case.brand, case.join_key, case.kind, case.level, now_ms, seeded=True)
                seeded[case.id].stored.add(case.id)
                seeded[case.id].told = case.level
        return seeded

    def open_case(self, join_key: str, now_ms: int) -> LabCase | None:
        """Return the open case of a join key."""
        case = self._by_key.get(join_key)
        return case if case is not None and self.is_open(case, now_ms) else None

    def is_open(self, case: LabCase, now_ms: int) -> bool:
        """Whether a case still takes in posts at a moment."""
        known = [self._stored[number].closed_ms for number in case.stored if number in self._stored]
        if not known:
            return now_ms - case.last_ms < _SILENCE_MS
        closed = [moment for moment in known if moment is not None]
        return len(closed) < len(known) or now_ms < max(closed)

    def file(self, hit: Hit, post: StoredPost, decision: Decision, stored: int | None) -> LabCase | None:
        """Open or join the case that a decision calls for; None for a drop."""
        if not decision.is_case:
            return None
        target = self.cases[decision.copy_of] if decision.copy_of is not None else None
        case = target or self.open_case(hit.join_key, post.seen_ms)
        if case is None:
            case = self._open(hit, post, decision)
        elif decision.level is not None:
            self._raise(case, hit, post, decision)
        case.posts.append(post.id)
        case.last_ms = post.seen_ms
        if stored is not None:
            case.stored.add(stored)
        return case

    def _open(self, hit: Hit, post: StoredPost, decision: Decision) -> LabCase:
        level, kind = decision.level or Level.LOW, decision.kind or Kind.OTHER
        case = self._add(hit.brand, hit.join_key, kind, level, post.seen_ms)
        case.watches, case.opened_at = hit.watches, post.seen_at
        self._worsen(case, hit, post, decision, level)
        self._tell(case, hit)
        return case

    def _raise(self, case: LabCase, hit: Hit, post: StoredPost, decision: Decision) -> None:
        """Take over what is worse, as filing does: a level never falls by a further post."""
        worse = min(case.level, decision.level or case.level, key=lambda level: level.rank)
        if worse is not case.level or decision.score > case.score:
            self._worsen(case, hit, post, decision, worse)
            self._tell(case, hit)

    def _worsen(self, case: LabCase, hit: Hit, post: StoredPost, decision: Decision, level: Level) -> None:
        brand = self._settings.brands.get(hit.brand)
        due = due_at(hit.clock_at, level, self._settings.triage, brand.zone if brand else None)
        case.level, case.score, case.reasons = level, decision.score, decision.reasons
        case.worst, case.row = post.mention, post.id
        case.due_at = earlier(case.due_at, due)

    def _tell(self, case: LabCase, hit: Hit) -> None:
        news = case.told is None or case.level.rank < case.told.rank
        if case.level.urgent and news and not hit.backfilled:
            case.told = case.level
            self.alerts.append(Alert(hit.seen_at, case.brand, case.level))

    def _add(
        self, brand: str, join_key: str, kind: Kind, level: Level, now_ms: int, *, seeded: bool = False
    ) -> LabCase:
        case = LabCase(len(self.cases), brand, join_key, kind, level, now_ms, seeded)
        self.cases.append(case)
        self._by_key[join_key] = case
        return case
