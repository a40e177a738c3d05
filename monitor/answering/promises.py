"""What the lint looks for by words: promises, money by a date, liability, regret; `shipped/promises.txt` lists them."""

import re
from functools import cache

from monitor.answering.sections import read_sections

_LANGUAGES = ("en", "de", "fr", "es")
_NEAR = r"[^.!?\n]{0,60}?(?<!\w)"
"""What may stand between a word of money and a time: the rest of the sentence, at most 60 letters of it."""


@cache
def promises() -> re.Pattern[str]:
    """Return what finds words that promise."""
    return _pattern(_lines("promises"))


@cache
def money_promises() -> re.Pattern[str]:
    """Return what finds promises of money: that it comes, or by when."""
    pairs = [(_either(_lines(f"money {code}")), _either(_lines(f"when {code}"))) for code in _LANGUAGES]
    dated = [pattern for money, when in pairs for pattern in (f"{money}{_NEAR}{when}", f"{when}{_NEAR}{money}")]
    return _pattern([*dated, *_lines("money-promises")])


@cache
def liability() -> re.Pattern[str]:
    """Return what finds words that settle who is liable."""
    return _pattern(_lines("liability"))


@cache
def regret() -> re.Pattern[str]:
    """Return what finds words of regret."""
    return _pattern(_lines("regret"))


def _lines(section: str) -> list[str]:
    return [line for line in read_sections("promises")[section].splitlines() if line]


def _either(patterns: list[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


def _pattern(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_either(patterns)}", re.IGNORECASE)
