"""`export`: everything stored, one a line, to stdout."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from monitor.cli.context import DEFAULT_CONFIG, ConfigFile, reading
from monitor.cli.output import progress


class What(StrEnum):
    """What is exported."""

    MENTIONS = "mentions"
    CASES = "cases"


class Format(StrEnum):
    """How a line is written."""

    JSONL = "jsonl"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("export")(export)


def export(
    what: Annotated[What, typer.Argument(help="What to export.")],
    config: ConfigFile = DEFAULT_CONFIG,
    form: Annotated[
        Format, typer.Option("--format", help="JSON lines, or CSV that spreadsheets may open.")
    ] = Format.JSONL,
) -> None:
    """Print every stored mention or case, one a line."""
    from monitor.export import exported_cases, exported_mentions, write_csv, write_jsonl  # noqa: PLC0415

    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    write = write_csv if form is Format.CSV else write_jsonl
    with reading(config) as (_, store):
        total = store.count_cases() if what is What.CASES else store.totals()["mentions"]
        records = exported_cases(store) if what is What.CASES else exported_mentions(store)
        with progress(f"exporting {what}", total) as advance:
            for _ in write(records, sys.stdout):
                advance(1)
