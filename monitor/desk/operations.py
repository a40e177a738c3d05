"""What a person does beside cases: silences, another try for what was given up, erasure, config versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.config.problem import suggestion
from monitor.desk.reads import explain
from monitor.desk.turn import Turn
from monitor.domain import Kind, Level, Severity
from monitor.errors import MonitorError
from monitor.rules.alerting import MATCHER_KEYS

UNKNOWN = "unknown"
"""The cause of cases that nobody knows the cause of."""


def silence(turn: Turn, matchers: Mapping[str, Sequence[str]], reason: str, until: datetime) -> int:
    """Mute notifications until a time to come; returns the id of the silence. The queue goes on.

    A case is muted where every key matches it by one of its values. One with a safety, legal, press or fraud class, or
    an impostor, is muted only where the silence names each of these classes, or the case itself. What the silence held
    back, and nobody has taken meanwhile, is told when it ends.
    """
    unknown = sorted(set(matchers) - set(MATCHER_KEYS))
    if unknown or not matchers:
        cause = f"cannot match {', '.join(unknown)}" if unknown else "matches everything"
        raise MonitorError("silence", cause, f"match by {', '.join(MATCHER_KEYS)}")
    _check_values(turn, matchers)
    if until <= turn.now:
        raise MonitorError("silence", "would end in the past", "give a time to come, such as 2h")
    return turn.store.add_silence(matchers, turn.who, reason, turn.now, until)


def _check_values(turn: Turn, matchers: Mapping[str, Sequence[str]]) -> None:
    """Raise MonitorError for a value that no case can have: a silence that mutes nothing would look like one."""
    causes = {cause for brand in turn.settings.brands for cause in turn.settings.cause_names(brand)}
    possible = {
        "level": [level.value for level in Level],
        "kind": [kind.value for kind in Kind],
        "severity": [severity.value for severity in Severity],
        "cause": [*sorted(causes), UNKNOWN],
        "brand": [*turn.settings.brands],
    }
    for key, values in matchers.items():
        for value in values:
            if key in possible and value not in possible[key]:
                raise MonitorError("silence", f"no {key} is named {value!r}", suggestion(value, possible[key]))
            if key in {"case", "incident"} and not (value.isascii() and value.isdecimal()):
                raise MonitorError("silence", f"{value!r} is no {key}", "give the number that the list of them shows")


def end_silence(turn: Turn, silence_id: int) -> None:
    """End a silence now; what it held back is looked at again at once."""
    with turn.store.write():
        if not turn.store.end_silence(silence_id, turn.now):
            raise MonitorError(f"silence {silence_id}", "is not in force", "see `complaint-monitor silence list`")
        turn.store.wake_held(turn.now)


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
