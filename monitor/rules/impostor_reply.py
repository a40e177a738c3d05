"""The impostor guard in the thread of a case: there a look-alike that wants any contact is one.

Outside of such threads `rules/impostor.py` asks for a plain offer. Here a customer waits for an answer of the brand, so
that a direct message, a number, an address or a link suffices; display names count as handles do.
"""

import re
from functools import lru_cache

from connectors.mention import Mention
from monitor.domain import History, Severity
from monitor.rules.folded import FoldedMention, split_spoken
from monitor.rules.impostor import find_impostor, resembled, skeleton, support_words
from monitor.rules.phrase import PhraseBook, PhraseList, read_list
from monitor.rules.rules import BrandRules
from monitor.rules.severity import Finding, Strength

_LINK = re.compile(r"(?:https?://|www\.)\S|\b[a-z0-9][a-z0-9-]*\.(?:[a-z0-9-]+\.)*[a-z]{2,}", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w/.#-])\+?\(?\d[\d ()./-]{5,18}\d(?!\w)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_LEAST_DIGITS = 7
_SHORTEST_NAME = 3


def guard(mention: Mention, folded: FoldedMention, brand: BrandRules, history: History) -> Finding | None:
    """Return a finding where the author of a post plays the brand; in the thread of a case the least contact suffices.

    One who was found to do so before is known by the handle alone.
    """
    if history.known_impostor and folded.author not in brand.all_handles:
        why = f"{mention.author.handle} is known to pose as {brand.name}"
        return Finding(Severity.IMPOSTOR, Strength.SURE, why)
    if history.guarded:
        return find_impostor_reply(mention, folded, brand)
    return find_impostor(mention, folded, brand)


def find_impostor_reply(mention: Mention, folded: FoldedMention, brand: BrandRules) -> Finding | None:
    """Return a finding where a post in the thread of a case poses as the brand's support and wants contact."""
    if folded.author in brand.all_handles or _speaks_of_others(folded):
        return None
    found = find_impostor(mention, folded, brand)
    if found is not None and not _is_anothers(mention):
        return found
    contact = _contact(folded)
    posed = _posed(mention, folded, brand) if contact else None
    if posed is None:
        return None
    return Finding(Severity.IMPOSTOR, Strength.SURE, f"{mention.author.handle} looks like {posed} and gives {contact}")


def poses_as(mention: Mention, brand: BrandRules) -> str | None:
    """Return the own handle or name that an author's handle or display name imitates, or None."""
    author = mention.author.handle.removeprefix("@").casefold()
    own = brand.handles.get(mention.platform) or brand.all_handles
    by_handle = resembled(author, own, brand.names, support_words() | _words("duty"))
    return by_handle or _resembled_name(mention.author.name, brand)


def _posed(mention: Mention, folded: FoldedMention, brand: BrandRules) -> str | None:
    """Return what an author poses as; a name that says whose account it is poses as nothing."""
    return None if _is_anothers(mention) else poses_as(mention, brand)


def _resembled_name(name: str | None, brand: BrandRules) -> str | None:
    """Return the brand whose name a display name holds beside a word of support."""
    if not name:
        return None
    words = [skeleton(word) for word in split_spoken(name.casefold())]
    duties = {skeleton(word) for word in support_words() | _words("duty")}
    for called in sorted(brand.names):
        if len(called) >= _SHORTEST_NAME and skeleton(called) in words and not duties.isdisjoint(words):
            return called
    return None


def _is_anothers(mention: Mention) -> bool:
    """Whether a handle or a name says that it is a fan's, a critic's or a reporter's: `lumo_fans`, Not Lumo."""
    named = re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", f"{mention.author.handle} {mention.author.name or ''}")
    parts = {part.casefold() for part in named if part}
    whole = "".join(sign for sign in mention.author.handle.casefold() if sign.isalnum())
    return not parts.isdisjoint(_words("other")) or any(whole.endswith(word) for word in _endings())


def _speaks_of_others(folded: FoldedMention) -> bool:
    """Whether a text speaks of the support as of others ("DM them"), and never as "we"."""
    spoken = set(folded.spoken)
    return not spoken.isdisjoint(_words("theirs")) and spoken.isdisjoint(_words("ours"))


def _contact(folded: FoldedMention) -> str | None:
    """Return what a text gives to get in touch by, in words of ours."""
    text = folded.mention.text
    if _LINK.search(text) or _MAIL.search(text):
        return "a link or an address"
    if any(sum(sign.isdigit() for sign in found) >= _LEAST_DIGITS for found in _PHONE.findall(text)):
        return "a number"
    return "a private way to answer" if _book().find(folded.spoken) else None


@lru_cache(maxsize=8)
def _words(group: str) -> frozenset[str]:
    return frozenset(_listed().groups[group].split())


@lru_cache(maxsize=1)
def _endings() -> tuple[str, ...]:
    """Return words that also end a handle written in one: lumofans, lumohelpedme."""
    ambiguous = {"not", "mod", "band"}
    return ("helpedme", *sorted(word for word in _words("other") if len(word) > 2 and word not in ambiguous))


@lru_cache(maxsize=1)
def _listed() -> PhraseList:
    return read_list("impostor_reply")


@lru_cache(maxsize=1)
def _book() -> PhraseBook[str]:
    return PhraseBook(_listed().phrases, _listed().groups)
