"""Assembles the command line, and turns every error into one line and an exit code.

Exit codes: 0 done, 1 failed, 2 usage, 78 the configuration alone. A command group is a module; each command imports
what it needs when it runs, so that `--help` answers at once.
"""

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, TextIO

import typer

from connectors.errors import ConnectorError
from models.errors import ModelError
from monitor import __version__
from monitor.cli import (
    alerts,
    answers,
    bench,
    configuration,
    cost,
    digests,
    explaining,
    exporting,
    incidents,
    lab,
    listening,
    operations,
    outbox,
    pins,
    queue,
    reports,
    routes,
    sample,
    shifts,
    silences,
    spikes,
    starting,
    suggestions,
    users,
)
from monitor.errors import ConfigError, MonitorError

app = typer.Typer(
    name="complaint-monitor",
    help="Hears public complaints, queues the urgent ones with reasons, and reminds people to answer.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_PLACES = {
    errno.ENOSPC: "free some space, then try again",
    errno.EDQUOT: "free some space, then try again",
    errno.EROFS: "name a place that may be written",
    errno.EACCES: "check its owner and its mode",
    errno.EPERM: "check its owner and its mode",
}
"""What helps where a file cannot be read or written."""


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"complaint-monitor {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hears public complaints, queues the urgent ones with reasons, and reminds people to answer."""


for group in (starting, listening, bench, explaining, digests, exporting, operations, pins, spikes, cost):
    group.register(app)
for name, group in (
    ("queue", queue),
    ("answer", answers),
    ("incident", incidents),
    ("sample", sample),
    ("config", configuration),
    ("suggestions", suggestions),
    ("route", routes),
    ("silence", silences),
    ("shift", shifts),
    ("outbox", outbox),
    ("alerts", alerts),
    ("lab", lab),
    ("report", reports),
    ("user", users),
):
    app.add_typer(group.app, name=name)
app.add_typer(users.tokens, name="token")


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    _survive_closed_streams()
    _survive_odd_terminals(sys.stdout, sys.stderr)
    try:
        return _run_to_the_end(arguments)
    except BrokenPipeError:
        return _leave_quietly()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if "--debug" in arguments[:1]:
            raise
        return _report(error)


def _run_to_the_end(arguments: Sequence[str]) -> int:
    """Run one command until all of its output has gone; raises what went wrong."""
    code: object = 0
    try:
        app(list(arguments), prog_name="complaint-monitor")
    except SystemExit as done:
        code = done.code
    sys.stdout.flush()
    return code if isinstance(code, int) else int(code is not None)


def _report(error: Exception) -> int:
    """Print one line (a line a problem for a config) and return the exit code."""
    from monitor.notify.text import visible  # noqa: PLC0415 - only errors need it

    if isinstance(error, ConfigError):
        for problem in error.problems:
            print(visible(str(problem)), file=sys.stderr)
        return error.exit_code
    if isinstance(error, MonitorError | ConnectorError | ModelError):
        print(f"complaint-monitor: {visible(str(error))}", file=sys.stderr)
        return error.exit_code if isinstance(error, MonitorError) else 1
    if isinstance(error, OSError) and error.errno in _PLACES:
        place = visible(str(error.filename)) if error.filename else "the output"
        print(
            f"complaint-monitor: {place}: {os.strerror(error.errno).lower()}; {_PLACES[error.errno]}", file=sys.stderr
        )
        _leave_quietly()
        return 1
    cause = visible(f"{type(error).__name__}: {error}")[:500]
    print(f"complaint-monitor: unexpected {cause}; run it again as `complaint-monitor --debug …`", file=sys.stderr)
    return 1


def _survive_closed_streams() -> None:
    """Put the null device in the place of streams that whoever started us has closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - open until the end


def _survive_odd_terminals(*streams: TextIO) -> None:
    """Have letters that a terminal's encoding lacks printed as their codes, in place of an error."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _leave_quietly() -> int:
    """End without a word when whoever reads our output has gone."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
