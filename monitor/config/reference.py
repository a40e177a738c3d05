"""Writes docs/reference/config.md from the schema: `python -m monitor.config.reference > docs/reference/config.md`."""

import sys
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from connectors import registry
from connectors.options import SourceOptions
from monitor.config import (
    answers,
    causes,
    digests,
    escalation,
    events,
    hours,
    incidents,
    people,
    receivers,
    reports,
    routes,
    schema,
    signs,
    web,
)
from monitor.config.values import Name

_INTRODUCTION = """\
# The config file

This page is generated from the schema; a test keeps it current. `complaint-monitor check` reports every problem of a
config at once, one a line: `FILE:LINE:COL: path: problem; hint`.

Durations are written `30s`, `5m`, `2h`, `1d` or a sum such as `1h30m`. Paths are relative to the config file. A secret
is a reference: `env:NAME` (environment), `file:PATH` (a file that only its owner can read) or `credential:NAME`
(`LoadCredential=` of the service). Where a list is wanted, a single value may stand alone. Unknown keys are refused.
"""

_SECTIONS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("Top of the file", "", schema.Settings),
    ("Brands", "brands.NAME", schema.Brand),
    ("Watches", "brands.NAME.watches[]", schema.Watch),
    ("Context", "brands.NAME.watches[].context", schema.Context),
    ("Causes", "causes.NAME, brands.NAME.causes.NAME", causes.CauseOptions),
    ("Incidents", "incidents", incidents.Incidents),
    ("Answers", "answers", answers.Answers),
    ("Templates of answers", "answers.templates.NAME, brands.NAME.answers.templates.NAME", answers.AnswerTemplate),
    ("Approval of answers", "answers.approval", answers.Approval),
    ("Answers of a brand", "brands.NAME.answers", answers.BrandAnswers),
    ("Triage", "triage", schema.Triage),
    ("Levels", "triage.levels", schema.LevelBounds),
    ("Promises", "triage.sla", schema.Sla),
    ("Weights", "triage.weights", schema.Weights),
    ("Business hours", "triage.hours", schema.Hours),
    ("Reports", "reports[]", reports.MonthlyReport),
    ("Routes", "routes[]", routes.Route),
    ("Branches", "routes[].routes[]", routes.Branch),
    ("Bypass", "bypass", routes.Bypass),
    ("Windows", "receivers.NAME.hours[]", hours.Window),
    ("People", "people.NAME", people.Person),
    ("Shifts", "shifts[]", people.Shift),
    ("Absences", "absences[]", people.Absence),
    ("Overrides", "overrides[]", people.Override),
    ("Escalation", "escalation", escalation.Escalation),
    ("Chains", "escalation.LEVEL", escalation.Chain),
    ("Steps of a chain", "escalation.LEVEL.steps[]", escalation.ChainStep),
    ("Warnings", "escalation.before_breach", escalation.BeforeBreach),
    ("Digests", "digests[]", digests.Digest),
    ("Spikes", "spikes", events.Spikes),
    ("Events", "events[]", events.PlannedEvent),
    ("Dead man's switch", "dead_man", signs.DeadMan),
    ("Canary", "canary", signs.Canary),
    ("Web", "web", web.Web),
    ("TLS", "web.tls", web.Tls),
    ("Proxy", "web.proxy", web.Proxy),
    ("Retention", "retention", schema.Retention),
    ("Recall sample", "recall", schema.Recall),
)

_LABELS = {
    "stdout": "Terminal",
    "webhook": "Webhook",
    "mail": "Mail",
    "slack": "Slack",
    "teams": "Microsoft Teams",
    "discord": "Discord",
    "telegram": "Telegram",
    "ntfy": "ntfy",
    "pagerduty": "PagerDuty",
    "opsgenie": "Opsgenie",
    "zendesk": "Zendesk",
    "jira": "Jira",
    "apprise": "Other chat and paging services",
}

_WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    timedelta: "duration",
    datetime: "date and time",
    time: "time of day",
    Path: "path",
    SecretStr: "secret",
    type(None): "",
}


def reference() -> str:
    """Return the page."""
    parts = [_INTRODUCTION]
    parts += [_section(title, path, model) for title, path, model in _SECTIONS]
    parts.append("## Sources\n\n`sources.NAME`. Every kind of source takes these keys:\n\n" + _table(SourceOptions))
    for kind, entry in registry.KINDS.items():
        parts.append(_kind(kind, entry.label, registry.options_type(kind), SourceOptions))
    parts.append(
        "## Receivers\n\n`receivers.NAME`. Every kind takes these keys:\n\n" + _table(receivers.ReceiverOptions)
    )
    for kind, model in receivers.RECEIVER_KINDS.items():
        parts.append(_kind(kind, _LABELS[kind], model, receivers.ReceiverOptions))
    return "\n".join(parts)


def _section(title: str, path: str, model: type[BaseModel]) -> str:
    introduction = f"`{path}`. {_first_line(model)}\n\n" if path else ""
    return f"## {title}\n\n{introduction}{_table(model)}"


def _kind(kind: str, label: str, model: type[BaseModel], common: type[BaseModel]) -> str:
    """Describe one kind: its own keys, and common keys whose default differs."""
    own = {
        name: field
        for name, field in model.model_fields.items()
        if name != "kind" and (name not in common.model_fields or field.default != common.model_fields[name].default)
    }
    text = " ".join((model.__doc__ or "").split())
    table = _table(model, own) if own else "It has no keys of its own.\n"
    return f"### kind: {kind}\n\n{label}. {text}\n\n{table}"


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _table(model: type[BaseModel], fields: dict[str, FieldInfo] | None = None) -> str:
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name, field in (fields or model.model_fields).items():
        meaning = (field.description or "").replace("|", "\\|")
        rows.append(f"| `{field.alias or name}` | {_type(field.annotation)} | {_default(field)} | {meaning} |")
    return "\n".join(rows) + "\n"


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        return _plain_type(annotation)
    if origin in {Union, UnionType}:
        return _type(next(argument for argument in arguments if argument is not type(None)))
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is tuple:
        return f"list of {_plural(arguments[0])}"
    if origin is dict:
        return f"{_type(arguments[0])}: {_type(arguments[1])}"
    return "name" if annotation is Name else _type(arguments[0])


def _plain_type(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    return _WORDS.get(annotation, "keys")


def _plural(annotation: Any) -> str:
    word = _type(annotation)
    return {"text": "texts", "name": "names", "keys": "keys"}.get(word, word)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "" if field.default_factory else "required"
    return _value(field.default)


def _value(value: Any) -> str:
    if value is None or value in ((), "") or isinstance(value, BaseModel):
        return ""
    if isinstance(value, tuple):
        return f"`[{', '.join(str(entry) for entry in value)}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, timedelta):
        return f"`{''.join(_units(value))}`"
    if isinstance(value, time):
        return f"`'{value:%H:%M}'`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _units(span: timedelta) -> Iterator[str]:
    seconds = round(span.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            yield f"{count}{unit}"


if __name__ == "__main__":
    sys.stdout.write(reference())
