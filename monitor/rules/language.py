"""The language of a post: by script, by function words, then by a statistical guess; None where it stays unknown.

Function words decide short posts better than statistics over letters, and slang or a brand's name has none: a post
is unknown rather than wrong. The platform's own opinion counts where our words do not speak against it.
"""

import re
from functools import lru_cache
from typing import Any

from monitor.rules.folded import FoldedMention
from monitor.rules.phrase import read_list

GUESSED = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "no", "fi", "tr", "cs", "ro", "hu", "id")
"""What the statistical guess chooses between: Latin scripts; other scripts are told by their letters."""

UNKNOWN = "unknown"
"""The lane of posts whose language nothing tells."""

_SURE = 0.9
_ENOUGH_WORDS = 6
"""Content words below which a statistical guess is worth nothing."""

_NOT_A_LANGUAGE = frozenset({"", "und", "zxx", "qme", "qht", "qam", "qct", "qst", "art", "mul", "mis", "in"})
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("uk", re.compile("[іїєґ]")),
    ("ru", re.compile("[а-яё]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[α-ωά-ώ]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_SCRIPT_LETTERS = 3
_NOT_WORDS = re.compile(r"(?<!\w)[@#][\w.-]+|https?://\S+|www\.\S+")


def find_language(folded: FoldedMention) -> str | None:
    """Return the ISO 639-1 code of a post's language, or None where nothing tells."""
    told = _told(folded.lang)
    by_script = None if folded.text.isascii() else _by_script(folded.text)
    if by_script:
        return by_script
    counts = _count_function_words(folded)
    best, lead = _leader(counts)
    if told and (best == told or counts.get(told, 0) >= 2 or lead < 3):
        return told
    if best and (lead >= 2 or (lead == 1 and len(folded.spoken) <= 8)):
        return best
    return told or _guess(folded) or (best if lead else None)


def find_lane(language: str | None, served: tuple[str, ...]) -> str | None:
    """Return the lane of a post: None for a served language, else its code or "unknown"."""
    if language is None:
        return UNKNOWN
    return None if language in served else language


def _told(tag: str) -> str | None:
    code = tag.partition("-")[0]
    return None if code in _NOT_A_LANGUAGE or len(code) > 3 else code


def _by_script(text: str) -> str | None:
    for code, letters in _SCRIPTS:
        if len(letters.findall(text[:500])) >= _SCRIPT_LETTERS:
            return code
    return None


def _count_function_words(folded: FoldedMention) -> dict[str, int]:
    table = _function_words()
    counts: dict[str, int] = {}
    for word in folded.spoken[:120]:
        for code, weight in table.get(word, ()):
            counts[code] = counts.get(code, 0) + weight
    return counts


def _leader(counts: dict[str, int]) -> tuple[str | None, int]:
    """Return the language with most function words, and by how many it leads."""
    if not counts:
        return None, 0
    ranked = sorted(counts.items(), key=lambda entry: -entry[1])
    return ranked[0][0], ranked[0][1] - (ranked[1][1] if len(ranked) > 1 else 0)


@lru_cache(maxsize=1)
def _function_words() -> dict[str, tuple[tuple[str, int], ...]]:
    """Return word → languages; a word of one language alone weighs two."""
    owners: dict[str, list[str]] = {}
    for code, words in read_list("function_words").groups.items():
        for word in words.split():
            owners.setdefault(word, []).append(code)
    return {word: tuple((code, 2 if len(codes) == 1 else 1) for code in codes) for word, codes in owners.items()}


def _guess(folded: FoldedMention) -> str | None:
    words = _NOT_WORDS.sub(" ", folded.mention.text.casefold()).split()
    if len(words) < _ENOUGH_WORDS:
        return None
    code, probability = _identifier().classify(" ".join(words[:60]))
    return str(code) if probability >= _SURE else None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  # 30 MB that only doubtful posts need

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(GUESSED))
    return identifier
