"""What feedback needs of a store: what people said with one command, and what is suggested from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from monitor.domain import Kind, Status


@dataclass(frozen=True, slots=True)
class GivenFeedback:
    """What a person said about a case; `entry` is what the config was given, `before` what the case was like."""

    id: int
    case_id: int
    kind: str
    entry: str | None
    before: Mapping[str, Any]
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JudgedPost:
    """The worst post of a case that the team answered or dismissed; `complaint` is what the model gave."""

    hit_id: int
    brand: str
    source: str
    author: str
    text: str
    lang: str | None
    complaint: float | None
    status: Status
    kind: Kind
    reason: str | None

    @property
    def confirmed(self) -> bool:
        """Whether the team answered it."""
        return self.status is not Status.DISMISSED


class SuggestionState(StrEnum):
    """Where a suggestion stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REVERTED = "reverted"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A change of the config that feedback speaks for, with its counts, and its cost where the lab measured it.

    `brand` and `source` are "" where it concerns all; `before` is what the config had, once it was accepted.
    """

    id: int
    kind: str
    brand: str
    source: str
    value: Any
    evidence: Mapping[str, Any]
    cost: Mapping[str, Any] | None
    made_at: datetime
    state: SuggestionState = SuggestionState.WAITING
    before: Any = None
    who: str | None = None
    at: datetime | None = None


class FeedbackStore(Protocol):
    """Feedback from cases, and suggestions."""

    def add_feedback(
        self, case_id: int, kind: str, entry: str | None, before: Mapping[str, Any], who: str, now: datetime
    ) -> None:
        """Keep what a person said about a case."""
        ...

    def last_feedback(self, case_id: int) -> GivenFeedback | None:
        """Return what was last said about a case and not taken back, or None."""
        ...

    def undo_feedback(self, feedback_id: int, who: str, now: datetime) -> bool:
        """Mark feedback as taken back; False where it was already."""
        ...

    def author_and_thread(self, case_id: int) -> tuple[str, str]:
        """Return author (case-folded handle) and thread of the worst post of a case."""
        ...

    def judged_posts(self, since: datetime, sources: Sequence[str]) -> list[JudgedPost]:
        """Return the worst posts, still readable, of cases answered or dismissed since a time, of these sources."""
        ...

    def keep_suggestions(self, found: Sequence[Suggestion], now: datetime) -> None:
        """Keep what was found in the place of what still waited; what was accepted stays as it is."""
        ...

    def suggestions(self, state: SuggestionState | None = None) -> list[Suggestion]:
        """Return the suggestions, those that wait alone or all."""
        ...

    def settle_suggestion(
        self, suggestion_id: int, state: SuggestionState, before: Any, who: str, now: datetime
    ) -> None:
        """Note that a suggestion was accepted or reverted."""
        ...
