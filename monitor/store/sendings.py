"""What sending needs of a store: every attempt to post an answer from here, written before the platform hears of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from monitor.answering.state import AnswerKind
from monitor.store.records import stamp

UNDERWAY = timedelta(seconds=60)
"""How long an attempt can take at most; one that is older was cut off, and nobody knows how it ended."""


class SendingState(StrEnum):
    """How an attempt ended, as far as anybody knows."""

    SENDING = "sending"
    SENT = "sent"
    PERHAPS = "perhaps sent"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class Sending:
    """One attempt to post the words of an answer as `account` through `source`; `version` is that of the words.

    `problem` says why it failed, or has no clear end. `text` are the words as the answer holds them now.
    """

    id: int
    answer_id: int
    case_id: int
    kind: AnswerKind
    text: str
    version: int
    who: str
    source: str
    account: str
    state: SendingState
    at: datetime
    settled_at: datetime | None = None
    settled_by: str | None = None
    problem: str | None = None

    @property
    def key(self) -> str:
        """What names the attempt: the answer and the version of its words."""
        return f"{self.answer_id}:{self.version}"

    def stands(self, now: datetime) -> SendingState:
        """Return how it stands: one that was cut off, by a crash say, is perhaps sent."""
        cut = self.state is SendingState.SENDING and now - self.at > UNDERWAY
        return SendingState.PERHAPS if cut else self.state

    def to_json(self, now: datetime) -> dict[str, Any]:
        """Return the attempt as JSON."""
        told = {
            name: getattr(self, name) for name in ("id", "answer_id", "kind", "version", "who", "source", "account")
        }
        ended = {"settled_at": stamp(self.settled_at), "settled_by": self.settled_by, "problem": self.problem}
        return {**told, "state": self.stands(now), "at": stamp(self.at), **ended}


class SendingStore(Protocol):
    """Attempts to send. An answer has at most one that did not certainly fail."""

    def add_sending(self, answer_id: int, version: int, who: str, source: str, account: str, now: datetime) -> int:
        """Write that an attempt begins; returns its id."""
        ...

    def settle_sending(
        self, sending_id: int, state: SendingState, who: str, now: datetime, problem: str | None = None
    ) -> None:
        """Keep how an attempt ended, and who or what says so."""
        ...

    def found_sending(self, answer_id: int, who: str, now: datetime) -> None:
        """Keep that the words of an answer stand on the platform: an attempt of unknown end has succeeded."""
        ...

    def sendings_of_case(self, case_id: int) -> list[Sending]:
        """Return every attempt of a case, the oldest first."""
        ...

    def sendings_of_answer(self, answer_id: int) -> list[Sending]:
        """Return every attempt to send an answer, the oldest first."""
        ...
