"""The small pattern language of the phrase lists, and one pass that finds all phrases of all lists in a text.

    caught|catch* fire          words next to each other; | for alternatives, * for any ending
    <product> ..4 smok*         a named group of words; at most four words between
    [my|the] lawyer             brackets: may be missing

Words are compared without case, accents and apostrophes. ä, ö, ü and ß in a list also find ae, oe, ue and ss.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Generic, TypeVar

from models.fold import phrase_forms

Label = TypeVar("Label")

_CACHE_LIMIT = 50_000
_GAP = re.compile(r"\.\.(\d+)$")
_GROUP = re.compile(r"<([\w-]+)>")


class PhraseError(ValueError):
    """A phrase that cannot be read; the message names it and says what to write instead."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One element of a phrase: its words, how many others may stand before it, whether it may be missing."""

    element: int
    gap: int
    optional: bool


@dataclass(frozen=True, slots=True)
class Occurrence(Generic[Label]):
    """A phrase found at words [start, end)."""

    label: Label
    start: int
    end: int


class _Elements(dict[str, tuple[int, ...]]):
    """The elements that each word met so far stands for; forgotten whole when there are too many words."""

    def __init__(self, look_up: Callable[[str], tuple[int, ...]]) -> None:
        super().__init__()
        self._look_up = look_up

    def __missing__(self, word: str) -> tuple[int, ...]:
        if len(self) >= _CACHE_LIMIT:
            self.clear()
        self[word] = elements = self._look_up(word)
        return elements


class PhraseBook(Generic[Label]):
    """Phrases with labels. Finding costs a dictionary look-up a word, plus the phrases that may be there."""

    def __init__(self, phrases: Iterable[tuple[Label, str]], groups: Mapping[str, str] | None = None) -> None:
        """Read the phrases. Raises PhraseError naming the first that cannot be read."""
        self._groups = groups or {}
        self._ids: dict[frozenset[str], int] = {}
        self._read: dict[str, int] = {}
        self._sizes: list[int] = []
        self._exact: dict[str, set[int]] = {}
        self._stems: dict[str, set[int]] = {}
        self._by_anchor: dict[int, list[tuple[Label, tuple[_Step, ...], frozenset[int]]]] = {}
        for label, phrase in phrases:
            self._add(label, phrase)
        self._stem_lengths = tuple(sorted({len(stem) for stem in self._stems}))
        self._elements = _Elements(self._look_up)
        self._last: tuple[Sequence[str], list[Occurrence[Label]]] = ((), [])

    def find(self, words: Sequence[str]) -> list[Occurrence[Label]]:
        """Return where each phrase stands first, in no particular order. The list is shared: leave it as it is."""
        last_words, last = self._last
        if words is last_words:  # several configs, or several rules, ask about one post
            return last
        found = self._find(words)
        self._last = (words, found)
        return found

    def _find(self, words: Sequence[str]) -> list[Occurrence[Label]]:
        present = set().union(*map(self._elements.__getitem__, words))
        possible = [
            phrase
            for element in present & self._by_anchor.keys()
            for phrase in self._by_anchor[element]
            if phrase[2] <= present
        ]
        if not possible:
            return []
        places = self._places(words, {step.element for _, steps, _ in possible for step in steps})
        return [found for label, steps, _ in possible for found in _occurrences(label, steps, places)]

    def _places(self, words: Sequence[str], needed: set[int]) -> dict[int, list[int]]:
        """Return where each of the elements stands."""
        places: dict[int, list[int]] = {}
        for at, word in enumerate(words):
            elements = self._elements[word]
            if not needed.isdisjoint(elements):
                for element in elements:
                    places.setdefault(element, []).append(at)
        return places

    def _look_up(self, word: str) -> tuple[int, ...]:
        elements = set(self._exact.get(word, ()))
        for length in self._stem_lengths:
            if length > len(word):
                break
            elements |= self._stems.get(word[:length], set())
        return tuple(elements)

    def _add(self, label: Label, phrase: str) -> None:
        steps: list[_Step] = []
        gap = 0
        for part in self._parts(phrase):
            wide = _GAP.fullmatch(part)
            if wide:
                gap = int(wide[1])
                continue
            optional = part.startswith("[")
            steps.append(_Step(self._element(part.strip("[]"), phrase), gap, optional))
            gap = 0
        required = frozenset(step.element for step in steps if not step.optional)
        if not required or gap or steps[0].gap or steps[0].optional:
            raise PhraseError(f"phrase {phrase!r}: must begin and end with words that are there")
        anchor = min(required, key=self._commonness)
        self._by_anchor.setdefault(anchor, []).append((label, tuple(steps), required))

    def _parts(self, phrase: str) -> list[str]:
        """Split a phrase; a written word with an apostrophe or hyphen becomes what a text is split into."""
        return [
            piece
            for part in phrase.split()
            for piece in (
                [part] if part[0] in "<[." or "|" in part else part.replace("'", "").replace("-", " ").split()
            )
        ]

    def _element(self, part: str, phrase: str) -> int:
        element = self._read.get(part)
        if element is None:  # a group of a hundred words stands in hundreds of phrases: it is spelled out once
            element = self._read[part] = self._element_of(frozenset(self._alternatives(part, phrase)))
        return element

    def _element_of(self, words: frozenset[str]) -> int:
        known = self._ids.get(words)
        if known is not None:
            return known
        element = self._ids[words] = len(self._sizes)
        self._sizes.append(sum(5 if word.endswith("*") else 1 for word in words))
        for word in words:
            table = self._stems if word.endswith("*") else self._exact
            table.setdefault(word.rstrip("*"), set()).add(element)
        return element

    def _alternatives(self, part: str, phrase: str) -> Iterable[str]:
        for word in part.split("|"):
            group = _GROUP.fullmatch(word)
            if group:
                if group[1] not in self._groups:
                    raise PhraseError(f"phrase {phrase!r}: unknown group <{group[1]}>")
                yield from self._alternatives(self._groups[group[1]].replace(" ", "|"), phrase)
            elif not word.strip("*'"):
                raise PhraseError(f"phrase {phrase!r}: an alternative is empty; write words around |")
            else:
                yield from _spellings(word)

    def _commonness(self, element: int) -> int:
        return self._sizes[element]


def _spellings(word: str) -> Iterable[str]:
    star = "*" if word.endswith("*") else ""
    bare = word.rstrip("*").replace("'", "")
    for form in phrase_forms(bare):
        if form.isascii() or not bare.isascii():
            yield form + star


def _occurrences(
    label: Label, steps: tuple[_Step, ...], places: Mapping[int, list[int]]
) -> Iterable[Occurrence[Label]]:
    last = -1
    for start in places[steps[0].element]:
        end = _end(steps, 1, start + 1, places) if start > last else None
        if end is not None:
            last = end - 1
            yield Occurrence(label, start, end)


def _end(steps: tuple[_Step, ...], index: int, at: int, places: Mapping[int, list[int]]) -> int | None:
    """Return the word after the rest of the phrase, when it follows from word `at` on, else None."""
    if index == len(steps):
        return at
    step = steps[index]
    for place in places.get(step.element, ()):
        if place > at + step.gap:
            break
        if place >= at:
            end = _end(steps, index + 1, place + 1, places)
            if end is not None:
                return end
    return _end(steps, index + 1, at, places) if step.optional else None


@dataclass(frozen=True, slots=True)
class PhraseList:
    """A shipped list: (section, phrase) in the order of the file, and its named groups."""

    phrases: tuple[tuple[str, str], ...]
    groups: Mapping[str, str]


@lru_cache(maxsize=16)
def read_list(name: str) -> PhraseList:
    """Read a list that ships with the program, once: sections in brackets, one phrase a line, `group = words`, # notes.

    Raises PhraseError for a phrase above the first section.
    """
    text = (resources.files("monitor.rules") / "phrases" / f"{name}.txt").read_text(encoding="utf-8")
    phrases: list[tuple[str, str]] = []
    groups: dict[str, str] = {}
    section = ""
    for raw in text.splitlines():
        line = raw.partition("# ")[0].strip()
        group, equals, words = line.partition(" = ")
        if not line:
            continue
        if line.startswith("[") and line.endswith("]") and " " not in line:
            section = line[1:-1]
        elif equals:
            groups[group] = f"{groups.get(group, '')} {words}".strip()
        elif section:
            phrases.append((section, line))
        else:
            raise PhraseError(f"{name}.txt: {line!r} stands before the first section; write [section] above it")
    return PhraseList(tuple(phrases), groups)
