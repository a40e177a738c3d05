"""What the dashboard needs of a store: how open cases stand, counts by time, first replies, and the first of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.domain import Level
from monitor.rules.spikes import Tally


@dataclass(frozen=True, slots=True)
class LevelStanding:
    """Open cases of one level: all, those that nobody has, those late without a reply, and those soon to be late."""

    open: int = 0
    unclaimed: int = 0
    late: int = 0
    at_risk: int = 0


@dataclass(frozen=True, slots=True)
class FirstReply:
    """One first reply: seconds from the post on, and whether it came in time."""

    wait_s: float
    in_time: bool


Window = tuple[datetime, datetime]
"""The time [since, until)."""


class DashboardStore(Protocol):
    """Reads of the dashboard. Brands are always named; no brand counts nothing."""

    def standing_by_level(self, brands: Sequence[str], now: datetime) -> Mapping[Level, LevelStanding]:
        """Return how the open cases stand, by level; levels without any are left out."""
        ...

    def post_windows(self, brands: Sequence[str], windows: Sequence[Window]) -> list[Tally]:
        """Return posts and complaints written in each window of whole quarters of an hour, in the order of these."""
        ...

    def post_quarters(self, brands: Sequence[str], windows: Sequence[Window]) -> Mapping[int, Tally]:
        """Return posts and complaints by quarter of an hour since 1970; the windows must not overlap."""
        ...

    def first_replies(self, brands: Sequence[str], since: datetime, until: datetime) -> list[FirstReply]:
        """Return the first replies that were given in [since, until)."""
        ...

    def first_heard(self) -> datetime | None:
        """Return when the store's first post was seen, None where it has none."""
        ...

    def first_written(self) -> datetime | None:
        """Return when the first post was written that reports count, to the quarter of an hour."""
        ...
