"""What a watch query is made of. Each node matches a folded mention, prints itself back and names its literals.

`keys` are strings of which at least one must occur in `FoldedMention.scanned` for the node to hold, or None where there
is no such guarantee: the matcher looks for all keys of all watches in one pass and evaluates only what they suggest.
Fields stand in `query_fields.py`, NEAR and THEN in `query_near.py`, patterns in `query_pattern.py`.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import ahocorasick

from monitor.rules.folded import FoldedMention, fold_words
from monitor.rules.script import Spelling, spelling_of

Keys = frozenset[str] | None

MANY = 12
"""Alternatives from which plain words are looked for all at once."""

_TONES = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
"""What only changes how an emoji is drawn: its presentation and its tone of skin."""


class Node(Protocol):
    """One part of a query."""

    @property
    def keys(self) -> Keys:
        """Strings of which one must occur, or None."""
        ...

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the mention is wanted."""
        ...


@dataclass(frozen=True)
class Words:
    """A word or a quoted phrase; `prefix` lets the last word go on. A bare word also finds @word and #word."""

    text: str
    quoted: bool = False
    prefix: bool = False

    @cached_property
    def spellings(self) -> tuple[Spelling, ...]:
        """Every spelling, with its boundaries."""
        return tuple(spelling_of(words, self.prefix) for words in fold_words(self.text))

    @cached_property
    def keys(self) -> frozenset[str]:
        """What each spelling begins with."""
        return frozenset(spelling.key for spelling in self.spellings)

    @property
    def plain(self) -> bool:
        """Whether to find a key is to find the words."""
        return all(spelling.pattern is None for spelling in self.spellings)

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the words stand in the text in this order, next to each other."""
        padded = mention.padded
        return any(spelling.is_in(padded) for spelling in self.spellings)

    def __str__(self) -> str:
        return f'"{self.text}"' if self.quoted else f"{self.text}*" if self.prefix else self.text


@dataclass(frozen=True)
class Exact:
    """A word in exactly this case: `=LUMO` does not find lumo."""

    text: str

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w){re.escape(self.text)}(?!\w)")

    @cached_property
    def keys(self) -> Keys:
        """The word in lower case, as the text in lower case holds it."""
        return frozenset({self.text.casefold()})

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

    @cached_property
    def keys(self) -> Keys:
        """The handle or hashtag with its mark."""
        return frozenset({f" {self.mark}{self._folded} "})

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the text carries this hashtag or names this handle."""
        return self._folded in (mention.tags if self.mark == "#" else mention.handles)

    def __str__(self) -> str:
        return f"{self.mark}{self.text}"


@dataclass(frozen=True)
class Emoji:
    """An emoji, or several in a row, whatever their tone of skin."""

    text: str

    @cached_property
    def _bare(self) -> str:
        return _TONES.sub("", self.text)

    @cached_property
    def keys(self) -> Keys:
        """Its first sign."""
        return frozenset({self._bare[0].casefold()})

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the text as people see it holds it."""
        original = mention.original
        return self._bare[0] in original and self._bare in _TONES.sub("", original)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Named:
    """A list of the config by its name: one of its entries holds."""

    name: str
    part: Node

    @property
    def keys(self) -> Keys:
        """Those of the entries."""
        return self.part.keys

    def matches(self, mention: FoldedMention) -> bool:
        """Whether an entry holds."""
        return self.part.matches(mention)

    def __str__(self) -> str:
        return f"{{{self.name}}}"


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
    """One part holds at least. Many plain words are looked for in one pass, so that long lists cost no more."""

    parts: tuple[Node, ...]

    @cached_property
    def keys(self) -> Keys:
        """Those of all parts, where each has some."""
        known = [part.keys for part in self.parts]
        return None if None in known else frozenset().union(*(keys for keys in known if keys is not None))

    @cached_property
    def _plain(self) -> ahocorasick.Automaton | None:
        words = [part for part in self.parts if isinstance(part, Words) and part.plain]
        if len(words) < MANY:
            return None
        automaton = ahocorasick.Automaton()
        for part in words:
            for key in part.keys:
                automaton.add_word(key, True)
        automaton.make_automaton()
        return automaton

    @cached_property
    def _others(self) -> tuple[Node, ...]:
        if self._plain is None:
            return self.parts
        return tuple(part for part in self.parts if not (isinstance(part, Words) and part.plain))

    def matches(self, mention: FoldedMention) -> bool:
        """Whether any part holds."""
        if self._plain is not None and next(self._plain.iter(mention.padded), None) is not None:
            return True
        return any(part.matches(mention) for part in self._others)

    def __str__(self) -> str:
        return " OR ".join(_wrapped(part) if isinstance(part, Or) else str(part) for part in self.parts)


def _wrapped(node: Node) -> str:
    return f"({node})" if " " in (text := str(node)) and not _is_leaf(node) else text


def _is_leaf(node: Node) -> bool:
    return isinstance(node, Words | Exact | Marked | Emoji | Named | Not)
