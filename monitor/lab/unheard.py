"""What a replay cannot know: posts that were never fetched, because nobody asked for them, or are kept no longer.

A platform that is searched returned only what the watches of the time asked for. A source that gives all it has keeps
posts that no watch wanted for 48 hours. In both cases a new term finds less in the store than it would have found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.config.schema import Settings
from monitor.rules.dialects import DIALECTS
from monitor.rules.match import ParsedWatch, parse_watches
from monitor.store.lab import Readable
from monitor.store.records import stamp


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
    terms = [(version.at, _terms(version.settings)) for version in versions]
    found = []
    for watch in parse_watches(new.brands):
        for source in _sources_of(watch, new):
            searched = new.sources[source].kind in DIALECTS
            for term in sorted(_keys(watch)):
                heard = _heard_since(term, source, terms)
                if heard is not None and heard == terms[-1][0]:
                    continue
                known = heard if searched else _earliest(heard, kept.get(source))
                if known is None or known > since:
                    found.append(Unheard(source, watch.brand, watch.name, term.strip(), known))
    return tuple(dict.fromkeys(found))


def _heard_since(term: str, source: str, terms: Sequence[tuple[datetime, dict[str, set[str]]]]) -> datetime | None:
    """Return since when every version in force asked a source for a term."""
    heard = None
    for at, known in terms:
        if term not in known.get(source, ()):
            break
        heard = at
    return heard


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _terms(settings: Settings) -> dict[str, set[str]]:
    terms: dict[str, set[str]] = {}
    for watch in parse_watches(settings.brands):
        for source in _sources_of(watch, settings):
            terms.setdefault(source, set()).update(_keys(watch))
    return terms


def _keys(watch: ParsedWatch) -> frozenset[str]:
    """Return the words of which one must occur; a query that promises none is its own term."""
    return watch.query.keys or frozenset({str(watch.query)})


def _sources_of(watch: ParsedWatch, settings: Settings) -> list[str]:
    return [name for name in settings.sources if not watch.sources or name in watch.sources]
