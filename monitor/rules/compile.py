"""Watch queries as the platforms' own search queries: each returns at least what the matcher wants from there.

A platform's language is poorer than ours. What it cannot say is left out of a condition, which widens the query; the
matcher then narrows what comes back. What a query leaves out (`-band`) is left out on the platform too, where that can
lose nothing. Alternatives are packed into as few queries as the length limit allows.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.errors import BadQuery
from monitor.config.schema import Settings
from monitor.rules.dialects import DIALECTS, Dialect, Term
from monitor.rules.query import Query, QueryError
from monitor.rules.query_ast import And, Named, Node, Not, Or, Words
from monitor.rules.query_fields import Field, Figure, is_untold
from monitor.rules.query_near import Near
from monitor.rules.query_pattern import Pattern
from monitor.rules.watch_query import read_watch

_ALTERNATIVES_LIMIT = 40
"""Alternatives that ((a OR b) (c OR d) …) may unfold to, or be split into, before conditions are left out instead."""

_COMPARED_LIMIT = 400
"""Alternatives of several conditions that are compared with each other."""


class CompileError(ValueError):
    """A query that a platform cannot search for: which one, why, and what to write instead."""

    def __init__(self, query: Query, problem: str, hint: str) -> None:
        super().__init__(f"query {str(query)!r}: {problem}; {hint}")
        self.query = query
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternatives."""

    parts: tuple["Wanted", ...]

    @property
    def alone(self) -> bool:
        """Whether it may be all that a platform is asked for."""
        return all(part.alone for part in self.parts)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conditions that all hold, and terms that do not."""

    parts: tuple["Wanted", ...]
    without: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it may be all that a platform is asked for."""
        return any(part.alone for part in self.parts)


Wanted = Term | AnyOf | AllOf


def compile_for(kind: str, queries: Sequence[Query], own_handles: Iterable[str] = (), source: str = "") -> list[str]:
    """Return the search queries of a platform (`x`, `reddit`, `hackernews`) that together cover all of `queries`.

    Other kinds have no search and give []. `own_handles` are left out where the platform can do so; `source` is the
    config's name of the source, for `source:`. Raises CompileError for a query that has no word the platform could
    search for.
    """
    dialect = DIALECTS.get(kind)
    if dialect is None:
        return []
    own = [dialect.own(handle) for handle in sorted(own_handles)] if dialect.own else []
    suffix = _fitting("".join(f" {term}" for term in own), dialect.limit)
    room = dialect.limit - len(suffix) - 2
    found: dict[Wanted, None] = {}
    for query in queries:
        found.update(dict.fromkeys(_alternatives(query, _Cover(dialect, source), room)))
    return list(_pack(_without_covered(list(found)), dialect, suffix))


def source_queries(settings: Settings, source: str, kind: str) -> list[str]:
    """Return what a source of a kind asks its platform for: the watches of all brands that listen to it.

    Raises BadQuery for a watch that the platform cannot search for: that source alone stands still, and says why.
    """
    asked: dict[str, None] = {}
    for name, brand in settings.brands.items():
        watches = [watch for watch in brand.watches if source in (watch.sources or (source,))]
        try:
            queries = [read_watch(watch, brand.lists) for watch in watches]
            asked.update(dict.fromkeys(compile_for(kind, queries, brand.handles.get(kind, ()), source)))
        except CompileError as error:
            raise BadQuery(source, f"brand {name}: {error.problem} in {str(error.query)!r}", error.hint) from error
        except QueryError as error:
            raise BadQuery(source, f"brand {name}: {error.problem}", error.hint) from error
    return list(asked)


def left_out(kind: str, query: Query) -> list[str]:
    """Return the words of a query's conditions that a platform has no search for, so that it is asked for more."""
    dialect = DIALECTS.get(kind)
    return list(dict.fromkeys(map(str, _left_out(query.root, _Cover(dialect, ""))))) if dialect else []


def _left_out(node: Node, cover: "_Cover") -> Iterator[Node]:
    if isinstance(node, Named):
        yield from _left_out(node.part, cover)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from _left_out(part, cover)
    elif isinstance(node, Words | Pattern) and cover.of(node) is True:
        yield node


@dataclass(frozen=True, slots=True)
class _Cover:
    """Turns nodes into what a platform is asked for: True where everything might match, False where nothing can."""

    dialect: Dialect
    source: str

    def of(self, node: Node) -> Wanted | bool:
        if isinstance(node, Or):
            return _any_of([self.of(part) for part in node.parts])
        if isinstance(node, And):
            return self._all_of(node.parts)
        if isinstance(node, Near):
            return self._all_of((node.left, node.right))
        if isinstance(node, Named):
            return self.of(node.part)
        if isinstance(node, Not):
            known = self._known(node.part)
            return True if known is None else not known
        known = self._known(node)
        return known if known is not None else self.dialect.find(node) or True

    def _known(self, node: Node) -> bool | None:
        """Return whether a field holds for every post of the source, or for none; None where posts differ."""
        if isinstance(node, Field) and node.name == "source" and self.source:
            return node.folded in {self.source.casefold(), self.dialect.name}
        if isinstance(node, Field) and node.name == "lang" and is_untold(self.dialect.name, "lang"):
            return node.maybe
        if isinstance(node, Figure) and is_untold(self.dialect.name, node.fact):
            return False
        return None

    def _all_of(self, nodes: Sequence[Node]) -> Wanted | bool:
        covers = [self.of(node) for node in nodes]
        if False in covers:
            return False
        parts = tuple(dict.fromkeys(cover for cover in covers if not isinstance(cover, bool)))
        if not parts:
            return True
        without = [term for node in nodes if isinstance(node, Not) for term in self._shut(node.part)]
        return AllOf(parts, tuple(dict.fromkeys(without))) if without or len(parts) > 1 else parts[0]

    def _shut(self, node: Node) -> Iterator[str]:
        """Return terms of which each finds only posts that the node wants."""
        if isinstance(node, Or):
            for part in node.parts:
                yield from self._shut(part)
        elif isinstance(node, Named):
            yield from self._shut(node.part)
        elif not isinstance(node, And | Near | Not):
            yield from self.dialect.shut(node)


def _any_of(covers: Sequence[Wanted | bool]) -> Wanted | bool:
    if True in covers:
        return True
    flat: dict[Wanted, None] = {}
    for cover in covers:
        if not isinstance(cover, bool):
            flat.update(dict.fromkeys(cover.parts if isinstance(cover, AnyOf) else (cover,)))
    if not flat:
        return False
    return AnyOf(tuple(flat)) if len(flat) > 1 else next(iter(flat))


def _alternatives(query: Query, cover: _Cover, room: int) -> list[Wanted]:
    """Return alternatives that together cover a query, each short enough to be asked for."""
    wanted = cover.of(query.root)
    if wanted is False:
        return []
    if wanted is True or not wanted.alone:
        hint = "add a word that is always there"
        raise CompileError(query, f"{cover.dialect.name} cannot search for it without a plain word", hint)
    if not cover.dialect.joins:
        return [_shortened(clause, room) for clause in _unfold(wanted)]
    parts = wanted.parts if isinstance(wanted, AnyOf) else (wanted,)
    pieces = [piece for part in parts for piece in _split(part, room, _ALTERNATIVES_LIMIT)]
    if any(len(_text(piece)) > room for piece in pieces):
        raise CompileError(query, f"{cover.dialect.name} takes {cover.dialect.limit} characters", "shorten its phrases")
    return pieces


def _split(wanted: Wanted, room: int, pieces: int) -> list[Wanted]:
    """Return at most about `pieces` alternatives that cover what is wanted, each within `room` where that can be."""
    if len(_text(wanted)) <= room or isinstance(wanted, Term):
        return [wanted]
    if isinstance(wanted, AnyOf):
        return [piece for part in wanted.parts for piece in _split(part, room, pieces)]
    wanted = _with_fewer_exclusions(wanted, room)
    choices = [part for part in wanted.parts if isinstance(part, AnyOf)]
    if len(_text(wanted)) <= room or not choices:
        return [_shortened(wanted, room)]
    longest = max(choices, key=lambda part: len(_text(part)))
    rest = tuple(part for part in wanted.parts if part is not longest)
    if pieces <= 1 and any(part.alone for part in rest):
        return _split(AllOf(rest, wanted.without), room, pieces)
    middle = len(longest.parts) // 2
    halves = (_joined(longest.parts[:middle]), _joined(longest.parts[middle:]))
    return [piece for half in halves for piece in _split(replace(wanted, parts=(*rest, half)), room, pieces // 2)]


def _joined(parts: tuple[Wanted, ...]) -> Wanted:
    return AnyOf(parts) if len(parts) > 1 else parts[0]


def _with_fewer_exclusions(wanted: AllOf, room: int) -> AllOf:
    """Return what is wanted with as many exclusions as take no more than a third of the room."""
    kept, length = [], 0
    for term in wanted.without:
        length += len(term) + 2
        if length <= room // 3:
            kept.append(term)
    return replace(wanted, without=tuple(kept))


def _unfold(wanted: Wanted) -> list[AllOf]:
    """Return alternatives without choices inside; conditions that would unfold too far are left out."""
    if isinstance(wanted, Term):
        return [AllOf((wanted,))]
    if isinstance(wanted, AnyOf):
        return [clause for part in wanted.parts for clause in _unfold(part)]
    unfolded = sorted((_unfold(part) for part in wanted.parts), key=len)
    combined = unfolded[0]
    for clauses in unfolded[1:]:
        if len(combined) * len(clauses) > _ALTERNATIVES_LIMIT:
            break
        pairs = [(left, right) for left in combined for right in clauses]
        combined = [AllOf(tuple(dict.fromkeys((*left.parts, *right.parts)))) for left, right in pairs]
    return combined


def _shortened(wanted: AllOf, room: int) -> AllOf:
    """Leave out the shortest conditions until a clause fits: fewer conditions find more."""
    parts = list(wanted.parts)
    while len(parts) > 1 and len(_text(AllOf(tuple(parts), wanted.without))) > room:
        spare = [part for part in parts if any(other.alone for other in parts if other is not part)]
        parts.remove(min(spare, key=lambda part: len(_text(part))))
    return AllOf(tuple(parts), wanted.without)


def _without_covered(found: list[Wanted]) -> list[Wanted]:
    """Leave out what something wider covers: `lumo` finds all that `lumo lamp` finds."""
    conditions = {wanted: _conditions(wanted) for wanted in found}
    single = {next(iter(held)) for held in conditions.values() if len(held) == 1}
    several = [held for held in conditions.values() if len(held) > 1][:_COMPARED_LIMIT]

    def is_covered(held: frozenset[str]) -> bool:
        return len(held) > 1 and (not single.isdisjoint(held) or any(other < held for other in several))

    texts = {wanted: held for wanted, held in conditions.items() if not is_covered(held)}
    return list({held: wanted for wanted, held in reversed(texts.items())}.values())[::-1]


def _conditions(wanted: Wanted) -> frozenset[str]:
    if isinstance(wanted, AllOf):
        return frozenset((*map(_text, wanted.parts), *(f"-{term}" for term in wanted.without)))
    return frozenset({_text(wanted)})


def _fitting(suffix: str, limit: int) -> str:
    """Return as many exclusions as leave half of a query's length to what is looked for."""
    while len(suffix) > limit // 2:
        suffix = suffix.rpartition(" ")[0]
    return suffix


def _pack(found: list[Wanted], dialect: Dialect, suffix: str) -> Iterator[str]:
    room = dialect.limit - len(suffix) - 2
    pack: list[str] = []
    for wanted in found:
        text = _grouped(wanted) if dialect.joins else _words_first(wanted)
        if pack and (not dialect.joins or len(" OR ".join((*pack, text))) > room):
            yield _query_text(pack, suffix)
            pack = []
        pack.append(text)
    if pack:
        yield _query_text(pack, suffix)


def _query_text(pack: list[str], suffix: str) -> str:
    if len(pack) == 1 and not suffix:
        return pack[0][1:-1] if pack[0].startswith("(") and _is_one_group(pack[0]) else pack[0]
    joined = " OR ".join(map(_without_group, pack) if len(pack) > 1 else pack)
    return f"({joined}){suffix}" if suffix and len(pack) > 1 else f"{joined}{suffix}"


def _is_one_group(text: str) -> bool:
    """Whether the first parenthesis closes at the end; quotation marks hold no parentheses."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def _text(wanted: Wanted) -> str:
    if isinstance(wanted, Term):
        return wanted.text
    if isinstance(wanted, AnyOf):
        return f"({' OR '.join(_without_group(_grouped(part)) for part in wanted.parts)})"
    return " ".join((*map(_text, wanted.parts), *(f"-{term}" for term in wanted.without)))


def _without_group(text: str) -> str:
    """Return a choice without its parentheses, to stand among other choices: (a OR (b OR c)) is (a OR b OR c)."""
    inner = text.startswith("(") and " OR " in text and _is_one_group(text)
    return text[1:-1] if inner and _is_flat(text[1:-1]) else text


def _is_flat(text: str) -> bool:
    """Whether a text is nothing but single words joined by OR."""
    return re.fullmatch(r'(?:"[^"]*"|[^\s()"]+)(?: OR (?:"[^"]*"|[^\s()"]+))*', text) is not None


def _grouped(wanted: Wanted) -> str:
    return f"({_text(wanted)})" if isinstance(wanted, AllOf) and len(_conditions(wanted)) > 1 else _text(wanted)


def _words_first(wanted: Wanted) -> str:
    """Write conditions side by side; one that ends in a star stands last, where the platform reads it as a prefix."""
    terms = [part.text for part in wanted.parts if isinstance(part, Term)] if isinstance(wanted, AllOf) else []
    open_ended = [term for term in terms if term.endswith("*")]
    closed = [term for term in terms if not term.endswith("*")]
    return " ".join((*closed, *(term.removesuffix("*") for term in open_ended[:1])))
