"""Whether a text is a copy of a post rather than a person's own words."""

from difflib import SequenceMatcher

from models.fold import fold
from monitor.rules.folded import split_spoken

_ALIKE = 0.85
_RUN = 8
"""Words in a row that two people hardly choose alike."""


def is_verbatim(text: str, post: str) -> bool:
    """Return whether a text repeats a post: nearly all of its words in their order, or eight of them in a row."""
    own, its = _words(text), _words(post)
    if not own or not its:
        return False
    matcher = SequenceMatcher(None, own, its, autojunk=False)
    longest = matcher.find_longest_match().size
    return own == its or longest >= min(_RUN, max(len(its), 2)) or matcher.ratio() >= _ALIKE


def _words(text: str) -> list[str]:
    return [word for word in split_spoken(fold(text).plain) if word != "."]
