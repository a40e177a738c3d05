"""What incidents need of a store: what posts mean, and which cases are about one fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from monitor.domain import Level, Meaning, Status
from monitor.store.records import AuditEntry

if TYPE_CHECKING:
    from models.classifier import Embedding


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    FIXED = "fixed"
    OVER = "over"
    MERGED = "merged"

    @property
    def alive(self) -> bool:
        """Whether further cases still join it."""
        return self in {IncidentState.OPEN, IncidentState.FIXED}


@dataclass(frozen=True, slots=True)
class Gatherable:
    """A complaint as incidents need it: `at` is when it was written, `meaning` None where none was kept.

    `words` are those that were kept when it was looked at, None before; `lane` is None for a served language.
    """

    case_id: int
    hit_id: int
    text: str
    at: datetime
    cause: str | None
    meaning: Meaning | None
    words: tuple[str, ...] | None = None
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class StoredCluster:
    """What is kept of the cases of an incident: the sum of their directions, and the numbers of their words."""

    id: int
    size: int
    total: "Embedding"
    words: Mapping[str, int]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a case belongs: None to none; `words` are those that tell what it is about."""

    case_id: int
    incident_id: int | None
    words: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """Many cases about the same fault, and the work that it makes."""

    id: int
    brand: str
    state: IncidentState
    size: int
    first_at: datetime
    last_at: datetime
    opened_at: datetime
    told_size: int | None
    told_level: Level | None
    told_at: datetime | None
    owner: str | None
    fixed_at: datetime | None
    over_at: datetime | None
    answer: str | None
    answer_by: str | None
    merged_into: int | None
    version: int


@dataclass(frozen=True, slots=True)
class IncidentCase:
    """One case of an incident, as figures need it. The text is "" once it was erased."""

    case_id: int
    at: datetime
    status: Status
    level: Level
    score: float
    cause: str | None
    platform: str
    author: str
    followers: int | None
    text: str


class IncidentStore(Protocol):
    """Meanings of cases, and incidents."""

    def keep_meaning(self, case_id: int, hit_id: int, meaning: Meaning) -> None:
        """Keep where the model points a post of a case, in the place of what was kept before."""
        ...

    def meaning_of_case(self, case_id: int) -> Meaning | None:
        """Return what is kept of a case, or None."""
        ...

    def brands_to_gather(self) -> list[str]:
        """Return the brands with open complaints that nobody has looked for an incident of."""
        ...

    def cases_to_gather(self, brand: str, limit: int) -> list[Gatherable]:
        """Return such complaints of a brand, oldest first."""
        ...

    def lone_cases(self, brand: str, since: datetime, limit: int) -> list[Gatherable]:
        """Return open complaints since a time that were looked at and belong to no incident, oldest first.

        Those that a person took out of one are left out.
        """
        ...

    def alive_clusters(self, brand: str, model: str, since: datetime) -> list[StoredCluster]:
        """Return the incidents of a brand that may take in more cases."""
        ...

    def open_incident(self, brand: str, model: str, cluster: StoredCluster, now: datetime) -> int:
        """Open an incident; returns its id. The id of `cluster` is ignored."""
        ...

    def grow_incident(self, cluster: StoredCluster) -> None:
        """Keep what has become of an incident's cases."""
        ...

    def place_cases(self, placements: Sequence[Placement], who: str) -> None:
        """Note which incident cases belong to; `who` is `monitor` or a person."""
        ...

    def move_to_incident(self, case_ids: Sequence[int], incident_id: int | None, who: str) -> None:
        """Move cases that were looked at to another incident, or (None) out of theirs; the sums follow."""
        ...

    def incident_space(self, incident_id: int) -> tuple[str, "Embedding"]:
        """Return the model whose directions an incident is made of, and their sum."""
        ...

    def incident(self, incident_id: int) -> Incident | None:
        """Return one incident, or None."""
        ...

    def incidents(self, brand: str | None = None, *, everything: bool = False) -> list[Incident]:
        """Return the incidents that are open or fixed, or all, newest first."""
        ...

    def update_incident(self, incident_id: int, **changes: Any) -> None:
        """Change columns of an incident; every change raises its version."""
        ...

    def incident_of_case(self, case_id: int) -> int | None:
        """Return the incident that a case belongs to, or None."""
        ...

    def incident_cases(self, incident_id: int) -> list[IncidentCase]:
        """Return the cases of an incident in time order."""
        ...

    def worst_of_incident(self, incident_id: int, limit: int) -> list[int]:
        """Return the worst cases of an incident, open ones first."""
        ...

    def incident_meanings(self, incident_id: int) -> dict[int, Meaning]:
        """Return what is kept of the meanings of an incident's cases."""
        ...

    def other_complaints(self, brand: str, incident_id: int, since: datetime) -> list[str]:
        """Return texts of complaints since a time that are not of this incident, at most 300."""
        ...

    def audit_incident(self, incident_id: int, who: str, action: str, now: datetime, **detail: Any) -> None:
        """Add one line to the trail of an incident."""
        ...

    def incident_trail(self, incident_id: int) -> list[AuditEntry]:
        """Return the trail of an incident, oldest first."""
        ...

    def quiet_incidents(self, before: datetime) -> list[int]:
        """Return the open and fixed incidents whose last case was written before a time."""
        ...

    def next_quiet(self) -> datetime | None:
        """Return when the incident that has been quiet longest had its last case."""
        ...
