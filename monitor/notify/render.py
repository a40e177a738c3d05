"""From cases to a message: short, explained, and harmless wherever it is read.

A message is rendered once, when it is sealed, for one receiver. Foreign text (excerpt, author, evidence) is made inert
for the place it goes to; the webhook's payload alone carries it as it was written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitor.config.schema import Settings
from monitor.domain import Reason
from monitor.notify.outline import Card, Outline, show_command
from monitor.notify.receiver import Message
from monitor.notify.registry import CHAT_KINDS
from monitor.notify.specimen import specimen
from monitor.notify.text import ago, chat, count, excerpt, inert, safe_link, until, visible
from monitor.store.records import CaseView

PAYLOAD_CASES = 20
"""Cases in a webhook's payload."""

FULL_CASES, LINE_CASES = 5, 15
"""Cases told in full, and in a line each after those; what is left is a number."""

_EXCERPT, _SHORT = 240, 70
_TITLES = {
    "case.opened": "new {kind}",
    "case.raised": "{kind} more urgent than before",
    "case.escalated": "{kind} escalated",
    "case.reminded": "{kind} claimed without a reply",
    "case.released": "{kind} back in the queue",
    "case.reopened": "{kind} open again",
    "case.rescored": "{kind} urgent by the changed config",
    "incident.opened": "new incident",
    "incident.updated": "incident goes on",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when a message is read: the receiver and its kind, the reader's zone, where links lead.

    Without `public_url` messages name the case by its id. `demo` says so in every message.
    """

    receiver: str
    kind: str
    now: datetime
    zone: tzinfo = UTC
    public_url: str | None = None
    demo: bool = False
    raw: bool = False
    """Leave foreign text as it is, but for its control signs: for parts that the receiver itself makes harmless."""

    @property
    def foreign(self) -> Callable[[str], str]:
        """What makes foreign text harmless there."""
        if self.raw:
            return visible
        return chat if self.kind in CHAT_KINDS else inert


def setting_for(settings: Settings, receiver: str, now: datetime, zone: tzinfo = UTC) -> Setting:
    """Return where and when a receiver of a config reads a message; one that left the config reads plain text."""
    options = settings.receivers.get(receiver)
    kind = options.kind if options else "stdout"
    return Setting(receiver, kind, now, zone, settings.web.public_url, settings.demo)


@dataclass(frozen=True, slots=True)
class CaseLines:
    """One case in words; every part is harmless in plain text of the receiver's kind."""

    level: str
    head: str
    short: str
    quote: str
    author: str
    why: tuple[str, ...]
    due: str
    id: int
    card: str | None
    link: str | None


def render_cases(
    event: str, cases: Sequence[CaseView], setting: Setting, *, key: str, total: int | None = None, note: str = ""
) -> Message:
    """Return the message that tells of these cases, worst first.

    `key` is its idempotency key, `total` how many cases there are where only the worst are given, `note` a sentence of
    ours (who escalated, which step).
    """
    cases = sorted(cases, key=lambda case: (case.level.rank, -case.score, case.id))
    number = len(cases) if total is None else max(total, len(cases))
    subject = _subject(event, cases, number, setting)
    lines = [case_lines(case, setting) for case in cases]
    return Message(
        event=event,
        receiver=setting.receiver,
        subject=subject,
        text=_text(subject, note, lines, number, setting),
        html=_html(subject, note, lines, number, setting) if setting.kind == "mail" else None,
        payload=payload_of(event, cases, number),
        idempotency_key=key,
        urgent=any(case.level.urgent for case in cases),
        outline=outline_of(cases, setting, number, note),
    )


def outline_of(cases: Sequence[CaseView], setting: Setting, number: int, note: str = "") -> Outline:
    """Return the parts of a message about these cases, worst first, of which there are `number` in all."""
    lines = [case_lines(case, replace(setting, raw=True)) for case in cases[: FULL_CASES + LINE_CASES]]
    left = number - len(lines)
    return Outline(
        cards=tuple(_card(line) for line in lines[:FULL_CASES]),
        note=note,
        rest=tuple(f"{line.short} (case {line.id}, {line.due})" for line in lines[FULL_CASES:]),
        left=f"and {left} more: {_queue(setting)}" if left > 0 else "",
    )


def _card(line: CaseLines) -> Card:
    return Card(line.id, line.level, line.head, line.quote, line.author, line.why, line.due, line.card, line.link)


def payload_of(event: str, cases: Sequence[CaseView], number: int) -> dict[str, Any]:
    """Return what a webhook receives: at most 20 cases as in `queue list --json`, and the worst of them."""
    told = [case.to_json() for case in cases[:PAYLOAD_CASES]]
    return {"event": event, "count": number, "cases": told, "case": told[0] if told else None}


def render_test(setting: Setting, *, key: str) -> Message:
    """Return the message of `send-test`: an alert about a made-up case, with all that an alert shows."""
    case = specimen(setting.now)
    subject = f"{_demo(setting)}complaint-monitor: test message"
    note = f"This receiver works: {inert(setting.receiver)}. The case below is made up: it shows how alerts look."
    lines = [case_lines(case, setting)]
    return Message(
        event="test",
        receiver=setting.receiver,
        subject=subject,
        text=_text(subject, note, lines, 1, setting),
        html=_html(subject, note, lines, 1, setting) if setting.kind == "mail" else None,
        payload=payload_of("test", [case], 1),
        idempotency_key=key,
        outline=outline_of([case], setting, 1, note),
    )


def _demo(setting: Setting) -> str:
    return "[demo] " if setting.demo else ""


def _subject(event: str, cases: Sequence[CaseView], number: int, setting: Setting) -> str:
    title = _TITLES.get(event, event.replace(".", " "))
    if not cases:
        return _demo(setting) + title.format(kind="case")
    worst = cases[0]
    more = f" and {number - 1} more" if number > 1 else ""
    quote = setting.foreign(excerpt(worst.text, 60))
    return f"{_demo(setting)}{worst.level.upper()} {worst.brand}: {title.format(kind=worst.kind)}{more}: {quote}"


def case_lines(case: CaseView, setting: Setting) -> CaseLines:
    foreign = setting.foreign
    reach = f", {count(case.followers)} followers" if case.followers is not None else ""
    joined = f", {case.posts} posts" if case.posts > 1 else ""
    return CaseLines(
        level=case.level.value,
        head=f"{case.level.upper()} {case.score:.0f} · {case.brand} · {foreign(case.platform)} · {case.kind}{joined}",
        short=f"{case.level.upper()} {case.score:.0f} {foreign(excerpt(case.text, _SHORT))}",
        quote=foreign(excerpt(case.text, _EXCERPT)),
        author=f"{foreign(excerpt(case.author, 60))}{reach}, {ago(case.posted_at, setting.now, setting.zone)}",
        why=tuple(_reason(reason, setting) for reason in _top(case.reasons)),
        due=until(case.due_at, setting.now, setting.zone),
        id=case.id,
        card=f"{setting.public_url}/cases/{case.id}" if setting.public_url else None,
        link=safe_link(case.permalink),
    )


def _top(reasons: Sequence[Reason]) -> list[Reason]:
    """The three reasons that weigh most."""
    return sorted(reasons, key=lambda reason: -abs(reason.points))[:3]


def _reason(reason: Reason, setting: Setting) -> str:
    evidence = f" ({setting.foreign(excerpt(reason.evidence, 60))})" if reason.evidence else ""
    return f"{reason.name} {reason.points:+.0f}{evidence}"


def _text(subject: str, note: str, lines: Sequence[CaseLines], number: int, setting: Setting) -> str:
    parts = [subject] + ([note] if note else [])
    for case in lines[:FULL_CASES]:
        parts += ["", *_full(case)]
    rest = lines[FULL_CASES : FULL_CASES + LINE_CASES]
    if rest:
        parts.append("")
        parts += [f"{case.short} (case {case.id}, {case.due})" for case in rest]
    left = number - len(lines[: FULL_CASES + LINE_CASES])
    if left > 0:
        parts += ["", f"and {left} more: {_queue(setting)}"]
    return "\n".join(parts)


def _full(case: CaseLines) -> list[str]:
    found = [case.head, case.quote, f"by {case.author}"]
    if case.why:
        found.append(f"why: {'; '.join(case.why)}")
    found.append(case.due)
    found.append(f"card: {case.card}" if case.card else f"case {case.id}: {show_command(case.id)}")
    return [*found, f"post: {case.link}"] if case.link else found


def _queue(setting: Setting) -> str:
    return f"{setting.public_url}/queue" if setting.public_url else "complaint-monitor queue list"


def _html(subject: str, note: str, lines: Sequence[CaseLines], number: int, setting: Setting) -> str:
    shown = FULL_CASES + LINE_CASES
    return (
        templates()
        .get_template("cases.html")
        .render(
            subject=subject,
            note=note,
            full=lines[:FULL_CASES],
            rest=lines[FULL_CASES:shown],
            left=max(number - len(lines[:shown]), 0),
            queue=f"{setting.public_url}/queue" if setting.public_url else None,
        )
    )


@cache
def templates() -> Environment:
    """Return the environment of our mail templates: everything escaped, a missing value is an error."""
    loader = PackageLoader("monitor.notify", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
