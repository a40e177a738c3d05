"""Draws the pictures of the README from what the commands print of the demo: `.venv/bin/python docs/images/make.py`.

The demo is decided in a folder of its own, at a fixed time, so that a picture changes only when the output does.
"""

import io
import json
import os
import re
import time
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

import time_machine
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from monitor.cli.commands import run

HERE = Path(__file__).parent
DEMO = HERE.parents[1] / "config.yaml"
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
COLUMNS = 136
ROWS = 14
_LETTER = 12.2
"""How wide Rich draws a letter."""

_FONT_FACE = re.compile(r"\s*@font-face \{.*?\n    \}", re.DOTALL)
"""A picture fetches no font from anywhere; the viewer's own one does."""

_RUN = re.compile(r'<text ([^<>]*) x="([\d.]+)" ([^<>]*) textLength="[\d.]+"([^<>]*)>([^<]*)</text>')
_WORDS = re.compile("[^\xa0]+(?:\xa0[^\xa0]+)*")
"""Words with single spaces between them."""


class Terminal(io.StringIO):
    """Takes what a command prints as a terminal would, colours and all."""

    def isatty(self) -> bool:
        return True


def printed(config: Path, *arguments: str) -> str:
    """Return what a command prints on a terminal."""
    terminal = Terminal()
    with redirect_stdout(terminal):
        code = run([*arguments, "--config", str(config)])
    if code:
        raise SystemExit(f"{arguments}: exit {code}")
    return terminal.getvalue()


def draw(output: str, command: str, picture: Path) -> None:
    """Write the output of a command as a picture of a terminal, and nothing into it that is not in the output.

    Marks of reading direction, which a terminal does not show either, are left out: they have no shape in most fonts.
    """
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    marks = str.maketrans("", "", "\u2068\u2069")
    console.print(Text(f"$ {command}", style="bold"))
    console.print(Text.from_ansi(output.rstrip().translate(marks)), soft_wrap=False)
    svg = console.export_svg(title="complaint-monitor", unique_id=picture.stem)
    svg = _RUN.sub(_word_by_word, _FONT_FACE.sub("", svg))
    picture.write_text("\n".join(line.rstrip(" ") for line in svg.split("\n")) + "\n", "utf-8")
    print(f"{picture}: {picture.stat().st_size:,} bytes")


def _word_by_word(found: re.Match[str]) -> str:
    """Put what stands behind two or more spaces where its column is: viewers differ in how wide spaces are."""
    first, x, middle, last, escaped = found.groups()
    parts, text = [], escaped.replace("&#160;", "\xa0")
    for words in _WORDS.finditer(text):
        at = float(x) + _LETTER * cell_len(unescape(text[: words.start()]))
        width = _LETTER * cell_len(unescape(words[0]))
        parts.append(f'<text {first} x="{at:g}" {middle} textLength="{width:g}"{last}>{words[0]}</text>')
    return "".join(parts)


def main() -> None:
    """Decide the demo once and draw the queue, and one case explained."""
    os.environ |= {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color", "COLORTERM": "truecolor", "TZ": "UTC"}
    time.tzset()
    with TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        config = Path(copy(DEMO, folder))
        with redirect_stderr(io.StringIO()):
            printed(config, "run", "--once")
        queue = printed(config, "queue", "list", "--limit", str(ROWS))
        draw(queue, f"complaint-monitor queue list --limit {ROWS}", HERE / "queue.svg")
        first = json.loads(printed(config, "queue", "list", "--json"))[0]["id"]
        draw(printed(config, "explain", str(first)), f"complaint-monitor explain {first}", HERE / "explain.svg")


if __name__ == "__main__":
    main()
