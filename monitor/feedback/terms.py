"""The terms of posts that a suggestion can be about: words and pairs of words, tags, handles, and names of things."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from itertools import pairwise
from typing import Protocol

from models.fold import fold
from monitor.feedback.answers import Answered
from monitor.rules.folded import split_spoken
from monitor.rules.phrase import read_list

_LINK = re.compile(r"https?://\S+|www\.\S+")
_MARKED = re.compile(r"(?<![\w@#/])[@#]\w{2,40}")
_NAMED = re.compile(r"(?<=[\w,] )(?:[A-Z][a-z]{2,20}\d*|[A-Za-z]{1,12}-?\d{1,5}[A-Za-z]?)\b")
_TEXT_LIMIT = 2_000
_SHORTEST, _LONGEST = 3, 30


class Voice(Protocol):
    """What somebody wrote."""

    @property
    def author(self) -> str:
        """Who wrote it."""
        ...

    @property
    def text(self) -> str:
        """The words."""
        ...


def count_terms(answers: Iterable[Voice], left_out: Collection[str] = ()) -> Mapping[str, int]:
    """Return by how many authors each word and pair of words is used; small words and what is left out do not count."""
    voices: dict[str, set[str]] = defaultdict(set)
    for answer in answers:
        for term in _words(answer.text, left_out):
            voices[term].add(answer.author)
    return Counter({term: len(authors) for term, authors in voices.items()})


def count_names(answers: Iterable[Answered], left_out: Collection[str] = ()) -> Mapping[str, int]:
    """Return by how many authors each tag, handle or name of a thing is used: what a watch could ask for."""
    voices: dict[str, set[str]] = defaultdict(set)
    for answer in answers:
        text = _LINK.sub(" ", answer.text[:_TEXT_LIMIT])
        for term in {*_MARKED.findall(text), *_NAMED.findall(text)}:
            folded = term.casefold()
            if folded.lstrip("@#") not in left_out and folded not in _small():
                voices[folded].add(answer.author)
    return Counter({term: len(authors) for term, authors in voices.items()})


def _words(text: str, left_out: Collection[str]) -> set[str]:
    plain = fold(_MARKED.sub(" . ", _LINK.sub(" . ", text[:_TEXT_LIMIT]))).plain
    words = [word if _is_told(word, left_out) else "." for word in split_spoken(plain)]
    pairs = {f"{one} {two}" for one, two in pairwise(words) if "." not in {one, two}}
    return {word for word in words if word != "."} | pairs


def _is_told(word: str, left_out: Collection[str]) -> bool:
    fits = _SHORTEST <= len(word) <= _LONGEST and word.isalpha()
    return fits and word not in left_out and word not in _small()


@cache
def _small() -> frozenset[str]:
    return frozenset(word for words in read_list("function_words").groups.values() for word in words.split())
