"""What digests need of a store beside its counts: what to act on, the usual, replies by level, praise, incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from monitor.domain import Level
from monitor.store.records import CaseView, stamp


@dataclass(frozen=True, slots=True)
class Praise:
    """A post worth sharing; `case_id` is None where it needed nobody."""

    case_id: int | None
    brand: str
    platform: str
    author: str
    followers: int | None
    text: str
    permalink: str | None
    posted_at: datetime

    def to_json(self) -> dict[str, Any]:
        """Return the post for machines."""
        plain = {name: getattr(self, name) for name in Praise.__dataclass_fields__}
        return {**plain, "posted_at": stamp(self.posted_at)}


@dataclass(frozen=True, slots=True)
class ToldIncident:
    """An incident as a digest tells it: `size` cases, `waiting` of them without a reply, and its worst case."""

    id: int
    brand: str
    state: str
    size: int
    waiting: int
    cause: str | None
    words: tuple[str, ...]
    since: datetime
    owner: str | None
    example: CaseView | None

    def to_json(self) -> dict[str, Any]:
        """Return the incident for machines."""
        plain = {name: getattr(self, name) for name in ToldIncident.__dataclass_fields__}
        example = self.example.to_json() if self.example else None
        return {**plain, "words": list(self.words), "since": stamp(self.since), "example": example}


class DigestStore(Protocol):
    """Reads for digests; those that take brands read all where none is named."""

    def to_act_on(self, now: datetime, brands: Sequence[str], limit: int) -> tuple[int, list[CaseView]]:
        """Return how many cases are critical or late without a reply, and the worst of them."""
        ...

    def worst_urgent(self, now: datetime, brands: Sequence[str], limit: int) -> list[CaseView]:
        """Return the urgent open cases that come first in the queue."""
        ...

    def next_at_risk(self, now: datetime, brands: Sequence[str], limit: int) -> list[CaseView]:
        """Return the cases without a reply that have used up more than half of their time, the next due first."""
        ...

    def complaints_by_quarter(self, since: datetime, until: datetime, brands: Sequence[str]) -> dict[int, int]:
        """Return complaints by the quarter of an hour since 1970 in which they were posted."""
        ...

    def causes_between(self, since: datetime, until: datetime, brands: Sequence[str]) -> dict[str | None, int]:
        """Return cases of complaint opened in a window, by cause; None has none."""
        ...

    def replies_by_level(
        self, since: datetime, until: datetime, brands: Sequence[str]
    ) -> Mapping[Level, list[tuple[float, bool]]]:
        """Return by level (seconds from the post to our first reply, in time) of the replies in a window."""
        ...

    def praise_between(self, since: datetime, until: datetime, brands: Sequence[str], limit: int) -> list[Praise]:
        """Return the praise that was heard of in a window, by reach; unknown reach comes last."""
        ...

    def incidents_to_tell(self, since: datetime, brands: Sequence[str], limit: int) -> list[ToldIncident]:
        """Return incidents that go on, or ended since a time; the largest first."""
        ...
