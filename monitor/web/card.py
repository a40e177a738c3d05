"""The page of a case: everything beside it, and what can be done with it.

POST /cases/ID/DEED ─▶ command ─▶ the site executes it ─▶ 303 to the card (or where it came from), or JSON
                                  └── refused: the card again with the reason and what was typed, 409
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access.person import Deed
from monitor.desk import Command, Feedback, known_case
from monitor.desk.card import Card, card_of, undo_of
from monitor.domain import Case
from monitor.errors import MonitorError, MoveRefused, UnknownCase
from monitor.store.records import stamp
from monitor.web.compose import WORDS, compose, lint_json, typed_words, version_of
from monitor.web.pages import answer, json_answer, render, status_of
from monitor.web.queue import due_words, reach
from monitor.web.request import NotFound, form_of, number_in, person_of, wants_json
from monitor.web.site import Site

Form = Mapping[str, str]
Arguments = Callable[[Form, datetime], dict[str, Any]]

_LONGEST_SNOOZE = 60 * 24 * 30
_TELLABLE = frozenset({400, 409})
"""Refusals that the card itself tells of; others are pages of their own."""


class CardView:
    """Shows a case, and works on it."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def page(self, request: Request) -> Response:
        """Answer GET /cases/ID."""
        case = self._seen(request)
        if wants_json(request):
            return json_answer({"id": case.id, "version": case.version, "status": case.status,
                                "claimed_by": case.claimed_by, "due_at": stamp(case.due_at)})  # fmt: skip
        return self._show(request, case.id, told=_DONE.get(request.query_params.get("did", ""), ""))

    def work(self, request: Request) -> Response:
        """Answer POST /cases/ID/DEED."""
        case, deed = self._seen(request), request.path_params["deed"]
        if deed == "lint":
            return self._lint(request, case.id)
        if deed not in _DEEDS and deed not in WORDS and deed != "undo":
            raise NotFound(f"case {case.id}", "this cannot be done with it")
        try:
            done = self._do(request, case.id, deed)
        except MonitorError as error:
            if wants_json(request) or status_of(error) not in _TELLABLE:
                raise
            typed = typed_words(form_of(request)) if deed in WORDS else None
            return self._show(request, case.id, status_of(error), problem=error, typed=typed)
        return answer(request, _way_back(form_of(request)) or _card_after(case.id, deed), done)

    def _do(self, request: Request, case_id: int, deed: str) -> dict[str, Any]:
        if deed in WORDS:
            return WORDS[deed](self._site, request, case_id)
        if deed == "undo":
            return self._undo(request, case_id)
        name, arguments = _DEEDS[deed]
        form = form_of(request)
        told = {"case": case_id, **arguments(form, self._site.clock()), **version_of(form)}
        return self._site.execute(Command(name, person_of(request).name, told))

    def _undo(self, request: Request, case_id: int) -> dict[str, Any]:
        who = person_of(request).name
        with self._site.reading() as store:
            found = undo_of(card_of(store, self._site.settings(), case_id, self._site.clock()), who)
        if found is None:
            raise MoveRefused(f"case {case_id}", "has nothing of yours to take back", "somebody else acted on it last")
        return self._site.execute(Command(found.command, who, {"case": case_id, **found.arguments}))

    def _lint(self, request: Request, case_id: int) -> Response:
        if wants_json(request):
            with self._site.reading() as store:
                return lint_json(store, self._site.settings(), case_id, request)
        return self._show(request, case_id, typed=typed_words(form_of(request)))

    def _show(
        self,
        request: Request,
        case_id: int,
        status: int = 200,
        *,
        told: str = "",
        problem: MonitorError | None = None,
        typed: str | None = None,
    ) -> Response:
        settings, now = self._site.settings(), self._site.clock()
        with self._site.reading() as store:
            card = card_of(store, settings, case_id, now)
            composing = compose(store, settings, card.file.case, card.face.platform, request, typed)
        person, brand = person_of(request), card.file.case.brand
        return render(
            request, "card.html", status, card=card, case=card.file.case, view=card.file.view, face=card.face,
            composing=composing, answers=composing.answers, told=told, problem=problem, typed=typed,
            may_work=person.may(Deed.WORK, brand), may_approve=person.may(Deed.APPROVE, brand),
            may_say=person.may(Deed.WORK, brand) or person.may(Deed.TUNE, brand), undo=undo_of(card, person.name),
            feedback=_sayable(card), reach=reach, due_words=due_words, signed=signed,
            ready=request.query_params.get("did") == "ready",
        )  # fmt: skip

    def _seen(self, request: Request) -> Case:
        """Return the case. Raises NotFound where the person may not even see it."""
        number = number_in(request, "number")
        with self._site.reading() as store:
            try:
                case = known_case(store, number)
            except UnknownCase as error:
                raise NotFound(error.subject, error.cause) from error
        if not person_of(request).may(Deed.SEE, case.brand):
            raise NotFound(f"case {number}", "there is no such case")
        return case


def signed(points: float) -> str:
    """Return points with their sign: `+4`, `-2.5` with a true minus."""
    return f"{points:+.1f}".removesuffix(".0").replace("-", "\N{MINUS SIGN}")


def _sayable(card: Card) -> tuple[tuple[str, str, str], ...]:
    """Return what can be said of a case in one click: the value, the button, what it does; an author must be known."""
    every = (
        (Feedback.NOT_US, "Not about us", "It is dismissed; suggestions learn from it."),
        (Feedback.NOT_A_COMPLAINT, "Not a complaint", "It is dismissed; the threshold learns from it."),
        (Feedback.BLOCK_AUTHOR, "Block the author", "Their posts are dropped from now on, but for grave ones."),
        (Feedback.MUTE_THREAD, "Mute the thread", "Its posts are dropped from now on, but for grave ones."),
    )
    without = {
        *((Feedback.BLOCK_AUTHOR,) if not card.face.author else ()),
        *((Feedback.MUTE_THREAD,) if not card.face.thread_id else ()),
        *((Feedback.NOT_US, Feedback.NOT_A_COMPLAINT) if not card.file.case.status.open else ()),
    }
    return tuple((said.value, name, what) for said, name, what in every if said not in without)


def _nothing(_: Form, __: datetime) -> dict[str, Any]:
    return {}


def _field(name: str) -> Arguments:
    return lambda form, _: {name: form.get(name, "").replace("\r\n", "\n")}


def _snooze(form: Form, now: datetime) -> dict[str, Any]:
    minutes = form.get("minutes", "")
    if form.get("until") or not minutes:
        return {"until": form.get("until", "")}
    if not (minutes.isascii() and minutes.isdecimal() and len(minutes) < 6 and 0 < int(minutes) <= _LONGEST_SNOOZE):
        raise MonitorError("snooze", f"is for no number of minutes up to {_LONGEST_SNOOZE:,}", "choose a time")
    return {"until": stamp(now + timedelta(minutes=int(minutes)))}


def _reply(form: Form, _: datetime) -> dict[str, Any]:
    native = form.get("native", "") not in {"", "0", "false"}
    return {"text": typed_words(form), "permalink": form.get("permalink", ""), "native": native}


_DEEDS: Mapping[str, tuple[str, Arguments]] = {
    **{name: (name, _nothing) for name in ("claim", "take-over", "release", "resolve", "reopen")},
    "assign": ("assign", _field("to")),
    "snooze": ("snooze", _snooze),
    "reply": ("reply", _reply),
    "dismiss": ("dismiss", _field("reason")),
    "escalate": ("escalate", _field("reason")),
    "cause": ("cause", _field("cause")),
    "note": ("note", _field("text")),
    "feedback": ("feedback", _field("said")),
    "not-impostor": ("not-impostor", _field("handle")),
    "approve": ("answer-approve", _nothing),
    "reject": ("answer-reject", _field("reason")),
    "withdraw": ("answer-withdraw", _nothing),
    "hold": ("answer-hold", _nothing),
    "send": ("answer-send", lambda form, _: {"kind": form.get("kind", "")}),
    "is-there": ("answer-is-there", lambda form, _: {"permalink": form.get("permalink", "")}),
    "is-not-there": ("answer-is-not-there", _nothing),
}

_DONE = {
    "claim": "The case is yours.",
    "take-over": "The case is yours now.",
    "release": "The case is back in the queue.",
    "assign": "The case is assigned.",
    "snooze": "The case is snoozed; its clock runs on.",
    "reply": "Your answer is noted; the clock is stopped.",
    "resolve": "The case is resolved.",
    "dismiss": "The case is dismissed.",
    "reopen": "The case is open again; its clock starts now.",
    "escalate": "The case is escalated.",
    "cause": "The cause is corrected.",
    "note": "The note is kept.",
    "feedback": "Noted, and learnt from.",
    "not-impostor": "Noted: that account is no impostor.",
    "undo": "Taken back.",
    "write": "The draft is kept; nothing was sent.",
    "ask": "A second person is asked; nothing was sent.",
    "approve": "Approved: exactly these words may be sent.",
    "reject": "Rejected; the author hears why.",
    "withdraw": "The answer is withdrawn.",
    "open": "Copy the words, answer the post, then say that you have sent it.",
    "ready": "The words are kept; look at them once more, then post them.",
    "send": "The words were given to the platform.",
    "is-there": "Noted: the answer stands there.",
    "is-not-there": "Noted: the answer is not there; it can be sent again.",
    "hold": "Copy the holding reply, answer the post, then say that you have sent it.",
}
"""What the card says after a deed, in words of ours alone."""

_AT_THE_ANSWER = frozenset({"write", "ask", "approve", "reject", "withdraw", "open", "hold", "ready", "send"})


def _card_after(case_id: int, deed: str) -> str:
    place = "#reply" if deed in _AT_THE_ANSWER else ""
    return f"/cases/{case_id}?{urlencode({'did': deed})}{place}"


def _way_back(form: Form) -> str | None:
    """Return where the form wants to go back to, if that is a list of ours."""
    back = form.get("back", "")
    known = back.startswith(("/queue?", "/incidents/")) or back == "/queue"
    return back if known and back.isascii() and back.isprintable() and "\\" not in back else None


def routes(site: Site) -> list[Route]:
    """Return the addresses of cases; `/cases/ID/looking` stands before these."""
    view = CardView(site)
    return [
        Route("/cases/{number:int}", view.page, methods=["GET"]),
        Route("/cases/{number:int}/{deed}", view.work, methods=["POST"]),
    ]
