"""A problem of the config: where it stands, what is wrong, what to do, and how far it reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

DAEMON = "daemon"
"""The scope of a problem that makes the whole config unusable."""

_SHOWN = 12

Path = tuple[str | int, ...]
"""Where a value stands: keys of mappings and places in lists, from the top of the config."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or (`warning`) deserves a second look.

    `scope` is "daemon", or "source:NAME" / "receiver:NAME" where only that one cannot be used.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str = ""
    scope: str = DAEMON
    warning: bool = False

    def __str__(self) -> str:
        message = f"warning: {self.message}" if self.warning else self.message
        where = f"{self.file}:{self.line}:{self.column}: " + (f"{self.path}: " if self.path else "")
        return f"{where}{message}" + (f"; {self.hint}" if self.hint else "")

    @property
    def place(self) -> Place:
        """Where the problem stands."""
        return Place(self.file, self.line, self.column)


def problem_at(
    place: Place, path: Path, message: str, hint: str = "", *, scope: str = DAEMON, warning: bool = False
) -> Problem:
    """Return a problem of the value at `path`, which stands at `place`."""
    return Problem(place.file, place.line, place.column, path_text(path), message, hint, scope, warning)


def path_text(path: Path) -> str:
    """Write a path as people do: `brands.lumo.watches[0].query`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def suggestion(word: str, known: Sequence[str]) -> str:
    """Return "did you mean 'x'?" for the nearest known word, else the known words themselves."""
    near = get_close_matches(word.lower(), {name.lower(): name for name in known}, n=1, cutoff=0.6)
    if near:
        return f"did you mean {next(name for name in known if name.lower() == near[0])!r}?"
    more = ", …" if len(known) > _SHOWN else ""
    return f"known: {', '.join(sorted(known)[:_SHOWN])}{more}" if known else ""
