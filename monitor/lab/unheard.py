"""What a replay cannot know: posts that were never fetched, because nobody asked for them, or are kept no longer.

A platform that is searched returned only what the watches of the time asked for. A source that gives all it has keeps
posts that no watch wanted for 48 hours. In both cases a new term finds less in the store than it would have found.

A query is taken apart into alternatives, each of conditions that all hold. One of a new config is known where the
config of the time had one with no further conditions: `lumo lamp -refund` is known from `lumo lamp`, `lumo` is not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any

from monitor.config.schema import Settings
from monitor.rules.dialects import DIALECTS
from monitor.rules.match import ParsedWatch, parse_watches
from monitor.rules.query import Query
from monitor.rules.query_advice import covers
from monitor.rules.query_ast import And, Named, Node, Or
from monitor.store.lab import Readable
from monitor.store.records import stamp

_UNFOLDED_LIMIT = 2_000
"""Alternatives that a query may unfold to; beyond that it is one condition, known only from itself."""

Alternative = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """A config, and since when it was in force."""

    at: datetime
    settings: Settings


@dataclass(frozen=True, slots=True)
class Unheard:
    """A term of a watch, and since when posts with it are in the store; None: they never were fetched."""

    source: str
    brand: str
    watch: str
    term: str
    since: datetime | None
    query: Query = field(compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the gap for machines; what such posts would have been is unknown, not 0."""
        return {name: getattr(self, name) for name in ("source", "brand", "watch", "term")} | {
            "known_since": stamp(self.since),
            "would_have_found": None,
        }


def find_unheard(
    new: Settings, versions: Sequence[Version], readable: Iterable[Readable], since: datetime
) -> tuple[Unheard, ...]:
    """Return what the replay of a new config since a time cannot know; `versions` are those in force, newest first.

    A term of every version that is known has no gap but the youth of the store, which the report tells elsewhere.
    """
    kept = {entry.source: entry.unmatched_since for entry in readable}
    asked = [(version.at, _asked(version.settings)) for version in versions]
    found = []
    for watch in parse_watches(new.brands):
        alternatives = _alternatives(watch.query.root)
        for source in _sources_of(watch, new):
            searched = new.sources[source].kind in DIALECTS
            for alternative in alternatives:
                heard = _heard_since(alternative, source, asked)
                if heard is not None and heard == asked[-1][0]:
                    continue
                known = heard if searched else _earliest(heard, kept.get(source))
                if known is None or known > since:
                    query = Query(And(alternative)) if len(alternative) > 1 else Query(alternative[0])
                    found.append(Unheard(source, watch.brand, watch.name, _text(alternative), known, query))
    return tuple(dict.fromkeys(found))


class _Asked:
    """What one source was asked for by one config."""

    def __init__(self) -> None:
        self._queries: list[Query] = []
        self._alone: set[str] = set()

    def add(self, query: Query) -> None:
        """Note the query of a watch."""
        self._queries.append(query)
        self._alone.update(_text(known) for known in _alternatives(query.root) if len(known) == 1)

    def covers(self, alternative: Alternative) -> bool:
        """Whether every post of an alternative was asked for; the quick answer first, for lists of many words."""
        if any(str(node) in self._alone for node in alternative):
            return True
        wanted = Query(And(alternative))
        return any(covers(query, wanted) for query in self._queries)


def _heard_since(
    alternative: Alternative, source: str, asked: Sequence[tuple[datetime, dict[str, _Asked]]]
) -> datetime | None:
    """Return since when every version in force asked a source for an alternative."""
    heard = None
    for at, known in asked:
        if source not in known or not known[source].covers(alternative):
            break
        heard = at
    return heard


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _asked(settings: Settings) -> dict[str, _Asked]:
    asked: dict[str, _Asked] = {}
    for watch in parse_watches(settings.brands):
        for source in _sources_of(watch, settings):
            asked.setdefault(source, _Asked()).add(watch.query)
    return asked


def _alternatives(node: Node) -> list[Alternative]:
    """Take a query apart into alternatives of conditions."""
    if isinstance(node, Named):
        return _alternatives(node.part)
    if isinstance(node, Or):
        return [alternative for part in node.parts for alternative in _alternatives(part)]
    if not isinstance(node, And):
        return [(node,)]
    parts = [_alternatives(part) for part in node.parts]
    count = 1
    for part in parts:
        count *= len(part)
    return [sum(choice, ()) for choice in product(*parts)] if count <= _UNFOLDED_LIMIT else [(node,)]


def _text(alternative: Alternative) -> str:
    return " ".join(map(str, alternative))


def _sources_of(watch: ParsedWatch, settings: Settings) -> list[str]:
    return [name for name in settings.sources if not watch.sources or name in watch.sources]
