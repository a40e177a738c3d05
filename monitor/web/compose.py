"""Answering on the card: what is offered, what there is to look at in the words, and the deeds that concern them.

Nothing here sends anything by itself: a person copies the words that stand there and says that they sent them, or,
where the platform allows it for the post, presses the button that posts the very words shown beside it.

draft, chosen or written ─▶ lint ─▶ kept ─▶ approval, where a class asks ─▶ copied, post opened ─▶ "I have sent it"
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from connectors.mention import clean_text
from monitor.answering.draft import Draft
from monitor.answering.length import LONGEST, counted_length
from monitor.answering.lint import Finding, stopped
from monitor.answering.offer import length_limit
from monitor.answering.playbooks import Playbook
from monitor.config.schema import Settings
from monitor.desk import Command
from monitor.desk.answers import AnswersView, answers_view, drafts_for, lint_for, playbook_for
from monitor.desk.voices import speaker_for
from monitor.domain import Case
from monitor.store.sendings import Sending, SendingState
from monitor.store.store import Store
from monitor.web.pages import json_answer
from monitor.web.request import form_of, person_of
from monitor.web.site import Site

_VARIANTS = 1_000


@dataclass(frozen=True, slots=True)
class Composing:
    """What the field of the answer shows. `text` is what stands in it, `template` what that was begun from.

    `account` may answer the post from here; `unsendable` says why none may. `attempt` is the last one to send, where it
    did not succeed, `attempt_state` how it stands.
    """

    answers: AnswersView
    drafts: tuple[Draft, ...]
    playbooks: tuple[Playbook, ...]
    text: str
    template: str
    findings: tuple[Finding, ...]
    length: int
    limit: int | None
    variant: int
    account: str | None = None
    unsendable: str = ""
    attempt: Sending | None = None
    attempt_state: str = ""

    @property
    def stops(self) -> bool:
        """Whether the words cannot go on as they are."""
        return bool(stopped(self.findings))


def compose(
    store: Store, settings: Settings, case: Case, platform: str, request: Request, typed: str | None = None
) -> Composing:
    """Return what to answer with: what was typed, else the draft that the address names, else the words in work."""
    now = request.app.state.site.clock()
    variant = _variant(request)
    answers = answers_view(store, settings, case.id, now)
    drafts = drafts_for(store, settings, case.id, now, variant=variant)
    chosen = next((one for one in drafts if one.text and one.name == request.query_params.get("draft")), None)
    kept = answers.answer
    if typed is not None:
        text, template = typed, form_of(request).get("template", "")
    elif chosen is not None:
        text, template = chosen.text, chosen.name
    else:
        text, template = (kept.text, kept.template) if kept else ("", "")
    findings = lint_for(store, settings, case.id, text, now) if text else ()
    limit = length_limit(settings.answers_of(case.brand), platform)
    length = counted_length(text, platform)
    playbooks = playbook_for(store, settings, case.id)
    speaker, reason = speaker_for(store, settings, request.app.state.site.connectors(), case)
    last = answers.sendings[-1] if answers.sendings else None
    attempt = last if last is not None and last.state is not SendingState.SENT else None
    return Composing(
        answers, drafts, playbooks, text, template, findings, length, limit, variant,
        account=speaker.account if speaker else None, unsendable=reason, attempt=attempt,
        attempt_state=attempt.stands(now) if attempt else "",
    )  # fmt: skip


def typed_words(form: Mapping[str, str]) -> str:
    """Return the words of a form, with line ends as everywhere but in forms."""
    return clean_text(form.get("text", "").replace("\r\n", "\n").replace("\r", "\n").strip(), LONGEST)


def lint_json(store: Store, settings: Settings, case_id: int, request: Request) -> Response:
    """Answer what there is to look at in the words of a form; nothing is kept."""
    text, now = typed_words(form_of(request)), request.app.state.site.clock()
    (view,) = store.case_views([case_id])
    findings = lint_for(store, settings, case_id, text, now) if text else ()
    told = [{**finding.to_json(), "words": text[finding.start : finding.end][:80]} for finding in findings]
    limit = length_limit(settings.answers_of(view.brand), view.platform)
    return json_answer({"findings": told, "length": counted_length(text, view.platform), "limit": limit})


def write(site: Site, request: Request, case_id: int) -> dict[str, Any]:
    """Keep the words of the form as they are."""
    form = form_of(request)
    told = {"text": typed_words(form), "template": form.get("template", ""), **version_of(form)}
    return _execute(site, request, "answer-write", case_id, told)


def ask(site: Site, request: Request, case_id: int) -> dict[str, Any]:
    """Keep the words of the form, and ask for an approval of exactly these."""
    return _on_words(site, request, "answer-ask", case_id)


def open_post(site: Site, request: Request, case_id: int) -> dict[str, Any]:
    """Keep the words of the form, and hand out exactly these with the address of the post."""
    return _on_words(site, request, "answer-open", case_id)


def version_of(form: Mapping[str, str]) -> dict[str, int]:
    """Return the version that the person saw, as an argument; nothing where the form names none."""
    given = form.get("version", "")
    return {"version": int(given)} if given.isascii() and given.isdecimal() and 0 < len(given) < 16 else {}


WORDS: Mapping[str, Callable[[Site, Request, int], dict[str, Any]]] = {
    "write": write,
    "ready": write,
    "ask": ask,
    "open": open_post,
}
"""Deeds that begin with the words of the form."""


def _on_words(site: Site, request: Request, command: str, case_id: int) -> dict[str, Any]:
    """Do something with the words that the person saw: those of the form, or the kept ones of the version it names."""
    seen: Mapping[str, Any] = version_of(form_of(request))
    if typed_words(form_of(request)):
        kept = write(site, request, case_id)
        seen = {"version": kept["answer"]["version"]}
    return _execute(site, request, command, case_id, seen)


def _execute(site: Site, request: Request, command: str, case_id: int, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return site.execute(Command(command, person_of(request).name, {"case": case_id, **arguments}))


def _variant(request: Request) -> int:
    given = request.query_params.get("variant", "")
    return int(given) % _VARIANTS if given.isascii() and given.isdecimal() and len(given) < 5 else 0
