"""`report`: the figures of a month or of the last days, each with what it rests on; and fixes of causes."""

from typing import TYPE_CHECKING, Annotated

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
    span_of,
)
from monitor.cli.output import print_json, print_table, say

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.config.schema import Settings
    from monitor.report.figure import Report
    from monitor.report.span import Span

app = typer.Typer(help="The figures of a month or of the last days, and fixes of causes.", rich_markup_mode=None)

Cause = Annotated[str, typer.Argument(metavar="CAUSE", help="The cause, as `queue cause` names it.")]
BrandName = Annotated[
    str | None, typer.Option("--brand", metavar="BRAND", help="The brand; the only one unless given.")
]
_LONG_AGO = "30d"


@app.callback(invoke_without_command=True)
def report(
    context: typer.Context,
    config: ConfigFile = DEFAULT_CONFIG,
    since: Annotated[str | None, typer.Option(metavar="SPAN", help="How far back it reaches: 7d, 30d.")] = None,
    month: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="A calendar month instead.")] = None,
    brand: Annotated[str | None, typer.Option(metavar="BRAND", help="Only this brand.")] = None,
    zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Whose months and hours; the brand's, else UTC, unless given.")
    ] = None,
    without: Annotated[
        bool, typer.Option("--without-incidents", help="Leave out the cases of incidents, and their posts.")
    ] = False,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV that spreadsheets may open.")] = False,
) -> None:
    """Print the figures of the last 30 days, or of a month, beside those of the time before.

    N is how many cases or posts a figure rests on, UNKNOWN how many could not be told. What each figure means:
    docs/reference/figures.md.
    """
    if context.invoked_subcommand is not None:
        return
    if (since and month) or (as_json and as_csv):
        raise typer.BadParameter("give one of --since and --month, and one of --json and --csv")
    from monitor.app import open_sources  # noqa: PLC0415 - `--help` needs none of it
    from monitor.report.build import build_report  # noqa: PLC0415
    from monitor.steps.digest import prices_of  # noqa: PLC0415

    now, start = clock(), span_of(since or _LONG_AGO)
    with reading(config) as (settings, store):
        known_brands(settings, [brand] if brand else [])
        span = _span(settings, start, month, brand, zone, now)
        sources, _ = open_sources(settings)
        made = build_report(store, settings, span, brand, incidents=not without, now=now, prices=prices_of(sources))
    _print(made, as_json=as_json, as_csv=as_csv)


def _span(
    settings: "Settings", start: "datetime", month: str | None, brand: str | None, zone: str | None, now: "datetime"
) -> "Span":
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415

    from monitor.config.values import Zone  # noqa: PLC0415
    from monitor.report.span import month_span, since_span  # noqa: PLC0415

    known = [settings.brands[brand].zone] if brand else [entry.zone for entry in settings.brands.values()]
    wanted = zone or next((found for found in known if found), "UTC")
    try:
        wanted = TypeAdapter(Zone).validate_python(wanted)
    except ValidationError as error:
        raise typer.BadParameter(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    return month_span(month, wanted, now) if month else since_span(start, now, wanted)


def _print(made: "Report", *, as_json: bool, as_csv: bool) -> None:
    import sys  # noqa: PLC0415

    from monitor.report.render_csv import render_csv  # noqa: PLC0415
    from monitor.report.render_json import to_json  # noqa: PLC0415

    if as_json:
        print_json(to_json(made))
    elif as_csv:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
        render_csv(made, sys.stdout)
    else:
        _print_chapters(made)


def _print_chapters(made: "Report") -> None:
    from monitor.notify.text import inert  # noqa: PLC0415
    from monitor.report.outline import chapters, heading  # noqa: PLC0415

    say(heading(made))
    if made.before is not None:
        say(f"before: {made.before.label}; times in {made.span.zone}")
    for chapter in chapters(made):
        say(f"\n{chapter.title}")
        if not chapter.rows:
            say(f"  {chapter.empty}")
            continue
        rows = [(row.title, inert(row.part) or "-", row.value, row.n, row.unknown, row.before) for row in chapter.rows]
        print_table(["FIGURE", "OF", "VALUE", "N", "UNKNOWN", "BEFORE"], rows)


@app.command("fix")
def fix(
    cause: Cause,
    on: Annotated[str, typer.Option(metavar="DATE", help="The day of the fix, such as 2026-11-18; today.")] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="What was mended.")] = "",
    brand: BrandName = None,
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say that a cause was fixed; reports tell from then on whether it comes back."""
    told = order(config, "cause-fix", who, brand=_one_brand(config, brand), cause=cause, on=on, note=note)["fix"]
    if as_json:
        print_json(told)
    else:
        say(f"{told['cause']} of {told['brand']} was fixed on {told['fixed_on']}")


@app.command("unfix")
def unfix(
    cause: Cause,
    on: Annotated[str, typer.Option(metavar="DATE", help="The day of the fix, such as 2026-11-18.")],
    brand: BrandName = None,
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Take back that a cause was fixed on a day."""
    order(config, "cause-unfix", who, brand=_one_brand(config, brand), cause=cause, on=on)
    say(f"{cause}: no fix on {on} any more")


@app.command("fixes")
def fixes(
    config: ConfigFile = DEFAULT_CONFIG,
    brand: Annotated[str | None, typer.Option(metavar="BRAND", help="Only this brand.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the fixes of causes, the latest first."""
    from monitor.notify.text import excerpt, inert, moment  # noqa: PLC0415

    with reading(config) as (settings, store):
        known_brands(settings, [brand] if brand else [])
        found = store.cause_fixes(brand)
    if as_json:
        print_json([entry.to_json() for entry in found])
    elif not found:
        say("no cause was tagged as fixed: `complaint-monitor report fix CAUSE --on DATE` does")
    else:
        now, zone = clock(), local_zone()
        rows = [
            (entry.fixed_on.isoformat(), entry.brand, entry.cause, inert(excerpt(entry.note, 80)) or "-",
             inert(entry.who), moment(entry.at, now, zone))
            for entry in found
        ]  # fmt: skip
        print_table(["FIXED ON", "BRAND", "CAUSE", "NOTE", "BY", "SAID"], rows, wide=["NOTE"])


def _one_brand(config: "ConfigFile", brand: str | None) -> str:
    """Return the brand that is meant; raises typer.BadParameter where the config has several and none is named."""
    from monitor.cli.context import read_settings  # noqa: PLC0415

    if brand:
        return brand
    known = list(read_settings(config).brands)
    if len(known) != 1:
        raise typer.BadParameter(f"name the brand with --brand: {', '.join(known) or 'the config has none'}")
    return known[0]
