"""One text in the form in which it is compared, and in the form in which a model reads it.

People hide words from filters: r3fund, r.e.f.u.n.d, full-width or mathematical letters, a Cyrillic е, a stroke through
every letter, marks that take no space. `fold` undoes that for matching, together with case, accents and stretched
letters; `fold_for_model` undoes only the disguise. What people see is always the original.

Texts in alphabets other than Latin stay whole: a Russian word is read as Latin only when nothing but Latin twins
disguise it. The work is bounded: a text is cut to `MAX_LENGTH` code points, and marks beyond `MAX_MARKS` on one letter
are dropped before Unicode normalisation, whose cost grows with their square.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from models.disguise import MAX_LENGTH, MAX_MARKS, Change, undo_disguise
from models.look_alikes import ACCENT_FREE, DIGRAPHS

__all__ = ["MAX_LENGTH", "MAX_MARKS", "Change", "Folded", "fold", "fold_for_model", "phrase_forms"]

_CACHED_LENGTH: Final = 1_000
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_STRETCHED_FAR: Final = re.compile(r"([^\W\d_])\1{3,}")
_TRIPLES: Final = tuple(letter * 3 for letter in "abcdefghijklmnopqrstuvwxyz")
_JOINERS: Final = re.compile("[\u200c\u200d\ufe00-\ufe0f\u20e3]+")
_TYPOGRAPHY: Final = {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "´": "'",
    "`": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
}
_ACCENTED: Final = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_INNOCENT: Final = frozenset({Change.CUT, Change.SURROGATE, Change.STRETCHED})


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is compared.

    `text` is in lower case, with accents, straight quotes, single spaces, no disguise and no letter more than twice in
    a row. `forms` are all the spellings in which a phrase may be looked for, `text` first: where they differ, also
    without accents (ä as a), and with stretched letters only once. `changes` says what had to be undone.
    """

    text: str
    forms: tuple[str, ...]
    changes: tuple[Change, ...] = ()

    @property
    def plain(self) -> str:
        """The text without accents."""
        return self.text.translate(ACCENT_FREE)

    @property
    def evasive(self) -> bool:
        """Whether the text had been disguised: evidence, never proof, that its writer meant to pass a filter."""
        return any(change not in _INNOCENT for change in self.changes)


def fold(text: str) -> Folded:
    """Return the text in the form in which it is compared."""
    return _fold_cached(text) if len(text) <= _CACHED_LENGTH else _fold(text)


def fold_for_model(text: str) -> str:
    """Return the text without its disguise; case, emoji and accents stay, letters repeat at most three times."""
    revealed, _ = undo_disguise(text)
    return _STRETCHED_FAR.sub(r"\1\1\1", revealed) if _may_be_stretched(revealed.lower()) else revealed


def phrase_forms(phrase: str) -> tuple[str, ...]:
    """Return every spelling of a phrase to look for in `Folded.forms`: as it is, ä as ae, ä as a."""
    folded = fold(phrase)
    return tuple(dict.fromkeys((folded.text, folded.text.translate(DIGRAPHS), *folded.forms)))


def _fold(text: str) -> Folded:
    revealed, changes = undo_disguise(text)
    if not revealed.isascii():
        revealed = _settle(revealed)
    lower = " ".join(revealed.casefold().split())
    forms: tuple[str, ...] = (lower,)
    if _may_be_stretched(lower) and _STRETCHED.search(lower):
        changes = (*changes, Change.STRETCHED)
        forms = (_STRETCHED.sub(r"\1\1", lower), _STRETCHED.sub(r"\1", lower))
    if not lower.isascii() and _ACCENTED.search(lower):
        forms = (*forms[:1], *(form.translate(ACCENT_FREE) for form in forms), *forms[1:])
    return Folded(forms[0], tuple(dict.fromkeys(forms)), changes)


_fold_cached = lru_cache(maxsize=2048)(_fold)


def _settle(text: str) -> str:
    """Give every sign its one compatible form. This may grow a text eighteenfold, so it is cut again."""
    for sign, plain in _TYPOGRAPHY.items():
        if sign in text:
            text = text.replace(sign, plain)
    text = _JOINERS.sub("", text)
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)[:MAX_LENGTH]


def _may_be_stretched(lower: str) -> bool:
    """Rule most texts out without a pattern: looking for 26 short strings is several times quicker."""
    return not lower.isascii() or any(triple in lower for triple in _TRIPLES)
