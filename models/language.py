"""The language of a text, where nobody knows it better: by a statistical guess, None where that is not sure."""

import re
from functools import lru_cache
from typing import Any, Final

_SURE: Final = 0.9
_LETTERS_ENOUGH: Final = 24  # below, letter statistics say little: measured on single sentences
_NOT_WORDS: Final = re.compile(r"[@#][\w.-]+|https?://\S+|www\.\S+")
_READ: Final = 500  # letters; more changes no guess


def guess_language(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's language, or None when it is too short or the guess is not sure."""
    words = " ".join(_NOT_WORDS.sub(" ", text[: 2 * _READ]).lower().split())[:_READ]
    if sum(map(str.isalpha, words)) < _LETTERS_ENOUGH and words.isascii():
        return None
    code, probability = _identifier().classify(words)
    return str(code) if probability >= _SURE else None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - loaded on use

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
