"""Queries of a draft that cannot be read, told at their place in the field that holds them, not in the file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from monitor.config.brand_draft import BrandDraft
from monitor.rules.query import Lists, QueryError, parse_entries, parse_query


@dataclass(frozen=True, slots=True)
class Mistake:
    """The first mistake of a query; line and column count from 1, within the field."""

    line: int
    column: int
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.problem}; {self.hint}"


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The mistakes of a draft: by watch, and the first one of its exclusions, one of which stands on each line."""

    watches: Mapping[str, Mistake]
    exclude: Mistake | None


def mistakes_in(draft: BrandDraft, lists: Lists) -> Mistakes:
    """Read every query of a draft, which may name these lists of the brand."""
    found = {}
    for watch in draft.watches:
        query = watch.query
        if query and (mistake := _mistake(lambda text: parse_query(text, lists), query, 1)):
            found[watch.name] = mistake
    return Mistakes(found, next(_of_exclusions(draft, lists), None))


def _of_exclusions(draft: BrandDraft, lists: Lists) -> Iterator[Mistake]:
    for line, entry in enumerate(draft.exclude, 1):
        if mistake := _mistake(lambda text: parse_entries([text], lists), entry, line):
            yield mistake


def _mistake(read: Callable[[str], object], text: str, line: int) -> Mistake | None:
    try:
        read(text)
    except QueryError as error:
        return Mistake(line, error.position + 1, error.problem, error.hint)
    return None
