"""A digest as text of at most 40 lines, as mail-safe HTML, and as a message for a receiver."""

from monitor.digest.build import DigestBody, to_json
from monitor.notify.receiver import Message
from monitor.notify.render import CaseLines, Setting, case_lines, payload_of, templates
from monitor.notify.text import excerpt

SHOWN_CASES = 5
SHOWN_DEAF = 6
_SENTENCE = 160


def render_text(body: DigestBody, setting: Setting) -> str:
    """Return the digest as text; an empty one is one line."""
    if body.empty:
        return f"{body.title} ({body.period})"
    lines = [body.title, body.period, ""]
    width = max(len(what) for what, _ in body.facts)
    lines += [f"{what:<{width}}  {_foreign(setting, sentence, what)}" for what, sentence in body.facts]
    cases = _cases(body, setting)
    if cases:
        lines += ["", "most urgent"]
        for case in cases:
            lines += [f"  {case.head}, {case.due}", f"    {case.quote}", f"    by {case.author}; {_place(case)}"]
    deaf = _deaf(body, setting)
    if deaf:
        lines += ["", "not heard", *(f"  {line}" for line in deaf)]
    return "\n".join(lines)


def render_html(body: DigestBody, setting: Setting) -> str:
    """Return the digest as an HTML page that mail programs show, in light and dark."""
    return (
        templates()
        .get_template("digest.html")
        .render(
            subject=body.title,
            period=body.period,
            facts=[(what, _foreign(setting, sentence, what)) for what, sentence in body.facts],
            cases=_cases(body, setting),
            deaf=_deaf(body, setting),
            queue=f"{setting.public_url}/queue" if setting.public_url else None,
        )
    )


def digest_message(body: DigestBody, setting: Setting, *, key: str) -> Message:
    """Return the message of a digest for one receiver; `key` is its idempotency key."""
    top = list(body.figures.top)
    still = sum(body.figures.open_by_level.values())
    return Message(
        event="digest",
        receiver=setting.receiver,
        subject=body.title,
        text=render_text(body, setting),
        html=render_html(body, setting) if setting.kind == "mail" else None,
        payload={**payload_of("digest", top, still), "digest": to_json(body)},
        idempotency_key=key,
    )


def _cases(body: DigestBody, setting: Setting) -> list[CaseLines]:
    return [case_lines(case, setting) for case in body.figures.top[:SHOWN_CASES]]


def _place(case: CaseLines) -> str:
    return case.card or case.link or f"case {case.id}"


def _deaf(body: DigestBody, setting: Setting) -> list[str]:
    lines = [f"{source}: {setting.foreign(excerpt(words, _SENTENCE))}" for source, words in body.deaf[:SHOWN_DEAF]]
    left = len(body.deaf) - len(lines)
    return [*lines, f"and {left} more"] if left > 0 else lines


def _foreign(setting: Setting, sentence: str, what: str) -> str:
    """Only the words come from posts; all other facts are our own."""
    return setting.foreign(sentence) if what == "words" else sentence
