"""Commands as data: what the command line sends through the socket, and how it is executed.

Command ─▶ execute ─▶ claim, reply, … ─▶ [case, audit, outbox] in one transaction ─▶ answer as JSON
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from connectors.mention import clean_text
from monitor.answering.length import LONGEST
from monitor.answering.state import AnswerKind
from monitor.config.keeper import ConfigKeeper
from monitor.config.schema import Settings
from monitor.desk import (
    access,
    answers,
    causes,
    configs,
    feedback,
    impostors,
    incidents,
    moves,
    operations,
    pins,
    sending,
    shifts,
    suggestions,
)
from monitor.desk import sample as samples
from monitor.desk.turn import Turn
from monitor.desk.values import LINK_LIMIT, NAME_LIMIT, REASON_LIMIT, Values
from monitor.desk.voices import SILENT, Voices
from monitor.domain import Case
from monitor.errors import MonitorError
from monitor.incident_view import view_incident
from monitor.rules.recall import Answer
from monitor.rules.shifts import Kind, ShiftChange
from monitor.store.answers import Answer as CaseAnswer
from monitor.store.feedback import Suggestion
from monitor.store.incidents import Incident
from monitor.store.store import Store

UNDO = "undo"
CONFIG_LIMIT, REPORT_LIMIT = 1_000_000, 2_000_000


@dataclass(frozen=True, slots=True)
class Command:
    """What a person wants done, as data: a name of `COMMANDS`, who wants it, and plain values."""

    name: str
    who: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the command as it travels through the socket."""
        return {"name": self.name, "who": self.who, "arguments": dict(self.arguments)}

    @classmethod
    def from_json(cls, record: Any) -> Self:
        """Read a command; raises MonitorError for what is none."""
        known = record if isinstance(record, dict) else {}
        name, who, arguments = known.get("name"), known.get("who"), known.get("arguments", {})
        if not isinstance(name, str) or not isinstance(who, str) or not isinstance(arguments, dict):
            raise MonitorError("command", "is no object with name, who and arguments", "use the command line")
        return cls(name, who, arguments)


def execute(
    store: Store,
    settings: Settings,
    command: Command,
    now: datetime,
    keeper: ConfigKeeper | None = None,
    voices: Voices = SILENT,
) -> dict[str, Any]:
    """Execute a command; returns its answer as JSON. Raises MonitorError for what is refused or unknown."""
    deed = COMMANDS.get(command.name)
    if deed is None:
        raise MonitorError(f"command {command.name[:40]!r}", "is unknown", f"known: {', '.join(COMMANDS)}")
    values = Values(command.arguments)
    who = clean_text(" ".join(command.who.split()), NAME_LIMIT)
    if not who:
        raise MonitorError("command", "does not say who wants it", "add --as NAME")
    return deed(Turn(store, settings, who, now, values.number_or_none("version"), keeper, voices), values)


Deed = Callable[[Turn, Values], dict[str, Any]]


def _on_case(action: Callable[[Turn, int, Values], Case]) -> Deed:
    def deed(turn: Turn, values: Values) -> dict[str, Any]:
        case = action(turn, values.number("case"), values)
        (view,) = turn.store.case_views([case.id])
        return {"case": {**view.to_json(), "version": case.version}}

    return deed


def _on_answer(action: Callable[[Turn, int, Values], CaseAnswer]) -> Deed:
    def deed(turn: Turn, values: Values) -> dict[str, Any]:
        answer = action(turn, values.number("case"), values)
        (view,) = turn.store.case_views([answer.case_id])
        return {"answer": answer.to_json(), "case": view.to_json()}

    return deed


def _on_opened(action: Callable[[Turn, int], answers.Opened]) -> Deed:
    def deed(turn: Turn, values: Values) -> dict[str, Any]:
        opened = action(turn, values.number("case"))
        (view,) = turn.store.case_views([opened.answer.case_id])
        told = {"text": opened.text, "url": opened.url}
        return {"answer": opened.answer.to_json(), "case": view.to_json(), **told}

    return deed


def _on_sending(action: Callable[[Turn, int, Values], sending.Attempt]) -> Deed:
    def deed(turn: Turn, values: Values) -> dict[str, Any]:
        attempt = action(turn, values.number("case"), values)
        (view,) = turn.store.case_views([attempt.answer.case_id])
        told = attempt.sending.to_json(turn.now)
        return {"answer": attempt.answer.to_json(), "case": view.to_json(), "sending": told}

    return deed


def _kind(values: Values) -> AnswerKind:
    said = values.text("kind", NAME_LIMIT) or AnswerKind.ANSWER
    if said not in list(AnswerKind):
        raise MonitorError(f"kind {said!r}", "is none of an answer", f"say {' or '.join(AnswerKind)}")
    return AnswerKind(said)


def _silence(turn: Turn, values: Values) -> dict[str, Any]:
    matchers, reason = values.lists("matchers"), values.words("reason", REASON_LIMIT)
    return {"silence": operations.silence(turn, matchers, reason, values.moment("until"))}


def _end_silence(turn: Turn, values: Values) -> dict[str, Any]:
    operations.end_silence(turn, values.number("silence"))
    return {}


def _forget(turn: Turn, values: Values) -> dict[str, Any]:
    author, platform = values.text("author", NAME_LIMIT), values.text("platform", NAME_LIMIT)
    post = values.text("post", LINK_LIMIT) if author else values.words("post", LINK_LIMIT)
    return {"forgotten": operations.forget(turn, author=author, platform=platform or None, post=post)}


def _apply_config(turn: Turn, values: Values) -> dict[str, Any]:
    return configs.apply_config(
        turn, values.raw_or_none("text", CONFIG_LIMIT), values.raw_or_none("report", REPORT_LIMIT)
    )


def _tune_brand(turn: Turn, values: Values) -> dict[str, Any]:
    from monitor.desk.workshop import draft_in, tune_brand  # noqa: PLC0415 - the query language and the lab

    brand = values.words("brand", NAME_LIMIT)
    draft = draft_in(brand, values.anything("watches"), values.anything("exclude"))
    return tune_brand(turn, draft, values.words("seen", NAME_LIMIT), values.raw_or_none("report", REPORT_LIMIT))


def _shift_change(kind: Kind, keep: Callable[[Turn, ShiftChange], dict[str, Any]]) -> Deed:
    def deed(turn: Turn, values: Values) -> dict[str, Any]:
        window = (values.moment("since"), values.moment("until"))
        instead_of = values.text("instead_of", NAME_LIMIT) or None
        reason = values.text("reason", REASON_LIMIT)
        return keep(turn, ShiftChange(kind, values.words("who", NAME_LIMIT), *window, instead_of, reason))

    return deed


def _end_shift_change(turn: Turn, values: Values) -> dict[str, Any]:
    shifts.end_shift_change(turn, values.number("change"))
    return {}


def _feedback(turn: Turn, case: int, values: Values) -> Case:
    said = values.words("said", NAME_LIMIT)
    if said == UNDO:
        return feedback.undo_feedback(turn, case)
    if said not in list(feedback.Feedback):
        raise MonitorError(f"feedback {said!r}", "is none", f"say {', '.join(feedback.Feedback)} or {UNDO}")
    return feedback.give_feedback(turn, case, feedback.Feedback(said))


def _keep_suggestions(turn: Turn, values: Values) -> dict[str, Any]:
    return {"waiting": suggestions.keep_suggestions(turn, values.anything("found"))}


def _on_suggestion(action: Callable[[Turn, int], Suggestion]) -> Deed:
    def deed(turn: Turn, values: Values) -> dict[str, Any]:
        return {"suggestion": suggestions.suggestion_json(action(turn, values.number("suggestion")))}

    return deed


def _revert_config(turn: Turn, values: Values) -> dict[str, Any]:
    return configs.revert_config(turn, values.text("config", NAME_LIMIT) or None)


def _pin_add(turn: Turn, values: Values) -> dict[str, Any]:
    named = (values.words("brand", NAME_LIMIT), values.words("expect", NAME_LIMIT))
    said = (values.words("text"), values.words("post", LINK_LIMIT), values.words("because", REASON_LIMIT))
    return pins.pin_add(turn, *named, *said, values.text("level", NAME_LIMIT))


def _answer_sample(turn: Turn, values: Values) -> dict[str, Any]:
    said = values.words("answer", NAME_LIMIT)
    if said not in list(Answer):
        raise MonitorError(f"answer {said!r}", "is none", f"say {', '.join(Answer)}")
    return {"sample": samples.answer_sample(turn, values.number("sample"), Answer(said)).to_json()}


def _fix_cause(turn: Turn, values: Values) -> dict[str, Any]:
    named = (values.words("brand", NAME_LIMIT), values.words("cause", NAME_LIMIT))
    return {
        "fix": causes.fix_cause(turn, *named, values.day_or_none("on"), values.text("note", REASON_LIMIT)).to_json()
    }


def _unfix_cause(turn: Turn, values: Values) -> dict[str, Any]:
    named = (values.words("brand", NAME_LIMIT), values.words("cause", NAME_LIMIT))
    causes.unfix_cause(turn, *named, values.day("on"))
    return {}


def _on_incident(action: Callable[[Turn, int, Values], Incident]) -> Deed:
    def deed(turn: Turn, values: Values) -> dict[str, Any]:
        incident = action(turn, values.number("incident"), values)
        return {"incident": view_incident(turn.store, incident, turn.now).to_json()}

    return deed


COMMANDS: dict[str, Deed] = {
    "claim": _on_case(lambda turn, case, _: moves.claim(turn, case)),
    "take-over": _on_case(lambda turn, case, _: moves.take_over(turn, case)),
    "assign": _on_case(lambda turn, case, values: moves.assign(turn, case, values.words("to", NAME_LIMIT))),
    "release": _on_case(lambda turn, case, _: moves.release(turn, case)),
    "snooze": _on_case(lambda turn, case, values: moves.snooze(turn, case, values.moment("until"))),
    "reply": _on_case(
        lambda turn, case, values: moves.reply(
            turn, case, values.text("text"), values.link("permalink"), native=values.flag("native")
        )
    ),
    "answer-write": _on_answer(
        lambda turn, case, values: answers.write(
            turn, case, values.words("text", LONGEST), template=values.text("template", NAME_LIMIT)
        )
    ),
    "answer-ask": _on_answer(lambda turn, case, _: answers.ask_approval(turn, case)),
    "answer-approve": _on_answer(lambda turn, case, _: answers.approve(turn, case)),
    "answer-reject": _on_answer(
        lambda turn, case, values: answers.reject(turn, case, values.words("reason", REASON_LIMIT))
    ),
    "answer-open": _on_opened(answers.open_answer),
    "answer-hold": _on_opened(answers.hold),
    "answer-send": _on_sending(lambda turn, case, values: sending.send_answer(turn, case, _kind(values))),
    "answer-is-there": _on_sending(lambda turn, case, values: sending.is_there(turn, case, values.link("permalink"))),
    "answer-is-not-there": _on_sending(lambda turn, case, _: sending.is_not_there(turn, case)),
    "answer-withdraw": _on_answer(lambda turn, case, _: answers.withdraw(turn, case)),
    "resolve": _on_case(lambda turn, case, _: moves.resolve(turn, case)),
    "dismiss": _on_case(lambda turn, case, values: moves.dismiss(turn, case, values.words("reason", REASON_LIMIT))),
    "reopen": _on_case(lambda turn, case, _: moves.reopen(turn, case)),
    "escalate": _on_case(lambda turn, case, values: moves.escalate(turn, case, values.text("reason", REASON_LIMIT))),
    "cause": _on_case(lambda turn, case, values: incidents.set_cause(turn, case, values.words("cause", NAME_LIMIT))),
    "cause-fix": _fix_cause,
    "cause-unfix": _unfix_cause,
    "note": _on_case(lambda turn, case, values: moves.note(turn, case, values.words("text"))),
    "not-impostor": _on_case(
        lambda turn, case, values: impostors.clear_impostor(turn, case, values.words("handle", NAME_LIMIT))
    ),
    "feedback": _on_case(_feedback),
    "silence": _silence,
    "end-silence": _end_silence,
    "shift-override": _shift_change(Kind.OVERRIDE, shifts.override_shift),
    "shift-absent": _shift_change(Kind.ABSENT, shifts.be_absent),
    "shift-end": _end_shift_change,
    "replay-dead": lambda turn, values: {"replayed": operations.replay_dead(turn, values.number_or_none("message"))},
    "replay-parked": lambda turn, _: {"replayed": operations.replay_parked(turn)},
    "forget": _forget,
    "answer-sample": _answer_sample,
    "config-apply": _apply_config,
    "tune-brand": _tune_brand,
    "config-revert": _revert_config,
    "pin-add": _pin_add,
    "pin-remove": lambda turn, values: pins.pin_remove(
        turn, values.words("brand", NAME_LIMIT), values.words("pin", NAME_LIMIT)
    ),
    "keep-suggestions": _keep_suggestions,
    "accept-suggestion": _on_suggestion(suggestions.accept_suggestion),
    "revert-suggestion": _on_suggestion(suggestions.revert_suggestion),
    "user-add": lambda turn, values: access.add_user(
        turn, values.words("user"), values.anything("roles"), values.raw_or_none("password", REASON_LIMIT)
    ),
    "user-role": lambda turn, values: access.set_roles(turn, values.words("user"), values.anything("roles")),
    "user-password": lambda turn, values: access.set_password(
        turn, values.words("user"), values.raw_or_none("password", REASON_LIMIT) or ""
    ),
    "user-link": lambda turn, values: access.invite(turn, values.words("user")),
    "user-disable": lambda turn, values: access.disable(turn, values.words("user")),
    "user-enable": lambda turn, values: access.enable(turn, values.words("user")),
    "token-add": lambda turn, values: access.add_token(
        turn,
        values.words("user"),
        values.words("title", NAME_LIMIT),
        values.anything("deeds"),
        values.anything("brands"),
    ),
    "token-end": lambda turn, values: access.end_token(turn, values.number("token")),
    "incident-own": _on_incident(
        lambda turn, incident, values: incidents.own(turn, incident, values.text("to", NAME_LIMIT) or turn.who)
    ),
    "incident-fix": _on_incident(lambda turn, incident, _: incidents.fix(turn, incident)),
    "incident-over": _on_incident(lambda turn, incident, _: incidents.end(turn, incident)),
    "incident-answer": _on_incident(
        lambda turn, incident, values: incidents.answer(turn, incident, values.words("text"))
    ),
    "incident-merge": _on_incident(
        lambda turn, incident, values: incidents.merge(turn, incident, values.number("into"))
    ),
    "incident-split": _on_incident(
        lambda turn, incident, values: incidents.split(turn, incident, values.numbers("cases"))
    ),
    "incident-remove": _on_incident(
        lambda turn, incident, values: incidents.remove(turn, incident, values.numbers("cases"))
    ),
}

CONFIG_COMMANDS = frozenset({"config-apply", "config-revert", "tune-brand"})
"""Commands that a daemon follows with a reload, and whose refusal it shows."""

SENDING_COMMANDS = frozenset({"answer-send", "answer-is-not-there"})
"""Commands that call a platform, so that they need the connectors of the sources."""
