"""`route test`: who would be told of a case, when and why."""

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import DEFAULT_CONFIG, AsJson, ConfigFile, clock, local_zone, moment_of, reading
from monitor.cli.output import Row, print_facts, print_json, print_table, say

if TYPE_CHECKING:
    from monitor.desk.routes import Plan, RouteTest

app = typer.Typer(help="Who is told of what.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _routes() -> None:
    """Who is told of what."""


@app.command("test")
def try_case(
    case: Annotated[int, typer.Option("--case", metavar="CASE", min=1, help="The number of the case.")],
    at: Annotated[
        str,
        typer.Option("--at", metavar="WHEN", help="When it comes up: a span from now (2h), or a time; else now."),
    ] = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Print who would be told of a case, when and why. Nothing is sent, and nothing is changed."""
    from monitor.desk.routes import try_routes  # noqa: PLC0415 - `--help` needs no config

    moment = moment_of(at, clock()) if at else clock()
    with reading(config) as (settings, store):
        found = try_routes(store, settings, case, moment)
    if as_json:
        print_json(found.to_json())
        return
    _print(found)


def _print(found: "RouteTest") -> None:
    from monitor.notify.text import excerpt, inert  # noqa: PLC0415

    facts = found.facts
    print_facts(
        [
            ("case", f"{facts.case}: {inert(excerpt(found.case.text, 80))}"),
            ("brand", f"{facts.brand}, {inert(facts.platform)}, language {facts.language or 'unknown'}"),
            ("kind", f"{facts.kind}, {facts.level}, cause {facts.cause or 'unknown'}"),
            ("severity", ", ".join(facts.severity) or "none"),
            ("author", f"{inert(excerpt(found.case.author, 60))} ({facts.author})"),
            ("incident", str(facts.incident or "none")),
        ]
    )
    say("")
    if not found.plans:
        say("nobody would be told: " + ("no route is for it" if facts.level.urgent else f"{facts.level} is not urgent"))
        return
    print_table(
        ["RECEIVER", "WHEN", "ROUTE", "GROUP", "WHY"], [_row(plan, found) for plan in found.plans], wide=["WHY"]
    )


def _row(plan: "Plan", found: "RouteTest") -> Row:
    from monitor.notify.text import inert, moment  # noqa: PLC0415

    zone = local_zone()
    when = {"tell": "at once", "hold": "later", "drop": "not told"}[plan.outcome]
    if plan.at is not None and plan.at > found.at:
        when = moment(plan.at, found.at, zone)
    told = f"; told {moment(plan.told_at, found.at, zone)}" if plan.told_at else ""
    return plan.receiver, when, plan.place, inert(plan.group), inert(plan.why + told)
