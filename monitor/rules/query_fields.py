"""Fields of the query language: what is known of a post beside its words.

What is unknown never holds: `followers>=1000` finds no post whose author's followers nobody told us, and `-is:reply`
keeps one of which nobody knows whether it is a reply. `lang:de?` says so where it is not wanted: German, or not known.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.mention import Mention
from monitor.rules.folded import FoldedMention
from monitor.rules.query_ast import Keys

NAMES = ("from", "to", "lang", "in", "source", "has", "is")
"""Fields that are written `name:value`."""

_LINK = re.compile(r"(?:https?://|\bwww\.)\w", re.IGNORECASE)
_LINKS = re.compile(r"(?:https?://|\bwww\.)\S+", re.IGNORECASE)
_MEDIA = re.compile(
    r"https?://\S+\.(?:jpe?g|png|gif|webp|mp4|mov|webm)\b|\b(?:i|v)\.redd\.it/|\bpic\.(?:x|twitter)\.com/"
    r"|\b(?:i\.)?imgur\.com/|\byoutu(?:\.be/|be\.com/(?:watch|shorts))|\btiktok\.com/|\bgiphy\.com/",
    re.IGNORECASE,
)
_QUOTED_POST = re.compile(
    r"\b(?:x|twitter)\.com/\w+/status/\d|\bbsky\.app/profile/\S+/post/|\breddit\.com/r/\w+/comments/|/@\w+/\d{9,}",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？؟]")
_EMOJI = re.compile("[\u203c\u2049\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_REPOST = re.compile(r"\s*RT @\w")
_COMMUNITY = re.compile(r"/r/([A-Za-z0-9_]+)/|/c/([\w.@-]+)/|/t/([\w-]+)/\d")

HAS: Mapping[str, tuple[Callable[[FoldedMention], bool], str]] = {
    "link": (lambda folded: _LINK.search(folded.original) is not None, "a web address"),
    "media": (
        lambda folded: _MEDIA.search(folded.original) is not None,
        "a picture or a film, as far as its address in the text tells",
    ),
    "question": (
        lambda folded: _QUESTION.search(_LINKS.sub(" ", folded.original)) is not None,
        "a question mark outside of addresses",
    ),
    "hashtag": (lambda folded: bool(folded.tags), "a hashtag"),
    "mention": (lambda folded: bool(folded.handles), "a handle"),
    "emoji": (lambda folded: _EMOJI.search(folded.original) is not None, "an emoji"),
}
"""What `has:` knows: how it is told, and in words."""

IS: Mapping[str, tuple[Callable[[FoldedMention], bool], str]] = {
    "reply": (lambda folded: folded.mention.parent_id is not None, "an answer to another post"),
    "repost": (
        lambda folded: folded.mention.repost_of is not None or _REPOST.match(folded.original) is not None,
        "another's post, sent on: natively, or beginning with RT @",
    ),
    "quote": (
        lambda folded: _QUOTED_POST.search(folded.original) is not None,
        "another's post with words of one's own, as far as its address in the text tells",
    ),
}
"""What `is:` knows."""

FIGURES: Mapping[str, Callable[[Mention], float | None]] = {
    "followers": lambda mention: mention.author.followers,
    "rating": lambda mention: mention.rating,
    "likes": lambda mention: mention.metrics.likes,
    "replies": lambda mention: mention.metrics.replies,
    "reposts": lambda mention: mention.metrics.reposts,
    "views": lambda mention: mention.metrics.views,
}
"""What can be compared with `>=`, `<=`, `>` and `<`."""

UNTOLD: Mapping[str, frozenset[str]] = {
    "x": frozenset({"rating", "in", "is:quote", "has:media"}),
    "reddit": frozenset({"lang", "followers", "rating", "views", "is:repost", "is:quote"}),
    "hackernews": frozenset({"lang", "followers", "rating", "reposts", "views", "in", "is:repost"}),
    "rss": frozenset({"lang", "followers", "rating", "likes", "replies", "reposts", "views", "is:reply", "is:repost"}),
}
"""What sources of a kind never tell."""


def is_untold(kind: str, fact: str) -> bool:
    """Whether sources of a kind never tell a fact (`followers`, `lang`, `is:quote`), so that it never holds there."""
    return fact in UNTOLD.get(kind, ())


def community_of(mention: Mention) -> str | None:
    """Return the subreddit, community or category that a post stands in, in lower case, where its address tells."""
    found = _COMMUNITY.search(mention.permalink or "")
    return next(name for name in found.groups() if name).casefold() if found else None


@dataclass(frozen=True)
class Field:
    """`from:`, `to:` (the post opens with this handle), `lang:` (the platform's opinion), `in:`, `source:`.

    de also finds de-AT, and `maybe` (`lang:de?`) posts of no known language. `source:` takes the config's name of a
    source, or a platform.
    """

    name: str
    value: str
    maybe: bool = False

    @cached_property
    def folded(self) -> str:
        """The value as it is compared."""
        return self.value.removeprefix("@").casefold()

    @cached_property
    def keys(self) -> Keys:
        """What stands among the marks; None for what does not."""
        if self.name == "from":
            return frozenset({f" from:{self.folded} "})
        if self.name == "to":
            return frozenset({f" @{self.folded} "})
        return frozenset({f" lang:{self.folded}"}) if self.name == "lang" and not self.maybe else None

    @property
    def fact(self) -> str:
        """What a source must tell for it."""
        return self.name

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the field has this value."""
        if self.name == "from":
            return mention.author == self.folded
        if self.name == "to":
            return self.folded in mention.addressees
        if self.name == "lang":
            return self._speaks(mention.lang)
        if self.name == "in":
            return community_of(mention.mention) == self.folded
        return self.folded in {mention.source.casefold(), mention.mention.platform.casefold()}

    def _speaks(self, lang: str) -> bool:
        return lang == self.folded or lang.startswith(f"{self.folded}-") or (self.maybe and not lang)

    def __str__(self) -> str:
        return f"{self.name}:{self.value}{'?' if self.maybe else ''}"


@dataclass(frozen=True)
class Trait:
    """`has:link`, `is:reply` and their like."""

    name: str
    value: str

    @property
    def keys(self) -> Keys:
        """None: what it looks at is no word."""
        return None

    @property
    def fact(self) -> str:
        """What a source must tell for it."""
        return f"{self.name}:{self.value}"

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the post has it, or is it."""
        known = HAS if self.name == "has" else IS
        return known[self.value][0](mention)

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


@dataclass(frozen=True)
class Figure:
    """`followers>=1000`, `rating<=2`: a known number on the right side of a bound."""

    name: str
    sign: str
    bound: float

    @property
    def keys(self) -> Keys:
        """None: numbers are not in the text."""
        return None

    @property
    def fact(self) -> str:
        """What a source must tell for it."""
        return self.name

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the number is known and within the bound."""
        value = FIGURES[self.name](mention.mention)
        return value is not None and self.holds(value)

    def holds(self, value: float) -> bool:
        """Whether a number is within the bound."""
        if self.sign == ">=":
            return value >= self.bound
        if self.sign == "<=":
            return value <= self.bound
        return value > self.bound if self.sign == ">" else value < self.bound

    def __str__(self) -> str:
        return f"{self.name}{self.sign}{self.bound:.15g}"
