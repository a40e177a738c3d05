"""Words that complaints use more than before: what people talk about today, in one line."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LINK = re.compile(r"https?://\S+|[@#]\w+")
_SHORTEST, _LONGEST = 3, 30
_LEAST = 3
"""Complaints in which a word must stand before it is worth telling."""


@dataclass(frozen=True, slots=True)
class WordCount:
    """A word, in how many complaints it stands, and in how many of the window before."""

    word: str
    count: int
    before: int


def rising_words(
    texts: Sequence[str], before: Sequence[str], *, skip: Collection[str] = (), limit: int = 6
) -> tuple[WordCount, ...]:
    """Return the words that rose most, by texts that hold them; common words and `skip` (the brands) are left out.

    A word's rise is its count less what the window before lets expect of as many texts.
    """
    left_out = {word.casefold() for word in skip}
    now, then = _counted(texts, left_out), _counted(before, left_out)
    share = len(texts) / len(before) if before else 0.0
    rises = {word: count - then[word] * share for word, count in now.items() if count >= _LEAST}
    best = sorted((word for word in rises if rises[word] > 0), key=lambda word: (-rises[word], word))[:limit]
    return tuple(WordCount(word, now[word], then[word]) for word in best)


def _counted(texts: Iterable[str], left_out: Collection[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for text in texts:
        found.update(_words(text) - _common() - set(left_out))
    return found


def _words(text: str) -> set[str]:
    bare = _LINK.sub(" ", text[:2_000]).casefold().replace("’", "'")
    return {word for word in _WORD.findall(bare) if _SHORTEST <= len(word) <= _LONGEST}


@cache
def _common() -> frozenset[str]:
    """Words that say nothing about a fault, in the languages of the severity lists."""
    return frozenset((resources.files("monitor.digest") / "common_words.txt").read_text("utf-8").split())
