"""Suggestions at the desk: keep what was found, accept one into the config, take it back."""

import json
from typing import Any

from monitor.config.keeper import Change
from monitor.desk.configs import keeper_of
from monitor.desk.turn import Turn
from monitor.errors import MonitorError
from monitor.feedback.change import SuggestionKind, accept, revert
from monitor.store.feedback import Suggestion, SuggestionState
from monitor.store.records import stamp
from monitor.store.store import Store

FOUND_LIMIT = 500
_SHOWN = 80


def suggestion_json(entry: Suggestion) -> dict[str, Any]:
    """Return a suggestion as `suggestions list --json` prints it; unknown is null."""
    plain = {name: getattr(entry, name) for name in Suggestion.__dataclass_fields__}
    return {**plain, "made_at": stamp(entry.made_at), "at": stamp(entry.at),
            "brand": entry.brand or None, "source": entry.source or None}  # fmt: skip


def keep_suggestions(turn: Turn, found: Any) -> int:
    """Keep what was found in the place of what still waited; returns how many wait now. Raises MonitorError."""
    if not isinstance(found, list) or len(found) > FOUND_LIMIT:
        raise MonitorError("suggestions", f"are no list of at most {FOUND_LIMIT}", "run `suggestions find`")
    turn.store.keep_suggestions([_read(turn, entry) for entry in found], turn.now)
    return len(turn.store.suggestions(SuggestionState.WAITING))


def accept_suggestion(turn: Turn, suggestion_id: int) -> Suggestion:
    """Write a suggestion into the config and have a running daemon follow it. Raises MonitorError, ConfigError.

    Cut off on the way, the same command finishes it.
    """
    keeper = keeper_of(turn)
    with keeper.lock:
        known = _known(turn, suggestion_id)
        if known.state is SuggestionState.ACCEPTED:
            raise MonitorError(f"suggestion {suggestion_id}", "is accepted already", "revert it to take it back")
        files, before = accept(keeper.texts(keeper.settled(turn.store)), keeper.main, known)
        if not files and known.state is SuggestionState.WAITING and known.at is not None:
            before = known.before  # the text was written, and then the process died
        turn.store.settle_suggestion(known.id, SuggestionState.WAITING, before, turn.who, turn.now)
        if files:
            report = json.dumps({"suggestion": suggestion_json(known)})
            change = Change(files, turn.who, "suggestion", f"accept {_named(known)}", report)
            keeper.put(turn.store, change, turn.now, edit=True)
        turn.store.settle_suggestion(known.id, SuggestionState.ACCEPTED, before, turn.who, turn.now)
        return _known(turn, suggestion_id)


def revert_suggestion(turn: Turn, suggestion_id: int) -> Suggestion:
    """Take an accepted suggestion out of the config; whatever was changed since stays. Raises MonitorError."""
    keeper = keeper_of(turn)
    with keeper.lock:
        known = _known(turn, suggestion_id)
        if known.state is not SuggestionState.ACCEPTED:
            raise MonitorError(
                f"suggestion {suggestion_id}", "is not accepted", "see `complaint-monitor suggestions list`"
            )
        files = revert(keeper.texts(keeper.settled(turn.store)), keeper.main, known)
        if files:
            change = Change(files, turn.who, "suggestion", f"revert {_named(known)}")
            keeper.put(turn.store, change, turn.now, edit=True)
        turn.store.settle_suggestion(known.id, SuggestionState.REVERTED, known.before, turn.who, turn.now)
        return _known(turn, suggestion_id)


def suggestion_of(store: Store, suggestion_id: int) -> Suggestion | None:
    """Return a suggestion, or None."""
    return next((entry for entry in store.suggestions() if entry.id == suggestion_id), None)


def _known(turn: Turn, suggestion_id: int) -> Suggestion:
    found = suggestion_of(turn.store, suggestion_id)
    if found is None:
        raise MonitorError(f"suggestion {suggestion_id}", "there is none", "see `complaint-monitor suggestions list`")
    return found


def _named(known: Suggestion) -> str:
    value = known.value if isinstance(known.value, str) else json.dumps(known.value, ensure_ascii=False)
    return f"{known.id}: {known.kind} {value}"[:_SHOWN]


def _read(turn: Turn, record: Any) -> Suggestion:
    """Read a found suggestion as it came through the socket; raises MonitorError for what is none."""
    known = record if isinstance(record, dict) else {}
    kind, value, evidence, cost = (known.get(name) for name in ("kind", "value", "evidence", "cost"))
    told = isinstance(value, str | float | dict) and isinstance(evidence, dict) and isinstance(cost, dict)
    if kind not in list(SuggestionKind) or not told:
        raise MonitorError("suggestion", "has no kind, value, evidence and cost", "run `suggestions find`")
    brand, source = (str(known.get(name) or "") for name in ("brand", "source"))
    return Suggestion(0, str(kind), brand, source, value, evidence or {}, cost, turn.now)
