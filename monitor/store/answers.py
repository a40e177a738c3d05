"""What answering needs of a store: the answers of cases, from their first words until they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from monitor.answering.state import AnswerKind, AnswerState, Standing
from monitor.store.records import stamp


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a case. `approved_by` approved exactly these words; `template` is what it was begun from.

    `unapproved` says that it was sent although its case asked for a second person. `step` is the next step of asking
    for an approval, `step_at` when it comes; None: none is to come. `version` counts every change.
    """

    id: int
    case_id: int
    brand: str
    kind: AnswerKind
    state: AnswerState
    text: str
    template: str
    author: str
    written_at: datetime
    version: int
    asked_by: str | None = None
    asked_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    rejected_by: str | None = None
    reason: str | None = None
    opened_by: str | None = None
    opened_at: datetime | None = None
    sent_by: str | None = None
    sent_at: datetime | None = None
    permalink: str | None = None
    unapproved: bool = False
    step: int = 0
    step_at: datetime | None = None

    @property
    def standing(self) -> Standing:
        """What the table of moves needs of it."""
        return Standing(self.state, self.author, self.approved_by, self.kind)

    def to_json(self) -> dict[str, Any]:
        """Return the answer as `answer list --json` prints it; unknown is null, times are ISO 8601 in UTC."""
        plain = {name: getattr(self, name) for name in Answer.__dataclass_fields__ if name not in {"step", "step_at"}}
        return {name: stamp(value) if isinstance(value, datetime) else value for name, value in plain.items()}


class AnswerStore(Protocol):
    """Answers of cases. A case has at most one live answer of each kind; those sent or withdrawn stay as history."""

    def add_answer(
        self,
        case_id: int,
        kind: AnswerKind,
        state: AnswerState,
        text: str,
        author: str,
        now: datetime,
        *,
        template: str = "",
        approved_by: str | None = None,
    ) -> int:
        """Keep a new answer; returns its id."""
        ...

    def update_answer(self, answer_id: int, **changes: Any) -> None:
        """Change columns of an answer; every change raises its version."""
        ...

    def answer(self, answer_id: int) -> Answer | None:
        """Return one answer, or None."""
        ...

    def live_answer(self, case_id: int, kind: AnswerKind) -> Answer | None:
        """Return the answer of a case that may still be sent, or None."""
        ...

    def answers_of_case(self, case_id: int) -> list[Answer]:
        """Return every answer of a case, the oldest first."""
        ...

    def waiting_answers(self, brands: Sequence[str] = ()) -> list[Answer]:
        """Return the answers of open cases that wait for an approval, the longest waiting first; no brand: of all."""
        ...

    def answers_to_ask_for(self, now: datetime, limit: int) -> list[Answer]:
        """Return the answers whose next step of asking has come, the oldest first."""
        ...

    def next_answer_step(self) -> datetime | None:
        """Return when the next step of asking comes."""
        ...

    def sent_texts(self, brand: str, since: datetime, besides: int, limit: int) -> list[str]:
        """Return what was sent for a brand since a time, the newest first, but for one case."""
        ...
