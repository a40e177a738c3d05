"""`shift list`, `shift now`, `shift override`, `shift absent`, `shift end`: who is on shift, and who stands in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsJson,
    AsName,
    ConfigFile,
    clock,
    known_brands,
    moment_after,
    order,
    reading,
)
from monitor.cli.output import Row, print_json, print_table, say

if TYPE_CHECKING:
    from monitor.config.schema import Settings
    from monitor.desk.shifts import Duty
    from monitor.rules.shifts import ShiftChange

app = typer.Typer(help="Who is on shift, who is away, who stands in.", no_args_is_help=True, rich_markup_mode=None)

Who = Annotated[str, typer.Argument(metavar="NAME", help="The person, as the config names them.")]
For = Annotated[str, typer.Option("--for", metavar="SPAN", help="How long (8h, 2d), or until when.")]
From = Annotated[
    str, typer.Option("--from", metavar="WHEN", help="From when: a span from now (2h), or a time; now unless given.")
]
Reason = Annotated[str, typer.Option(help="Why; others read it.")]


@app.command("now")
def now_on_shift(
    config: ConfigFile = DEFAULT_CONFIG,
    brand: Annotated[str | None, typer.Option(metavar="BRAND", help="Only who answers for this brand.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show who is on shift now and who comes next, in their zones."""
    from monitor.desk.shifts import duty  # noqa: PLC0415

    now = clock()
    with reading(config) as (settings, store):
        known_brands(settings, [brand] if brand else [])
        found = duty(store, settings, now, brand)
    if as_json:
        print_json(found.to_json())
    elif not settings.people:
        say("no people are named: add `people` and `shifts` to the config")
    else:
        _print_duty(found, now)


@app.command("list")
def list_shifts(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the weekly shifts, and the absences and overrides that are in force or to come."""
    from monitor.desk.shifts import change_json, roster_now, weekly_json  # noqa: PLC0415

    now = clock()
    with reading(config) as (settings, store):
        changes = [change for change in roster_now(store, settings, now).changes if change.ends_at > now]
    if as_json:
        print_json({"shifts": weekly_json(settings), "changes": [change_json(change) for change in changes]})
        return
    if settings.shifts:
        print_table(["WHO", "DAYS", "HOURS", "ZONE"], [_weekly_row(settings, at) for at in range(len(settings.shifts))])
    else:
        say("no shifts are set: add `shifts` to the config")
    if changes:
        say("")
        rows = [_change_row(settings, change, now) for change in changes]
        print_table(["ID", "WHAT", "WHO", "FROM", "UNTIL", "BY", "REASON"], rows, wide=["REASON"])


@app.command("override")
def override(
    who: Who,
    until: For,
    since: From = "",
    instead_of: Annotated[str, typer.Option(metavar="NAME", help="Whose shifts are taken over meanwhile.")] = "",
    reason: Reason = "",
    as_name: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Put a person on shift for a while, besides the others or in the place of one."""
    _change(config, "shift-override", as_name, who, since, until, reason, instead_of=instead_of)


@app.command("absent")
def absent(
    who: Who,
    until: For,
    since: From = "",
    reason: Reason = "",
    as_name: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Tell a person nothing for a while; chains pass them over."""
    _change(config, "shift-absent", as_name, who, since, until, reason)


@app.command("end")
def end(
    change: Annotated[int, typer.Argument(metavar="ID", min=1, help="The number that `shift list` shows.")],
    as_name: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """End an absence or an override now."""
    order(config, "shift-end", as_name, change=change)
    say(f"shift change {change} has ended")


def _change(
    config: Path, name: str, as_name: str, who: str, since: str, until: str, reason: str, instead_of: str = ""
) -> None:
    now = clock()
    start = moment_after(since, now) if since else now
    window = {"since": start.isoformat(), "until": moment_after(until, start).isoformat()}
    answer = order(config, name, as_name, **window, who=who, reason=reason, instead_of=instead_of)
    number = answer["change"]["id"]
    say(f"shift change {number} is kept; end it with `complaint-monitor shift end {number}`")
    if answer["nobody_from"]:
        say(f"nobody is on shift from {answer['nobody_from']}, so that everybody is told; see `shift override`")


def _print_duty(found: "Duty", now: datetime) -> None:
    from monitor.notify.text import moment  # noqa: PLC0415

    for name, until in found.on_shift:
        zone = ZoneInfo(found.zones[name])
        end_text = f"till {moment(until, now, zone)}" if until else "for the next two weeks"
        say(f"on shift: {name}, {end_text} ({zone.key})")
    if not found.on_shift:
        say("nobody is on shift: everybody is told")
    if found.next_at is not None:
        names = [
            f"{name} at {moment(found.next_at, now, ZoneInfo(found.zones[name]))} ({found.zones[name]})"
            for name in found.next_on_shift
        ]
        say(f"next: {', '.join(names) or f'nobody, from {moment(found.next_at, now, UTC)} UTC'}")
    if found.away:
        say(f"away: {', '.join(found.away)}")


def _weekly_row(settings: "Settings", at: int) -> Row:
    from monitor.config.people import WEEK  # noqa: PLC0415

    shift = settings.shifts[at]
    days = "every day" if set(shift.days) == set(WEEK) else " ".join(day for day in WEEK if day in shift.days)
    zones = dict.fromkeys(settings.people[name].zone for name in shift.who if name in settings.people)
    return ", ".join(shift.who), days, f"{shift.start:%H:%M}-{shift.end:%H:%M}", shift.zone or ", ".join(zones)


def _change_row(settings: "Settings", change: "ShiftChange", now: datetime) -> Row:
    from monitor.notify.text import excerpt, inert, moment  # noqa: PLC0415

    person = settings.people.get(change.who)
    zone = ZoneInfo(person.zone if person else "UTC")
    instead = f" for {change.instead_of}" if change.instead_of else ""
    times = (moment(change.starts_at, now, zone), f"{moment(change.ends_at, now, zone)} ({zone.key})")
    said = (inert(change.author), inert(excerpt(change.reason, 160)))
    return (str(change.id or "-"), change.kind.value, change.who + instead, *times, *said)
