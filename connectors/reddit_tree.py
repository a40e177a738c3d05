"""The comments of one submission: a tree of answers to answers, laid flat, with the names of what it left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.answer import redacted
from connectors.errors import BadMention
from connectors.reddit_post import RedditPost, is_fullname, parse_child

_MOST = 2_000
"""Nodes looked at in one tree; the platform gives at most about 500 with one call."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The posts of a tree, and the names of comments that it only counts ("more")."""

    posts: tuple[RedditPost, ...]
    unread: tuple[str, ...]
    skipped: tuple[str, ...]


def read_tree(listings: Sequence[object]) -> Tree:
    """Read what `comments/ID` answers: a listing of the submission and one of its comments."""
    posts: list[RedditPost] = []
    unread: list[str] = []
    skipped: list[str] = []
    for child in _nodes(listings):
        if isinstance(child, dict) and child.get("kind") == "more":
            unread += _left_out(child)
            continue
        try:
            posts.append(parse_child(child))
        except BadMention as error:
            skipped.append(redacted(str(error), ()))
    return Tree(tuple(posts), tuple(dict.fromkeys(unread)), tuple(skipped))


def _nodes(listings: Sequence[object]) -> Iterator[object]:
    """Yield every node of a tree, each before its answers; without recursion: its depth is the platform's to choose."""
    waiting: list[object] = [child for listing in listings for child in _children(listing)][::-1]
    for _ in range(_MOST):
        if not waiting:
            return
        node = waiting.pop()
        yield node
        data = node.get("data") if isinstance(node, dict) else None
        waiting += _children(data.get("replies") if isinstance(data, dict) else None)[::-1]


def _children(listing: object) -> list[object]:
    data = listing.get("data") if isinstance(listing, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    return children if isinstance(children, list) else []


def _left_out(child: dict[str, object]) -> list[str]:
    data = child.get("data")
    ids = data.get("children") if isinstance(data, dict) else None
    names = [f"t1_{one}" for one in ids if isinstance(one, str)] if isinstance(ids, list) else []
    return [name for name in names if is_fullname(name)]
