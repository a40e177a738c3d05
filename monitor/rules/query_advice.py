"""What is wrong with a query that can be read: it finds nothing, or nearly everything, or means something else."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

from monitor.rules.query import Query
from monitor.rules.query_ast import And, Exact, Marked, Named, Node, Not, Or, Words
from monitor.rules.query_fields import Field, Figure, Trait
from monitor.rules.query_near import Near
from monitor.rules.query_pattern import Pattern

_WORDS = Path(__file__).with_name("common_words.txt")
_SHORT_PREFIX = 3
_SPOKEN_OPERATORS = {"or", "and", "not"}
_SAMPLES = (
    "The train was late again this morning",
    "wer kommt heute abend mit",
    "Qué bonito día para pasear",
    "il fait beau 2 jours sur 3",
)
"""Sentences that speak of no brand: a pattern that finds them all finds nearly everything."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A second look at a query: what is odd, what to do, and the words of the query that it is about.

    `loose` says that the query asks for no words, which is odd for a watch and common for an exclusion.
    """

    problem: str
    hint: str
    about: str
    loose: bool = False


def advise_on(query: Query) -> list[Advice]:
    """Return what deserves a second look, the gravest first."""
    never = _never(query.root)
    if never is not None:
        return [Advice(f"the query can never match: {never}", "leave one of them out", "")]
    return [*_broad(query.root), *_misread(query.root)]


def demanded_facts(query: Query) -> frozenset[str]:
    """Return the facts without which a post cannot match, such as `followers` or `lang`."""
    return _demanded(query.root)


def covers(wide: Query, narrow: Query) -> bool:
    """Whether every post that `narrow` wants is certainly one that `wide` wants; False where that is not certain."""
    return _implies(narrow.root, wide.root)


def named_sources(query: Query) -> frozenset[str]:
    """Return what a query asks for with `source:`."""
    leaves = _leaves(query.root)
    return frozenset(leaf.value for leaf in leaves if isinstance(leaf, Field) and leaf.name == "source")


def _demanded(node: Node) -> frozenset[str]:
    if isinstance(node, And):
        return frozenset().union(*map(_demanded, node.parts))
    if isinstance(node, Or):
        return frozenset.intersection(*map(_demanded, node.parts))
    if isinstance(node, Named):
        return _demanded(node.part)
    unsure = isinstance(node, Field) and node.maybe
    return frozenset({node.fact}) if isinstance(node, Field | Figure | Trait) and not unsure else frozenset()


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _leaves(part)
    elif isinstance(node, Not | Named):
        yield from _leaves(node.part)
    else:
        yield node


def _misread(root: Node) -> Iterator[Advice]:
    for leaf in _leaves(root):
        if isinstance(leaf, Words) and not leaf.quoted and leaf.text in _SPOKEN_OPERATORS:
            hint = f"write {leaf.text.upper()}, or quote it"
            yield Advice(f"{leaf.text!r} in small letters is a word to look for", hint, leaf.text)


# Nearly everything


def _broad(root: Node) -> Iterator[Advice]:
    for leaf in dict.fromkeys(_sufficient(root)):
        about = str(leaf)
        if isinstance(leaf, Words):
            hint = "add a context, such as context: {any: [app, order]}, or write it as a @handle, #tag or =NAME"
            yield Advice(f"{about!r} is a very common word, and enough to match", hint, about)
        elif isinstance(leaf, Pattern):
            yield Advice("the pattern matches nearly everything", "ask for more in it", about)
        else:
            hint = "add the brand's name, unless the sources speak of nothing else"
            problem = f"{about!r} is enough to match, without any word, handle or tag"
            yield Advice(problem, hint, about, loose=True)


def _sufficient(node: Node) -> Iterator[Node]:
    """Return parts that are enough to match and far too common for it."""
    if isinstance(node, Or):
        for part in node.parts:
            yield from _sufficient(part)
    elif isinstance(node, Named):
        yield from _sufficient(node.part)
    elif isinstance(node, And):
        asked = [part for part in node.parts if not isinstance(part, Not)]
        telling = [part for part in asked if not _is_loose(part)]
        if len(telling) < 2:
            yield from _sufficient(telling[0] if telling else asked[0])
    elif _is_loose(node) or (isinstance(node, Words) and _is_common(node)) or _finds_all(node):
        yield node


def _is_loose(node: Node) -> bool:
    """Whether a part only narrows: `lang:en`, `has:link`, `followers>=10`."""
    if isinstance(node, Or):
        return all(_is_loose(part) for part in node.parts)
    named = isinstance(node, Field) and node.name in {"from", "to", "in"}
    return isinstance(node, Field | Figure | Trait) and not named


def _is_common(words: Words) -> bool:
    if words.prefix:
        return len(words.text) <= _SHORT_PREFIX
    return any(key.strip() in common_words() for key in words.keys) or (words.text.isascii() and len(words.text) == 1)


def _finds_all(node: Node) -> bool:
    return isinstance(node, Pattern) and all(node.compiled.search(sample) for sample in _SAMPLES)


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Return words that stand in very many posts, of several languages."""
    lines = _WORDS.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


# Nothing at all


def _never(node: Node) -> str | None:
    """Return why a node can never hold, or None."""
    if isinstance(node, Or):
        reasons = [_never(part) for part in node.parts]
        return reasons[0] if None not in reasons else None
    if isinstance(node, Named):
        return _never(node.part)
    if not isinstance(node, And):
        return None
    inner = (_never(part) for part in node.parts)
    return next((reason for reason in inner if reason), None) or _contradiction(node)


def _contradiction(node: And) -> str | None:
    shut = [part.part for part in node.parts if isinstance(part, Not)]
    asked = [part for part in node.parts if not isinstance(part, Not)]
    for part in asked:
        for other in shut:
            if _implies(part, other):
                return f"it asks for {part} and leaves {other} out"
    for one, other in combinations(asked, 2):
        if _exclude(one, other):
            return f"no post is {one} and {other}"
    return None


def _exclude(one: Node, other: Node) -> bool:
    if isinstance(one, Field) and isinstance(other, Field):
        single = one.name == other.name and one.name in {"from", "lang", "in", "source"}
        both = (one.folded.partition("-")[0], other.folded.partition("-")[0])
        return single and not (one.maybe and other.maybe) and both[0] != both[1]
    if isinstance(one, Figure) and isinstance(other, Figure) and one.name == other.name:
        low, high = (one, other) if one.sign[0] == ">" else (other, one)
        opposite = low.sign[0] == ">" and high.sign[0] == "<"
        touching = low.bound == high.bound and not (low.sign == ">=" and high.sign == "<=")
        return opposite and (low.bound > high.bound or touching)
    return False


def _implies(one: Node, other: Node) -> bool:
    """Whether a post that `one` wants is certainly one that `other` wants."""
    if one == other:
        return True
    if isinstance(other, Or | Named):
        return any(_implies(one, part) for part in (other.parts if isinstance(other, Or) else (other.part,)))
    if isinstance(other, And):
        return all(_implies(one, part) for part in other.parts)
    if isinstance(one, Or):
        return all(_implies(part, other) for part in one.parts)
    if isinstance(one, And | Near | Named):
        parts = one.parts if isinstance(one, And) else (one.part,) if isinstance(one, Named) else (one.left, one.right)
        return any(_implies(part, other) for part in parts)
    if isinstance(one, Exact | Marked) and isinstance(other, Words):
        one = Words(one.text)
    return isinstance(one, Words) and isinstance(other, Words) and _says(one, other)


def _says(one: Words, other: Words) -> bool:
    """Whether every spelling of some words holds a spelling of others."""
    return bool(one.keys) and other.plain and all(any(known in key for known in other.keys) for key in one.keys)
