"""How much is at stake where money is owed: amounts and waiting times that a text names.

Figures are read roughly: currencies count alike, a thousands separator is a dot, a comma or a blank followed by three
digits. A number without a currency or a span beside it says nothing.
"""

import re

from monitor.rules.folded import FoldedMention

LARGE_AMOUNT = 300
"""An amount that most people cannot easily miss, in euros, dollars or pounds."""

LONG_WAIT_DAYS = 28

_LONGEST_FIGURE = 12
_SIGN = r"(?:[€$£]|eur\b|euros?\b|usd\b|dollars?\b|gbp\b|pounds?\b|quid\b|bucks\b|chf\b|franken\b|pesos?\b)"
_FIGURE = rf"\d[\d.,' ]{{0,{_LONGEST_FIGURE}}}"
_AMOUNT = re.compile(rf"[€$£] ?({_FIGURE})|({_FIGURE}) ?{_SIGN}", re.IGNORECASE)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_WORDS = {
    "day": "days? tage?n? tag jours? dias?",
    "week": "weeks? wks? wochen? woche semaines? semanas?",
    "month": "months? mths? monate?n? monat mois mes meses",
    "year": "years? yrs? jahre?n? jahr ans? annees? anos?",
}
_SPAN = re.compile(
    r"\b(\d{1,4}|\w+) (?:more |full |whole |ganze |lange |long )?(?:"
    + "|".join(f"(?P<{unit}>{'|'.join(words.split())})" for unit, words in _WORDS.items())
    + r")\b"
)
_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "a an ein eine einem einen un une una one", "two zwei deux dos", "three drei trois tres",
            "four vier quatre cuatro", "five funf cinq cinco", "six sechs seis", "seven sieben sept siete",
            "eight acht huit ocho", "nine neun neuf nueve", "ten zehn dix diez", "eleven elf onze once",
            "twelve zwolf douze doce",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip


def find_stakes(folded: FoldedMention) -> str | None:
    """Return the large amount or the long wait that a text names, or None."""
    for found in _AMOUNT.finditer(folded.text):
        if _amount(found[1] or found[2]) >= LARGE_AMOUNT:
            return found[0].strip()
    for span in _SPAN.finditer(" ".join(folded.spoken)):
        count = int(span[1]) if span[1].isdigit() else _NUMBERS.get(span[1], 0)
        if LONG_WAIT_DAYS <= count * _DAYS[span.lastgroup or "day"] <= LONG_WAIT_DAYS * 100:
            return span[0]
    return None


def _amount(figure: str) -> float:
    """Return a written amount; what follows a last separator as one or two digits are cents."""
    digits = re.sub(r"[.,' ](?=\d{3}(?!\d))", "", figure.strip(" .,'"))
    whole = re.match(r"\d+", digits)
    return float(whole[0]) if whole else 0.0
