"""What a post wants of us: its kind, whether it speaks to us or about us, before or after a purchase."""

import re
from functools import lru_cache

from models.classifier import Verdict
from monitor.domain import History, Hit, Kind
from monitor.rules.folded import FoldedMention
from monitor.rules.phrase import PhraseBook, read_list
from monitor.rules.rules import BrandRules

_POSITIVE = 0.6
_QUESTION_MARK = re.compile(r"[?¿？؟]")
_CLOSE_TO_START = 3


def addressed_by(hit: Hit, folded: FoldedMention, brand: BrandRules, history: History) -> str | None:
    """Return how a post speaks to the brand, as evidence, or None when it only speaks about it."""
    named = sorted(folded.handles & brand.all_handles)
    if named:
        return f"names @{named[0]}"
    if folded.author in brand.all_handles:
        return None
    if history.own_reply_before and hit.mention.parent_id is not None:
        return "answers in a thread where we replied"
    greeting = _greeting(folded, brand)
    return f'says "{greeting}"' if greeting else None


def _greeting(folded: FoldedMention, brand: BrandRules) -> str | None:
    """Return the words that call the brand: "hey lumo", "lumo, please", "dear team lumo"."""
    words = folded.spoken
    for at, word in enumerate(words):
        if word in brand.names:
            before = words[max(0, at - _CLOSE_TO_START) : at]
            for back, greeting in enumerate(reversed(before)):
                if greeting in _greetings():
                    return " ".join(words[at - back - 1 : at + 1])
            if at == 0 and words[1:2] and words[1] in _calls():
                return " ".join(words[:2])
    return None


def is_question(folded: FoldedMention) -> bool:
    """Whether a post asks something."""
    return _QUESTION_MARK.search(folded.original) is not None or _says(folded, "question") is not None


def sale_stage(folded: FoldedMention) -> tuple[str, str] | None:
    """Return ("pre" or "post", the words that show it), or None where nothing tells; a customer's own goods win."""
    for stage in ("post", "pre"):
        said = _says(folded, stage)
        if said:
            return stage, said
    return None


def tells_of_trouble(folded: FoldedMention) -> bool:
    """Whether word lists see a customer's own goods or order, and that something is wrong with it."""
    return _says(folded, "post") is not None and _says(folded, "trouble") is not None


def find_kind(folded: FoldedMention, verdict: Verdict, *, complains: bool) -> Kind:
    """Return the kind of a post; a complaint that also asks is a complaint."""
    if complains:
        return Kind.COMPLAINT
    positive = (verdict.sentiment or {}).get("positive", 0.0)
    if is_question(folded):
        return Kind.QUESTION
    if positive >= _POSITIVE or (positive >= 0.4 and _says(folded, "praise")):
        return Kind.PRAISE
    return Kind.PRAISE if _says(folded, "praise") and not _says(folded, "trouble") else Kind.OTHER


def _says(folded: FoldedMention, section: str) -> str | None:
    return _said(folded.spoken).get(section)


@lru_cache(maxsize=64)
def _said(words: tuple[str, ...]) -> dict[str, str]:
    """Return the first phrase of each section; one decision asks several times."""
    said: dict[str, str] = {}
    for found in sorted(_book().find(words), key=lambda found: found.start):
        said.setdefault(found.label, " ".join(words[found.start : found.end]))
    return said


@lru_cache(maxsize=1)
def _book() -> PhraseBook[str]:
    listed = read_list("kinds")
    return PhraseBook(listed.phrases, listed.groups)


@lru_cache(maxsize=1)
def _greetings() -> frozenset[str]:
    return frozenset(read_list("kinds").groups["greeting"].split())


@lru_cache(maxsize=1)
def _calls() -> frozenset[str]:
    return frozenset(read_list("kinds").groups["call"].split())
