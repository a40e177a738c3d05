"""The values that travel between the steps: hits, decisions, cases and what they are made of.

Every time is aware UTC. Nothing here reads, writes or looks at a clock.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Self

from connectors.mention import Mention
from models.classifier import Embedding


class Level(StrEnum):
    """How soon a person should answer. Critical and high are urgent."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for critical up to 3 for low: sorts the worst first."""
        return _RANKS[self]

    @property
    def urgent(self) -> bool:
        """Whether this level alerts somebody."""
        return self in {Level.CRITICAL, Level.HIGH}


_RANKS = {level: rank for rank, level in enumerate(Level)}


class Kind(StrEnum):
    """What a case is."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    PRAISE = "praise"
    OTHER = "other"


class Severity(StrEnum):
    """Classes of trouble that phrase lists recognise, on every post in any lane."""

    SAFETY = "safety"
    LEGAL = "legal"
    PRESS = "press"
    FRAUD = "fraud"
    IMPOSTOR = "impostor"
    MONEY = "money"
    OUTAGE = "outage"
    CHURN = "churn"
    RUDE_STAFF = "rude-staff"

    @property
    def grave(self) -> bool:
        """Whether the class sets a floor under the level."""
        return self in _GRAVE


_GRAVE = {Severity.SAFETY, Severity.LEGAL, Severity.PRESS, Severity.FRAUD, Severity.IMPOSTOR}


class DropRule(StrEnum):
    """Why a hit became no case. The value is what users see, filter by and may switch off."""

    OWN_HANDLE = "own-handle"
    REPOST = "repost"
    GIVEAWAY = "giveaway"
    JOB_AD = "job-ad"
    COUPON = "coupon"
    STOCK_TIP = "stock-tip"
    LYRICS = "lyrics"
    BOT = "bot"
    SPAM = "spam"
    BLOCKED_AUTHOR = "blocked-author"
    MUTED_THREAD = "muted-thread"
    EXCLUDED = "excluded"
    NOT_US = "not-us"
    EMPTY = "empty"
    NOT_A_COMPLAINT = "not-a-complaint"
    NO_WATCH = "no-watch"


class Status(StrEnum):
    """Where a case stands."""

    NEW = "new"
    CLAIMED = "claimed"
    REPLIED = "replied"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"

    @property
    def open(self) -> bool:
        """Whether further posts of the same thread or author still join the case."""
        return self in {Status.NEW, Status.CLAIMED, Status.REPLIED}


@dataclass(frozen=True, slots=True)
class Hit:
    """One mention as one brand sees it. `history` marks a post older than the first window: stored, never alerted."""

    id: int
    brand: str
    watches: tuple[str, ...]
    mention: Mention
    source: str
    seen_at: datetime
    version: int = 1
    backfilled: bool = False
    attempts: int = 0
    fence: int = 0
    mention_id: int = 0

    @property
    def clock_at(self) -> datetime:
        """Where deadlines start: `posted_at` clamped to [seen_at - 24 h, seen_at]."""
        return min(max(self.mention.posted_at, self.seen_at - timedelta(hours=24)), self.seen_at)

    @property
    def join_key(self) -> str:
        """A digest of brand, platform and thread, else author: open cases with this key take in further posts."""
        mention = self.mention
        place = f"thread:{mention.thread_id}" if mention.thread_id else f"author:{mention.author.handle.casefold()}"
        key = f"{self.brand}\x1f{mention.platform}\x1f{place}".encode("utf-8", "replace")
        return blake2b(key, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Reason:
    """One factor of a score: its points and the words or figures that it rests on."""

    name: str
    points: float
    evidence: str

    def to_json(self) -> dict[str, Any]:
        """Return the reason as `queue list --json` shows it."""
        return {"name": self.name, "points": self.points, "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class Relevance:
    """How alike a post is to the nearest sentence of what its brand is about, and of what it is not: cosines, -1 to 1.

    `key` names the sentences and the model; `not_about` is None where the brand gives no such sentences.
    """

    key: str
    about: float
    about_sentence: str
    not_about: float | None
    not_about_sentence: str | None

    def to_json(self) -> dict[str, Any]:
        """Return it as stored with its decision."""
        return {name: getattr(self, name) for name in Relevance.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class History:
    """What was known about a hit's author and thread when it was decided. Stored with the decision.

    `copies` counts other posts whose folded text is equal, `copy_of` is the open case of the first of them;
    `velocity` is engagement gained per hour since the post was first seen, None while only one reading exists;
    `outages` counts posts by others about an outage in the half hour before this one, at most 50; `found_missed` says
    that a person found the post among the drops and called it a missed complaint; `relevance` is None where the brand
    does not say what it is about. `guarded` says that the post stands in the thread of somebody else's case, open or
    resolved in the last seven days; `known_impostor` that its author was found to pose as the brand.
    """

    open_case: int | None = None
    open_level: Level | None = None
    open_kind: Kind | None = None
    complaints_30d: int = 0
    copies: int = 0
    copy_of: int | None = None
    velocity: float | None = None
    own_reply_before: bool = False
    outages: int = 0
    found_missed: bool = False
    relevance: Relevance | None = None
    guarded: bool = False
    known_impostor: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the history as stored with its decision."""
        plain = {name: getattr(self, name) for name in History.__dataclass_fields__}
        return {**plain, "relevance": self.relevance.to_json() if self.relevance else None}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """Read a stored history back."""
        relevance = record.get("relevance")
        return cls(**{**record, "relevance": Relevance(**relevance) if relevance else None})


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules made of a hit: a case (kind, level, score, reasons) or a drop with its rule.

    The points of `reasons` add up to `score` (0-100); floors and caps are reasons. `advice` names what would change it.
    """

    kind: Kind | None
    level: Level | None
    score: float
    reasons: tuple[Reason, ...] = ()
    severity: tuple[Severity, ...] = ()
    drop: DropRule | None = None
    evidence: str = ""
    advice: str = ""
    lane: str | None = None
    review: bool = False
    copy_of: int | None = None
    """The open case that this post joins as a copy, whatever its own join key."""

    @property
    def is_case(self) -> bool:
        """Whether a person has to see it."""
        return self.drop is None

    @property
    def grave(self) -> bool:
        """Whether a safety, legal, press, fraud or impostor class was recognised."""
        return any(severity.grave for severity in self.severity)

    def to_json(self) -> dict[str, Any]:
        """Return the decision as stored."""
        plain = {name: getattr(self, name) for name in Decision.__dataclass_fields__}
        return {**plain, "reasons": [reason.to_json() for reason in self.reasons], "severity": list(self.severity)}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """Read a stored decision back."""
        return cls(
            kind=Kind(record["kind"]) if record["kind"] else None,
            level=Level(record["level"]) if record["level"] else None,
            score=record["score"],
            reasons=tuple(Reason(**reason) for reason in record["reasons"]),
            severity=tuple(Severity(name) for name in record["severity"]),
            drop=DropRule(record["drop"]) if record["drop"] else None,
            evidence=record["evidence"],
            advice=record["advice"],
            lane=record["lane"],
            review=record["review"],
            copy_of=record["copy_of"],
        )


MONITOR = "monitor"
"""Who did what no person did."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Where a model points a text: a vector of length 1. Those of two models do not compare."""

    model: str
    vector: Embedding = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a complaint is about, and what that rests on: a phrase of the config, or an example sentence of it."""

    name: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Sense:
    """What a complaint is about, as far as that could be told: its cause, and its meaning."""

    cause: Cause | None = None
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Work for a person, as the rules and the moves need it. `clock_at` is where its present deadline starts.

    `first_due_at` is the promise that reports measure; `replied_at` is our first answer and `answered_at` the last,
    `answer_seen` the native id of that one where it was found on the platform rather than recorded by a person.
    """

    id: int
    brand: str
    join_key: str
    kind: Kind
    status: Status
    level: Level
    score: float
    hit_id: int
    opened_at: datetime
    clock_at: datetime
    due_at: datetime
    told_level: Level | None
    claimed_by: str | None
    claimed_at: datetime | None
    ping_at: datetime | None
    release_at: datetime | None
    snoozed_until: datetime | None
    escalation_step: int
    escalate_at: datetime | None
    replied_at: datetime | None
    replied_by: str | None
    closed_at: datetime | None
    dismissed_reason: str | None
    incident_id: int | None
    version: int
    first_due_at: datetime | None = None
    answered_at: datetime | None = None
    answer_seen: str | None = None
