"""The legal moves of a case as one table: from which states, to which, and what each does to clocks, chain and owner.

    new ──claim/assign──▶ claimed ──reply──▶ replied ──resolve──▶ resolved
     ▲                       │                  │                    │
     └───────release─────────┘   follow-up ◀────┘      reopen ◀──────┘     dismiss: from any open state

`docs/reference/clocks.md` is this table in print.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain import Status


class Action(StrEnum):
    """What people and the program can do to a case."""

    CLAIM = "claim"
    ASSIGN = "assign"
    TAKE_OVER = "take-over"
    RELEASE = "release"
    EXPIRE = "expire"
    SNOOZE = "snooze"
    REPLY = "reply"
    HOLD = "hold"
    FOLLOW_UP = "follow-up"
    RESOLVE = "resolve"
    PRESUME = "presume-resolved"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    ESCALATE = "escalate"
    NOTE = "note"


class Clock(StrEnum):
    """What a move does to a clock."""

    RUNS_ON = "runs on"
    STARTS = "starts"
    STOPS = "stops"


class Chain(StrEnum):
    """What a move does to the escalation chain."""

    STAYS = "as it was"
    PAUSES = "pauses"
    RESUMES = "resumes where it stopped"
    STARTS_OVER = "starts over"
    STEPS = "takes its next step now"
    ENDS = "ends"


class Owner(StrEnum):
    """What a move does to the owner."""

    STAYS = "stays"
    ACTOR = "whoever does it"
    NAMED = "the named person"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table; `to` None leaves the state as it is. `condition` is checked by whoever makes the move."""

    action: Action
    sources: frozenset[Status]
    to: Status | None
    first_reply: Clock
    next_reply: Clock
    chain: Chain
    owner: Owner
    condition: str = ""


class MoveError(ValueError):
    """A move that a case's state does not allow; names those that it does."""

    def __init__(self, status: Status, action: Action, allowed: Iterable[Action]) -> None:
        names = ", ".join(sorted(allowed))
        super().__init__(f"case is {status.value}: {action.value} is not possible; possible: {names}")
        self.status = status
        self.action = action
        self.allowed = tuple(allowed)


_NEW, _CLAIMED, _REPLIED = Status.NEW, Status.CLAIMED, Status.REPLIED
_OPEN = frozenset({_NEW, _CLAIMED, _REPLIED})
_CLOSED = frozenset({Status.RESOLVED, Status.DISMISSED})
_ALL = _OPEN | _CLOSED
_ON, _STOP, _START = Clock.RUNS_ON, Clock.STOPS, Clock.STARTS

MOVES: dict[Action, Move] = {
    move.action: move
    for move in (
        Move(Action.CLAIM, frozenset({_NEW}), _CLAIMED, _ON, _ON, Chain.PAUSES, Owner.ACTOR, "nobody owns it"),
        Move(Action.ASSIGN, frozenset({_NEW, _CLAIMED}), _CLAIMED, _ON, _ON, Chain.PAUSES, Owner.NAMED),
        Move(
            Action.TAKE_OVER, frozenset({_CLAIMED, _REPLIED}), None, _ON, _ON, Chain.STAYS, Owner.ACTOR,
            "another owns it",
        ),
        Move(Action.RELEASE, frozenset({_CLAIMED}), _NEW, _ON, _ON, Chain.RESUMES, Owner.NOBODY),
        Move(
            Action.EXPIRE, frozenset({_CLAIMED}), _NEW, _ON, _ON, Chain.RESUMES, Owner.NOBODY,
            "the claim ended, no reply",
        ),
        Move(Action.SNOOZE, _OPEN, None, _ON, _ON, Chain.STAYS, Owner.STAYS),
        Move(Action.REPLY, _OPEN, _REPLIED, _STOP, _STOP, Chain.ENDS, Owner.ACTOR),
        Move(
            Action.HOLD, frozenset({_NEW, _CLAIMED}), _CLAIMED, _STOP, _START, Chain.PAUSES, Owner.ACTOR,
            "a holding reply was sent; the answer is still to come",
        ),
        Move(
            Action.FOLLOW_UP, frozenset({_REPLIED}), _CLAIMED, _STOP, _START, Chain.STARTS_OVER, Owner.STAYS,
            "the customer complains again; new where nobody owned it",
        ),
        Move(Action.RESOLVE, _OPEN, Status.RESOLVED, _STOP, _STOP, Chain.ENDS, Owner.STAYS),
        Move(
            Action.PRESUME, frozenset({_REPLIED}), Status.RESOLVED, _STOP, _STOP, Chain.ENDS, Owner.STAYS,
            "72 h of silence after our reply",
        ),
        Move(Action.DISMISS, _OPEN, Status.DISMISSED, _STOP, _STOP, Chain.ENDS, Owner.STAYS, "with a reason"),
        Move(Action.REOPEN, _CLOSED, _NEW, _STOP, _START, Chain.STARTS_OVER, Owner.NOBODY),
        Move(
            Action.ESCALATE, _OPEN, None, _ON, _ON, Chain.STEPS, Owner.STAYS,
            "the level rises by one; an answered case has no step left",
        ),
        Move(Action.NOTE, _ALL, None, _ON, _ON, Chain.STAYS, Owner.STAYS),
    )
}  # fmt: skip


def move(status: Status, action: Action) -> Status:
    """Return the state after a move. Raises MoveError naming what the state allows."""
    row = MOVES[action]
    if status not in row.sources:
        raise MoveError(status, action, allowed_actions(status))
    return row.to or status


def allowed_actions(status: Status) -> tuple[Action, ...]:
    """Return the moves that a state allows, in the order of the table."""
    return tuple(action for action, row in MOVES.items() if status in row.sources)


def table() -> str:
    """Return the table in Markdown, as the reference prints it."""
    head = ("move", "from", "to", "first-reply clock", "next-reply clock", "escalation chain", "owner", "only when")
    rows = [
        (
            row.action.value,
            ", ".join(status.value for status in Status if status in row.sources),
            row.to.value if row.to else "as it was",
            row.first_reply.value,
            row.next_reply.value,
            row.chain.value,
            row.owner.value,
            row.condition,
        )
        for row in MOVES.values()
    ]
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
