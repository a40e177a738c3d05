"""Undo what hides a word from a filter and leaves it readable for a person. Case, accents and emoji stay.

    cut ─▶ marks ─▶ invisible ─▶ ornaments ─▶ flags that spell ─▶ s.e.p.a.r.a.t.e.d ─▶ look-alikes ─▶ l33t

Each stage returns the text it was given when it finds nothing, and most are skipped for plain ASCII.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

from models.leet import undo_leet
from models.look_alikes import (
    ACCENT_FREE,
    ORNAMENTAL,
    ORNAMENTS,
    PASS_FOR_CYRILLIC,
    PASS_FOR_LATIN,
    REGIONAL_RUN,
    TO_CYRILLIC,
    TO_LATIN,
    TWIN_LETTERS,
    is_flags,
    spell_regional,
)

MAX_LENGTH: Final = 10_000  # code points; the longest post of any platform we know is shorter
MAX_MARKS: Final = 8  # marks on one letter; living languages use at most four


class Change(StrEnum):
    """What had to be undone in a text. Most of them are evidence that somebody hides a word."""

    CUT = "cut"
    SURROGATE = "surrogate"
    MARKS = "marks"
    INVISIBLE = "invisible"
    ORNAMENT = "ornament"
    REGIONAL = "regional"
    SEPARATED = "separated"
    LOOK_ALIKE = "look-alike"
    LEET = "leet"
    STRETCHED = "stretched"


_WESTERN: Final = "A-Za-z\u00c0-\u024f\u0370-\u052f\u1e00-\u1fff"  # Latin, Greek, Cyrillic
_HIDDEN: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f\U000e0100-\U000e01ef"
)
_JOINERS: Final = "\u200c\u200d\ufe00-\ufe0f"  # hold emoji and Persian words together: hidden only beside our letters
_STROKE_MARKS: Final = "\u0305\u0332\u0333\u0335-\u0338\u033f\u20d0-\u20dc\u20e5-\u20f0"
_LETTER_MARKS: Final = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\ufe20-\ufe2f"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MARK_RUN: Final = re.compile(r"[^\w\s\x00-\x7f]{9,}")
_ANY_MARK: Final = re.compile(f"[{_STROKE_MARKS}{_LETTER_MARKS}\u20dd-\u20e4]")
_ANY_INVISIBLE: Final = re.compile(f"[{_HIDDEN}{_JOINERS}]")
_INVISIBLE: Final = re.compile(
    f"[{_HIDDEN}]+|(?<=[{_WESTERN}0-9])[{_JOINERS}]+(?!\u20e3)|[\u200c\u200d]+(?=[{_WESTERN}])",
)
_INSIDE_WORD: Final = re.compile(f"[{_HIDDEN}{_JOINERS}]+(?<=[{_WESTERN}].)(?=[{_WESTERN}])")
_STROKES: Final = re.compile(f"[{_STROKE_MARKS}]+|(?<=[{_WESTERN}])[\u20dd-\u20e4]+")
_LOOSE_MARKS: Final = re.compile(f"([{_WESTERN}])[{_LETTER_MARKS}]+")
_ORNAMENTAL: Final = frozenset(ORNAMENTAL)
_OTHER_ALPHABET: Final = re.compile("[\u0370-\u058f]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_SEPARATED: Final = re.compile(
    rf"(?<![\w@#.])[{_WESTERN}$](?P<sign>[ .\-_*·•~|/]+)(?:[{_WESTERN}0-9$@!](?P=sign)){{2,}}[{_WESTERN}0-9$@!](?!\w)"
)
_ARTICLE: Final = re.compile(r"^(?:I(?=[a-z])|a(?=[b-df-hj-np-tv-z][aeiouy]|s[chkptw]))")  # a r e f u n d: a refund
_PAIRS: Final = re.compile(
    rf"(?<![\w@#.])[{_WESTERN}](?P<sign>[.\-_*·•~|/])[{_WESTERN}0-9$@!](?:(?P=sign)[{_WESTERN}])?(?!\w)"
)


def undo_disguise(text: str) -> tuple[str, tuple[Change, ...]]:
    """Return the text without its disguise, and what had to be undone, in that order."""
    changes: list[Change] = []
    if len(text) > MAX_LENGTH:
        text = text[:MAX_LENGTH]
        changes.append(Change.CUT)
    if not text.isascii():
        text = _undo_beyond_ascii(text, changes)
    text = _note(_join_separated(text), text, changes, Change.SEPARATED)
    if not text.isascii() and _OTHER_ALPHABET.search(text):
        text = _note(_undo_look_alikes(text), text, changes, Change.LOOK_ALIKE)
    text = _note(undo_leet(text), text, changes, Change.LEET)
    return text, tuple(changes)


def _undo_beyond_ascii(text: str, changes: list[Change]) -> str:
    """Run the stages that the text's letters call for. Looking at each letter once is what keeps this quick."""
    distinct = set(text)
    letters = "".join(distinct)
    if _SURROGATE.search(letters):
        text = _note(_SURROGATE.sub("\ufffd", text), text, changes, Change.SURROGATE)
    text = _compose(_MARK_RUN.sub(_bound_marks, text))
    if _ANY_MARK.search(letters):
        text = _note(_drop_marks(text), text, changes, Change.MARKS)
    if _ANY_INVISIBLE.search(letters):
        text = _drop_invisible(text, changes)
    if not _ORNAMENTAL.isdisjoint(distinct):
        text = _note(text.translate(ORNAMENTS), text, changes, Change.ORNAMENT)
    if REGIONAL_RUN.search(letters):
        text = _note(_spell_regional(text), text, changes, Change.REGIONAL)
    return text


def _drop_invisible(text: str, changes: list[Change]) -> str:
    """Drop what takes no space. Only inside a word is it evidence: apps put such signs around names and emoji."""
    if _INSIDE_WORD.search(text):
        changes.append(Change.INVISIBLE)
    return _INVISIBLE.sub("", text)


def _note(after: str, before: str, changes: list[Change], change: Change) -> str:
    if after != before:
        changes.append(change)
    return after


def _compose(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _drop_marks(text: str) -> str:
    """Drop strokes, and marks that make no letter with the one before (e + ´ made é when the text was composed).

    A letter that carries such a mark loses its accent too: where marks are heaped up, it is one of the heap.
    """
    unstruck = _STROKES.sub("", text)
    composed = _compose(unstruck) if unstruck != text else text
    return _LOOSE_MARKS.sub(lambda heap: heap[1].translate(ACCENT_FREE), composed)


def _bound_marks(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for sign in run.group():
        marks = marks + 1 if unicodedata.category(sign)[0] == "M" else 0
        if marks <= MAX_MARKS:
            kept.append(sign)
    return "".join(kept)


def _spell_regional(text: str) -> str:
    runs = REGIONAL_RUN.findall(text)
    if not runs or all(is_flags(run) for run in runs):
        return text
    return REGIONAL_RUN.sub(lambda run: spell_regional(run.group()), text)


def _join_separated(text: str) -> str:
    """Join four and more single letters; where a text spells one word so, its shorter words are joined too."""
    joined = _SEPARATED.sub(_join, text)
    return _PAIRS.sub(_join, joined) if joined != text else text


def _join(run: re.Match[str]) -> str:
    letters = run.group().replace(run["sign"], "")
    if sum(map(str.isalpha, letters)) * 2 <= len(letters):
        return run.group()
    return _ARTICLE.sub(r"\g<0> ", letters) if run["sign"] == " " and run.start() > 0 else letters


def _undo_look_alikes(text: str) -> str:
    words = _WORD.findall(text)
    latin_around = any(len(word) > 1 and any(map(str.isascii, word)) for word in words)
    foreign_around = any(_is_foreign(word) for word in words)
    return _WORD.sub(lambda word: _unmask_word(word.group(), latin_around and not foreign_around), text)


def _is_foreign(word: str) -> bool:
    """Whether a word is written in another alphabet beyond doubt: some of its letters look like no Latin letter."""
    return any(_OTHER_ALPHABET.match(letter) and letter not in TWIN_LETTERS for letter in word) and not any(
        letter.isascii() for letter in word
    )


def _unmask_word(word: str, twins_are_latin: bool) -> str:
    if word.isascii() or not _OTHER_ALPHABET.search(word):
        return word
    strange = [letter for letter in word if _OTHER_ALPHABET.match(letter)]
    if len(strange) == len(word):
        return word.translate(TO_LATIN) if twins_are_latin and TWIN_LETTERS.issuperset(word) else word
    latin = [letter for letter in word if letter.isascii()]
    if len(strange) > len(latin) and PASS_FOR_CYRILLIC.issuperset(latin) and not TWIN_LETTERS.issuperset(strange):
        return word.translate(TO_CYRILLIC)
    return word.translate(TO_LATIN) if PASS_FOR_LATIN.issuperset(strange) else word
