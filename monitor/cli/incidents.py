"""`incident …`: many cases about one fault, and the work that it makes. Nothing here ever posts to a customer."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsJson,
    AsName,
    ConfigFile,
    clock,
    known_brands,
    local_zone,
    order,
    reading,
)
from monitor.cli.output import Cell, plural, print_facts, print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from monitor.incident_view import IncidentView

app = typer.Typer(
    help="Many cases about one fault: list, own, answer, end them.", no_args_is_help=True, rich_markup_mode=None
)

Number = Annotated[int, typer.Argument(metavar="INCIDENT", min=1, help="The number of the incident.")]
Cases = Annotated[list[int], typer.Argument(metavar="CASE...", min=1, help="The numbers of the cases.")]

_QUOTE = 160


@app.command("list")
def list_incidents(
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
    brand: Annotated[str | None, typer.Option(metavar="BRAND", help="Only this brand.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
) -> None:
    """List the incidents that are open or fixed, the newest first."""
    from monitor.incident_view import view_incident  # noqa: PLC0415

    now = clock()
    with reading(config) as (settings, store):
        known_brands(settings, [brand] if brand else [])
        views = [view_incident(store, entry, now) for entry in store.incidents(brand, everything=everything)]
    if as_json:
        print_json([view.to_json() for view in views])
    elif not views:
        say("no incident is open: no fault is told of by enough cases")
    else:
        columns = ["ID", "STATE", "LEVEL", "BRAND", "CASES", "WAITING", "LAST HOUR", "SINCE", "OWNER", "ABOUT"]
        print_table(columns, [_row(view, now, local_zone()) for view in views], wide=["ABOUT"])


@app.command("show")
def show(incident: Number, config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show one incident: figures, an example, who still waits, and what was done."""
    from monitor.desk.incidents import show_incident  # noqa: PLC0415
    from monitor.store.records import stamp  # noqa: PLC0415

    now = clock()
    with reading(config) as (_, store):
        view = show_incident(store, incident, now)
        trail = store.incident_trail(incident)
        cases = [case.case_id for case in store.incident_cases(incident)]
    if as_json:
        entries = [{"at": stamp(entry.at), "who": entry.who, "action": entry.action, "detail": entry.detail}
                   for entry in trail]  # fmt: skip
        print_json({**view.to_json(), "cases": cases, "trail": entries})
        return
    print_facts(_facts(view, now, local_zone()))
    _print_trail(trail, now, local_zone())


@app.command("own")
def own(
    incident: Number,
    to: Annotated[str, typer.Argument(metavar="[NAME]", help="Who owns it; you unless given.")] = "",
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Take an incident, or give it to a colleague."""
    _act(config, "incident-own", who, as_json, incident=incident, to=to)


@app.command("answer")
def answer(
    incident: Number,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The answer that was agreed on.")],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Keep the one answer that was agreed on, as a draft for each of its cases; nothing is sent."""
    _act(config, "incident-answer", who, as_json, incident=incident, text=text)


@app.command("fix")
def fix(incident: Number, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Say that the fault is mended; lists who still waits for an answer."""
    _act(config, "incident-fix", who, as_json, incident=incident)


@app.command("over")
def over(incident: Number, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """End an incident: no further case joins it, and whoever heard of it is told."""
    _act(config, "incident-over", who, as_json, incident=incident)


@app.command("merge")
def merge(
    incident: Number,
    into: Annotated[int, typer.Argument(metavar="INTO", min=1, help="The incident that it becomes a part of.")],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Make an incident a part of another one of the same brand."""
    _act(config, "incident-merge", who, as_json, incident=incident, into=into)


@app.command("split")
def split(
    incident: Number, cases: Cases, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False
) -> None:
    """Make an incident of its own of some of its cases."""
    _act(config, "incident-split", who, as_json, incident=incident, cases=list(cases))


@app.command("remove")
def remove(
    incident: Number, cases: Cases, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False
) -> None:
    """Take cases out of an incident; they stay alone."""
    _act(config, "incident-remove", who, as_json, incident=incident, cases=list(cases))


def _act(config: Any, name: str, who: str, as_json: bool, **arguments: Any) -> None:
    from monitor.notify.text import inert  # noqa: PLC0415

    found = order(config, name, who, **arguments)["incident"]
    if as_json:
        print_json(found)
        return
    owner = f", owned by {inert(found['owner'])}" if found["owner"] else ""
    waiting = f"; {len(found['waiting'])} still wait" if found["waiting"] else ""
    say(
        f"incident {found['id']} ({found['brand']}): {found['state']}, {plural(found['count'], 'case')}{owner}{waiting}"
    )


def _row(view: "IncidentView", now: "datetime", zone: "tzinfo") -> tuple[str | Cell, ...]:
    from monitor.notify.text import excerpt, inert, moment  # noqa: PLC0415

    incident = view.incident
    return (
        str(incident.id),
        incident.state.value,
        Cell(view.level.value, view.level),
        incident.brand,
        str(incident.size),
        str(len(view.waiting)),
        f"{view.last_hour} ({view.hour_before} before)",
        moment(incident.first_at, now, zone),
        inert(excerpt(incident.owner or "", 20)) or "-",
        inert(view.title),
    )


def _facts(view: "IncidentView", now: "datetime", zone: "tzinfo") -> "Iterator[tuple[str, str]]":
    from monitor.notify.render_incident import reach_words, trend_words  # noqa: PLC0415
    from monitor.notify.text import ago, excerpt, inert, moment  # noqa: PLC0415

    incident = view.incident
    yield "incident", f"{incident.id} ({incident.brand}), {inert(view.title)}"
    yield "state", incident.state.value + (f", owned by {inert(incident.owner)}" if incident.owner else "")
    if incident.merged_into:
        yield "merged", f"into incident {incident.merged_into}"
    yield "cases", f"{incident.size}, {len(view.waiting)} of them unanswered; {reach_words(view)}"
    yield "trend", trend_words(view)
    yield "from", ", ".join(f"{inert(name)} {number}" for name, number in view.platforms.items())
    yield "causes", ", ".join(f"{name} {number}" for name, number in view.causes.items()) or "unknown"
    yield "words", ", ".join(inert(word) for word in view.words) or "none of its own"
    if view.first:
        yield "first", f"case {view.first.id}, {moment(view.first.posted_at, now, zone)}"
    if view.example:
        yield "example", f"case {view.example.id}: {inert(excerpt(view.example.text, _QUOTE))}"
    if incident.answer:
        yield "answer", f"{inert(incident.answer)} (by {inert(incident.answer_by or '')})"
    if incident.fixed_at:
        yield "fixed", ago(incident.fixed_at, now, zone)
    if view.waiting:
        yield "waiting", ", ".join(map(str, view.waiting[:40])) + (" …" if len(view.waiting) > 40 else "")


def _print_trail(trail: Any, now: "datetime", zone: "tzinfo") -> None:
    from monitor.notify.text import ago, excerpt, inert  # noqa: PLC0415

    say("\ntrail")
    for entry in trail:
        detail = ", ".join(f"{key} {inert(excerpt(str(value), 80))}" for key, value in entry.detail.items() if value)
        said = f" ({detail})" if detail else ""
        say(f"  {ago(entry.at, now, zone)}: {inert(entry.who)}: {entry.action}{said}")
