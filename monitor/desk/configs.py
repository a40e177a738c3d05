"""What a person does with the config: apply a text, go back to an accepted one."""

import json
from typing import Any

from monitor.config.keeper import Change, ConfigKeeper, Kept, Texts
from monitor.desk.turn import Turn
from monitor.errors import MonitorError
from monitor.store.records import stamp

_SHOWN = 12
_WORDS = {"text", "author", "permalink"}


def keeper_of(turn: Turn) -> ConfigKeeper:
    """Return what changes the config files. Raises MonitorError where this process has none."""
    if turn.keeper is None:
        raise MonitorError("config", "cannot be changed from here", "use the command line")
    return turn.keeper


def apply_config(turn: Turn, text: str | None, report: str | None) -> dict[str, Any]:
    """Take up a text in the place of the main file, or (None) what stands on disk.

    Raises ConfigError and MonitorError where it is refused; everything is then as before.
    """
    keeper = keeper_of(turn)
    with keeper.lock:
        files: Texts = {keeper.main: text} if text is not None else {}
        change = Change(files, turn.who, "apply", report=without_words(report) if report else None)
        return _answer(keeper.put(turn.store, change, turn.now))


def revert_config(turn: Turn, version: str | None) -> dict[str, Any]:
    """Go back to an accepted version, by the beginning of its hash.

    None is the accepted one where something else stands on disk, else the one before it.
    """
    keeper = keeper_of(turn)
    with keeper.lock:
        wanted = _version(turn, version)
        files: dict[str, str | None] = dict(wanted["files"] or {keeper.main: wanted["text"]})
        files |= {name: None for name in _files_in_force(turn) if name not in files}
        note = f"to {wanted['hash'][:_SHOWN]} of {stamp(wanted['at'])}"
        return _answer(keeper.put(turn.store, Change(files, turn.who, "revert", note), turn.now))


def without_words(report: str) -> str:
    """Return a report of the lab, as JSON, without what posts say and who wrote them: versions outlive the posts.

    Raises MonitorError for what is no JSON.
    """
    try:
        return json.dumps(_stripped(json.loads(report)), ensure_ascii=False)
    except (ValueError, RecursionError) as error:
        raise MonitorError("report", "is no JSON", "write it with `lab run --format json`") from error


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stripped(entry) for key, entry in value.items() if key not in _WORDS}
    return [_stripped(entry) for entry in value] if isinstance(value, list) else value


def _version(turn: Turn, version: str | None) -> dict[str, Any]:
    history = turn.store.config_history()
    if version is None:
        on_disk = keeper_of(turn).load().hash
        earlier = [entry for entry in history if entry["hash"] != on_disk]
        if not earlier:
            raise MonitorError("config", "has no earlier version", "see `complaint-monitor config history`")
        return earlier[0]
    known = {entry["hash"]: entry for entry in reversed(history) if version and entry["hash"].startswith(version)}
    if len(known) != 1:
        cause = "is the beginning of several versions" if known else "no such version"
        raise MonitorError(f"config {version[:_SHOWN]}", cause, "see `complaint-monitor config history`")
    return next(iter(known.values()))


def _files_in_force(turn: Turn) -> list[str]:
    """Return the files of the accepted version other than the main one, which a version without them leaves out."""
    history = turn.store.config_history()
    main = keeper_of(turn).main
    return [name for name in (history[0]["files"] or {}) if name != main] if history else []


def _answer(kept: Kept) -> dict[str, Any]:
    return {
        "hash": kept.hash,
        "changed": kept.changed,
        "warnings": [str(problem) for problem in kept.warnings],
        "put_aside": list(kept.put_aside),
    }
