"""What the store hands out: frozen values, never rows."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from monitor.domain import DropRule, Kind, Level, Reason, Severity, Status
from monitor.rules.recall import Answer, Stratum


class SourceState(StrEnum):
    """How a source is doing. Only `stopped` waits for a person."""

    WAITING = "waiting"
    OK = "ok"
    FAILING = "failing"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SourceClaim:
    """One source, ours until the lease ends; every write for it names the fence."""

    name: str
    fence: int
    cursor: dict[str, Any]
    failures: int
    first_poll_at: datetime | None
    returned_today: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One source as ops and digests see it."""

    name: str
    kind: str
    state: SourceState
    reason: str | None
    due_at: datetime
    polled_at: datetime | None
    ok_at: datetime | None
    failures: int
    returned: int
    skipped: int
    returned_today: int
    first_poll_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case as people see it: the case with its worst post."""

    id: int
    kind: Kind
    status: Status
    level: Level
    score: float
    reasons: tuple[Reason, ...]
    severity: tuple[Severity, ...]
    brand: str
    platform: str
    native_id: str
    permalink: str | None
    author: str
    followers: int | None
    text: str
    posted_at: datetime
    due_at: datetime
    opened_at: datetime
    claimed_by: str | None
    snoozed_until: datetime | None
    incident_id: int | None
    posts: int
    copies: int
    lane: str | None
    review: bool
    cause: str | None = None
    cause_by: str | None = None
    cause_why: str | None = None
    first_due_at: datetime | None = None
    replied_at: datetime | None = None
    replied_by: str | None = None
    answer_seen: str | None = None
    """The native id of our last answer, where it was seen on the platform."""
    mood: str | None = None
    """How the customer's words after our answer compare with those before: calmer, same, angrier."""
    summary: str | None = None
    """One sentence in words of ours, which outlives the post."""

    def to_json(self) -> dict[str, Any]:
        """Return the case as `queue list --json` prints it; unknown is null, times are ISO 8601 in UTC."""
        return {
            "id": self.id,
            "kind": self.kind,
            "status": self.status,
            "level": self.level,
            "score": self.score,
            "reasons": [reason.to_json() for reason in self.reasons],
            "severity": list(self.severity),
            "brand": self.brand,
            "platform": self.platform,
            "native_id": self.native_id,
            "permalink": self.permalink,
            "author": self.author,
            "followers": self.followers,
            "text": self.text,
            "posted_at": stamp(self.posted_at),
            "due_at": stamp(self.due_at),
            "opened_at": stamp(self.opened_at),
            "claimed_by": self.claimed_by,
            "snoozed_until": stamp(self.snoozed_until),
            "incident_id": self.incident_id,
            "posts": self.posts,
            "copies": self.copies,
            "lane": self.lane,
            "review": self.review,
            "cause": self.cause,
            "cause_by": self.cause_by,
            "cause_why": self.cause_why,
            "first_due_at": stamp(self.first_due_at),
            "replied_at": stamp(self.replied_at),
            "replied_by": self.replied_by,
            "answer_seen": self.answer_seen,
            "mood": self.mood,
            "summary": self.summary,
        }


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to a case, and when."""

    at: datetime
    who: str
    action: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything stored about one hit: the post, the decision as JSON, verdict, history, and the case it went to."""

    brand: str
    source: str
    platform: str
    native_id: str
    permalink: str | None
    author: str
    text: str
    posted_at: datetime
    seen_at: datetime
    decided_at: datetime | None
    case_id: int | None
    decision: dict[str, Any] | None
    verdict: dict[str, Any] | None
    history: dict[str, Any] | None
    model: str | None
    rules: str | None
    parked: str | None


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """An outbox message that is due and waits to be sealed, with its cases, worst first.

    `subject` is what it is about in place of cases, such as incident:7.
    """

    id: int
    receiver: str
    group_key: str
    event: str
    urgent: bool
    cases: tuple[CaseView, ...]
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """A message that is ours to send until the lease ends. `body` is what the renderer sealed, as JSON."""

    id: int
    receiver: str
    event: str
    urgent: bool
    body: dict[str, Any]
    idempotency_key: str
    attempts: int
    opened_at: datetime
    fence: int


@dataclass(frozen=True, slots=True)
class Followed:
    """A mention that is due to be read again."""

    mention_id: int
    source: str
    platform: str
    native_id: str
    step: int
    fence: int


@dataclass(frozen=True, slots=True)
class Draw:
    """One drawing of the recall sample: its local date, and when its drops were first seen: in [since, until)."""

    local_date: str
    since: datetime
    until: datetime
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class SampledDrop:
    """A drop that was drawn for a person to look at. The post's own fields are None once it is kept no longer.

    `probability` is the chance that it had of being drawn; `complaint` what the model gave; `evidence` why the rule
    dropped it.
    """

    id: int
    drawn_on: str
    brand: str
    source: str
    rule: DropRule
    stratum: Stratum
    complaint: float | None
    probability: float
    answer: Answer | None
    answered_by: str | None
    answered_at: datetime | None
    case_id: int | None
    hit_id: int | None
    platform: str | None
    native_id: str | None
    permalink: str | None
    author: str | None
    text: str | None
    posted_at: datetime | None
    evidence: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the drop as `sample list --json` prints it; unknown is null, times are ISO 8601 in UTC."""
        plain = {name: getattr(self, name) for name in SampledDrop.__dataclass_fields__ if name != "hit_id"}
        return {**plain, "answered_at": stamp(self.answered_at), "posted_at": stamp(self.posted_at)}


@dataclass(frozen=True, slots=True)
class RecallAnswer:
    """What a person said of a drawn drop, and the chance that it had of being drawn: it stands for 1 / chance drops.

    `hit_id` is None once the drop is kept no longer; the answer still counts.
    """

    hit_id: int | None
    brand: str
    source: str
    rule: DropRule
    stratum: Stratum
    complaint: float | None
    probability: float
    missed: bool
    answered_at: datetime


def stamp(moment: datetime | None) -> str | None:
    """Return an aware time as ISO 8601 in UTC with `Z`; None stays None."""
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
