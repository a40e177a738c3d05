"""What the card of a case asks of a store: its post in full, its thread, its author's earlier cases, others like it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.domain import Kind, Level, Meaning, Severity, Status

LETTERS = 600
"""Letters of a text that stands beside the case."""

THREAD, EARLIER, RESOLVED = 60, 10, 200
"""Posts of a thread, earlier cases of an author, resolved cases that others are looked for among."""


@dataclass(frozen=True, slots=True)
class Face:
    """The post that a case shows first; unknown is None. `edition` counts its versions.

    `metrics` has those of likes, replies, reposts and views that are known; `told` names the receivers that were told.
    """

    platform: str
    native_id: str
    permalink: str | None
    author: str
    author_name: str | None
    followers: int | None
    text: str
    edition: int
    posted_at: datetime
    seen_at: datetime
    lang: str | None
    parent_id: str | None
    thread_id: str | None
    rating: float | None
    deleted_at: datetime | None
    checked_at: datetime | None
    source: str
    decided_at: datetime | None
    complaint: float | None
    model: str | None
    told_at: datetime | None
    told: tuple[str, ...]
    metrics: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A stored post of the thread of a case; `role` is what it is to the case, None where it is not of it."""

    native_id: str
    permalink: str | None
    author: str
    text: str
    cut: bool
    posted_at: datetime
    parent_id: str | None
    gone: bool
    role: str | None


@dataclass(frozen=True, slots=True)
class EarlierCase:
    """Another case of the same author, and what we answered; `reply` is None where no words of it are kept."""

    id: int
    kind: Kind
    status: Status
    level: Level
    cause: str | None
    summary: str | None
    opened_at: datetime
    closed_at: datetime | None
    dismissed_reason: str | None
    text: str
    reply: str | None


@dataclass(frozen=True, slots=True)
class ResolvedCase:
    """A resolved case with the words that were sent to its customer."""

    id: int
    cause: str | None
    severity: tuple[Severity, ...]
    summary: str | None
    closed_at: datetime | None
    text: str
    reply: str
    sent_by: str | None
    meaning: Meaning | None


class CardStore(Protocol):
    """What the card shows beside the case itself; each of these reads a bounded number of rows."""

    def face_of_case(self, case_id: int) -> Face | None:
        """Return the post that a case shows first, or None."""
        ...

    def thread_of_case(self, case_id: int, brand: str, platform: str, thread_id: str) -> list[ThreadLine]:
        """Return what is stored of a thread, oldest first, the newest `THREAD` posts."""
        ...

    def cases_of_author(self, case_id: int, brand: str, platform: str, author: str) -> list[EarlierCase]:
        """Return other cases of a brand by an author (a handle), newest first; none for an author who is unknown."""
        ...

    def resolved_with_reply(self, case_id: int, brand: str, kind: Kind, cause: str | None) -> list[ResolvedCase]:
        """Return other resolved cases of a brand and kind whose answer is kept: same cause first, then newest."""
        ...
