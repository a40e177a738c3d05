"""`config apply/show/history/revert`: which config is active, who changed it, and how to go back."""

from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsJson,
    AsName,
    ConfigFile,
    clock,
    local_zone,
    order,
    read_config,
    read_settings,
    reading,
)
from monitor.cli.output import Cell, print_json, print_table, say, warn

app = typer.Typer(help="Which config is active, and who changed it.", no_args_is_help=True, rich_markup_mode=None)

_TEXT_LIMIT, _REPORT_LIMIT = 1_000_000, 2_000_000


@app.command("apply")
def apply(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The new text; else what stands in the config file.")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    who: AsName = "",
    report: Annotated[
        Path | None,
        typer.Option(metavar="JSON", help="What `lab run --format json` said of it; kept with it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a config and put it in the place of the active one; a running daemon follows it."""
    from monitor.config.bounded import read_bounded  # noqa: PLC0415

    _report_all(config)
    arguments = {
        "text": read_bounded(file, _TEXT_LIMIT) if file else None,
        "report": _read_report(report) if report else None,
    }
    _change(config, "config-apply", who, arguments, as_json)


@app.command("revert")
def revert(
    version: Annotated[
        str | None, typer.Argument(metavar="[HASH]", help="An accepted version; else the one before the present one.")
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    who: AsName = "",
    as_json: AsJson = False,
) -> None:
    """Go back to an accepted version; a running daemon follows it."""
    _change(config, "config-revert", who, {"config": version}, as_json)


@app.command("show")
def show(
    config: ConfigFile = DEFAULT_CONFIG,
    version: Annotated[str | None, typer.Argument(metavar="[HASH]", help="An older version, by its hash.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Print the lab's report on it, as JSON.")] = False,
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
    if report and known[0]["report"] is None:
        raise MonitorError(f"config {known[0]['hash'][:12]}", "was accepted without a report",
                           "give one with `config apply --report`")  # fmt: skip
    say(visible(known[0]["report" if report else "text"], newlines=True).rstrip())


@app.command("history")
def history(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """List the accepted versions, newest first: who, when, how."""
    from monitor.notify.text import ago, inert  # noqa: PLC0415

    now, zone = clock(), local_zone()
    with reading(config) as (_, store):
        entries = store.config_history()
    if as_json:
        plain = ("hash", "who", "at", "action", "note")
        print_json([{key: entry[key] for key in plain} | {"report": entry["report"] is not None} for entry in entries])
        return
    if not entries:
        say("no version was accepted yet: run `complaint-monitor config apply`")
        return
    rows = [
        (
            Cell(entry["hash"][:12], "bold" if at == 0 else ""),
            ago(entry["at"], now, zone),
            inert(entry["who"]),
            " ".join(filter(None, (entry["action"], inert(entry["note"])))),
            "yes" if entry["report"] is not None else "",
        )
        for at, entry in enumerate(entries)
    ]
    print_table(["VERSION", "ACCEPTED", "BY", "HOW", "REPORT"], rows)


def _change(config: Path, name: str, who: str, arguments: dict[str, Any], as_json: bool) -> None:
    from monitor.config.keeper import Unwritable  # noqa: PLC0415

    try:
        answer = order(config, name, who, **arguments)
    except Unwritable:
        if arguments.get("text") is None:
            raise
        answer = _write_here(config, name, who, arguments)
    for problem in answer["warnings"]:
        warn(problem)
    for copy in answer["put_aside"]:
        warn(f"what stood on disk was never accepted; it is kept as {copy}")
    if as_json:
        print_json(answer)
        return
    follows = "; the daemon follows it" if answer.get("reloaded") else ""
    say(f"config {answer['hash'][:12]} is active{follows}")


def _write_here(config: Path, name: str, who: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Write the text that a daemon found good and may not write itself, then have it follow; else put it back."""
    from monitor.config.bounded import read_bounded  # noqa: PLC0415
    from monitor.config.keeper import replace_file  # noqa: PLC0415

    before = read_bounded(config, _TEXT_LIMIT)
    replace_file(config, arguments["text"])
    try:
        return order(config, name, who, **{**arguments, "text": None})
    except Exception:
        replace_file(config, before)
        raise


def _report_all(config: Path) -> None:
    """Raise ConfigError with every problem, not only the first found, where there is no version to go on with."""
    from monitor.errors import ConfigError  # noqa: PLC0415

    try:
        read_settings(config)
    except ConfigError:
        read_config(config, thorough=True)
        raise


def _read_report(file: Path) -> str:
    import json  # noqa: PLC0415 - one command in ten asks

    from monitor.config.bounded import read_bounded  # noqa: PLC0415
    from monitor.errors import MonitorError  # noqa: PLC0415

    text = read_bounded(file, _REPORT_LIMIT)
    try:
        json.loads(text)
    except ValueError as error:
        raise MonitorError(str(file), "is no JSON", "write it with `lab run --format json`") from error
    return text
