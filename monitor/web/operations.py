"""Everything that the interface does, as one table: the routes and their description are both made from it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from monitor.access.person import Deed
from monitor.desk import Command
from monitor.desk.rights import NEEDS
from monitor.web import api_reads as reads
from monitor.web import api_reports as reports
from monitor.web import bodies, report_shapes, shapes
from monitor.web.asked import Asked

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for. Any of `deeds` is enough, for the brand that it is about."""

    method: str
    path: str
    name: str
    summary: str
    does: Callable[[Asked], dict[str, Any]]
    answers: type[shapes.Shape]
    deeds: tuple[Deed, ...] = (Deed.SEE,)
    query: type[bodies.Query] = bodies.NoQuery
    body: type[bodies.Body] | None = None

    @property
    def subject(self) -> str | None:
        """What the number in the address is of: case, incident, sample or silence."""
        found = re.search(r"\{(\w+)\}", self.path)
        return found[1] if found else None

    @property
    def changes(self) -> bool:
        """Whether anything may be another way afterwards."""
        return self.method == "POST" and self.does is not reads.lint


def _show(
    path: str,
    name: str,
    summary: str,
    does: Callable[[Asked], dict[str, Any]],
    answers: type[shapes.Shape],
    query: type[bodies.Query] = bodies.NoQuery,
) -> Operation:
    return Operation("GET", PREFIX + path, name, summary, does, answers, query=query)


def _order(
    path: str, command: str, summary: str, body: type[bodies.Body], answers: type[shapes.Shape], **fixed: Any
) -> Operation:
    """Return an operation that executes a command of the desk on what the address names."""
    found = re.search(r"\{(\w+)\}", path)

    def does(asked: Asked) -> dict[str, Any]:
        said = asked.body.model_dump(mode="json", exclude_none=True)
        about = {found[1]: asked.number} if found else {}
        return asked.site.execute(Command(command, asked.person.name, {**said, **about, **fixed}))

    name = command if not fixed else f"{command}-{'-'.join(fixed.values())}"
    return Operation("POST", PREFIX + path, name, summary, does, answers, NEEDS[command], body=body)


def _move(name: str, summary: str, body: type[bodies.Body] = bodies.Seen) -> Operation:
    return _order(f"/cases/{{case}}/{name}", name, summary, body, shapes.Moved)


def _on_answer(name: str, summary: str, body: type[bodies.Body] = bodies.Seen) -> Operation:
    opened = shapes.Opened if name in {"open", "hold"} else shapes.Answered
    shape = shapes.Attempted if name in {"send", "is-there", "is-not-there"} else opened
    return _order(f"/cases/{{case}}/answer/{name}", f"answer-{name}", summary, body, shape)


def _on_incident(name: str, command: str, summary: str, body: type[bodies.Body] = bodies.Seen) -> Operation:
    return _order(f"/incidents/{{incident}}/{name}", command, summary, body, shapes.IncidentMoved)


_OF_CASE = "/cases/{case}"

OPERATIONS: tuple[Operation, ...] = (
    _show("/me", "me", "Who you are, and what you may do", reads.me, shapes.Me),
    _show("/cases", "cases", "The queue, the next case to answer first, a page at a time", reads.cases, shapes.Queue,
          bodies.CasesWanted),
    _show(_OF_CASE, "case", "A case in full, with its thread, its trail and why it is here", reads.case,
          shapes.CaseInFull),
    _show("/explain", "explain", "Why a post became a case or was dropped", reads.explain, shapes.Explanations,
          bodies.PostWanted),
    _move("claim", "Take a case; of two who try at once one gets it"),
    _move("take-over", "Take a case from whoever has it"),
    _move("assign", "Give a case to somebody", bodies.AssignTo),
    _move("release", "Give a claimed case back to the queue"),
    _move("snooze", "Put a case behind the others for a while; no clock stops", bodies.Until),
    _move("reply", "Record that you have answered the customer", bodies.Replied),
    _move("resolve", "Close a case whose customer is helped"),
    _move("dismiss", "Close a case that needs no answer, and say why", bodies.Because),
    _move("reopen", "Open a closed case again, its clock starting now"),
    _move("escalate", "Raise a case by one level, and tell the receivers of it", bodies.MaybeBecause),
    _move("cause", "Correct what a complaint is about", bodies.CauseNamed),
    _move("note", "Write a note into the trail of a case", bodies.Noted),
    _move("feedback", "Say that a case is none, and dismiss it", bodies.Said),
    _order(f"{_OF_CASE}/feedback/undo", "feedback", "Take back what was last said of a case", bodies.Seen,
           shapes.Moved, said="undo"),
    _show(f"{_OF_CASE}/drafts", "drafts", "Texts that are offered for an answer, and the playbooks", reads.drafts,
          shapes.Drafts, bodies.DraftsWanted),
    Operation("POST", f"{PREFIX}{_OF_CASE}/lint", "lint", "What to look at in a text before it is sent", reads.lint,
              shapes.Linted, body=bodies.Looked),
    _show(f"{_OF_CASE}/answers", "case-answers", "The answers of a case, and what may be done with them",
          reads.answers, shapes.CaseAnswers),
    _on_answer("write", "Keep the words of an answer; new words need a new approval", bodies.Written),
    _on_answer("ask", "Ask a second person to approve the answer"),
    _on_answer("approve", "Approve exactly the words that wait; not your own"),
    _on_answer("reject", "Reject the words that wait, and say why", bodies.Because),
    _on_answer("open", "Get the words to copy, and the address of the post; nothing is sent"),
    _on_answer("hold", "Get the holding reply of a grave case; nothing is sent"),
    _on_answer("send", "Post the answer as your account, where the platform allows it", bodies.SendWhat),
    _on_answer("is-there", "Say that an answer which was perhaps sent stands on the platform", bodies.FoundAt),
    _on_answer("is-not-there", "Say that an answer which was perhaps sent is not there", bodies.Nothing),
    _on_answer("withdraw", "Give an answer up"),
    _show("/answers", "answers", "Answers that wait for an approval", reads.waiting_answers, shapes.WaitingAnswers,
          bodies.AnswersWanted),
    _show("/incidents", "incidents", "Incidents, newest first", reads.incidents, shapes.Incidents,
          bodies.IncidentsWanted),
    _show("/incidents/{incident}", "incident", "An incident with its open cases and its trail", reads.incident,
          shapes.IncidentInFull),
    _on_incident("own", "incident-own", "Give an incident to somebody, or take it", bodies.Owned),
    _on_incident("fixed", "incident-fix", "Say that the fault is mended; customers still wait"),
    _on_incident("over", "incident-over", "Say that an incident is over; no case joins it any more"),
    _on_incident("answer", "incident-answer", "Keep the one answer that was agreed on", bodies.Agreed),
    _on_incident("merge", "incident-merge", "Make an incident a part of another one", bodies.Into),
    _on_incident("split", "incident-split", "Make an incident of its own of some cases", bodies.Members),
    _on_incident("remove", "incident-remove", "Take cases out of an incident", bodies.Members),
    _show("/dashboard", "dashboard", "How things stand now, today against the usual, and the last 30 days",
          reports.dashboard, report_shapes.Dashboard, bodies.DashboardWanted),
    _show("/report", "report", "The figures of a month, or of other days, beside those of the time before",
          reports.report, report_shapes.Report, bodies.ReportWanted),
    _show("/silences", "silences", "Silences in force", reads.silences, shapes.Silences),
    _order("/silences", "silence", "Mute notifications for a while, never the queue", bodies.Silenced,
           shapes.SilenceMade),
    _order("/silences/{silence}/end", "end-silence", "End a silence now", bodies.Nothing, shapes.Done),
    _show("/samples", "samples", "Dropped posts that wait for a look", reads.samples, shapes.Samples,
          bodies.SamplesWanted),
    _order("/samples/{sample}/answer", "answer-sample", "Say whether a dropped post is a missed complaint",
           bodies.Judged, shapes.SampleAnswered),
)  # fmt: skip
