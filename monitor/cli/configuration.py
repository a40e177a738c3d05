"""`config apply`, `config show`, `config history`: which config is active, and who changed it."""

from typing import Annotated

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsJson,
    AsName,
    ConfigFile,
    clock,
    local_zone,
    login_name,
    read_config,
    reading,
)
from monitor.cli.output import Cell, print_json, print_table, say, warn

app = typer.Typer(help="Which config is active, and who changed it.", no_args_is_help=True, rich_markup_mode=None)


@app.command("apply")
def apply(config: ConfigFile = DEFAULT_CONFIG, who: AsName = "") -> None:
    """Check the config, keep it as a version, and have a running daemon follow it."""
    from monitor.cli.gateway import execute  # noqa: PLC0415
    from monitor.desk import Command  # noqa: PLC0415
    from monitor.errors import ConfigError  # noqa: PLC0415

    loaded = read_config(config, thorough=True)
    for problem in loaded.warnings:
        warn(str(problem))
    if loaded.errors:
        raise ConfigError(loaded.file, loaded.errors)
    if loaded.pins:
        from monitor.app import build_side, refuse_broken_pins  # noqa: PLC0415 - only pins need a model here

        refuse_broken_pins(loaded, build_side("config", loaded.usable()), clock())
    arguments = {"hash": loaded.hash, "text": loaded.text}
    answer = execute(config, Command("config-apply", who or login_name(), arguments))
    version = str(answer.get("hash", loaded.hash))[:12]
    say(f"config {version} is active" + ("; the daemon follows it" if answer.get("reloaded") else ""))


@app.command("show")
def show(
    config: ConfigFile = DEFAULT_CONFIG,
    version: Annotated[str | None, typer.Argument(metavar="[HASH]", help="An older version, by its hash.")] = None,
) -> None:
    """Print the active config as it was accepted, secrets as references."""
    from monitor.errors import MonitorError  # noqa: PLC0415
    from monitor.notify.text import visible  # noqa: PLC0415

    with reading(config) as (_, store):
        history = store.config_history()
    if not history:
        raise MonitorError("config", "no version was accepted yet", "run `complaint-monitor config apply`")
    known = [entry for entry in history if entry["hash"].startswith(version or "")]
    if not known:
        raise MonitorError(f"config {version}", "no such version", "see `complaint-monitor config history`")
    say(visible(known[0]["text"], newlines=True).rstrip())


@app.command("history")
def history(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the accepted versions, newest first."""
    from monitor.notify.text import ago, inert  # noqa: PLC0415

    now, zone = clock(), local_zone()
    with reading(config) as (_, store):
        entries = store.config_history()
    if as_json:
        print_json([{key: entry[key] for key in ("hash", "who", "at")} for entry in entries])
        return
    if not entries:
        say("no version was accepted yet: run `complaint-monitor config apply`")
        return
    rows = [
        (Cell(entry["hash"][:12], "bold" if at == 0 else ""), ago(entry["at"], now, zone), inert(entry["who"]))
        for at, entry in enumerate(entries)
    ]
    print_table(["VERSION", "ACCEPTED", "BY"], rows)
