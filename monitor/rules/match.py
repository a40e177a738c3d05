"""All watches of all brands against one mention, in one pass over its text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import ahocorasick

from connectors.mention import Mention
from monitor.config.schema import Brand
from monitor.rules.folded import FoldedMention, fold_mention
from monitor.rules.query import Query
from monitor.rules.watch_query import read_watch


@dataclass(frozen=True, slots=True)
class ParsedWatch:
    """A watch of a brand, its query read; `sources` empty means every source."""

    brand: str
    name: str
    query: Query
    sources: frozenset[str] = frozenset()


def parse_watches(brands: Mapping[str, Brand]) -> tuple[ParsedWatch, ...]:
    """Read the watches of a config, in its order.

    Raises QueryError for the first query that cannot be read.
    """
    return tuple(
        ParsedWatch(name, watch.name, read_watch(watch, brand.lists), frozenset(watch.sources))
        for name, brand in brands.items()
        for watch in brand.watches
    )


class Matcher:
    """Finds the watches that a mention matches.

    An Aho-Corasick automaton over the literals of all watches names the candidates; only these are evaluated. Watches
    that promise no literal (patterns, fields, handles) are evaluated on every mention.
    """

    def __init__(self, watches: Sequence[ParsedWatch]) -> None:
        self._watches = tuple(watches)
        self._always = tuple(at for at, watch in enumerate(self._watches) if watch.query.keys is None)
        self._automaton = _build(self._watches)

    def match(self, mention: Mention, source: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return (brand, names of its watches that match) for every brand that wants a mention of this source."""
        return self.match_folded(fold_mention(mention, source), source)

    def match_folded(self, mention: FoldedMention, source: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Do the same for a mention that is folded already."""
        found: dict[str, tuple[str, ...]] = {}
        for at in self._candidates(mention):
            watch = self._watches[at]
            if (not watch.sources or source in watch.sources) and watch.query.matches(mention):
                found[watch.brand] = (*found.get(watch.brand, ()), watch.name)
        return tuple(found.items())

    def _candidates(self, mention: FoldedMention) -> Iterable[int]:
        if self._automaton is None:
            return self._always
        suggested = set(self._always)
        for _, owners in self._automaton.iter(mention.scanned):
            suggested.update(owners)
        return sorted(suggested)


def _build(watches: Sequence[ParsedWatch]) -> ahocorasick.Automaton | None:
    owners: dict[str, tuple[int, ...]] = {}
    for at, watch in enumerate(watches):
        for key in watch.query.keys or ():
            owners[key] = (*owners.get(key, ()), at)
    if not owners:
        return None
    automaton = ahocorasick.Automaton()
    for key, indices in owners.items():
        automaton.add_word(key, indices)
    automaton.make_automaton()
    return automaton
