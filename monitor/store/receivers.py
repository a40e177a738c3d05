"""What receivers need of a store: how each is doing, its threads, who was told in its place, and canaries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

PING_META = "dead_man"
"""Under this name the store remembers how the last ping to the watcher went, as JSON: at, ok_at, well, failure."""


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """How one receiver is doing. `failures` counts those in a row; `reason` and `error` are those of the last one."""

    receiver: str
    ok_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0
    reason: str | None = None
    error: str | None = None
    waiting: int = 0
    oldest_at: datetime | None = None
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    """What a message goes on about, and what its receiver calls that ("" where it has no name for it)."""

    name: str
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An urgent message that its receiver did not take, with those of its cases that the fallback was not told of.

    `group` is its group, or what it is about (incident:7). `body` is None while the message still gathers cases;
    `refused` says that no further attempt is made.
    """

    id: int
    receiver: str
    group: str
    event: str
    refused: bool
    body: Mapping[str, Any] | None
    error: str | None
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CanaryRun:
    """One test alert: `due_at` is until when it must be acknowledged."""

    id: int
    receiver: str
    made_at: datetime
    due_at: datetime
    sent_at: datetime | None
    acknowledged_at: datetime | None
    told_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        """Whether it should have been acknowledged by now, and was not."""
        return self.acknowledged_at is None and now > self.due_at


class ReceiverStore(Protocol):
    """How receivers are doing, and what they were told."""

    def receiver_took(self, receiver: str, now: datetime) -> None:
        """Note that a receiver took a message."""
        ...

    def receiver_failed(self, receiver: str, reason: str, error: str, now: datetime) -> None:
        """Note that a receiver did not take a message."""
        ...

    def receiver_states(self) -> dict[str, ReceiverState]:
        """Return how receivers are doing, those that have or had anything to do, by name."""
        ...

    def thread_of(self, receiver: str, message_id: int) -> Thread | None:
        """Return what a message goes on about: the incident or spike of its group, else the thread of its worst case.

        None where it is about neither.
        """
        ...

    def thread_named(self, receiver: str, name: str) -> Thread:
        """Return a thread by its name; one that was never told of has no remote name."""
        ...

    def keep_thread(
        self, receiver: str, thread: Thread, now: datetime, *, message_id: int | None = None, over: bool = False
    ) -> None:
        """Remember that a receiver was told of a thread, and with it of the cases of a message."""
        ...

    def threads_to_end(self, receivers: Sequence[str], limit: int) -> list[tuple[str, str, tuple[int, ...]]]:
        """Return receiver, thread and cases where every case is closed and the receiver does not know it yet."""
        ...

    def end_thread(self, receiver: str, name: str, now: datetime) -> None:
        """Note that a thread is over."""
        ...

    def add_told(
        self,
        receiver: str,
        group_key: str,
        event: str,
        body: Mapping[str, Any],
        idempotency_key: str,
        cases: Sequence[int],
        now: datetime,
        *,
        urgent: bool,
    ) -> int:
        """Add a complete message about some cases; returns its id."""
        ...

    def undelivered(self, before: datetime, since: datetime, now: datetime, limit: int) -> list[Undelivered]:
        """Return urgent messages opened after `since` and refused for good, or sealed by `before` and not taken yet."""
        ...

    def last_fallback(self, receiver: str) -> datetime | None:
        """Return when the fallback was last told in the place of a receiver."""
        ...

    def keep_fallback(self, message: Undelivered, now: datetime) -> None:
        """Remember that the fallback was told of these cases in the place of a receiver."""
        ...

    def cases_sent_to(self, receiver: str, cases: Sequence[int]) -> set[int]:
        """Return those of some cases that a receiver has taken a message about."""
        ...

    def add_canary(
        self,
        receiver: str,
        idempotency_key: str,
        token_hash: str,
        due_at: datetime,
        now: datetime,
        *,
        by_delivery: bool,
    ) -> int:
        """Remember a test alert; returns its id."""
        ...

    def last_canary(self, receiver: str) -> CanaryRun | None:
        """Return the last test alert of a receiver, or None."""
        ...

    def canary_sent(self, idempotency_key: str, now: datetime) -> None:
        """Note that a test alert was taken; with `by_delivery` that acknowledges it."""
        ...

    def acknowledge_canary(self, canary_id: int, token_hash: str, now: datetime) -> bool:
        """Acknowledge a test alert; False where there is none of that token, or it was acknowledged already."""
        ...

    def canary_told(self, canary_id: int, now: datetime) -> None:
        """Note that the fallback was told of a test alert that nobody acknowledged."""
        ...

    def forget_canaries(self, before: datetime) -> None:
        """Delete old test alerts."""
        ...
