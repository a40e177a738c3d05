"""Stores that have heard a brand for weeks, and rises of its complaints."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.steps.services import Services
from monitor.steps.triage import triage
from monitor.store.connection import ms
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_mentions

DAYS = 20


def heard_store(
    brands: Sequence[str] = ("lumo",), now: datetime = NOW, path: Path | None = None, source: str = "x"
) -> SqliteStore:
    """Return a store that has heard six complaints and thirty posts an hour for weeks."""
    store = SqliteStore(path)
    since = now - timedelta(days=DAYS)
    store.register_sources({source: "replay"})
    store.connection.query("UPDATE sources SET first_poll_at = :at, polled_at = :at, ok_at = :at", {"at": ms(since)})
    first, last = ms(since) // 60_000, ms(now) // 60_000
    rows = [
        {"brand": brand, "minute": minute, "source": source, "posts": 5, "complaints": 1}
        for brand in brands
        for minute in range(first, last, 10)
    ]
    with store.write():
        store.connection._raw.executemany(
            "INSERT INTO tallies VALUES (:brand, :minute, :source, :posts, :complaints)", rows
        )
    return store


def rant(
    store: SqliteStore, services: Services, count: int, now: datetime = NOW, *, source: str = "x", **changes: Any
) -> None:
    """Have so many people complain within the last ten minutes, and triage decide."""
    text = changes.pop("text", "lumo checkout is broken, cannot pay since the update")
    ago = changes.pop("ago", 10)
    mentions = [
        make_mention(f"{text} {at}", posted_at=now - minutes(ago * (at + 0.5) / count), **changes)
        for at in range(count)
    ]
    store_mentions(store, mentions, source=source, now=now)
    while triage(store, services, now).count:
        pass
