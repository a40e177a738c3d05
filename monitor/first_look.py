"""What a source has for a brand, before anything is stored: what `init` ends with, and `check --online` asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.connector import Request
from connectors.errors import ConnectorError
from connectors.mention import Mention
from monitor.rules.match import Matcher
from monitor.steps.services import Source

MOST_PAGES = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What one source returned since a time: how many posts, those that a watch matched, or why there are none."""

    source: str
    returned: int = 0
    matched: tuple[Mention, ...] = ()
    more: bool = False
    problem: str | None = None


def look_around(sources: Mapping[str, Source], matcher: Matcher, since: datetime) -> Iterator[Look]:
    """Read a few pages of each source; one that fails is told with its reason and hides none of the others."""
    for source in sources.values():
        try:
            yield _look(source, matcher, since)
        except ConnectorError as error:
            yield Look(source.name, problem=f"{error.cause}; {error.next_step}" if error.permanent else error.cause)


def _look(source: Source, matcher: Matcher, since: datetime) -> Look:
    found: dict[tuple[str, str], Mention] = {}
    more = False
    for query in source.queries:
        token: str | None = None
        for _ in range(MOST_PAGES):
            page = source.connector.fetch(Request(query, since=since, token=token))
            found |= {mention.key: mention for mention in page.mentions}
            token = page.next_token
            if token is None:
                break
        more = more or token is not None
    recent = [mention for mention in found.values() if mention.posted_at >= since]
    matched = [mention for mention in recent if matcher.match(mention, source.name)]
    newest_first = sorted(matched, key=lambda mention: mention.posted_at, reverse=True)
    return Look(source.name, len(recent), tuple(newest_first), more)
