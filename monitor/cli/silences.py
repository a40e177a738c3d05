"""`silence add`, `silence list`, `silence end`: mute notifications for a while, never the queue."""

from typing import Annotated

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsJson,
    AsName,
    ConfigFile,
    clock,
    local_zone,
    moment_after,
    order,
    reading,
)
from monitor.cli.output import print_json, print_table, say

app = typer.Typer(
    help="Mute notifications for a while; the queue goes on.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("add")
def add(
    matchers: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY=VALUE...", help="By brand, level, platform, kind, cause, severity, case or incident."
        ),
    ],
    until: Annotated[str, typer.Option("--for", metavar="SPAN", help="How long (2h), or until when.")],
    reason: Annotated[str, typer.Option(help="Why; others read it.")],
    config: ConfigFile = DEFAULT_CONFIG,
    who: AsName = "",
) -> None:
    """Mute notifications of cases that match. The cases stay in the queue, and their clocks run on.

    Safety, legal, press, fraud and impostors are muted only where `severity` names them, or `case` the very case. What
    is still open and taken by nobody when the silence ends is told then.
    """
    wanted = dict(_pair(text) for text in matchers)
    ends = moment_after(until, clock()).isoformat()
    answer = order(config, "silence", who, matchers=wanted, reason=reason, until=ends)
    say(f"silence {answer['silence']} is in force; end it with `complaint-monitor silence end {answer['silence']}`")


@app.command("list")
def list_silences(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the silences in force."""
    from monitor.notify.text import excerpt, inert, moment  # noqa: PLC0415

    now, zone = clock(), local_zone()
    with reading(config) as (_, store):
        silences = store.active_silences(now)
    if as_json:
        print_json(silences)
        return
    if not silences:
        say("no silence is in force: every alert is sent")
        return
    rows = [
        (
            str(silence["id"]),
            inert(" ".join(f"{key}={','.join(values)}" for key, values in silence["matchers"].items())),
            moment(silence["ends_at"], now, zone),
            inert(silence["author"]),
            inert(excerpt(silence["reason"], 160)),
        )
        for silence in silences
    ]
    print_table(["ID", "MATCHES", "UNTIL", "BY", "REASON"], rows, wide=["REASON"])


@app.command("end")
def end(
    silence: Annotated[int, typer.Argument(metavar="ID", min=1, help="The number of the silence.")],
    config: ConfigFile = DEFAULT_CONFIG,
    who: AsName = "",
) -> None:
    """End a silence now."""
    order(config, "end-silence", who, silence=silence)
    say(f"silence {silence} has ended")


def _pair(text: str) -> tuple[str, list[str]]:
    key, _, values = text.partition("=")
    if not values:
        raise typer.BadParameter(f"{text!r} is no matcher; write level=high,critical or brand=lumo")
    return key, values.split(",")
