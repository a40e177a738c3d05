"""The impostor guard: accounts whose handle looks like the brand's own and that offer help, a link or a number."""

from collections.abc import Iterable
from functools import lru_cache

from connectors.mention import Mention
from models.fold import fold
from monitor.domain import Severity
from monitor.rules.folded import FoldedMention
from monitor.rules.phrase import PhraseBook, read_list
from monitor.rules.rules import BrandRules
from monitor.rules.severity import Finding, Strength

_ALIKE = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "i": "l", "|": "l"})
_SHORTEST_NEAR = 4
"""Handles shorter than this are near to too many others."""


def find_impostor(mention: Mention, folded: FoldedMention, brand: BrandRules) -> Finding | None:
    """Return a finding when the author's handle imitates one of the brand's and the text offers what support would."""
    own = brand.handles.get(mention.platform) or brand.all_handles
    if folded.author in brand.all_handles:
        return None
    offer = _offer(folded)
    if offer is None:
        return None
    posed = resembled(folded.author, own, brand.names, support_words())
    if posed is None:
        return None
    return Finding(Severity.IMPOSTOR, Strength.SURE, f"{mention.author.handle} looks like {posed} and says {offer}")


@lru_cache(maxsize=20_000)
def skeleton(handle: str) -> str:
    """Return what the eye sees of a handle: no case or separators, one shape for signs that look alike."""
    bare = "".join(sign for sign in fold(handle).plain.removeprefix("@") if sign.isalnum())
    return bare.replace("rn", "m").replace("vv", "w").translate(_ALIKE)


def edit_distance(left: str, right: str, limit: int) -> int:
    """Return how many letters must be added, dropped, changed or swapped, or `limit + 1` where that is more."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for at, letter in enumerate(left, 1):
        before, last, row = row, before, [at]
        for other, sign in enumerate(right, 1):
            cost = min(before[other] + 1, row[other - 1] + 1, before[other - 1] + (letter != sign))
            if at > 1 and other > 1 and letter == right[other - 2] and left[at - 2] == sign:
                cost = min(cost, last[other - 2] + 1)
            row.append(cost)
    return min(row[-1], limit + 1)


def resembled(author: str, own: Iterable[str], names: Iterable[str], support: frozenset[str]) -> str | None:
    """Return the own handle or name that a handle imitates; `support` are words of a support account's name."""
    seen = skeleton(author)
    for handle in sorted(own):
        mine = skeleton(handle)
        near = 1 if len(mine) < 8 else 2
        if seen == mine or (len(mine) >= _SHORTEST_NEAR and edit_distance(seen, mine, near) <= near):
            return f"@{handle}"
    duties = {skeleton(word) for word in support}
    for name in (*sorted(own), *sorted(names)):
        mine = skeleton(name)
        rest = seen.replace(mine, " ", 1) if mine in seen else ""
        if len(mine) >= 3 and any(duty in rest for duty in duties):
            return name
    return None


def _offer(folded: FoldedMention) -> str | None:
    words = folded.spoken
    for found in _book().find(words):
        return f'"{" ".join(words[found.start : found.end])}"'
    return None


@lru_cache(maxsize=1)
def support_words() -> frozenset[str]:
    """Return the words of a support account's name, as the list has them."""
    return frozenset(read_list("impostor").groups["duty"].split())


@lru_cache(maxsize=1)
def _book() -> PhraseBook[str]:
    listed = read_list("impostor")
    return PhraseBook(listed.phrases, listed.groups)
