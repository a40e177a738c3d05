"""Reads a source as the poll step does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.connector import Connector
from connectors.cursor import Cursor, Limits
from connectors.mention import Mention
from connectors.walk import start_walk

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@dataclass
class Reading:
    """What one walk returned, in order, and the cursor it left."""

    cursor: Cursor
    mentions: list[Mention] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    pages: int = 0

    @property
    def ids(self) -> list[str]:
        return [mention.native_id for mention in self.mentions]

    @property
    def texts(self) -> list[str]:
        return [mention.text for mention in self.mentions]


def read(
    connector: Connector,
    cursor: Cursor | None = None,
    *,
    now: datetime = NOW,
    queries: Sequence[str] = ("",),
    drain: bool = False,
) -> Reading:
    """Walk to the end; the cursor goes through JSON after every page, as it does in the store."""
    walk = start_walk(cursor or Cursor(), queries, Limits.of(connector.traits, drain=drain), now)
    reading = Reading(walk.cursor)
    while (request := walk.request) is not None:
        page = connector.fetch(request)
        walk = walk.take(page)
        reading.mentions += page.mentions
        reading.deleted += page.deleted
        reading.skipped += page.skipped
        reading.pages += 1
    reading.cursor = Cursor.from_json(walk.cursor.to_json())
    return reading
