"""The escalation chain of a case as a state machine: which step comes next, and when. Pure.

    begun ──▶ running ──last step taken──▶ finished
                │  ▲                          (a rise of the level begins the chain of that level)
         claimed │  │ released, no reply
                ▼  │
              paused                ended: answered, closed, or no chain any more

A claim acknowledges: what was left of the wait is kept, and runs on when the claim ends without a reply. A step is
counted from the time that the one before it was due, so that a late one moves none of the others; one that was more
than a minute late (the program was down) is counted from when it was taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.config.escalation import Chain, Escalation
from monitor.domain import Case, Level, Status

GRACE = timedelta(seconds=60)
"""A step that is overdue for longer is late: the auditor raises."""

_NONE = timedelta(0)


class ChainState(StrEnum):
    """Where a chain stands."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    ENDED = "ended"

    @property
    def alive(self) -> bool:
        """Whether a step is still to come."""
        return self in {ChainState.RUNNING, ChainState.PAUSED}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chain, repetitions written out: whom it tells, and how long after the step before."""

    notify: tuple[str, ...]
    after: timedelta


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the chain of a case stands.

    `run` counts the chains that the case has had, `step` is the number of the next step from 0. `due_at` is when it
    comes while the chain runs, `left` what is left of the wait while it is paused. `warn_at` is when a warning goes out
    before the first reply is due; None: there is none to come.
    """

    run: int
    level: Level
    state: ChainState
    step: int
    due_at: datetime | None
    left: timedelta = _NONE
    warn_at: datetime | None = None
    raised_at: datetime | None = None
    """When the auditor told everybody that this chain had lost its next step."""


def steps_of(chain: Chain) -> tuple[Step, ...]:
    """Return the steps of a chain, repetitions written out; a step that only waits delays the one after it."""
    found: list[Step] = []
    waited = _NONE
    for _ in range(chain.repeat):
        for part in chain.steps:
            for _ in range(part.repeat):
                if part.notify:
                    found.append(Step(part.notify, waited))
                    waited = _NONE
                waited += part.wait
    return tuple(found)


def follow(
    progress: Progress | None, case: Case, escalation: Escalation, now: datetime, *, begins: bool = False
) -> Progress | None:
    """Return where the chain stands after whatever has happened to its case; None while it never had one.

    `begins` says that the case was told of just now, so that its first chain may begin. Asking twice changes nothing.
    """
    if case.status not in {Status.NEW, Status.CLAIMED}:
        return _end(progress)
    found = progress
    if found is None or found.state is ChainState.ENDED or _rises(found, case.level, escalation):
        if found is None and not begins:
            return None
        found = _begin(found, case, escalation, now)
    if found is None or found.state is ChainState.ENDED:
        return found
    if found.state.alive and escalation.chain(found.level) is None:
        return _end(found)
    found = _pause(found, now) if case.status is Status.CLAIMED else _resume(found, now)
    return replace(found, warn_at=_warning(found, case, escalation, now))


def advance(progress: Progress, steps: Sequence[Step], now: datetime, *, claimed: bool = False) -> Progress:
    """Return where the chain stands after its next step was taken at `now`."""
    number = progress.step + 1
    if number >= len(steps):
        return replace(progress, state=ChainState.FINISHED, step=number, due_at=None, left=_NONE)
    after = steps[number].after
    if claimed:
        return replace(progress, state=ChainState.PAUSED, step=number, due_at=None, left=after)
    due = progress.due_at
    base = due if due is not None and _NONE <= now - due <= GRACE else now
    return replace(progress, state=ChainState.RUNNING, step=number, due_at=base + after, left=_NONE)


def next_in_turn(on_shift: Sequence[str], told: Sequence[str], last: Mapping[str, datetime]) -> str | None:
    """Return whose turn it is among those on shift.

    `told` are those whose turn it was in this chain, `last` says when it last was anybody's in any chain. First come
    those who had the fewest turns in this chain, of them who waits longest, then who stands first.
    """

    def order(name: str) -> tuple[int, float, int]:
        turn = last.get(name)
        return (told.count(name), turn.timestamp() if turn else float("-inf"), on_shift.index(name))

    return min(on_shift, key=order, default=None)


def _begin(progress: Progress | None, case: Case, escalation: Escalation, now: datetime) -> Progress | None:
    chain = escalation.chain(case.level)
    steps = steps_of(chain) if chain else ()
    if not steps:
        return _end(progress)
    run = progress.run + 1 if progress else 1
    return Progress(run, case.level, ChainState.RUNNING, 0, now + steps[0].after)


def _rises(progress: Progress, level: Level, escalation: Escalation) -> bool:
    """Whether the case is graver than the chain it has, and there is a chain for that."""
    return level.rank < progress.level.rank and escalation.chain(level) is not None


def _pause(progress: Progress, now: datetime) -> Progress:
    progress = replace(progress, raised_at=None)
    if progress.state is not ChainState.RUNNING:
        return progress
    left = max(progress.due_at - now, _NONE) if progress.due_at else _NONE
    return replace(progress, state=ChainState.PAUSED, due_at=None, left=left)


def _resume(progress: Progress, now: datetime) -> Progress:
    if progress.state is not ChainState.PAUSED:
        return progress
    return replace(progress, state=ChainState.RUNNING, due_at=now + progress.left, left=_NONE)


def _end(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return replace(progress, state=ChainState.ENDED, due_at=None, left=_NONE, warn_at=None)


def _warning(progress: Progress, case: Case, escalation: Escalation, now: datetime) -> datetime | None:
    """Return when the warning is due: one that is planned stays planned, one whose time is past is not begun."""
    span = escalation.warning(case.level)
    moment = case.due_at - span
    if not span or now >= case.due_at:
        return None
    if moment > now:
        return moment
    return min(progress.warn_at, now) if progress.warn_at else None
