"""What a person does beside cases: silences, another try for what was given up, erasure, config versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.config.problem import suggestion
from monitor.desk.reads import explain
from monitor.desk.turn import Turn
from monitor.domain import Kind, Level
from monitor.errors import MonitorError

SILENCE_KEYS = ("brand", "level", "platform", "kind", "case")


def silence(turn: Turn, matchers: Mapping[str, Sequence[str]], reason: str, until: datetime) -> int:
    """Mute notifications until a time to come; returns the id of the silence. The queue goes on.

    A case is muted where every key matches it by one of its values.
    """
    unknown = sorted(set(matchers) - set(SILENCE_KEYS))
    if unknown or not matchers:
        cause = f"cannot match {', '.join(unknown)}" if unknown else "matches everything"
        raise MonitorError("silence", cause, f"match by {', '.join(SILENCE_KEYS)}")
    _check_values(turn, matchers)
    if until <= turn.now:
        raise MonitorError("silence", "would end in the past", "give a time to come, such as 2h")
    return turn.store.add_silence(matchers, turn.who, reason, turn.now, until)


def _check_values(turn: Turn, matchers: Mapping[str, Sequence[str]]) -> None:
    """Raise MonitorError for a value that no case can have: a silence that mutes nothing would look like one."""
    levels, kinds = [level.value for level in Level], [kind.value for kind in Kind]
    possible = {"level": levels, "kind": kinds, "brand": [*turn.settings.brands]}
    for key, values in matchers.items():
        for value in values:
            if key in possible and value not in possible[key]:
                raise MonitorError("silence", f"no {key} is named {value!r}", suggestion(value, possible[key]))
            if key == "case" and not (value.isascii() and value.isdecimal()):
                raise MonitorError("silence", f"{value!r} is no case", "give the number that `queue list` shows")


def end_silence(turn: Turn, silence_id: int) -> None:
    """End a silence now."""
    if not turn.store.end_silence(silence_id, turn.now):
        raise MonitorError(f"silence {silence_id}", "is not in force", "see `complaint-monitor silence list`")


def replay_dead(turn: Turn, message_id: int | None) -> int:
    """Have a message that was given up sent again, or (None) all of them; returns how many."""
    count = turn.store.replay_messages(message_id, turn.now)
    if not count:
        subject = "outbox" if message_id is None else f"message {message_id}"
        raise MonitorError(subject, "nothing was given up", "see `complaint-monitor outbox list`")
    return count


def forget(turn: Turn, *, author: str, platform: str | None, post: str) -> int:
    """Erase the words of an author, or of one post, from every table; returns how many posts that were."""
    if author:
        return turn.store.forget_author(author, platform, turn.who, turn.now)
    found = {(entry.platform, entry.native_id) for entry in explain(turn.store, post)}
    for place, native_id in found:
        turn.store.forget_mention(place, native_id, turn.who, turn.now)
    return len(found)


def replay_parked(turn: Turn) -> int:
    """Have posts that failed to be decided three times decided again; returns how many."""
    return turn.store.replay_parked()
