"""Where words begin and end, in every script: at spaces and punctuation, and where a script without spaces begins.

Japanese, Chinese, Thai and their like run on without spaces, so that a word of theirs is looked for anywhere; but a
word all in katakana ends where the katakana ends (ルモ is no part of フルモデル), a Latin word ends where kanji begin
(lumoを買った speaks of lumo), and a Korean word may carry a particle (루모가).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_RUN_ON = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff"
    "\uf900-\ufaff\U00020000-\U0002fa1f"
)
_INDIC = "\u0900-\u0963\u0966-\u0dff"
"""Vowel signs are no letters to `\\w`, yet they are parts of words."""

_KATAKANA = "\u30a1-\u30fa\u30fc"
_PARTICLES = (
    "은|는|이|가|을|를|의|에|에서|에게|에게서|한테|께|으로|로|와|과|도|만|까지|부터|처럼|보다|마다|조차|밖에|라도|이라도|랑|이랑|하고|이나|나"
    "|야|아|요|이요|입니다|인데|이고|이라|라고|라는|님|측|사"
)
_PLAIN = re.compile(r"\w+")
_MIXED = re.compile(f"[{_RUN_ON}]+|(?:(?![{_RUN_ON}])[\\w{_INDIC}])+")
_BEYOND = re.compile(f"[{_RUN_ON}{_INDIC}]")
_RUNS_ON = re.compile(f"[{_RUN_ON}]")
_ALL_KATAKANA = re.compile(f"[{_KATAKANA}]+")
_HANGUL_END = re.compile("[\uac00-\ud7a3]$")
_UNIT = re.compile(f"[{_RUN_ON}]|(?:(?![{_RUN_ON}])\\S)+")


def split_words(text: str) -> list[str]:
    """Return the words of a text in order; a run of a script without spaces is one of them."""
    if text.isascii() or not _BEYOND.search(text):
        return _PLAIN.findall(text)
    return _MIXED.findall(text)


def unit_starts(line: str) -> list[int]:
    """Return where each word of a padded line begins; in scripts without spaces each sign counts as a word."""
    return [unit.start() for unit in _UNIT.finditer(line)]


@dataclass(frozen=True, slots=True)
class Spelling:
    """One spelling of a word or phrase: `key` stands in every padded text that holds it; `pattern` is the last word."""

    key: str
    pattern: re.Pattern[str] | None = None

    def is_in(self, padded: str) -> bool:
        """Whether a padded text holds it, its boundaries respected."""
        return self.key in padded and (self.pattern is None or self.pattern.search(padded) is not None)

    def spans(self, line: str, limit: int) -> list[tuple[int, int]]:
        """Return at most `limit` places in a padded line: (first sign, end), boundaries left out."""
        found: list[tuple[int, int]] = []
        at = line.find(self.key)
        inner = len(self.key) - len(self.key.lstrip())
        size = len(self.key.strip())
        while at >= 0 and len(found) < limit:
            start = at + inner
            if self.pattern is None or self.pattern.match(line, at):
                found.append((start, start + size))
            at = line.find(self.key, at + 1)
        return found


@lru_cache(maxsize=65_536)
def spelling_of(words: tuple[str, ...], prefix: bool) -> Spelling:
    """Return how words, in order, are looked for; `prefix` lets the last one go on."""
    left, left_bound = _left(words[0])
    right, right_bound = ("", "") if prefix else _right(words[-1])
    text = " ".join(words)
    key = f"{left}{text}{right}"
    if not left_bound and not right_bound:
        return Spelling(key)
    return Spelling(key, re.compile(f"{left_bound}{re.escape(key)}{right_bound}"))


def _left(word: str) -> tuple[str, str]:
    """Return (what stands before a word in a padded text, what a pattern asks for there)."""
    if not _RUNS_ON.match(word):
        return " ", ""
    return "", f"(?<![{_KATAKANA}])" if _ALL_KATAKANA.fullmatch(word) else ""


def _right(word: str) -> tuple[str, str]:
    if _HANGUL_END.search(word):
        return "", f"(?:{_PARTICLES})? "
    if not _RUNS_ON.match(word):
        return " ", ""
    return "", f"(?![{_KATAKANA}])" if _ALL_KATAKANA.fullmatch(word) else ""
