"""Watch queries as the platforms' own search queries: each returns at least what the matcher wants from there.

A platform's language is poorer than ours. What it cannot say is left out of a condition, which widens the query; the
matcher then narrows what comes back. Alternatives are packed into as few queries as the length limit allows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from connectors.errors import BadQuery
from monitor.config.schema import Settings
from monitor.rules.folded import fold_words
from monitor.rules.query import Query, parse_query
from monitor.rules.query_ast import And, Exact, Field, Marked, Near, Node, Not, Or, Words

_ALTERNATIVES_LIMIT = 200
"""Combinations that ((a OR b) (c OR d) …) may unfold to before conditions are left out instead."""

Clause = tuple[str, ...]
"""Terms that must all hold."""


class CompileError(ValueError):
    """A query that a platform cannot search for: which one, why, and what to write instead."""

    def __init__(self, query: Query, problem: str, hint: str) -> None:
        super().__init__(f"query {str(query)!r}: {problem}; {hint}")
        self.query = query
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a platform writes queries. `term` gives what stands for a leaf, or None where it has no word for it."""

    name: str
    limit: int
    term: Callable[[Node], tuple[str, ...] | None]
    joins: bool = True
    exclude: Callable[[str], str] | None = None


def compile_for(kind: str, queries: Sequence[Query], own_handles: Iterable[str] = ()) -> list[str]:
    """Return the search queries of a platform (`x`, `reddit`, `hackernews`) that together cover all of `queries`.

    Other kinds have no search and give []. `own_handles` are left out where the platform can do so. Raises CompileError
    for a query that has no word the platform could search for.
    """
    dialect = DIALECTS.get(kind)
    if dialect is None:
        return []
    clauses: dict[Clause, None] = {}
    for query in queries:
        clauses.update(dict.fromkeys(_clauses(query, dialect)))
    suffix = "".join(f" {dialect.exclude(handle)}" for handle in sorted(own_handles)) if dialect.exclude else ""
    return list(_pack(_without_covered(list(clauses)), dialect, _fitting(suffix, dialect.limit)))


def source_queries(settings: Settings, source: str, kind: str) -> list[str]:
    """Return what a source of a kind asks its platform for: the watches of all brands that listen to it.

    Raises BadQuery for a watch that the platform cannot search for: that source alone stands still, and says why.
    """
    asked: dict[str, None] = {}
    for name, brand in settings.brands.items():
        queries = [parse_query(watch.query) for watch in brand.watches if source in (watch.sources or (source,))]
        try:
            asked.update(dict.fromkeys(compile_for(kind, queries, brand.handles.get(kind, ()))))
        except CompileError as error:
            raise BadQuery(source, f"brand {name}: {error.problem} in {str(error.query)!r}", error.hint) from error
    return list(asked)


def _clauses(query: Query, dialect: Dialect) -> list[Clause]:
    clauses = _unfold(query.root, dialect)
    if clauses is None:
        raise CompileError(
            query, f"{dialect.name} cannot search for it without a plain word", "add a word that is always there"
        )
    return [_shortened(clause, dialect.limit // 2) for clause in clauses]


def _unfold(node: Node, dialect: Dialect) -> list[Clause] | None:
    """Return alternatives of conditions that cover a node, or None where everything might match."""
    if isinstance(node, Or):
        parts = [_unfold(part, dialect) for part in node.parts]
        return None if None in parts else [clause for part in parts if part for clause in part]
    if isinstance(node, And | Near):
        inner = node.parts if isinstance(node, And) else (node.left, node.right)
        return _all_of([_unfold(part, dialect) for part in inner])
    if isinstance(node, Not):
        return None
    terms = dialect.term(node)
    return [(term,) for term in terms] if terms else None


def _all_of(parts: list[list[Clause] | None]) -> list[Clause] | None:
    """Combine conditions; those that the platform cannot say, or that would unfold too far, are left out."""
    known = sorted((part for part in parts if part), key=len)
    if not known:
        return None
    combined = known[0]
    for part in known[1:]:
        if len(combined) * len(part) > _ALTERNATIVES_LIMIT:
            break
        combined = [tuple(dict.fromkeys((*left, *right))) for left in combined for right in part]
    return combined


def _shortened(clause: Clause, limit: int) -> Clause:
    """Leave out the shortest conditions until a clause fits: fewer conditions find more."""
    terms = list(clause)
    while len(terms) > 1 and len(" ".join(terms)) > limit:
        terms.remove(min(terms, key=len))
    return tuple(terms)


def _without_covered(clauses: list[Clause]) -> list[Clause]:
    """Leave out clauses that a wider one covers: `lumo` finds all that `lumo lamp` finds."""
    sets = [frozenset(clause) for clause in clauses]
    return [clause for clause, terms in zip(clauses, sets, strict=True) if not any(other < terms for other in sets)]


def _fitting(suffix: str, limit: int) -> str:
    """Return as many exclusions as leave half of a query's length to what is looked for."""
    while len(suffix) > limit // 2:
        suffix = suffix.rpartition(" ")[0]
    return suffix


def _pack(clauses: list[Clause], dialect: Dialect, suffix: str) -> Iterator[str]:
    room = dialect.limit - len(suffix) - 2
    pack: list[str] = []
    for clause in clauses:
        text = _clause_text(clause, alone=not dialect.joins)
        if pack and (not dialect.joins or len(" OR ".join((*pack, text))) > room):
            yield _query_text(pack, suffix)
            pack = []
        pack.append(text)
    if pack:
        yield _query_text(pack, suffix)


def _clause_text(clause: Clause, *, alone: bool) -> str:
    joined = " ".join(clause)
    return f"({joined})" if len(clause) > 1 and not alone else joined


def _query_text(pack: list[str], suffix: str) -> str:
    joined = " OR ".join(pack)
    return f"({joined}){suffix}" if suffix and len(pack) > 1 else f"{joined}{suffix}"


def _quoted(text: str) -> str:
    bare = text.replace('"', " ").replace("\\", " ").strip()
    return bare if bare.isalnum() and bare.upper() not in {"AND", "OR", "NOT"} else f'"{bare}"'


def _x_term(node: Node) -> tuple[str, ...] | None:
    if isinstance(node, Words):
        if node.prefix:
            return None
        return (_any_of(_x_spellings(node)),)
    if isinstance(node, Exact):
        return _x_term(Words(node.text))
    if isinstance(node, Marked):
        return (f"{node.mark}{node.text}",)
    if isinstance(node, Field) and node.name in {"from", "to"}:
        return (f"from:{node.value}",) if node.name == "from" else (f"@{node.value}",)
    return None


def _x_spellings(node: Words) -> list[str]:
    """Return a word with and without accents, and as handle and hashtag: X finds each only as it is written."""
    spellings = dict.fromkeys(
        (_quoted(node.text.lower()), *(_quoted(" ".join(words)) for words in fold_words(node.text)))
    )
    marks = ("",) if node.quoted else ("", "@", "#")
    return [f"{mark}{word}" for word in spellings for mark in marks if not mark or word.isalnum()]


def _any_of(terms: list[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"


def _reddit_term(node: Node) -> tuple[str, ...] | None:
    if isinstance(node, Words):
        return (f"{_quoted(node.text)}*",) if node.prefix and node.text.isalnum() else _plain_term(node)
    if isinstance(node, Field) and node.name == "from":
        return (f"author:{node.value}",)
    return _plain_term(node)


def _plain_term(node: Node) -> tuple[str, ...] | None:
    """Return a leaf as a word or a phrase, for platforms without operators."""
    if isinstance(node, Words):
        return None if node.prefix else (_quoted(node.text),)
    if isinstance(node, Exact | Marked):
        return (_quoted(node.text),)
    if isinstance(node, Field) and node.name == "to":
        return (_quoted(node.value),)
    return None


def _hackernews_term(node: Node) -> tuple[str, ...] | None:
    """Algolia finds what begins with the last word, so a prefix is a word there."""
    if isinstance(node, Words) and node.prefix:
        return (_quoted(node.text),)
    return _plain_term(node)


DIALECTS: dict[str, Dialect] = {
    "x": Dialect("x", 512, _x_term, exclude=lambda handle: f"-from:{handle.removeprefix('@')}"),
    "reddit": Dialect("reddit", 512, _reddit_term),
    "hackernews": Dialect("hackernews", 512, _hackernews_term, joins=False),
}
