"""Feedback from a card in one command: not us, not a complaint, block the author, mute the thread; and its undoing.

The case is dismissed with that reason. A blocked author and a muted thread are entries of the config, which every
reload keeps and `config show` and `explain` name; grave words are heard from them all the same.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from monitor.config import edit
from monitor.config.keeper import Change
from monitor.desk.configs import keeper_of
from monitor.desk.moves import dismiss
from monitor.desk.reads import known_case
from monitor.desk.turn import Turn
from monitor.domain import Case, Status
from monitor.errors import MonitorError, MoveRefused
from monitor.steps.chain import follow_chain
from monitor.store.feedback import GivenFeedback


class Feedback(StrEnum):
    """What a person can say of a case; the value is the reason that it is dismissed with."""

    NOT_US = "not-us"
    NOT_A_COMPLAINT = "not-a-complaint"
    BLOCK_AUTHOR = "block-author"
    MUTE_THREAD = "mute-thread"


_LISTS = {Feedback.BLOCK_AUTHOR: "blocked_authors", Feedback.MUTE_THREAD: "muted_threads"}
_SHOWN = 80


def give_feedback(turn: Turn, case_id: int, said: Feedback) -> Case:
    """Keep what a person says of a case, and dismiss it; a closed case stays as it is.

    Raises MoveRefused for a closed case where nothing but dismissing is asked for, MonitorError where the config cannot
    be changed; then nothing has happened.
    """
    case = known_case(turn.store, case_id)
    listed = _LISTS.get(said)
    entry = _listed(turn, case, said, listed) if listed else None
    with turn.store.write():
        if listed is None or known_case(turn.store, case_id).status.open:
            before, case = known_case(turn.store, case_id), dismiss(turn, case_id, said)
        else:
            before = case
            turn.store.audit(case_id, turn.who, said, turn.now)
        turn.store.add_feedback(case_id, said, entry, _differences(before, case), turn.who, turn.now)
    return case


def undo_feedback(turn: Turn, case_id: int) -> Case:
    """Take back what was last said of a case: it stands again where it stood, its clock as if nothing had been.

    Raises MonitorError where nothing was said, MoveRefused where another case of the thread is open meanwhile.
    """
    case = known_case(turn.store, case_id)
    given = turn.store.last_feedback(case_id)
    if given is None:
        raise MonitorError(f"case {case_id}", "has no feedback to take back", "see `complaint-monitor queue show`")
    _check_place(turn, case, given)
    listed = _LISTS.get(Feedback(given.kind))
    if listed and given.entry is not None:
        _edit(turn, case, listed, given.entry, edit.take_back, f"undo {given.kind} {given.entry}")
    with turn.store.write():
        if turn.store.undo_feedback(given.id, turn.who, turn.now):
            _restore(turn, case_id, given)
            turn.store.audit(case_id, turn.who, "undo", turn.now, feedback=given.kind)
    return known_case(turn.store, case_id)


def _listed(turn: Turn, case: Case, said: Feedback, listed: str) -> str | None:
    """Add author or thread to the brand's list; returns the entry, None where the list had it."""
    author, thread = turn.store.author_and_thread(case.id)
    entry = author if said is Feedback.BLOCK_AUTHOR else thread
    return entry if _edit(turn, case, listed, entry, edit.add_entry, f"{said} {entry}") else None


def _edit(
    turn: Turn, case: Case, listed: str, entry: str, change: Callable[[str, edit.Keys, edit.Plain], str], note: str
) -> bool:
    """Change a list of the case's brand in the config, and have the daemon follow; whether anything changed."""
    keeper = keeper_of(turn)
    with keeper.lock:
        texts = keeper.texts(keeper.settled(turn.store))
        name, path = edit.place_of_brand(texts, keeper.main, case.brand)
        edited = change(texts[name], (*path, listed), entry)
        if edited == texts[name]:
            return False
        keeper.put(turn.store, Change({name: edited}, turn.who, "feedback", note[:_SHOWN]), turn.now, edit=True)
        return True


def _differences(before: Case, after: Case) -> dict[str, Any]:
    """Return the fields that changed, as they were, for JSON."""
    names = [name for name in Case.__dataclass_fields__ if name != "version"]
    changed = {name: getattr(before, name) for name in names if getattr(before, name) != getattr(after, name)}
    return {name: _plain(value) for name, value in changed.items()}


def _plain(value: Any) -> Any:
    return {"at": value.timestamp()} if isinstance(value, datetime) else value


def _value(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return datetime.fromtimestamp(value["at"], UTC)
    return Status(value) if name == "status" else value


def _check_place(turn: Turn, case: Case, given: GivenFeedback) -> None:
    other = turn.store.open_case_of(case.join_key)
    if "status" in given.before and other is not None and other != case.id:
        raise MoveRefused(f"case {case.id}", f"goes on as case {other}", f"work on case {other}")


def _restore(turn: Turn, case_id: int, given: GivenFeedback) -> None:
    """Put the case back where it stood, unless somebody has reopened it since."""
    case = known_case(turn.store, case_id)
    if given.before and case.status is Status.DISMISSED:
        turn.store.update_case(case_id, **{name: _value(name, value) for name, value in given.before.items()})
        follow_chain(turn.store, turn.settings, case_id, turn.now)
