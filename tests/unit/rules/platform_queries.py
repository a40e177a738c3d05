"""What X, Reddit and Hacker News make of a search query, written from their documentation and from nothing else.

X (docs.x.com, operators): words are matched token by token; `#tag`, `@handle` and words are three different things; a
phrase in quotation marks is a run of tokens; AND (a space) binds closer than OR; `-` negates one operator, never a
group; conjunction-required operators (`lang:`, `is:`, `has:`) need one beside them that stands alone.
Reddit (search wiki): words, phrases, AND, OR, NOT, groups, `title:`, `selftext:`, `author:`, `subreddit:`, `word*`.
Hacker News (Algolia, advancedSyntax): all words, phrases in quotation marks, the last word as a prefix.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from connectors.mention import Mention

_TOKENS = re.compile(r'\s*(\(|\)|-?[a-z_]+:"[^"]*"|-?"[^"]*"|[^\s()]+)')
_UNKNOWN_LANGUAGES = ("und", "zxx", "art", "qam", "qct", "qht", "qme", "qst")

_X_HAS = {
    "links": re.compile(r"https?://\w+\.\w{2,}"),
    "hashtags": re.compile(r"#\w*[^\W\d_]"),
    "mentions": re.compile(r"@[A-Za-z0-9_]{1,15}\b"),
}


class Refused(ValueError):
    """A query that the platform would answer with an error."""


@dataclass(frozen=True)
class Answer:
    """Whether a post answers a part of a query, and whether that part may be asked for alone."""

    holds: bool
    alone: bool


Term = Callable[[str], Answer]


def x_finds(query: str, post: Mention) -> bool:
    """Tell whether X's recent search finds a post."""
    if not 1 <= len(query) <= 512:
        raise Refused(f"{len(query)} characters")
    return _evaluate(query, lambda term: _x_term(term, post))


def reddit_finds(query: str, post: Mention) -> bool:
    """Tell whether Reddit's search finds a submission; its text is title and body, one after the other."""
    if not 1 <= len(query) <= 512:
        raise Refused(f"{len(query)} characters")
    return _evaluate(query, lambda term: _reddit_term(term, post))


def hackernews_finds(query: str, post: Mention) -> bool:
    """Tell whether Algolia finds a story or comment; groups and OR are words to it, and refused here."""
    terms = _TOKENS.findall(query)
    if any(term in {"(", ")", "OR"} for term in terms) or not terms:
        raise Refused(query)
    words = _words(post.text)
    last = terms[-1]
    found = [_run(_words(term), words) for term in terms]
    if not last.startswith('"'):
        found[-1] = any(word.startswith(last.casefold()) for word in words)
    return all(found)


def _evaluate(query: str, term: Term) -> bool:
    answer, rest = _either(_TOKENS.findall(query), term)
    if rest:
        raise Refused(f"unreadable from {rest[0]!r}")
    if not answer.alone:
        raise Refused("nothing in it can be asked for alone")
    return answer.holds


def _either(tokens: list[str], term: Term) -> tuple[Answer, list[str]]:
    answer, tokens = _every(tokens, term)
    while tokens and tokens[0] == "OR":
        other, tokens = _every(tokens[1:], term)
        answer = Answer(answer.holds or other.holds, answer.alone and other.alone)
    return answer, tokens


def _every(tokens: list[str], term: Term) -> tuple[Answer, list[str]]:
    answers: list[Answer] = []
    while tokens and tokens[0] not in {"OR", ")"}:
        if tokens[0] == "(":
            answer, tokens = _either(tokens[1:], term)
            if not tokens:
                raise Refused("a group is not closed")
            tokens = tokens[1:]
        elif tokens[0].startswith("-"):
            answer = Answer(not term(tokens[0][1:]).holds, alone=False)
            tokens = tokens[1:]
        else:
            answer, tokens = term(tokens[0]), tokens[1:]
        answers.append(answer)
    if not answers or tokens[:1] == ["-("]:
        raise Refused("an empty group")
    return Answer(all(one.holds for one in answers), any(one.alone for one in answers)), tokens


def _x_term(term: str, post: Mention) -> Answer:
    name, colon, value = term.partition(":")
    if colon and not term.startswith('"'):
        facts = {
            "from": lambda: post.author.handle.casefold() == value.casefold(),
            "lang": lambda: (
                (post.lang or "und").partition("-")[0] == value or (not post.lang and value in _UNKNOWN_LANGUAGES)
            ),
            "is": lambda: {"reply": post.parent_id, "retweet": post.repost_of}[value] is not None,
            "has": lambda: _X_HAS[value].search(post.text) is not None,
        }
        if name not in facts:
            raise Refused(f"no operator {name}:")
        return Answer(facts[name](), alone=name == "from")
    marked = {sign + word for sign, word in re.findall(r"([@#])(\w+)", post.text.casefold())}
    if term[0] in "@#":
        return Answer(term.casefold() in marked, alone=True)
    bare = re.sub(r"[@#]\w+", " ", post.text)
    return Answer(_run(_words(term), _words(bare)), alone=True)


def _reddit_term(term: str, post: Mention) -> Answer:
    name, colon, value = term.partition(":")
    words = _words(post.text)
    if colon and not term.startswith('"'):
        community = re.search(r"/r/(\w+)/", post.permalink or "")
        facts = {
            "author": lambda: post.author.handle.casefold() == value.casefold(),
            "subreddit": lambda: community is not None and community[1].casefold() == value.casefold(),
            "title": lambda: _run(_words(value), words),
            "selftext": lambda: _run(_words(value), words),
        }
        if name not in facts:
            raise Refused(f"no field {name}:")
        return Answer(facts[name](), alone=True)
    if term.endswith("*"):
        return Answer(any(word.startswith(term[:-1].casefold()) for word in words), alone=True)
    return Answer(_run(_words(term), words), alone=True)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _run(wanted: list[str], words: list[str]) -> bool:
    size = len(wanted)
    return any(words[at : at + size] == wanted for at in range(len(words) - size + 1))
