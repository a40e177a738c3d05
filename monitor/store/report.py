"""What reports need of a store: the times of cases, counts of posts, the sample's answers, and fixes of causes.

Cases of a report are read by the hundred thousand; so their times are milliseconds since 1970 in UTC, as the tables
keep them. Whatever takes a brand reads all of them where it is None.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from monitor.rules.recall import Stratum
from monitor.rules.recall_estimate import Answered
from monitor.store.records import stamp


class CaseTimes(NamedTuple):
    """A case as reports see it: where its first post came from, and when each thing happened to it for the first time.

    `author` is "" where it was erased; `level` is the one that it opened with; `again_at` the first reply more than 15
    minutes after the first; `negative_at` the customer's first negative word after that; `words` how many posts of
    theirs came after a reply; `reopened` how often it came back; `handled_ms` how long somebody had it before it was
    settled.
    """

    case_id: int
    brand: str
    platform: str
    author: str
    kind: str
    status: str
    level: str
    backfilled: int
    posted_at: int
    fetched_at: int
    decided_at: int
    due_at: int
    notified_at: int | None
    claimed_at: int | None
    replied_at: int | None
    again_at: int | None
    negative_at: int | None
    words: int
    mood: str | None
    resolved_at: int | None
    reopened: int
    handled_ms: int
    cause: str | None
    churn: int
    incident_id: int | None


class Complained(NamedTuple):
    """A case of complaint that was not dismissed, of an author who is known."""

    case_id: int
    brand: str
    platform: str
    author: str
    posted_at: int


class PostCount(NamedTuple):
    """Posts about a brand, how many of them complain, and how many wait for a decision; `lang` "" is unknown."""

    brand: str
    platform: str
    lang: str
    posts: int
    complaints: int
    undecided: int


class CauseCount(NamedTuple):
    """Cases of complaint by cause, brand and the quarter of an hour since 1970 of their first post."""

    quarter: int
    brand: str
    cause: str
    cases: int


@dataclass(frozen=True, slots=True)
class SampleSaid:
    """What people said of the drops that were drawn in a span; `waiting` were not answered with yes or no."""

    answers: Sequence[Answered]
    frame: dict[Stratum, int]
    waiting: int


@dataclass(frozen=True, slots=True)
class CauseFix:
    """A cause of a brand that was mended, on a date of the brand, by what, and who said so when."""

    brand: str
    cause: str
    fixed_on: date
    note: str
    who: str
    at: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the fix for machines."""
        told = {"brand": self.brand, "cause": self.cause, "fixed_on": self.fixed_on.isoformat(), "note": self.note}
        return {**told, "who": self.who, "at": stamp(self.at)}


class ReportStore(Protocol):
    """Reads for reports, and the fixes that people tell of."""

    def report_cases(self, since: datetime, until: datetime, brand: str | None) -> Sequence[CaseTimes]:
        """Return the cases whose first post was written in [since, until), those of incidents too."""
        ...

    def report_complaints(self, since: datetime, until: datetime, brand: str | None) -> Sequence[Complained]:
        """Return the complaints that were written in [since, until), those of incidents too."""
        ...

    def report_posts(
        self, since: datetime, until: datetime, brand: str | None, *, incidents: bool
    ) -> Sequence[PostCount]:
        """Return posts by brand, platform and language, from the quarter of an hour of `since` on."""
        ...

    def report_causes(
        self, since: datetime, until: datetime, brand: str | None, causes: Sequence[str], *, incidents: bool
    ) -> Sequence[CauseCount]:
        """Return the complaints of these causes that were written in [since, until)."""
        ...

    def report_sample(self, since: datetime, until: datetime, brand: str | None) -> SampleSaid:
        """Return what was said of the draws that end in (since, until]."""
        ...

    def report_returned(self, since: datetime, until: datetime) -> dict[str, int]:
        """Return the posts that each source returned on the days (UTC) whose noon lies in [since, until)."""
        ...

    def cause_fixes(self, brand: str | None = None) -> list[CauseFix]:
        """Return what was mended, the latest first."""
        ...

    def add_cause_fix(self, fix: CauseFix) -> bool:
        """Keep a fix; False where the cause has one on that date already."""
        ...

    def drop_cause_fix(self, brand: str, cause: str, fixed_on: date) -> bool:
        """Take a fix back; False where there is none."""
        ...
