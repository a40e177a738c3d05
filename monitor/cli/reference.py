"""Writes docs/reference/cli.md from the real `--help` of every command: `python -m monitor.cli.reference > FILE`."""

import sys
from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from monitor.cli.commands import app

_HEAD = """\
# Command line

Generated from `--help`; do not edit. Every command that needs a config takes `--config FILE` (default: `config.yaml`).

Exit codes: 0 done, 1 failed, 2 usage, 78 the configuration alone. Errors are one line on stderr: subject, cause, next
step. `complaint-monitor --debug COMMAND …` shows where an error came from. Tables are plain when the output is no
terminal; on one, `NO_COLOR` takes the colours away.

Commands that change a case run in their own process under the store's lock; while a daemon holds it, they are sent to
the daemon through the socket beside the store. Commands that only read open the store read-only.
"""
_WIDTH = 100


def reference() -> str:
    """Return the page."""
    root = get_command(app)
    context = typer.Context(
        root,
        info_name="complaint-monitor",
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    parts = [_HEAD]
    for name, text in _pages(root, context):
        parts.append(f"## {name}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def _pages(command: Any, context: typer.Context) -> Iterator[tuple[str, str]]:
    """Return every command with its help, groups before what is in them."""
    yield context.command_path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    for name, inner in getattr(command, "commands", {}).items():
        yield from _pages(inner, typer.Context(inner, info_name=name, parent=context))


if __name__ == "__main__":
    sys.stdout.write(reference())
