"""What the queue page shows: one page of rows in the queue's order, and how many stand behind each tab."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from monitor.domain import Kind, Level, Reason, Severity, Status
from monitor.store.incidents import IncidentState

PAGE = 50
"""Rows of a page."""

FURTHER = 5
"""Cases of an incident that its row opens to; its own page has them all."""


class Tab(StrEnum):
    """A part of the queue. Cases in a language that nobody serves are in their own lane, whatever their kind."""

    ALL = "all"
    COMPLAINTS = "complaints"
    QUESTIONS = "questions"
    PRAISE = "praise"
    OTHER = "other"
    LANGUAGES = "languages"


class Show(StrEnum):
    """Which open cases, by what was done about them."""

    OPEN = "open"
    NEW = "new"
    CLAIMED = "claimed"
    REPLIED = "replied"
    SNOOZED = "snoozed"
    LATE = "late"
    """Without a reply past their due time, whoever has them; snoozing stops no clock."""
    AT_RISK = "at-risk"


class Standing(StrEnum):
    """Why a row stands where it does: the parts of the queue's order."""

    CRITICAL = "critical"
    LATE = "late"
    AT_RISK = "at risk"
    IN_TIME = "in time"
    BEHIND = "behind"
    """Snoozed or answered."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends: the place of its last row in the queue's order."""

    rank: int
    due_ms: int
    score: float
    case_id: int


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What a person wants to see. `brands` are those they may; None and empty narrow nothing.

    `claimed_by` shows the cases of one person; `language` is an ISO 639-1 code or `unknown`; `sole_language` the one
    that is served, where it is only one; all of `words` must occur in the post or the author's handle.
    """

    brands: tuple[str, ...]
    tab: Tab = Tab.ALL
    show: Show = Show.OPEN
    level: Level | None = None
    platform: str | None = None
    cause: str | None = None
    language: str | None = None
    sole_language: str | None = None
    claimed_by: str | None = None
    words: tuple[str, ...] = ()
    after: Cursor | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class QueueCase:
    """One case as a row shows it. `cut` says that the post is longer than `excerpt`; unknown is None."""

    id: int
    kind: Kind
    status: Status
    level: Level
    score: float
    reasons: tuple[Reason, ...]
    severity: tuple[Severity, ...]
    brand: str
    platform: str
    permalink: str | None
    author: str
    author_name: str | None
    followers: int | None
    excerpt: str
    cut: bool
    deleted: bool
    posted_at: datetime
    due_at: datetime
    clock_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    snoozed_until: datetime | None
    replied_by: str | None
    incident_id: int | None
    posts: int
    copies: int
    lane: str | None
    lang: str | None
    review: bool
    cause: str | None
    version: int


@dataclass(frozen=True, slots=True)
class QueueIncident:
    """An incident as its row shows it; `cases` are its open ones that the filters let through, of `size` in all."""

    id: int
    state: IncidentState
    cases: int
    size: int
    owner: str | None
    words: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A case, or an incident with the most urgent of its cases first; `further` are the next ones of them."""

    standing: Standing
    case: QueueCase
    incident: QueueIncident | None = None
    further: tuple[QueueCase, ...] = ()


@dataclass(frozen=True, slots=True)
class TabCount:
    """Open cases behind a tab, and how many of them are critical."""

    cases: int
    critical: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page; `counts` has every tab, under the same filters; `next` is None on the last page."""

    rows: tuple[QueueRow, ...]
    counts: Mapping[Tab, TabCount]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What the open cases of some brands can be filtered by."""

    platforms: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentMember:
    """An open case of an incident, as far as work on all of them needs it."""

    id: int
    status: Status
    brand: str
    claimed_by: str | None
    version: int = field(compare=False)


class QueuePageStore(Protocol):
    """Reads of the queue page; none writes."""

    def queue_page(self, query: QueueQuery, now: datetime) -> QueuePage:
        """Return one page of the queue: critical; then late, at risk, the rest by level and due time; snoozed last."""
        ...

    def queue_choices(self, brands: Sequence[str], sole_language: str | None) -> Choices:
        """Return what the open cases of these brands can be filtered by, in alphabetical order."""
        ...

    def queue_mark(self) -> str:
        """Return a word that changes when the queue has changed, but for the mere passing of time."""
        ...

    def queue_cases(self, ids: Sequence[int]) -> list[QueueCase]:
        """Return these cases as rows show them, in the order of `ids`; unknown ones are left out."""
        ...

    def open_cases_of_incident(self, incident_id: int) -> list[IncidentMember]:
        """Return the open cases of an incident, oldest first."""
        ...
