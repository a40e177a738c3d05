"""Messages about what is no list of cases: incidents, spikes and answers, each rendered by a function of its own.

A subject is a kind and a number, such as incident:7. Its message is judged like a case of its level: silences by brand,
level or incident mute it, quiet hours hold it back unless it is large (`bypass`). A spike is not told besides an
incident that explains it (`explaining.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol, cast

from monitor.config.schema import Settings
from monitor.domain import Level
from monitor.notify.receiver import Message, message_key
from monitor.rules.alerting import LOOK_AGAIN, QUIET
from monitor.rules.hours import next_active
from monitor.steps.explaining import why_not_told
from monitor.steps.judging import Judge
from monitor.store.records import OpenMessage
from monitor.store.store import Store


@dataclass(frozen=True, slots=True)
class Told:
    """A rendered message about a subject, and what decides whether it may be sent now.

    `size` is how many cases or complaints it has; `cause` what they are about, None for unknown.
    """

    message: Message
    brand: str
    level: Level
    size: int
    cause: str | None = None


class Renderer(Protocol):
    """Renders what there is to say of a subject; None where there is nothing any more."""

    def __call__(
        self, store: Store, settings: Settings, number: int, event: str, receiver: str, now: datetime, key: str
    ) -> Told | None:
        """Return what a receiver is told of an event of the subject of that number; `key` is its idempotency key."""
        ...


RENDERERS: dict[str, str] = {
    "incident": "monitor.notify.render_incident:told_incident",
    "spike": "monitor.notify.render_spike:told_spike",
    "answer": "monitor.notify.render_answer:told_answer",
}
"""Where each kind of subject is rendered; imported when the first of them is told."""


def seal_subject(store: Store, judge: Judge, message: OpenMessage, due_at: datetime) -> None:
    """Fix the message of a subject, to be sent from `due_at` on; or hold it back, or mute it."""
    subject = message.subject or ""
    told = _rendered(store, judge, message, subject)
    if told is None:
        store.mute_message(message.id, "nothing is left to say of it", judge.now)
        return
    kind, _, number = subject.partition(":")
    needless = why_not_told(store, message.receiver, int(number), message.event, judge.now) if kind == "spike" else ""
    if needless:
        store.mute_message(message.id, needless, judge.now)
        return
    kept = _kept(judge, message.receiver, subject, told)
    if kept is not None:
        reason, until = kept
        latest = judge.now + LOOK_AGAIN
        store.hold_message(message.id, min(until or latest, latest), reason)
        return
    store.seal_message(message.id, told.message.to_json(), told.message.idempotency_key, judge.now, due_at=due_at)
    store.record_subject(subject, message.receiver, told.level, judge.now)
    if kind == "incident":
        # what was said counts, not how large it was when that was put into the outbox: it doubles from there
        store.update_incident(int(number), told_size=told.size)


def _rendered(store: Store, judge: Judge, message: OpenMessage, subject: str) -> Told | None:
    key = message_key(message.receiver, f"{subject}/{message.event}", str(message.id))
    return render_subject(store, judge.settings, subject, message.event, message.receiver, judge.now, key)


def render_subject(
    store: Store, settings: Settings, subject: str, event: str, receiver: str, now: datetime, key: str
) -> Told | None:
    """Return what a receiver is told of an event of a subject (incident:7); None where nothing is left to say."""
    kind, _, number = subject.partition(":")
    module, _, name = RENDERERS[kind].partition(":")
    render = cast("Renderer", getattr(import_module(module), name))
    return render(store, settings, int(number), event, receiver, now, key)


def _kept(judge: Judge, receiver: str, subject: str, told: Told) -> tuple[str, datetime | None] | None:
    """Return why a message is held back, and until when; None where it is sent, as what waits for an approval is."""
    if subject.startswith("answer:"):
        return None
    for silence in judge.silences:
        if _mutes(silence["matchers"], subject, told):
            return f"silence {silence['id']} by {silence['author']}", silence["ends_at"]
    kind = subject.partition(":")[0]
    bound: int = getattr(judge.settings.bypass, kind)
    options = judge.settings.receivers.get(receiver)
    active_at = next_active(options, judge.now) if options is not None and told.size < bound else judge.now
    return None if active_at == judge.now else (QUIET, active_at)


def _mutes(matchers: Mapping[str, Any], subject: str, told: Told) -> bool:
    """Whether every matcher names this subject; one that speaks of single cases never does."""
    kind, _, number = subject.partition(":")
    values = {
        "brand": told.brand,
        "level": told.level.value,
        "cause": told.cause or "unknown",
        "incident": number if kind == "incident" else "",
    }
    return all(values.get(name, "") in {str(wanted) for wanted in listed} for name, listed in matchers.items())
