"""The dashboard's reads on SQLite."""

from collections.abc import Sequence
from datetime import datetime

from monitor.domain import Level
from monitor.rules.spikes import Tally
from monitor.store._base import Tables
from monitor.store.connection import Row, dump, maybe_at, ms
from monitor.store.dashboard import FirstReply, LevelStanding, Window

_QUARTER = 900_000


class DashboardTables(Tables):
    """How open cases stand, counts by time, first replies."""

    def standing_by_level(self, brands: Sequence[str], now: datetime) -> dict[Level, LevelStanding]:
        """Return how the open cases stand, by level; levels without any are left out."""
        rows = self.connection.rows("standing_by_level", brands=dump(list(brands)), now=ms(now))
        return {Level(row.pop("level")): LevelStanding(**row) for row in rows}

    def post_windows(self, brands: Sequence[str], windows: Sequence[Window]) -> list[Tally]:
        """Return posts and complaints written in each window of whole quarters of an hour, in the order of these."""
        rows = self.connection.rows("post_windows", brands=dump(list(brands)), windows=_quarters(windows))
        found = {row["place"]: _tally(row) for row in rows}
        return [found.get(place, Tally()) for place in range(len(windows))]

    def post_quarters(self, brands: Sequence[str], windows: Sequence[Window]) -> dict[int, Tally]:
        """Return posts and complaints by quarter of an hour since 1970; the windows must not overlap."""
        rows = self.connection.rows("post_quarters", brands=dump(list(brands)), windows=_quarters(windows))
        return {row["quarter"]: _tally(row) for row in rows}

    def first_replies(self, brands: Sequence[str], since: datetime, until: datetime) -> list[FirstReply]:
        """Return the first replies that were given in [since, until)."""
        rows = self.connection.rows("first_replies", brands=dump(list(brands)), since=ms(since), until=ms(until))
        return [FirstReply(max(row["wait"], 0) / 1000, bool(row["in_time"])) for row in rows]

    def first_heard(self) -> datetime | None:
        """Return when the store's first post was seen, None where it has none."""
        value = self.connection.value("first_heard")
        return maybe_at(int(value)) if value is not None else None

    def first_written(self) -> datetime | None:
        """Return when the first post was written that reports count, to the quarter of an hour."""
        return maybe_at(self.connection.value("first_written"))


def _quarters(windows: Sequence[Window]) -> str:
    return dump([[ms(since) // _QUARTER, ms(until) // _QUARTER] for since, until in windows])


def _tally(row: Row) -> Tally:
    """Return a count; corrections that came late may have left a quarter below nothing."""
    return Tally(max(int(row["posts"]), 0), max(int(row["complaints"]), 0))
