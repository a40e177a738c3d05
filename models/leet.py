"""Undo digits and signs that stand for letters inside words: r3fund, sh1pping, bull$hit.

Handles, links, mail addresses, prices, cashtags, ordinals and product names that end in a digit stay as they are.
"""

import re
from typing import Final

_SIGNS: Final = {
    "0": "o",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "!": "i",
    "€": "e",
}
_SIGNS_AND_ONE: Final = "1" + "".join(_SIGNS)
_LETTER: Final = r"[^\W\d_]"
_HINT: Final = re.compile(rf"[{_SIGNS_AND_ONE}](?={_LETTER})(?<!\s@)(?<!^@)")  # rules most texts out, handles or not
_TOKEN: Final = re.compile(r"\S*[0-9@$!€]\S*")
_PROTECTED: Final = re.compile(
    r"^\W*@|://|^www\.|\w@\w+\.\w|^\W*\$(?-i:[A-Z.]{1,6})\W*$|^/?[ur]/|\w\.\w{2,}/|^\W*rt@", re.IGNORECASE
)
_INSIDE: Final = re.compile(rf"(?<={_LETTER})([0134578$@€])\1?(?={_LETTER})")
_MARKED_I: Final = re.compile(rf"\b({_LETTER}{{1,3}})!({_LETTER}+)")
_AT_START: Final = re.compile(rf"(?<![\w$])[$0](?={_LETTER}{{3,}})")
_EDGE: Final = re.compile(rf"(?<!\w)[0134579$]{{1,3}}(?={_LETTER})|(?<={_LETTER})[0134579$]{{1,3}}(?=\W|_|$|{_LETTER})")
_COUNTED: Final = re.compile(
    r"^\W*(?:\d*(?:1st|2nd|3rd|[04-9]th)|\d+(?:am|pm|h|hrs?|min|mins|s|sec|d|days?|k|m|gb|mb|kg|km|x|g|p|w|y|yrs?))\W*$",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"^\W*[A-Z]{1,3}\d{2,}\W*$")  # A355, LH123
_LONG_NUMBER: Final = re.compile(r"\d{3}")
_NUMBER_IN_TAG: Final = re.compile(r"[24-9]")  # #album4work, #season5
_SHORT_WORD: Final = re.compile(r"[a-z][034@$][a-z]|[A-Za-z]([03])\1[A-Za-z]")
_AT_EDGE: Final = str.maketrans(_SIGNS | {"1": "i"})
_VOWELS: Final = frozenset("eiouyEIOUY")


def undo_leet(text: str) -> str:
    """Return the text with letters in place of the signs that stand for them."""
    if not any(sign in text for sign in _SIGNS_AND_ONE) or not _HINT.search(text):
        return text
    found = 0

    def read_token(token: re.Match[str]) -> str:
        nonlocal found
        read = _read_token(token.group())
        found += read != token.group()
        return read

    read = _TOKEN.sub(read_token, text)
    return _TOKEN.sub(lambda token: _read_edges(token.group()), read) if found > 1 else read


def _read_token(token: str) -> str:
    letters = sum(map(str.isalpha, token))
    if letters < 2 or _PROTECTED.search(token):
        return token
    read = _MARKED_I.sub(r"\1i\2", token) if "!" in token and token.lower() == token else token
    read = _AT_START.sub(lambda sign: _SIGNS[sign.group()], read)
    signs = sum(len(sign.group()) for sign in _INSIDE.finditer(read))
    if not signs or signs > letters or not _is_word(read, letters):
        return read
    return _read_edges(_INSIDE.sub(_letter_inside, read))


def _is_word(token: str, letters: int) -> bool:
    """Whether the signs stand alone between letters: an order number (AB12C3D4) mixes capitals and groups of digits."""
    if _LONG_NUMBER.search(token) or (token.startswith("#") and _NUMBER_IN_TAG.search(token)):
        return False
    capitals = sum(map(str.isupper, token))
    digits = sum(map(str.isdigit, token))
    if capitals == letters and digits * 3 > letters and not _SHORT_WORD.search(token):
        return False
    return letters >= 3 or _SHORT_WORD.search(token) is not None


def _letter_inside(sign: re.Match[str]) -> str:
    signs, before = sign.group(), sign.string[sign.start() - 1]
    if signs[0] != "1":
        letters = _SIGNS[signs[0]] * len(signs)
    else:
        letters = "ll" if len(signs) == 2 else "l" if before in _VOWELS else "i"
    return letters.upper() if before.isupper() and sign.string[sign.end()].isupper() else letters


def _read_edges(token: str) -> str:
    """Read signs at the ends of a word, and several in a row, once it is clear that the writer uses them."""
    if _PROTECTED.search(token) or _COUNTED.match(token) or _CODE.match(token) or "@" in token:
        return token
    return _EDGE.sub(lambda edge: edge.group().translate(_AT_EDGE), token)
