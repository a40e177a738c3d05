"""Counts on SQLite, for digests, health and metrics."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from monitor.domain import DropRule, Kind, Level
from monitor.store._base import Tables
from monitor.store.connection import dump, maybe_at, ms


class FigureTables(Tables):
    """Counts for digests, health and metrics; those that take brands count all where none is named."""

    def open_by_level(self, brands: Sequence[str] = ()) -> dict[Level, int]:
        """Return open cases by level."""
        return {
            Level(row["level"]): row["cases"]
            for row in self.connection.rows("open_by_level", brands=dump(list(brands)))
        }

    def open_by_lane(self, now: datetime, brand: str | None = None) -> dict[str | None, tuple[int, int]]:
        """Return by lane how many cases are open, and how many of them late; None is what the model serves."""
        rows = self.connection.rows("open_by_lane", now=ms(now), brand=brand)
        return {row["lane"]: (row["cases"], row["late"]) for row in rows}

    def late_by_level(self, now: datetime, brands: Sequence[str] = ()) -> dict[Level, int]:
        """Return cases without a reply past their due time, by level."""
        return {
            Level(row["level"]): row["cases"]
            for row in self.connection.rows("late_by_level", now=ms(now), brands=dump(list(brands)))
        }

    def at_risk(self, now: datetime, brands: Sequence[str] = ()) -> int:
        """Return cases without a reply that have used up more than half of their time."""
        return int(self.connection.value("at_risk", now=ms(now), brands=dump(list(brands))))

    def opened_between(self, since: datetime, until: datetime, brands: Sequence[str] = ()) -> dict[Kind, int]:
        """Return cases opened in a window, by kind."""
        rows = self.connection.rows("opened_between", since=ms(since), until=ms(until), brands=dump(list(brands)))
        return {Kind(row["kind"]): row["cases"] for row in rows}

    def mentions_between(self, since: datetime, until: datetime, brands: Sequence[str] = ()) -> int:
        """Return mentions first seen in a window."""
        return int(
            self.connection.value("mentions_between", since=ms(since), until=ms(until), brands=dump(list(brands)))
        )

    def complaint_texts(self, since: datetime, until: datetime, brands: Sequence[str] = ()) -> list[str]:
        """Return texts of complaints opened in a window, worst first, at most 500."""
        rows = self.connection.rows("texts_of_complaints", since=ms(since), until=ms(until), brands=dump(list(brands)))
        return [row["text"] for row in rows]

    def drops_by_rule(self, since: datetime, brands: Sequence[str] = ()) -> dict[DropRule, int]:
        """Return drops by their rule."""
        rows = self.connection.rows("drops_by_rule", since=ms(since), brands=dump(list(brands)))
        return {DropRule(row["drop_rule"]): row["drops"] for row in rows}

    def totals(self) -> dict[str, int]:
        """Return row counts: mentions, hits, kept, dropped, cases."""
        return self.connection.row("totals") or {}

    def waits(self) -> dict[str, Any]:
        """Return what waits: hits, parked, oldest_hit_at, messages by state, oldest_urgent_at."""
        return {
            "hits": self.connection.value("waiting_hits"),
            "parked": self.connection.value("parked_hits"),
            "oldest_hit_at": maybe_at(self.connection.value("oldest_waiting_hit")),
            "messages": {row["state"]: row["messages"] for row in self.connection.rows("outbox_states")},
            "oldest_urgent_at": maybe_at(self.connection.value("oldest_urgent_unsent")),
        }
