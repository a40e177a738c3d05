"""Shipped texts: files of sections, each under a line `[name]`; lines that begin with # are comments."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("shipped")


@cache
def read_sections(name: str) -> Mapping[str, str]:
    """Return the sections of a shipped file by their names, in its order."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            lines = found.setdefault(line[1:-1], [])
        elif not line.startswith("#"):
            lines.append(line)
    return {section: "\n".join(text).strip() for section, text in found.items()}
