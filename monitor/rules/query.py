r"""The watch query language: text in, a query that matches folded mentions out.

lumo "smart lamp" OR lamp*          next to each other means AND, which binds closer than OR
lumo -(band OR festival)            - or NOT leaves out
=LUMO  #lumo  @lumo                 exact case; only the hashtag; only the handle
from:lumo  to:lumo  lang:de         author; whom the post opens with; the platform's language
lumo NEAR/3 smoke                   at most three words between
re2:/lumo-?\d+/i                     a pattern, in RE2's syntax
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import lark
import re2

from monitor.rules.folded import FoldedMention, fold_words
from monitor.rules.query_ast import And, Exact, Field, Keys, Marked, Near, Node, Not, Or, Pattern, Words

LENGTH_LIMIT = 20_000
DEPTH_LIMIT = 50
LEAF_LIMIT = 2_000
_PATTERN_MEMORY = 1 << 20
"""Bytes that the program of one user pattern may take."""

_GRAMMAR = r"""
    ?query: or_
    ?or_: and_ (_OR and_)*
    ?and_: unary (_AND? unary)*
    ?unary: near | _NOT unary -> not_ | _MINUS unary -> not_
    ?near: atom (NEAR atom)?
    ?atom: "(" or_ ")" | leaf
    leaf: PATTERN | FIELD | EXACT | TAG | HANDLE | QUOTED | WORD

    _OR.5: /OR(?![^\s()])/
    _AND.5: /AND(?![^\s()])/
    _NOT.5: /NOT(?![^\s()])/
    NEAR.6: /NEAR\/\d{1,3}(?![^\s()])/
    _MINUS.4: /-(?=[^\s)])/
    PATTERN.6: /re2:\/(?:[^\/\\\n]|\\.)+\/i?/
    FIELD.5: /(?:from|to|lang):@?[^\s()"]+/
    EXACT.4: /=[^\s()"]+/
    TAG.4: /#\w[^\s()"]*/
    HANDLE.4: /@\w[^\s()"]*/
    QUOTED.4: /"[^"]*"/
    WORD.1: /[^\s()"\-=#@][^\s()"]*/
    %ignore /\s+/
"""


class QueryError(ValueError):
    """A query that cannot be used: where (character, from 0), what is wrong, and what to write instead."""

    def __init__(self, position: int, problem: str, hint: str) -> None:
        super().__init__(f"query: character {position + 1}: {problem}; {hint}")
        self.position = position
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True)
class Query:
    """A watch query, ready to match. `str()` prints it in its plainest form, which parses to an equal query."""

    root: Node

    @property
    def keys(self) -> Keys:
        """Strings of which one must occur in the padded text, or None where the query promises none."""
        return self.root.keys

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the mention is wanted."""
        return self.root.matches(mention)

    def __str__(self) -> str:
        return str(self.root)


def parse_query(text: str) -> Query:
    """Read a watch query.

    Raises QueryError with the position of the first mistake and a hint. Time and memory are bounded by LENGTH_LIMIT,
    DEPTH_LIMIT and LEAF_LIMIT.
    """
    _check_bounds(text)
    try:
        tree = _parser().parse(text)
    except lark.UnexpectedInput as error:
        raise _located(text, error) from error
    try:
        root: Node = _Builder().transform(tree)
    except lark.exceptions.VisitError as error:
        raise error.orig_exc from error
    if _wants_everything(root):
        raise QueryError(0, "the query only leaves out, so it would match everything else", "add a word to look for")
    return Query(root)


@lru_cache(maxsize=1)
def _parser() -> lark.Lark:
    return lark.Lark(_GRAMMAR, start="query", parser="lalr", lexer="contextual", propagate_positions=True)


_SKIPPED = re.compile(r'"[^"]*"|re2:/(?:[^/\\\n]|\\.)+/')


def _check_bounds(text: str) -> None:
    if not text.strip():
        raise QueryError(0, "the query is empty", "write a word, such as the brand's name")
    if len(text) > LENGTH_LIMIT:
        raise QueryError(LENGTH_LIMIT, f"the query is longer than {LENGTH_LIMIT} characters", "split it into watches")
    bare = _SKIPPED.sub(lambda skipped: " " * len(skipped[0]), text)
    depth = 0
    for position, letter in enumerate(bare):
        depth += (letter == "(") - (letter == ")")
        if depth > DEPTH_LIMIT:
            raise QueryError(position, f"more than {DEPTH_LIMIT} parentheses inside each other", "flatten the query")
    chained = re.search(r"(?:-|\bNOT\s+){10,}", bare)
    if chained:
        raise QueryError(chained.start(), "too many negations in a row", "write one - or none")
    if len(bare.split()) > LEAF_LIMIT:
        raise QueryError(0, f"the query has more than {LEAF_LIMIT} parts", "split it into watches")


def _position(error: lark.UnexpectedInput, end: int) -> int:
    at: int | None = error.pos_in_stream
    return end if at is None or at < 0 else at


def _located(text: str, error: lark.UnexpectedInput) -> QueryError:
    position = _position(error, len(text))
    rest = text[position:].lstrip()
    if (
        not rest
        or isinstance(error, lark.UnexpectedEOF)
        or getattr(getattr(error, "token", None), "type", "") == "$END"
    ):
        hint = "close the parenthesis" if text.count("(") > text.count(")") else "write what comes after the operator"
        return QueryError(len(text), "the query ends too early", hint)
    return QueryError(position, f"cannot read {rest[:20]!r}", _hint(text, rest))


def _hint(text: str, rest: str) -> str:
    if rest[0] == '"':
        return 'close the quotation mark, as in "smart lamp"'
    if rest[0] == ")":
        return "remove the parenthesis or put something inside it"
    if rest.startswith("NEAR/") or "NEAR/" in text[: len(text) - len(rest)]:
        return "NEAR joins two words or phrases, as in lumo NEAR/3 smoke"
    if rest.startswith(("AND", "OR")):
        return "operators join two parts, as in lumo OR lamp"
    return 'quote what is not a word, as in "what?", or see the query language in the reference'


class _Builder(lark.Transformer[lark.Token, Node]):
    """Turns the parse tree into nodes, checking each leaf."""

    def leaf(self, children: list[lark.Token]) -> Node:
        """Read one token."""
        token = children[0]
        return _LEAVES[token.type](str(token), token.start_pos or 0)

    def or_(self, children: list[Any]) -> Node:
        """Join alternatives, flat."""
        return Or(_flattened(children, Or)) if len(children) > 1 else children[0]

    def and_(self, children: list[Any]) -> Node:
        """Join conditions, flat."""
        return And(_flattened(children, And)) if len(children) > 1 else children[0]

    def not_(self, children: list[Any]) -> Node:
        """Negate; a double negation is none."""
        part = children[0]
        return part.part if isinstance(part, Not) else Not(part)

    def near(self, children: list[Any]) -> Node:
        """Read NEAR, whose two sides must be words or phrases."""
        left, operator, right = children
        if not (isinstance(left, Words) and isinstance(right, Words)):
            raise QueryError(
                operator.start_pos, "NEAR joins only words and phrases", 'write as in lumo NEAR/3 "on fire"'
            )
        return Near(left, right, int(operator.partition("/")[2]))


def _flattened(children: list[Any], kind: type[And] | type[Or]) -> tuple[Node, ...]:
    parts: list[Node] = []
    for child in children:
        parts.extend(child.parts if isinstance(child, kind) else (child,))
    return tuple(parts)


def _read_word(text: str, position: int) -> Node:
    if text in {"AND", "OR", "NOT"}:
        raise QueryError(position, f"{text} needs something to join", f"write as in lumo {text} lamp, or quote it")
    bare = text.removesuffix("*")
    if "*" in bare:
        raise QueryError(position + bare.index("*"), "a star may only end a word", "write prefix*, such as lamp*")
    if not fold_words(bare):
        raise QueryError(position, f"{text!r} holds no letter or digit", "write a word")
    if text.endswith("*") and len(bare) < 2:
        raise QueryError(
            position, f"{text!r} would match nearly everything", "give at least two letters before the star"
        )
    return Words(bare, prefix=text.endswith("*"))


def _read_quoted(text: str, position: int) -> Node:
    phrase = " ".join(text.strip('"').split())
    if not fold_words(phrase):
        raise QueryError(
            position, "the phrase holds no letter or digit", 'write words inside the quotes, as in "my lamp"'
        )
    return Words(phrase, quoted=True)


def _read_field(text: str, _position: int) -> Node:
    name, _colon, value = text.partition(":")
    return Field(name, value.removeprefix("@"))


def _read_pattern(text: str, position: int) -> Node:
    source, _, flags = text.removeprefix("re2:/").rpartition("/")
    options = re2.Options()
    options.max_mem, options.log_errors, options.case_sensitive = _PATTERN_MEMORY, False, flags != "i"
    try:
        compiled = re2.compile(source, options)
    except re2.error as error:
        cause = error.args[0] if error.args else "unknown"
        cause = cause.decode(errors="replace") if isinstance(cause, bytes) else cause
        raise QueryError(
            position, f"pattern: {cause}", "use RE2's syntax: no look-around, no back-reference"
        ) from error
    if compiled.search("") is not None:
        raise QueryError(
            position, "the pattern matches the empty text, so it matches everything", "make a part required"
        )
    return Pattern(source, flags, compiled)


_LEAVES = {
    "PATTERN": _read_pattern,
    "FIELD": _read_field,
    "EXACT": lambda text, _: Exact(text[1:]),
    "TAG": lambda text, _: Marked("#", text[1:]),
    "HANDLE": lambda text, _: Marked("@", text[1:]),
    "QUOTED": _read_quoted,
    "WORD": _read_word,
}


def _wants_everything(node: Node) -> bool:
    """Whether a node holds for nearly every text: nothing in it asks for something to be there."""
    if isinstance(node, Not):
        return True
    if isinstance(node, And):
        return all(_wants_everything(part) for part in node.parts)
    return isinstance(node, Or) and any(_wants_everything(part) for part in node.parts)
