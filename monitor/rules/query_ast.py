"""What a watch query is made of. Each node matches a folded mention, prints itself back and names its literals.

`keys` are strings of which at least one must occur in `FoldedMention.padded` for the node to hold, or None where there
is no such guarantee: the matcher looks for all keys of all watches in one pass and evaluates only what they suggest.
A further operator is a further class here and a rule in the grammar of `query.py`.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from monitor.rules.folded import FoldedMention, fold_words

Keys = frozenset[str] | None

_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that are written without spaces: there, a word is looked for anywhere."""


class Node(Protocol):
    """One part of a query."""

    @property
    def keys(self) -> Keys:
        """Strings of which one must occur, or None."""
        ...

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the mention is wanted."""
        ...


def _key(words: tuple[str, ...], prefix: bool) -> str:
    text = " ".join(words)
    if _UNSPACED.search(text):
        return text
    return f" {text}" if prefix else f" {text} "


@dataclass(frozen=True)
class Words:
    """A word or a quoted phrase; `prefix` lets the last word go on. A bare word also finds @word and #word."""

    text: str
    quoted: bool = False
    prefix: bool = False

    @cached_property
    def keys(self) -> frozenset[str]:
        """Every spelling, with its boundaries."""
        return frozenset(_key(words, self.prefix) for words in fold_words(self.text))

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the words stand in the text in this order, next to each other."""
        padded = mention.padded
        return any(key in padded for key in self.keys)

    def __str__(self) -> str:
        return f'"{self.text}"' if self.quoted else f"{self.text}*" if self.prefix else self.text


@dataclass(frozen=True)
class Exact:
    """A word in exactly this case: `=LUMO` does not find lumo."""

    text: str

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w){re.escape(self.text)}(?!\w)")

    @property
    def keys(self) -> Keys:
        """The folded word, where folding leaves one."""
        return Words(self.text).keys or None

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the text as people see it holds the word."""
        return self.text in mention.original and self._pattern.search(mention.original) is not None

    def __str__(self) -> str:
        return f"={self.text}"


@dataclass(frozen=True)
class Marked:
    """A hashtag or a handle, and only that: `#lumo`, `@lumo`."""

    mark: str
    text: str

    @cached_property
    def _folded(self) -> str:
        return self.text.casefold()

    @property
    def keys(self) -> Keys:
        """None: a handle may hold characters that are no part of a word."""
        return None

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the text carries this hashtag or names this handle."""
        return self._folded in (mention.tags if self.mark == "#" else mention.handles)

    def __str__(self) -> str:
        return f"{self.mark}{self.text}"


@dataclass(frozen=True)
class Field:
    """`from:`, `to:` (the post opens with this handle) or `lang:` (the platform's own opinion; de also finds de-AT)."""

    name: str
    value: str

    @cached_property
    def _folded(self) -> str:
        return self.value.removeprefix("@").casefold()

    @property
    def keys(self) -> Keys:
        """None: fields are not in the text."""
        return None

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the field has this value; an unknown language has none."""
        if self.name == "from":
            return mention.author == self._folded
        if self.name == "to":
            return self._folded in mention.addressees
        return mention.lang == self._folded or mention.lang.startswith(f"{self._folded}-")

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


@dataclass(frozen=True)
class Near:
    """Two words or phrases with at most `distance` other words between them, in either order."""

    left: Words
    right: Words
    distance: int

    @property
    def keys(self) -> Keys:
        """Those of the left part: both must be there."""
        return self.left.keys

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the two stand close enough in one spelling of the text."""
        if not (self.left.matches(mention) and self.right.matches(mention)):
            return False
        return any(self._close(line) for line in mention.padded.split("\n"))

    def _close(self, line: str) -> bool:
        left, right = _spans(self.left, line), _spans(self.right, line)
        return any(
            max(start, other_start) - min(end, other_end) <= self.distance
            for start, end in left
            for other_start, other_end in right
            if end <= other_start or other_end <= start
        )

    def __str__(self) -> str:
        return f"{self.left} NEAR/{self.distance} {self.right}"


_SPANS_LIMIT = 50


def _spans(words: Words, line: str) -> list[tuple[int, int]]:
    """Return where the words stand in a padded line, counted in words. Bounded: a spammer repeats a word a lot."""
    spans: list[tuple[int, int]] = []
    for key in words.keys:
        length = max(1, key.strip().count(" ") + 1)
        at = line.find(key)
        while at >= 0 and len(spans) < _SPANS_LIMIT:
            start = line.count(" ", 0, at + 1) - 1
            spans.append((start, start + length))
            at = line.find(key, at + 1)
    return spans


@dataclass(frozen=True)
class Pattern:
    """A regular expression, run by RE2 in linear time on the text as people see it; `i` ignores case."""

    source: str
    flags: str
    compiled: Any = field(compare=False, repr=False)

    @property
    def keys(self) -> Keys:
        """None: a pattern may match without any fixed word."""
        return None

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the pattern is found anywhere."""
        return self.compiled.search(mention.original) is not None

    def __str__(self) -> str:
        return f"re2:/{self.source}/{self.flags}"


@dataclass(frozen=True)
class Not:
    """What must not hold."""

    part: Node

    @property
    def keys(self) -> Keys:
        """None: absence has no literal."""
        return None

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the part does not hold."""
        return not self.part.matches(mention)

    def __str__(self) -> str:
        return f"-{_wrapped(self.part)}"


@dataclass(frozen=True)
class And:
    """All parts hold."""

    parts: tuple[Node, ...]

    @cached_property
    def keys(self) -> Keys:
        """Those of the choosiest part."""
        known = [part.keys for part in self.parts if part.keys is not None]
        return min(known, key=lambda keys: (len(keys), -min(map(len, keys)))) if known else None

    def matches(self, mention: FoldedMention) -> bool:
        """Whether every part holds."""
        return all(part.matches(mention) for part in self.parts)

    def __str__(self) -> str:
        return " ".join(_wrapped(part) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """One part holds at least."""

    parts: tuple[Node, ...]

    @cached_property
    def keys(self) -> Keys:
        """Those of all parts, where each has some."""
        known = [part.keys for part in self.parts]
        return None if None in known else frozenset().union(*(keys for keys in known if keys is not None))

    def matches(self, mention: FoldedMention) -> bool:
        """Whether any part holds."""
        return any(part.matches(mention) for part in self.parts)

    def __str__(self) -> str:
        return " OR ".join(_wrapped(part) if isinstance(part, Or) else str(part) for part in self.parts)


def _wrapped(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or | Near) else str(node)
