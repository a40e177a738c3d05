"""The page of an incident: its figures, its open cases, and what can be done with all of them at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access.person import Deed
from monitor.desk import Command
from monitor.desk.incidents import known_incident, show_incident
from monitor.domain import Status
from monitor.errors import MonitorError, MoveRefused
from monitor.store.queue_page import IncidentMember, QueueRow, Standing
from monitor.web.pages import answer, render
from monitor.web.queue import due_words, reach, short_reasons
from monitor.web.request import NotFound, allowed, form_of, person_of
from monitor.web.site import Site

SHOWN = 200
AT_ONCE = 500
"""Cases that one press of a button works on; the page says how many are left."""

_WAITING = frozenset({Status.NEW})
_UNANSWERED = frozenset({Status.NEW, Status.CLAIMED})
_OPEN = _UNANSWERED | {Status.REPLIED}


class IncidentView:
    """Shows an incident, and works on it."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def page(self, request: Request) -> Response:
        """Answer GET /incidents/ID."""
        incident_id = self._known(request, Deed.SEE)
        with self._site.reading() as store:
            now = self._site.clock()
            view = show_incident(store, incident_id, now)
            members = store.open_cases_of_incident(incident_id)
            shown = [*view.waiting, *(each.id for each in members if each.status not in _UNANSWERED)][:SHOWN]
            rows = [QueueRow(Standing.IN_TIME, case) for case in store.queue_cases(shown)]
            trail = store.incident_trail(incident_id)
        person = person_of(request)
        return render(
            request, "incident.html", view=view, incident=view.incident, rows=rows, open_cases=members,
            counts={status: sum(each.status is status for each in members) for status in _OPEN},
            trail=list(reversed(trail))[:30], told=_told(request), back=f"/incidents/{incident_id}",
            standings=Standing, short_reasons=short_reasons, reach=reach, due_words=due_words,
            may_work=lambda brand: person.may(Deed.WORK, brand), at_once=AT_ONCE,
        )  # fmt: skip

    def work(self, request: Request) -> Response:
        """Answer POST /incidents/ID/DEED."""
        incident_id = self._known(request, Deed.WORK)
        deed = _DEEDS.get(request.path_params["deed"])
        if deed is None:
            raise NotFound(f"incident {incident_id}", "this cannot be done with it")
        return deed(self, request, incident_id)

    def on_incident(self, request: Request, name: str, incident_id: int, **arguments: Any) -> Response:
        """Execute one command on the incident itself."""
        command = Command(name, person_of(request).name, {"incident": incident_id, **arguments})
        done = self._site.execute(command)
        return answer(request, f"/incidents/{incident_id}?{urlencode({'did': name})}", done)

    def on_cases(
        self, request: Request, name: str, incident_id: int, states: frozenset[Status], **arguments: Any
    ) -> Response:
        """Execute one command on each of its open cases in these states; those that refuse are counted."""
        with self._site.reading() as store:
            found = [each for each in store.open_cases_of_incident(incident_id) if each.status in states]
        refused = self._each(request, name, found[:AT_ONCE], arguments)
        done = len(found[:AT_ONCE]) - len(refused)
        told = {"did": name, "done": done, "refused": len(refused), "left": len(found[AT_ONCE:])}
        return answer(request, f"/incidents/{incident_id}?{urlencode(told)}", {**told, "reasons": refused})

    def _each(
        self, request: Request, name: str, cases: Sequence[IncidentMember], arguments: Mapping[str, Any]
    ) -> dict[int, str]:
        refused = {}
        for case in cases:
            try:
                self._site.execute(Command(name, person_of(request).name, {"case": case.id, **arguments}))
            except MoveRefused as error:
                refused[case.id] = str(error)
        return refused

    def _known(self, request: Request, deed: Deed) -> int:
        """Return the incident's number. Raises NotFound where the person may not even see it."""
        number: int = request.path_params["number"]
        if number >= 2**63:
            raise NotFound(f"incident {number}", "there is no such incident")
        with self._site.reading() as store:
            try:
                incident = known_incident(store, number)
            except MonitorError as error:
                raise NotFound(error.subject, error.cause) from error
        if not person_of(request).may(Deed.SEE, incident.brand):
            raise NotFound(f"incident {number}", "there is no such incident")
        allowed(request, deed, incident.brand)
        return number


def _claim(view: IncidentView, request: Request, incident_id: int) -> Response:
    return view.on_cases(request, "claim", incident_id, _WAITING)


def _reply(view: IncidentView, request: Request, incident_id: int) -> Response:
    form = form_of(request)
    told = {"text": form.get("text", ""), "permalink": form.get("permalink", "")}
    if not any(told.values()):
        raise MonitorError("reply", "says neither the words nor the place of the answer", "give one of them")
    return view.on_cases(request, "reply", incident_id, _UNANSWERED, **told)


def _resolve(view: IncidentView, request: Request, incident_id: int) -> Response:
    return view.on_cases(request, "resolve", incident_id, _OPEN)


def _own(view: IncidentView, request: Request, incident_id: int) -> Response:
    return view.on_incident(request, "incident-own", incident_id, to=form_of(request).get("to", ""))


def _answer(view: IncidentView, request: Request, incident_id: int) -> Response:
    return view.on_incident(request, "incident-answer", incident_id, text=form_of(request).get("text", ""))


_DEEDS: dict[str, Callable[[IncidentView, Request, int], Response]] = {
    "claim": _claim,
    "reply": _reply,
    "resolve": _resolve,
    "own": _own,
    "answer": _answer,
    "fix": lambda view, request, number: view.on_incident(request, "incident-fix", number),
    "over": lambda view, request, number: view.on_incident(request, "incident-over", number),
}

_DONE = {"claim": "claimed", "reply": "noted as answered", "resolve": "resolved"}
_DONE_ONCE = {
    "incident-own": "The incident has an owner.",
    "incident-answer": "The answer is kept; it is offered as a draft for each case.",
    "incident-fix": "The fault is noted as mended; the customers who wait are still to be answered.",
    "incident-over": "The incident is over; no case joins it any more.",
}


def _told(request: Request) -> str:
    """Return what the last press of a button did, in words of ours alone."""
    given = request.query_params
    did = given.get("did", "")
    if did in _DONE_ONCE:
        return _DONE_ONCE[did]
    numbers = [_number(given.get(name, "")) for name in ("done", "refused", "left")]
    if did not in _DONE or None in numbers:
        return ""
    done, refused, left = numbers
    words = [f"{done} {'case' if done == 1 else 'cases'} {_DONE[did]}."]
    words += [f"{refused} refused: somebody else has them, or they have moved on."] if refused else []
    words += [f"{left} are left: press again."] if left else []
    return " ".join(words)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None


def routes(site: Site) -> list[Route]:
    """Return the addresses of incidents."""
    view = IncidentView(site)
    return [
        Route("/incidents/{number:int}", view.page, methods=["GET"]),
        Route("/incidents/{number:int}/{deed}", view.work, methods=["POST"]),
    ]
