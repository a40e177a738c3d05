"""`alerts status`: does what is urgent still reach somebody?"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import typer

from monitor.cli.context import DEFAULT_CONFIG, AsJson, ConfigFile, clock, local_zone, reading
from monitor.cli.output import Cell, Row, print_json, print_table, say

if TYPE_CHECKING:
    from monitor.desk.alerts import Alerts, AlertStatus

app = typer.Typer(help="Does what is urgent still reach somebody?", no_args_is_help=True, rich_markup_mode=None)

_STYLES = {
    "ok": "green",
    "failing": "yellow",
    "refusing": "bold red",
    "gone": "bold red",
    "unused": "dim",
    "off": "dim",
}
_COLUMNS = ["RECEIVER", "KIND", "STATE", "LAST SENT", "WAITING", "DEAD", "QUIET UNTIL", "CANARY", "LAST FAILURE"]


@app.callback()
def _group() -> None:
    """Does what is urgent still reach somebody?"""


@app.command("status")
def status(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show each receiver: what arrived, what failed and why, what waits. Exit 1 where something needs somebody."""
    from monitor.desk.alerts import Standing, alerts  # noqa: PLC0415

    now = clock()
    with reading(config) as (settings, store):
        found = alerts(store, settings, now)
    if as_json:
        print_json(found.to_json(now))
    elif not found.receivers:
        say("no receiver is configured: nobody is told of anything; add one under `receivers`")
    else:
        print_table(_COLUMNS, [_row(one, now, local_zone()) for one in found.receivers], wide=["LAST FAILURE"])
        for line in _lines(found, now):
            say(line)
    wrong = {Standing.FAILING, Standing.REFUSING, Standing.GONE}
    if any(one.standing in wrong or (one.canary and one.canary.overdue(now)) for one in found.receivers):
        raise typer.Exit(1)


def _row(one: "AlertStatus", now: datetime, zone: tzinfo) -> Row:
    from monitor.notify.text import ago, excerpt, inert, moment, span  # noqa: PLC0415

    state = one.state
    oldest = f", oldest {span(now - state.oldest_at)}" if state.oldest_at else ""
    failed = f"{ago(state.failed_at, now, zone)}: {inert(excerpt(state.error or '', 160))}" if state.failed_at else "-"
    return (
        one.name,
        one.kind or "-",
        Cell(one.standing, _STYLES[one.standing]),
        ago(state.ok_at, now, zone) if state.ok_at else "never",
        f"{state.waiting}{oldest}",
        Cell(str(state.dead), "bold red" if state.dead else ""),
        moment(one.quiet_until, now, zone) if one.quiet_until else "-",
        _canary(one, now, zone),
        failed,
    )


def _canary(one: "AlertStatus", now: datetime, zone: tzinfo) -> Cell:
    from monitor.notify.text import ago  # noqa: PLC0415

    canary = one.canary
    if canary is None:
        return Cell("-")
    if canary.acknowledged_at is not None:
        return Cell(f"acknowledged {ago(canary.acknowledged_at, now, zone)}", "green")
    return Cell("missing", "bold red") if canary.overdue(now) else Cell("under way", "yellow")


def _lines(found: "Alerts", now: datetime) -> Iterator[str]:
    """Give what to say below the table."""
    from monitor.notify.text import ago, excerpt, inert  # noqa: PLC0415

    if not found.fallback:
        yield "no fallback: nobody hears of an urgent case whose receiver cannot be reached; set `fallback`"
    if not found.pings:
        yield "no dead man's switch: nobody notices when this daemon dies; set `dead_man`"
    elif found.dead_man is None:
        yield "dead man's switch: no ping yet"
    elif found.dead_man["failure"]:
        yield f"dead man's switch: the watcher is not reached: {inert(excerpt(found.dead_man['failure'], 160))}"
    else:
        well = "all well" if found.dead_man["well"] else "told that something is wrong"
        yield f"dead man's switch: {well}, {ago(datetime.fromisoformat(found.dead_man['at']), now)}"
    if any(one.state.dead for one in found.receivers):
        yield "given up: see `complaint-monitor outbox list`; mend the receiver, then `complaint-monitor outbox replay`"
