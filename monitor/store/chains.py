"""What escalation needs of a store: where chains stand, their steps with due times, absences and overrides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from monitor.domain import Level
from monitor.rules.chain import Progress
from monitor.rules.shifts import ShiftChange


class StepKind(StrEnum):
    """What a row of a chain is: one of its steps, or the warning before the first reply is due."""

    STEP = "step"
    WARNING = "warning"


class StepState(StrEnum):
    """Where a row of a chain stands."""

    WAITING = "waiting"
    PAUSED = "paused"
    DONE = "done"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class ChainStepRow:
    """A step of a case's chain with its due time. `due_at` is None while a claim pauses it.

    `told` names the people and receivers that were told, `turn` whose turn it was.
    """

    id: int
    case_id: int
    run: int
    level: Level
    kind: StepKind
    step: int
    state: StepState
    due_at: datetime | None
    done_at: datetime | None
    told: tuple[str, ...]
    turn: str | None


@dataclass(frozen=True, slots=True)
class LostChain:
    """A case that nobody has taken and whose chain does not go on.

    `due_at` is when the overdue step should have been taken, None where there is no row at all; `raised_at` is when
    everybody was told of it.
    """

    case_id: int
    level: Level
    due_at: datetime | None
    raised_at: datetime | None


class ChainStore(Protocol):
    """Chains, their steps, and who is on shift out of turn."""

    def chain(self, case_id: int) -> Progress | None:
        """Return where the chain of a case stands; None where it never had one."""
        ...

    def put_chain(self, case_id: int, progress: Progress) -> None:
        """Keep where a chain stands, with the rows of its next step and its warning."""
        ...

    def chain_steps(self, case_id: int) -> list[ChainStepRow]:
        """Return the rows of a case's chains in the order in which they were planned."""
        ...

    def due_chain_steps(self, now: datetime, limit: int) -> list[ChainStepRow]:
        """Return the steps whose time has come, the oldest first."""
        ...

    def finish_chain_step(self, row_id: int, now: datetime, told: Sequence[str], turn: str | None = None) -> bool:
        """Mark a waiting step as taken; False, and nothing written, where it waits no longer."""
        ...

    def next_chain_due(self) -> datetime | None:
        """Return when the next step of any chain comes."""
        ...

    def hasten_message_with(
        self, receiver: str, case_id: int, due_at: datetime, apart: timedelta = timedelta()
    ) -> bool:
        """Have the open messages to a receiver that tell of a case leave by a time; False where there is none.

        None of them leaves sooner than `apart` after the last message of its group.
        """
        ...

    def last_turns(self) -> dict[str, datetime]:
        """Return by person when it last was their turn."""
        ...

    def cases_without_chain(self, levels: Sequence[Level], limit: int) -> list[int]:
        """Return cases of these levels that wait for somebody, were told of, and have no chain."""
        ...

    def lost_chains(self, levels: Sequence[Level], late: datetime) -> list[LostChain]:
        """Return urgent cases of these levels, told of and taken by nobody, whose chain does not go on.

        That is: it lacks the row of its next step, the row was due before `late`, it never began, or it was found so
        before and nobody has taken the case since.
        """
        ...

    def add_shift_change(self, change: ShiftChange) -> int:
        """Keep an absence or an override; returns its id."""
        ...

    def end_shift_change(self, change_id: int, now: datetime) -> bool:
        """End an absence or override now; False where none of that id is in force or to come."""
        ...

    def shift_changes(self, since: datetime) -> list[ShiftChange]:
        """Return absences and overrides that end after a time, in the order of their beginning."""
        ...
