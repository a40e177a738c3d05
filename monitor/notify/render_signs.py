"""Messages about messages: told in the place of another receiver, the canary, the end of a thread."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from monitor.notify.receiver import Message
from monitor.notify.render import Setting, payload_of
from monitor.notify.text import ago, span
from monitor.store.receivers import CanaryRun
from monitor.store.records import CaseView

OVER = "case.over"
MISSING = "canary.missing"


def with_note(message: Message, note: str) -> Message:
    """Return a message with a sentence of ours after its subject; of its HTML only the text stays."""
    outline = message.outline
    if outline is not None:
        outline = replace(outline, note="; ".join(part for part in (note, outline.note) if part))
    return replace(message, text=f"{message.subject}\n{note}\n{message.body}", html=None, outline=outline)


def render_in_place(message: Message, note: str, setting: Setting, *, key: str) -> Message:
    """Return a message, made for another receiver, for this one; what people wrote is made harmless anew.

    Its HTML is left out: it was made for mail, and may hold pictures that belong to that mail.
    """
    text = "\n".join([setting.foreign(message.subject), setting.foreign(note), *_lines(message.body, setting)])
    return replace(
        message,
        receiver=setting.receiver,
        subject=setting.foreign(message.subject),
        text=text,
        html=None,
        outline=None,
        idempotency_key=key,
    )


def _lines(text: str, setting: Setting) -> list[str]:
    return [setting.foreign(line) for line in text.split("\n")]


def render_canary(
    number: int, address: str | None, token: str, within: timedelta, setting: Setting, *, key: str
) -> Message:
    """Return a test alert; with `address` it asks to be acknowledged there."""
    subject = f"{_demo(setting)}complaint-monitor: test alert {number}, nothing to do"
    lines = [subject, "This alert tests the way to you. No case is behind it."]
    asked: dict[str, object] = {"id": number}
    if address is not None:
        lines.append(f"Whoever tests the receiver acknowledges it within {span(within)}: POST {address}?token={token}")
        asked |= {"acknowledge": address, "token": token}
    payload = {**payload_of("canary", [], 0), "canary": asked}
    return Message("canary", setting.receiver, subject, "\n".join(lines), None, payload, key)


def render_missing(canary: CanaryRun, setting: Setting, *, key: str) -> Message:
    """Return the message that nobody acknowledged a test alert."""
    when = ago(canary.made_at, setting.now, setting.zone)
    subject = f"{_demo(setting)}alerts may not arrive: the test alert to {canary.receiver} was not acknowledged"
    taken = "the receiver said that it took it" if canary.sent_at else "the receiver has not taken it"
    text = f"{subject}\nTest alert {canary.id} was made {when}; {taken}. See `complaint-monitor alerts status`."
    payload = {**payload_of(MISSING, [], 0), "canary": {"id": canary.id, "receiver": canary.receiver}}
    return Message(MISSING, setting.receiver, subject, text, None, payload, key, urgent=True)


def render_over(thread: str, cases: Sequence[CaseView], setting: Setting, *, key: str) -> Message:
    """Return the message that every case of a thread is closed."""
    ends = Counter(case.status.value for case in cases)
    how = ", ".join(f"{count} {status}" for status, count in ends.most_common())
    subject = f"{_demo(setting)}over: {thread.replace(':', ' ')} ({how})"
    lines = [subject, *(f"case {case.id}: {case.status}" for case in cases[:20])]
    payload = payload_of(OVER, cases, len(cases))
    return Message(OVER, setting.receiver, subject, "\n".join(lines), None, payload, key, thread=thread)


def _demo(setting: Setting) -> str:
    return "[demo] " if setting.demo else ""
