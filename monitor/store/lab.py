"""What the replay lab reads of a store: the posts of a span as they arrived, and what was known before it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.mention import Mention
from models.classifier import Verdict
from monitor.domain import Decision, History, Kind, Level, Status


@dataclass(frozen=True, slots=True)
class StoredHit:
    """What was made of a post for one brand.

    `rules` and `model` name what decided, None where nothing has yet. Decision and history are as stored, unread:
    most replays need few of them.
    """

    id: int
    brand: str
    source: str
    backfilled: bool
    dropped: bool
    rules: str | None
    model: str | None
    case_id: int | None
    decision_json: str | None
    history_json: str | None

    def decision(self) -> Decision:
        """Read the stored decision; only where `rules` is not None."""
        return Decision.from_json(json.loads(self.decision_json or ""))

    def history(self) -> History:
        """Read the history that the decision rests on; only where `rules` is not None."""
        return History.from_json(json.loads(self.history_json or ""))


@dataclass(frozen=True, slots=True)
class StoredPost:
    """One stored mention, with all that a replay needs of it. Times ending in `_ms` are milliseconds since 1970, UTC.

    `verdict_json` is the stored verdict of the text as it stands, by the model `read_by`; `readings` are (at,
    engagement) in the order of time.
    """

    id: int
    mention: Mention
    source: str
    author: str
    version: int
    copy_key: str | None
    posted_ms: int
    seen_ms: int
    seen_at: datetime
    erased: bool
    read_by: str | None
    verdict_json: str | None
    readings: tuple[tuple[int, int], ...]
    hits: tuple[StoredHit, ...]

    def verdict(self) -> Verdict:
        """Read the stored verdict, as `Verdict.to_record` wrote it; only where `read_by` is not None."""
        return Verdict(**json.loads(self.verdict_json or ""))


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as far as the lab needs it; `closed_ms` is None while it is open."""

    id: int
    brand: str
    join_key: str
    kind: Kind
    status: Status
    level: Level
    opened_ms: int
    closed_ms: int | None


@dataclass(frozen=True, slots=True)
class Past:
    """What the store knew when a span began.

    complaints: (brand, platform, author, posted); copies: (brand, copy key, decided, case or None); posts of cases that
    were open then: (brand, platform, native id, copy key or None, case); outages: (brand, author, posted); own replies:
    (platform, thread, author).
    """

    complaints: tuple[tuple[str, str, str, int], ...] = ()
    copies: tuple[tuple[str, str, int, int | None], ...] = ()
    case_posts: tuple[tuple[str, str, str, str | None, int], ...] = ()
    outages: tuple[tuple[str, str, int], ...] = ()
    own_replies: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Readable:
    """How far back the text of one source can be read; None where none is left."""

    source: str
    posts: int
    erased: int
    readable_since: datetime | None
    unmatched_since: datetime | None


@dataclass(frozen=True, slots=True)
class WatchCount:
    """How many posts a watch of a brand has found in a span, and how many of them were kept as complaints."""

    brand: str
    watch: str
    posts: int
    complaints: int


class LabStore(Protocol):
    """Reads alone: a replay changes no row."""

    def lab_count(self, since: datetime, until: datetime) -> int:
        """Return how many posts were first seen in a span."""
        ...

    def lab_posts(
        self, since: datetime, until: datetime, after: int, limit: int, brands: Sequence[str] | None = None
    ) -> list[StoredPost]:
        """Return posts first seen in a span, in the order of their arrival, beyond the row `after`.

        With `brands` those alone that one of these brands has heard, or none at all.
        """
        ...

    def lab_newest(self, since: datetime, newest: int) -> int:
        """Return the row beyond which the newest posts stand, those seen since a time: `after` of `lab_posts`."""
        ...

    def lab_cases(self, until: datetime) -> list[StoredCase]:
        """Return the cases opened before a time."""
        ...

    def lab_past(self, since: datetime, own: Sequence[str]) -> Past:
        """Return what was known at the beginning of a span; `own` are the brands' own handles, case-folded."""
        ...

    def lab_readable(self, since: datetime, until: datetime) -> list[Readable]:
        """Return by source how far back its text can be read."""
        ...

    def lab_watches(self, since: datetime, newest: int) -> list[WatchCount]:
        """Return what each watch has found since a time, among the newest hits of all brands."""
        ...
