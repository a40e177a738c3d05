"""`re2:/…/`: a regular expression, run by RE2 in time that grows with the text alone."""

import re
import string
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from monitor.rules.folded import FoldedMention
from monitor.rules.query_ast import Keys

_LONG_ENOUGH = 3
_SURE_ESCAPES = frozenset("dwsDWSbB.-/+*?()[]{}|^$\\")
_PLAIN = frozenset(string.ascii_letters + string.digits)


@dataclass(frozen=True)
class Pattern:
    """A pattern on the text as people see it; the flag `i` ignores case."""

    source: str
    flags: str
    compiled: Any = field(compare=False, repr=False)

    @cached_property
    def keys(self) -> Keys:
        """The longest word that every match must hold, where that is certain."""
        runs = required_runs(self.source)
        longest = max(runs, key=len, default="")
        return frozenset({longest.lower()}) if len(longest) >= _LONG_ENOUGH else None

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the pattern is found anywhere."""
        return self.compiled.search(mention.original) is not None

    def __str__(self) -> str:
        return f"re2:/{self.source}/{self.flags}"


def required_runs(source: str) -> list[str]:
    """Return runs of ASCII letters and digits that every match of a pattern holds, whatever the case.

    Only the plainest patterns are read; of all others nothing is said. What stands in groups counts for nothing.
    """
    if "|" in source or "[:" in source or not source.isascii():
        return []
    runs, run, depth = [], "", 0
    for sign in _signs(source) or ():
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign in _PLAIN:
            run += sign
            continue
        if sign in {"*", "?", "{"}:
            run = run[:-1]
        runs.append(run)
        run = ""
    return [*runs, run]


def _signs(source: str) -> list[str] | None:
    """Return a pattern's signs, a class or an escape as one odd sign each; None where an escape is uncertain."""
    signs: list[str] = []
    for part in re.finditer(r"\\(.)|\[\^?\]?(?:\\.|[^\]\\])*\]|\{[0-9,]*\}|(.)", source, re.DOTALL):
        if part[1] is not None:
            if part[1] not in _SURE_ESCAPES:
                return None
            signs.append("\\")
        else:
            signs.append(part[2] or part[0][0])
    return signs
