"""Ten ways to hide a word from a filter and leave it readable for a person. Handles and links stay whole."""

import re
from collections.abc import Callable
from typing import Final

_WORD: Final = re.compile(r"(?<![@\w/.:])(?!https?\b)[A-Za-z]{3,}(?![\w/:])")
_CYRILLIC: Final = str.maketrans("aceopxyiAEOPCTXHKM", "асеорхуіАЕОРСТХНКМ")
_LEET: Final = str.maketrans("aeioAEIO", "43104310")


def _shift(upper: int, lower: int) -> Callable[[str], str]:
    """Move letters to another block of Unicode."""
    table = {65 + place: upper + place for place in range(26)} | {97 + place: lower + place for place in range(26)}
    return lambda word: word.translate(table)


def _regional(word: str) -> str:
    return "".join(chr(0x1F1E6 + ord(letter) - 65) for letter in word.upper())


TRANSFORMS: Final[dict[str, Callable[[str], str]]] = {
    "zero-width space": "\u200b".join,
    "soft hyphen": "\u00ad".join,
    "full-width": _shift(0xFF21, 0xFF41),
    "mathematical": _shift(0x1D400, 0x1D41A),
    "circled": _shift(0x24B6, 0x24D0),
    "struck through": lambda word: "".join(letter + "\u0336" for letter in word),
    "Cyrillic look-alikes": lambda word: word.translate(_CYRILLIC),
    "leet": lambda word: word.translate(_LEET),
    "separated": ".".join,
    "regional indicators": _regional,
}


def evade(transform: Callable[[str], str], text: str) -> str:
    """Apply a transform to every word of three letters and more."""
    return _WORD.sub(lambda word: transform(word.group()), text)
