"""What each platform's search understands: how a part of a query is asked for there, and how it is left out.

`find` gives what every post that the part wants answers to (it may find more); `shut` gives what only posts that the
part wants answer to (it may leave some in), so that to leave it out never loses a post.

X searches words, phrases, #tags and @handles, each only as it is written, and has fields. Reddit searches titles and
texts of submissions. Hacker News takes one alternative at a time; it also looks at the story and the address that a
comment belongs to, so that nothing can be left out there.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitor.rules.folded import fold_words
from monitor.rules.query_ast import Emoji, Exact, Marked, Node, Words
from monitor.rules.query_fields import Field, Trait

_X_NO_LANGUAGE = ("und", "zxx", "art", "qam", "qct", "qht", "qme", "qst")
"""What X calls a language that it does not know."""

_X_FOUND = {"is:reply": "is:reply"}
_X_SHUT = {
    **_X_FOUND,
    "is:repost": "is:retweet",
    "has:link": "has:links",
    "has:hashtag": "has:hashtags",
    "has:mention": "has:mentions",
}
"""What has a hashtag to X has one to us, but not the reverse: posts are left out by it, and never found by it."""

_X_HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}", re.ASCII)
_TONES = ("", *map(chr, range(0x1F3FB, 0x1F400)))
_HAS_TONES = re.compile(
    "[\u261d\u26f9\u270a-\u270d\U0001f385\U0001f3c2-\U0001f3cc\U0001f442-\U0001f4aa\U0001f574-\U0001f596"
    "\U0001f645-\U0001f64f\U0001f6a3-\U0001f6cc\U0001f90c-\U0001f93e\U0001f977\U0001f9b5-\U0001f9dd\U0001fac3-\U0001faf8]"
)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a platform is asked for; `alone` says that it may be all that it is asked for."""

    text: str
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a platform writes queries: at most `limit` signs, with OR and groups or (`joins` False) without."""

    name: str
    limit: int
    find: Callable[[Node], Term | None]
    shut: Callable[[Node], tuple[str, ...]]
    joins: bool = True
    own: Callable[[str], str] | None = None
    """What leaves out the posts of an account."""


def quoted(text: str) -> str:
    """Return a word as it is, a phrase or an operator in quotation marks."""
    bare = " ".join(text.replace('"', " ").replace("\\", " ").split())
    return bare if bare.isalnum() and bare.upper() not in {"AND", "OR", "NOT"} else f'"{bare}"'


def any_of(terms: Iterable[str]) -> str:
    """Join alternatives, in parentheses where there are several."""
    known = list(dict.fromkeys(terms))
    return known[0] if len(known) == 1 else f"({' OR '.join(known)})"


def _x_find(node: Node) -> Term | None:
    if isinstance(node, Exact):
        node = Words(node.text) if fold_words(node.text) else node
    if isinstance(node, Words) and not node.prefix:
        return Term(any_of(_x_spellings(node)))
    if isinstance(node, Marked) and node.text.replace("_", "a").isalnum():
        return Term(f"{node.mark}{node.text}")
    if isinstance(node, Emoji):
        return Term(any_of(_x_tones(node.text)))
    if isinstance(node, Trait) and (known := _X_FOUND.get(node.fact)):
        return Term(known, alone=False)
    return _x_field(node) if isinstance(node, Field) else None


def _x_field(node: Field) -> Term | None:
    if node.name in {"from", "to"} and _X_HANDLE.fullmatch(node.value):
        return Term(f"{'from:' if node.name == 'from' else '@'}{node.value}")
    if node.name != "lang" or "-" in node.value:
        return None
    tags = (node.folded, *_X_NO_LANGUAGE) if node.maybe else (node.folded,)
    return Term(any_of(f"lang:{tag}" for tag in tags), alone=False)


def _x_spellings(node: Words) -> list[str]:
    """Return a word with and without accents, and as handle and hashtag: X finds each only as it is written."""
    words = _spellings(node.text.lower())
    if node.quoted:
        return [quoted(word) for word in words]
    handles = [f"@{word}" for word in words if _X_HANDLE.fullmatch(word)]
    return [*map(quoted, words), *handles, *(f"#{word}" for word in words if re.fullmatch(r"\w+", word))]


def _spellings(text: str) -> list[str]:
    """Return a word or phrase as it is written, and with its accents written otherwise."""
    spellings = (" ".join(text.split()), *(" ".join(words) for words in fold_words(text)))
    return list({word.lower(): word for word in reversed(spellings)}.values())[::-1]


def _x_tones(emoji: str) -> list[str]:
    return [emoji + tone for tone in (_TONES if len(emoji) == 1 and _HAS_TONES.match(emoji) else ("",))]


def _x_shut(node: Node) -> tuple[str, ...]:
    if isinstance(node, Words):
        word = quoted(node.text.lower())
        marks = ("", "#") if word.isascii() and word.isalnum() and not node.quoted else ("",)
        return tuple(f"{mark}{word}" for mark in marks) if fold_words(node.text) else ()
    if isinstance(node, Marked):
        return (f"{node.mark}{node.text}",) if node.text.replace("_", "a").isalnum() else ()
    if isinstance(node, Field):
        from_one = node.name == "from" and _X_HANDLE.fullmatch(node.value)
        speaks = node.name == "lang" and "-" not in node.value
        return (f"{node.name}:{node.value}",) if from_one or speaks else ()
    return (_X_SHUT[node.fact],) if isinstance(node, Trait) and node.fact in _X_SHUT else ()


def _reddit_find(node: Node) -> Term | None:
    if isinstance(node, Words) and node.prefix:
        return Term(f"{quoted(node.text)}*") if node.text.isalnum() else None
    if isinstance(node, Field) and node.name == "from":
        return Term(f"author:{node.value}")
    if isinstance(node, Field) and node.name == "in":
        return Term(f"subreddit:{node.value}")
    return Term(any_of(map(quoted, _spellings(node.text)))) if isinstance(node, Words) else _plain_find(node)


def _reddit_shut(node: Node) -> tuple[str, ...]:
    """Leave out by field: a bare word would also be looked for in addresses and flairs."""
    if isinstance(node, Words):
        word = quoted(node.text.lower())
        return (f"title:{word}", f"selftext:{word}") if word.strip('"').isascii() else ()
    if isinstance(node, Field) and node.name in {"from", "in"}:
        return (f"{'author' if node.name == 'from' else 'subreddit'}:{node.value}",)
    return ()


def _plain_find(node: Node) -> Term | None:
    """Return a leaf as a word or a phrase, for platforms without operators."""
    if isinstance(node, Words):
        return None if node.prefix else Term(quoted(node.text))
    if isinstance(node, Exact | Marked) and fold_words(node.text):
        return Term(quoted(node.text))
    if isinstance(node, Field) and node.name == "to":
        return Term(quoted(node.value))
    return None


def _hackernews_find(node: Node) -> Term | None:
    """Algolia finds what begins with the last word, so that a prefix, its star taken away, may stand there alone."""
    if isinstance(node, Words) and node.prefix:
        return Term(f"{node.text}*") if node.text.isalnum() else None
    return _plain_find(node)


DIALECTS: dict[str, Dialect] = {
    "x": Dialect("x", 512, _x_find, _x_shut, own=lambda handle: f"-from:{handle.removeprefix('@')}"),
    "reddit": Dialect("reddit", 512, _reddit_find, _reddit_shut),
    "hackernews": Dialect("hackernews", 512, _hackernews_find, lambda _: (), joins=False),
}
