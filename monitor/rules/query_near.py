"""`a NEAR/3 b` and `a THEN/3 b`: two words, phrases or choices of them, with few other words between."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.rules.folded import FoldedMention
from monitor.rules.query_ast import Keys, Named, Node, Or, Words
from monitor.rules.script import unit_starts

_SPANS_LIMIT = 50
"""Places of one word that are compared: a spammer repeats a word a lot."""


@dataclass(frozen=True)
class Near:
    """Two parts with at most `distance` other words between them; `ordered` wants the left one first (THEN).

    In scripts without spaces each sign counts as a word.
    """

    left: Node
    right: Node
    distance: int
    ordered: bool = False

    @property
    def keys(self) -> Keys:
        """Those of the choosier part: both must be there."""
        return min((self.left.keys, self.right.keys), key=lambda keys: len(keys or ()))

    def matches(self, mention: FoldedMention) -> bool:
        """Whether the two stand close enough in one spelling of the text."""
        if not (self.left.matches(mention) and self.right.matches(mention)):
            return False
        return any(self._close(line) for line in mention.padded.split("\n"))

    def _close(self, line: str) -> bool:
        starts = unit_starts(line)
        left, right = _spans(self.left, line, starts), _spans(self.right, line, starts)
        return any(self._fits(one, other) for one in left for other in right)

    def _fits(self, left: tuple[int, int], right: tuple[int, int]) -> bool:
        if left[1] <= right[0]:
            return right[0] - left[1] <= self.distance
        return not self.ordered and right[1] <= left[0] and left[0] - right[1] <= self.distance

    def __str__(self) -> str:
        operator = "THEN" if self.ordered else "NEAR"
        return f"{_side(self.left)} {operator}/{self.distance} {_side(self.right)}"


def may_be_near(node: Node) -> bool:
    """Whether a node can stand beside NEAR or THEN: words, phrases, and choices of them."""
    return all(isinstance(leaf, Words) for leaf in _choices(node))


def _choices(node: Node) -> Iterator[Node]:
    if isinstance(node, Named):
        yield from _choices(node.part)
    elif isinstance(node, Or):
        for part in node.parts:
            yield from _choices(part)
    else:
        yield node


def _spans(node: Node, line: str, starts: list[int]) -> list[tuple[int, int]]:
    """Return where a side stands in a padded line, counted in words."""
    found = [
        span
        for leaf in _choices(node)
        if isinstance(leaf, Words)
        for spelling in leaf.spellings
        for span in spelling.spans(line, _SPANS_LIMIT)
    ]
    return [(bisect_left(starts, start), bisect_left(starts, end)) for start, end in found[:_SPANS_LIMIT]]


def _side(node: Node) -> str:
    return f"({node})" if isinstance(node, Or) else str(node)
