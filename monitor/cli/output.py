"""How the commands print: tables in colour on a terminal, plain ones elsewhere, JSON that no terminal obeys."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

NARROW = 110
"""Columns of a terminal below which tables are folded."""

STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "normal": "yellow",
    "low": "dim",
    "late": "bold red",
    "red": "bold red",
    "yellow": "yellow",
    "green": "green",
    "stopped": "bold red",
    "failing": "yellow",
    "ok": "green",
    "waiting": "dim",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell and the style it has on a terminal. The text is harmless already."""

    text: str
    style: str = ""


Row = Sequence[str | Cell]


def is_plain() -> bool:
    """Whether to print a line a row, without colours and boxes: not on a terminal, or on a dumb one."""
    return not sys.stdout.isatty() or os.environ.get("TERM") == "dumb"


def is_narrow() -> bool:
    """Whether a terminal has too little room for the columns of the queue."""
    return not is_plain() and shutil.get_terminal_size().columns < NARROW


def say(text: str) -> None:
    """Print a line of ours; the parts of it that are foreign are harmless already."""
    print(text)


def plural(number: int, word: str) -> str:
    """Return a number with its noun: 1 post, 2 posts."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def warn(text: str) -> None:
    """Print a line to stderr."""
    print(text, file=sys.stderr)


def print_json(value: Any) -> None:
    """Print JSON in ASCII: what is foreign in it stays escaped, so that no terminal obeys it."""
    print(json.dumps(value, ensure_ascii=True, indent=None if isinstance(value, str) else 2, default=_plain_value))


def json_line(value: Any) -> str:
    """Return one line of JSON in ASCII."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=_plain_value)


def print_table(columns: Sequence[str], rows: Sequence[Row], *, wide: Sequence[str] = ()) -> None:
    """Print a table; `wide` columns take the room that is left and wrap."""
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    if is_plain():
        for line in _plain_lines(columns, cells):
            print(line)
    else:
        _print_rich(columns, cells, wide)


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values, aligned."""
    known = list(facts)
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        print(f"{name:<{width}}  {value}".rstrip())


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Any]:
    """Show a bar on stderr while the block works; gives a function that takes how much was done since the last call."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only long work on a terminal pays for it
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda step: bar.advance(task, step)


def _plain_lines(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    from rich.cells import cell_len  # noqa: PLC0415 - widths of emoji and Asian letters

    table = [list(columns), *([cell.text for cell in row] for row in rows)]
    widths = [max(cell_len(line[at]) for line in table) for at in range(len(columns))]
    for line in table:
        yield "  ".join(
            text + " " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True)
        ).rstrip()


def _print_rich(columns: Sequence[str], rows: Sequence[Sequence[Cell]], wide: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415 - plain output does without
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=bool(wide))
    for name in columns:
        table.add_column(name, ratio=1 if name in wide else None, no_wrap=name not in wide, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell.text, style=STYLES.get(cell.style, cell.style)) for cell in row))
    colours: Any = {"color_system": None} if os.environ.get("NO_COLOR") else {}
    Console(highlight=False, emoji=False, markup=False, **colours).print(table)


def _plain_value(value: Any) -> Any:
    from datetime import datetime, timedelta  # noqa: PLC0415 - only what JSON does not know comes here

    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
