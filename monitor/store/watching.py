"""What watching threads needs of a store: see `store.py` for threads and times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from connectors.mention import Mention
from models.classifier import Verdict
from monitor.domain import Hit
from monitor.rules.own_answers import ThreadPost
from monitor.rules.watching import WatchedCase

OWN_TIMELINE = ""
"""The place of a source that stands for what our accounts write."""


@dataclass(frozen=True, slots=True)
class WatchedPlace:
    """A thread of a source, or its own timeline, ours to read until the lease ends; read before `read_at`."""

    source: str
    place: str
    read_at: datetime
    fence: int


class WatchStore(Protocol):
    """Threads of cases, what they cost, and the impostors that were found there."""

    def plan_watch(self, source: str, place: str, read_at: datetime, due_at: datetime) -> None:
        """Have a thread, or the own timeline, looked into; one that is planned already is looked into no later."""
        ...

    def sources_to_watch(self, now: datetime) -> list[str]:
        """Return the sources with threads that are due, or whose own timeline is."""
        ...

    def claim_watches(
        self, source: str, now: datetime, lease_s: int, limit: int, *, own: bool = False
    ) -> list[WatchedPlace]:
        """Take due threads of a source, those that waited longest first; with `own` its own timeline alone."""
        ...

    def save_watched(
        self,
        platform: str,
        due: Mapping[WatchedPlace, datetime | None],
        matched: Sequence[tuple[Mention, Mapping[str, Sequence[str]]]],
        gone: Sequence[str],
        now: datetime,
    ) -> None:
        """Store what a reading brought, with hits by brand and watches; `due` None ends the watching of a place."""
        ...

    def delay_watches(self, places: Sequence[WatchedPlace], due_at: datetime) -> None:
        """Try again later."""
        ...

    def next_watch_due(self, names: Sequence[str]) -> datetime | None:
        """Return when the next place of these sources is due."""
        ...

    def watched_cases(self, platform: str, thread_id: str, now: datetime) -> list[WatchedCase]:
        """Return the cases of a thread that are watched: open first, then resolved in the last seven days."""
        ...

    def cases_of_customer(self, hit: Hit, *, itself: bool) -> list[int]:
        """Return the open cases in a hit's thread that its author has posts in, `itself` with the hit or without."""
        ...

    def awaits_answers(self, platform: str) -> bool:
        """Whether any case of a platform is open."""
        ...

    def posts_of_thread(self, case_id: int, brand: str, platform: str, thread_id: str) -> list[ThreadPost]:
        """Return what is stored of a thread, as a case of it sees it: oldest first, the newest thousand."""
        ...

    def customer_verdict(self, case_id: int, hit: Hit, until: datetime) -> Verdict | None:
        """Return what the model made of the last words in a case by the author of a hit, written until a time."""
        ...

    def spend_posts(self, source: str, posts: int, now: datetime) -> None:
        """Count posts that a platform has billed against the day (UTC) of a source."""
        ...

    def spent_posts(self, source: str, now: datetime) -> int:
        """Return how many posts a source has been given today (UTC), by polls and readings together."""
        ...

    def add_impostor(self, case_id: int, hit: Hit, now: datetime) -> bool:
        """Remember the author of a hit as one who poses as us; False where that was known of this case."""
        ...

    def clear_impostor(self, brand: str, platform: str, handle: str, who: str, now: datetime) -> bool:
        """Note that an account is no impostor; False where it was not taken for one."""
        ...

    def impostors(self, case_id: int | None = None) -> list[dict[str, Any]]:
        """Return those that are known, newest first, or those of a case; the handle is None once its post is gone."""
        ...
