"""What a watch of the config looks for: its query, in blocks by language where it has them, and its context."""

from collections.abc import Iterable, Mapping

from monitor.config.schema import Watch
from monitor.rules.query import Lists, Query, parse_entries, parse_query
from monitor.rules.query_ast import And, Node, Not, Or
from monitor.rules.query_fields import Field

ANY = "any"
"""The block that is for every language."""


def read_watch(watch: Watch, lists: Lists) -> Query:
    """Return the query of a watch. Raises QueryError for the first part that cannot be read.

    A block counts for posts in its language, and for posts of which nobody told the language. `context` is joined to
    all blocks: one of `any` must stand in the post as well, and nothing of `none`.
    """
    blocks = watch.query if isinstance(watch.query, Mapping) else {ANY: watch.query}
    parts: list[Node] = [_one_of(_block(language, text, lists) for language, text in blocks.items())]
    context = watch.context
    if context is not None and context.any:
        parts.append(parse_entries(context.any, lists))
    if context is not None and context.none:
        parts.append(Not(parse_entries(context.none, lists)))
    return Query(_all_of(parts))


def _block(language: str, text: str, lists: Lists) -> Node:
    root = parse_query(text, lists).root
    return root if language == ANY else _all_of([Field("lang", language, maybe=True), root])


def _one_of(nodes: Iterable[Node]) -> Node:
    parts = [part for node in nodes for part in (node.parts if isinstance(node, Or) else (node,))]
    return Or(tuple(parts)) if len(parts) > 1 else parts[0]


def _all_of(nodes: Iterable[Node]) -> Node:
    parts = [part for node in nodes for part in (node.parts if isinstance(node, And) else (node,))]
    return And(tuple(parts)) if len(parts) > 1 else parts[0]
