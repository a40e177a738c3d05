"""What a person does with a case. Each move checks, changes, and writes the trail in one transaction.

What a case allows stands in `monitor/rules/moves.py`; nothing here ever posts to a customer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.desk.reads import known_case, moves_of_people
from monitor.desk.replies import settle
from monitor.desk.turn import Turn
from monitor.domain import Case, Level, Status
from monitor.errors import MoveRefused
from monitor.rules.clock import claim_times, due_at, earlier
from monitor.rules.moves import MOVES, Action, MoveError, Owner, move
from monitor.rules.timers import next_timer
from monitor.steps.chain import follow_chain, step_now
from monitor.steps.telling import Event, tell
from monitor.store.records import stamp


def claim(turn: Turn, case_id: int) -> Case:
    """Take a case. One of two who try at once gets it, the other is told who did; one's own claim stays as it is."""
    with turn.store.write():
        case = _current(turn, case_id)
        if case.status is Status.CLAIMED and case.claimed_by == turn.who:
            return case
        if case.status is Status.CLAIMED:
            since = f" since {case.claimed_at:%H:%M} UTC" if case.claimed_at else ""
            cause = f"is claimed by {case.claimed_by}{since}"
            raise MoveRefused(f"case {case_id}", cause, "take it over with `queue claim --take-over`, if you must")
        return _make(turn, case, Action.CLAIM)


def take_over(turn: Turn, case_id: int) -> Case:
    """Take a case from whoever has it; one that nobody has is claimed."""
    with turn.store.write():
        case = _current(turn, case_id)
        if case.claimed_by == turn.who and case.status is Status.CLAIMED:
            return case
        if case.status is Status.NEW:
            return _make(turn, case, Action.CLAIM)
        return _make(turn, case, Action.TAKE_OVER, told={"from": case.claimed_by})


def assign(turn: Turn, case_id: int, to: str) -> Case:
    """Give a case to somebody; their claim begins now."""
    with turn.store.write():
        return _make(turn, _current(turn, case_id), Action.ASSIGN, named=to, told={"to": to})


def release(turn: Turn, case_id: int) -> Case:
    """Give a claimed case back to the queue."""
    with turn.store.write():
        case = _current(turn, case_id)
        return _make(turn, case, Action.RELEASE, told={"from": case.claimed_by})


def snooze(turn: Turn, case_id: int, until: datetime) -> Case:
    """Put a case behind the others until a time to come; no clock stops. Raises MoveRefused for a time that is past."""
    if until <= turn.now:
        raise MoveRefused(f"case {case_id}", "cannot be snoozed into the past", "give a time to come, such as 2h")
    with turn.store.write():
        case = _current(turn, case_id)
        return _make(turn, case, Action.SNOOZE, {"snoozed_until": until}, told={"until": stamp(until)})


def reply(turn: Turn, case_id: int, text: str, permalink: str | None, *, native: bool = False) -> Case:
    """Record that a person has answered, with the words or the place of the answer, where they are known.

    Words that a second person had to approve and has not are refused, unless they stand on the platform already
    (`native`): the trail says then that they went without. A holding reply leaves the case with whoever sent it.
    """
    with turn.store.write():
        case = _current(turn, case_id)
        settled = settle(turn, case, text, permalink, native=native)
        told = {"text": text, "permalink": permalink, **settled.told}
        first = {} if case.replied_at else {"replied_at": turn.now, "replied_by": turn.who}
        if settled.holding:
            clock = {**_next_clock(turn, case), "answered_at": turn.now}
            return _make(turn, case, Action.HOLD, {**first, **clock, "snoozed_until": None}, told=told)
        changes = {**first, "answered_at": turn.now, "answer_seen": None, "snoozed_until": None}
        return _make(turn, case, Action.REPLY, changes, told=told)


def resolve(turn: Turn, case_id: int) -> Case:
    """Close a case whose customer is helped."""
    with turn.store.write():
        return _make(turn, _current(turn, case_id), Action.RESOLVE, _closed(turn))


def dismiss(turn: Turn, case_id: int, reason: str) -> Case:
    """Close a case that needs no answer, and say why."""
    with turn.store.write():
        changes = {**_closed(turn), "dismissed_reason": reason}
        return _make(turn, _current(turn, case_id), Action.DISMISS, changes, told={"reason": reason})


def reopen(turn: Turn, case_id: int) -> Case:
    """Open a closed case again, its clock starting now. Refused where another case of the thread is open meanwhile."""
    with turn.store.write():
        case = _current(turn, case_id)
        other = turn.store.open_case_of(case.join_key)
        if other is not None and other != case_id:
            raise MoveRefused(f"case {case_id}", f"goes on as case {other}", f"work on case {other}")
        due = _due(turn, case, turn.now, case.level)
        fresh = {"clock_at": turn.now, "due_at": due, "escalation_step": 0}
        return _make(turn, case, Action.REOPEN, {**fresh, "closed_at": None, "dismissed_reason": None})


def escalate(turn: Turn, case_id: int, reason: str) -> Case:
    """Raise a case by one level, tell the receivers of that level, and take the next step of its chain now.

    Its due time only moves earlier.
    """
    with turn.store.write():
        case = _current(turn, case_id)
        level = tuple(Level)[max(case.level.rank - 1, 0)]
        started_over = case.first_due_at is not None and case.due_at > case.first_due_at
        due = earlier(case.due_at, _due(turn, case, turn.now if started_over else case.clock_at, level))
        changes: dict[str, Any] = {"level": level, "due_at": due, "escalation_step": case.escalation_step + 1}
        if case.status is Status.CLAIMED:
            changes |= _claim_times(turn.now, due, level)
        told = {"was": case.level, "to": level, "reason": reason}
        raised = _make(turn, case, Action.ESCALATE, changes, told=told)
        tell(turn.store, turn.settings, case_id, Event.ESCALATED, turn.now, again=True)
        follow_chain(turn.store, turn.settings, case_id, turn.now, begins=True)
        step_now(turn.store, turn.settings, case_id, turn.now)
        return raised


def note(turn: Turn, case_id: int, text: str) -> Case:
    """Write a note into the trail of a case."""
    with turn.store.write():
        return _make(turn, _current(turn, case_id), Action.NOTE, told={"text": text})


def _current(turn: Turn, case_id: int) -> Case:
    """Return the case as it stands; raises MoveRefused where it is not the one that the person saw."""
    case = known_case(turn.store, case_id)
    if turn.version is not None and turn.version != case.version:
        raise MoveRefused(f"case {case_id}", "was changed by somebody else meanwhile", "look at it again, then decide")
    return case


def _make(
    turn: Turn,
    case: Case,
    action: Action,
    changes: Mapping[str, Any] | None = None,
    *,
    named: str | None = None,
    told: Mapping[str, Any] | None = None,
) -> Case:
    """Make a legal move: state and owner by the table, the rest as given, the trail, and the next timed step."""
    try:
        status = move(case.status, action)
    except MoveError as error:
        possible = ", ".join(name.value for name in moves_of_people(case.status))
        cause = f"is {case.status}: {action} is not possible"
        raise MoveRefused(f"case {case.id}", cause, f"possible: {possible}") from error
    moved = replace(case, status=status, **{**_owner(turn, case, action, status, named), **(changes or {})})
    moved = replace(moved, escalate_at=next_timer(moved), version=case.version + 1)
    changed = {name: value for name, value in _differences(case, moved).items() if name != "version"}
    if changed:
        turn.store.update_case(case.id, **changed)
    turn.store.audit(
        case.id, turn.who, action, turn.now, **{key: value for key, value in (told or {}).items() if value}
    )
    follow_chain(turn.store, turn.settings, case.id, turn.now)
    return moved if changed else case


def _owner(turn: Turn, case: Case, action: Action, status: Status, named: str | None) -> dict[str, Any]:
    """Return what a move does to the owner and the times of the claim."""
    rule = MOVES[action].owner
    if rule is Owner.STAYS:
        return {} if status is Status.CLAIMED else {"ping_at": None, "release_at": None}
    if rule is Owner.NOBODY:
        return {"claimed_by": None, "claimed_at": None, "ping_at": None, "release_at": None}
    owner = {"claimed_by": named if rule is Owner.NAMED else turn.who, "claimed_at": turn.now}
    if status is not Status.CLAIMED:
        return {**owner, "ping_at": None, "release_at": None}
    return {**owner, **_claim_times(turn.now, case.due_at, case.level)}


def _claim_times(now: datetime, due: datetime, level: Level) -> dict[str, datetime]:
    ping_at, release_at = claim_times(due, level, now)
    return {"ping_at": ping_at, "release_at": release_at}


def _due(turn: Turn, case: Case, start: datetime, level: Level) -> datetime:
    brand = turn.settings.brands.get(case.brand)
    return due_at(start, level, turn.settings.triage, brand.zone if brand else None)


def _next_clock(turn: Turn, case: Case) -> dict[str, Any]:
    """Return what starts the next-reply clock: the level's promise from now on, as by a fresh claim."""
    due = _due(turn, case, turn.now, case.level)
    return {"clock_at": turn.now, "due_at": due, "escalation_step": 0, **_claim_times(turn.now, due, case.level)}


def _closed(turn: Turn) -> dict[str, Any]:
    return {"closed_at": turn.now, "snoozed_until": None}


def _differences(old: Case, new: Case) -> dict[str, Any]:
    return {name: getattr(new, name) for name in Case.__dataclass_fields__ if getattr(old, name) != getattr(new, name)}
