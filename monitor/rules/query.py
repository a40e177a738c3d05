r"""The watch query language: text in, a query that matches folded mentions out.

lumo "smart lamp" OR lamp*          next to each other means AND, which binds closer than OR
lumo -(band OR festival)            - or NOT leaves out
=LUMO  #lumo  @lumo  🔥             exact case; only the hashtag; only the handle; an emoji
lumo NEAR/3 smoke                   at most three words between
lumo THEN/3 (smoke OR fire)         the same, in this order
from:lumo  to:lumo  in:lamps        author; whom the post opens with; the subreddit
lang:de  lang:de?                   the platform's language; the same, or not known
has:link  is:reply  source:forum    what it carries, what it is, where it came from
followers>=10k  rating<=2           known numbers within a bound
{products}                          one of the entries of a list of the config
re2:/lumo-?\d+/i                     a pattern, in RE2's syntax
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import lark

from monitor.rules.folded import FoldedMention
from monitor.rules.query_ast import And, Keys, Node, Not, Or
from monitor.rules.query_error import QueryError
from monitor.rules.query_leaves import LEAVES, Lists, read_entry, read_list
from monitor.rules.query_near import Near, may_be_near

__all__ = ["DEPTH_LIMIT", "LEAF_LIMIT", "LENGTH_LIMIT", "Lists", "Query", "QueryError", "parse_entries", "parse_query"]

LENGTH_LIMIT = 20_000
DEPTH_LIMIT = 50
LEAF_LIMIT = 2_000
_NO_LISTS: Lists = {}

_GRAMMAR = r"""
    ?query: or_
    ?or_: and_ (_OR and_)*
    ?and_: unary (_AND? unary)*
    ?unary: near | _NOT unary -> not_ | _MINUS unary -> not_
    ?near: atom (NEAR atom)?
    ?atom: "(" or_ ")" | leaf
    leaf: PATTERN | FIELD | FIGURE | LIST | EXACT | TAG | HANDLE | QUOTED | WORD

    _OR.5: /OR(?![^\s()])/
    _AND.5: /AND(?![^\s()])/
    _NOT.5: /NOT(?![^\s()])/
    NEAR.6: /(?:NEAR|THEN)\/\d{1,3}(?![^\s()])/
    _MINUS.4: /-(?=[^\s)])/
    PATTERN.6: /re2:\/(?:[^\/\\\n]|\\.)+\/i?/
    FIELD.5: /(?:from|to|lang|in|source|has|is):@?[^\s()"]+/
    FIGURE.5: /(?:followers|rating|likes|replies|reposts|views)(?:>=|<=|>(?!=)|<(?!=))[^\s()"]+/
    LIST.5: /\{[^{}\s()"]+\}/
    EXACT.4: /=[^\s()"]+/
    TAG.4: /#\w[^\s()"]*/
    HANDLE.4: /@\w[^\s()"]*/
    QUOTED.4: /"[^"]*"|[“„”][^“”„"]*[“”]/
    WORD.1: /[^\s()"“”„\-=#@{}][^\s()"]*/
    %ignore /\s+/
"""


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


def parse_query(text: str, lists: Lists = _NO_LISTS) -> Query:
    """Read a watch query; `lists` are those that it may name, such as {products}.

    Raises QueryError with the position of the first mistake and a hint. Time and memory are bounded by LENGTH_LIMIT,
    DEPTH_LIMIT and LEAF_LIMIT, and grow with the lists.
    """
    _check_bounds(text)
    try:
        tree = _parser().parse(text)
    except lark.UnexpectedInput as error:
        raise _located(text, error) from error
    try:
        root: Node = _Builder(lists).transform(tree)
    except lark.exceptions.VisitError as error:
        raise error.orig_exc from error
    if _wants_everything(root):
        raise QueryError(0, "the query only leaves out, so it would match everything else", "add a word to look for")
    return Query(root)


def parse_entries(entries: Iterable[str], lists: Lists = _NO_LISTS) -> Node:
    """Read entries of which one must hold: words, phrases without quotation marks, or queries of their own.

    Raises QueryError, which names the entry.
    """
    nodes: list[Node] = []
    for entry in entries:
        nodes += _flattened([read_entry(entry, lambda text: parse_query(text, lists).root)], Or)
    return Or(tuple(dict.fromkeys(nodes))) if len(set(nodes)) > 1 else nodes[0]


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
    if len(re.split(r"[\s()]+", bare)) + len(_SKIPPED.findall(text)) > LEAF_LIMIT:
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


_FIRST_SIGN = {
    **dict.fromkeys('"“„”', 'close the quotation mark, as in "smart lamp"'),
    ")": "remove the parenthesis or put something inside it",
    "#": "a lone # would be every hashtag; write it with its word, as in #lumo",
    "@": "write it with its word, as in @lumo",
    "=": "write it with its word, as in =LUMO",
    "-": "write it with its word, as in -band",
    "{": "write the name of a list inside, as in {products}",
    "}": "write the name of a list inside, as in {products}",
}


def _hint(text: str, rest: str) -> str:
    if rest[0] in _FIRST_SIGN:
        return _FIRST_SIGN[rest[0]]
    if re.search(r"\b(?:NEAR|THEN)/", text[: len(text) - len(rest)] + rest[:5]):
        return "NEAR and THEN join two words, phrases or choices of them, as in lumo NEAR/3 (smoke OR fire)"
    if rest.startswith(("AND", "OR")):
        return "operators join two parts, as in lumo OR lamp"
    return 'quote what is not a word, as in "what?", or see the query language in the reference'


class _Builder(lark.Transformer[lark.Token, Node]):
    """Turns the parse tree into nodes, checking each leaf."""

    def __init__(self, lists: Lists) -> None:
        super().__init__()
        self._lists = lists

    def leaf(self, children: list[lark.Token]) -> Node:
        """Read one token."""
        token = children[0]
        position = token.start_pos or 0
        if token.type == "LIST":
            return read_list(str(token), position, self._lists, lambda text: parse_query(text).root)
        return LEAVES[token.type](str(token), position)

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
        """Read NEAR or THEN, whose two sides must be words, phrases or choices of them."""
        left, operator, right = children
        name, _, distance = operator.partition("/")
        if not (may_be_near(left) and may_be_near(right)):
            hint = f'write as in lumo {name}/3 "on fire", or lumo {name}/3 (smoke OR fire)'
            raise QueryError(operator.start_pos, f"{name} joins only words and phrases, and choices of them", hint)
        return Near(left, right, int(distance), ordered=name == "THEN")


def _flattened(children: list[Any], kind: type[And] | type[Or]) -> tuple[Node, ...]:
    parts: list[Node] = []
    for child in children:
        parts.extend(child.parts if isinstance(child, kind) else (child,))
    return tuple(parts)


def _wants_everything(node: Node) -> bool:
    """Whether a node holds for nearly every text: nothing in it asks for something to be there."""
    if isinstance(node, Not):
        return True
    if isinstance(node, And):
        return all(_wants_everything(part) for part in node.parts)
    return isinstance(node, Or) and any(_wants_everything(part) for part in node.parts)
