"""What alerting needs of a store: who was told of what, what is held back, when a receiver was last tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.domain import Level, Status
from monitor.rules.alerting import Telling
from monitor.store.records import OpenMessage


@dataclass(frozen=True, slots=True)
class ToldCase:
    """A case as a sealed message tells of it, and when the receiver is told again while nobody has taken it."""

    case_id: int
    level: Level
    cause: str | None
    repeat_at: datetime | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A case that a receiver was told of long ago."""

    case_id: int
    receiver: str
    status: Status
    snoozed_until: datetime | None


class TellingStore(Protocol):
    """Who was told of what, what is held back, when a receiver was last tried."""

    def open_beside(self, message: OpenMessage) -> list[OpenMessage]:
        """Return the other open messages of a message's group, one an event, the most pressing first."""
        ...

    def add_subject_message(
        self, receiver: str, subject: str, event: str, due_at: datetime, now: datetime, *, urgent: bool
    ) -> None:
        """Open, or hasten, the message about an incident or a spike; the subject (incident:7) is its group.

        There is one: what is not told yet is told as it stands when the message leaves.
        """
        ...

    def hold_message(self, message_id: int, until: datetime, reason: str) -> None:
        """Keep an open message back, and look at it again at a time."""
        ...

    def mark_held(self, message_id: int, reason: str) -> None:
        """Say of an open message that it is held back until it is due."""
        ...

    def drop_message(self, message_id: int) -> None:
        """Delete an open message whose cases have all moved on."""
        ...

    def wake_held(self, now: datetime) -> int:
        """Look at everything that is held back again now; returns how many messages that is."""
        ...

    def move_cases(self, into: int, cases: Sequence[int]) -> None:
        """Put cases into a message, each at its present level."""
        ...

    def keep_cases(self, message_id: int, cases: Sequence[int]) -> None:
        """Take all but these cases out of a message."""
        ...

    def tellings_of(self, receiver: str, cases: Sequence[int]) -> dict[int, Telling]:
        """Return what a receiver was last told of these cases, by case."""
        ...

    def record_tellings(self, receiver: str, told: Sequence[ToldCase], now: datetime) -> None:
        """Remember what a sealed message tells a receiver."""
        ...

    def repeats_due(self, now: datetime, limit: int) -> list[Repeat]:
        """Return what was told so long ago that it is time to tell it again."""
        ...

    def plan_repeat(self, repeat: Repeat, at: datetime | None) -> None:
        """Tell it again at a time, or (None) not any more."""
        ...

    def subjects_told(self, receiver: str, subjects: Sequence[str]) -> Mapping[str, Telling]:
        """Return what a receiver was told of these incidents and spikes, by subject."""
        ...

    def record_subject(self, subject: str, receiver: str, level: Level, now: datetime) -> None:
        """Remember that a receiver was told of an incident or a spike."""
        ...

    def last_try(self, receiver: str) -> datetime | None:
        """Return when a receiver that still owes us an answer was last tried."""
        ...

    def delay_receiver(self, receiver: str, due_at: datetime) -> None:
        """Send a receiver nothing before a time."""
        ...

    def hasten_receiver(self, receiver: str, now: datetime) -> None:
        """Send a receiver now what only waited for it to answer again."""
        ...
