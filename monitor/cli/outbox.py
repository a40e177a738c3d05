"""`outbox list`, `outbox replay`: notifications that were given up, and another try for them."""

from typing import Annotated

import typer

from monitor.cli.context import DEFAULT_CONFIG, AsJson, AsName, ConfigFile, order, reading
from monitor.cli.output import plural, print_json, print_table, say

app = typer.Typer(
    help="Notifications that were given up, and another try for them.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def list_dead(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the notifications that were given up, and why."""
    from monitor.notify.text import excerpt, inert  # noqa: PLC0415

    with reading(config) as (_, store):
        dead, waits = store.dead_messages(), store.waits()
    if as_json:
        print_json(dead)
        return
    waiting = sum(waits["messages"].get(state, 0) for state in ("open", "sealed"))
    if not dead:
        say(f"nothing was given up; {waiting} waiting to be sent")
        return
    rows = [
        (str(message["id"]), message["receiver"], message["event"], inert(excerpt(message["error"] or "", 160)))
        for message in dead
    ]
    print_table(["ID", "RECEIVER", "EVENT", "LAST ERROR"], rows, wide=["LAST ERROR"])
    say("mend the receiver, then `complaint-monitor outbox replay --all`")


@app.command("replay")
def replay(
    message: Annotated[int | None, typer.Argument(metavar="[ID]", min=1, help="The number of the message.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
    parked: Annotated[
        bool, typer.Option("--parked", help="Posts that failed to be decided, in place of messages.")
    ] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    who: AsName = "",
) -> None:
    """Have a notification that was given up sent again."""
    if (message is not None) + everything + parked != 1:
        raise typer.BadParameter("name one message, or --all, or --parked")
    answer = order(config, "replay-parked" if parked else "replay-dead", who, message=message)
    say(f"{plural(answer['replayed'], 'post' if parked else 'message')} will be tried again")
