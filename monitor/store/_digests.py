"""Reads for digests on SQLite."""

import json
from collections.abc import Sequence
from datetime import datetime

from monitor.domain import Level
from monitor.store._cases import CaseTables
from monitor.store.connection import Row, at, dump, ms
from monitor.store.digests import Praise, ToldIncident
from monitor.store.records import CaseView

_POSITIVE = 0.9
"""From here on the model reads a post as plainly positive."""

_WORDS = 3


class DigestTables(CaseTables):
    """What a digest tells beside counts."""

    def to_act_on(self, now: datetime, brands: Sequence[str], limit: int) -> tuple[int, list[CaseView]]:
        """Return how many cases are critical or late without a reply, and the worst of them."""
        wanted = {"now": ms(now), "brands": dump(list(brands))}
        total = int(self.connection.value("count_to_act_on", **wanted))
        return total, self._in_order(self.connection.rows("cases_to_act_on", **wanted, limit=limit))

    def worst_urgent(self, now: datetime, brands: Sequence[str], limit: int) -> list[CaseView]:
        """Return the urgent open cases that come first in the queue."""
        return self._in_order(self.connection.rows("worst_urgent", now=ms(now), brands=dump(list(brands)), limit=limit))

    def next_at_risk(self, now: datetime, brands: Sequence[str], limit: int) -> list[CaseView]:
        """Return the cases without a reply that have used up more than half of their time, the next due first."""
        return self._in_order(
            self.connection.rows("cases_at_risk", now=ms(now), brands=dump(list(brands)), limit=limit)
        )

    def complaints_by_quarter(self, since: datetime, until: datetime, brands: Sequence[str]) -> dict[int, int]:
        """Return complaints by the quarter of an hour since 1970 in which they were posted."""
        window = {"since": ms(since) // 60_000, "until": ms(until) // 60_000}
        rows = self.connection.rows("complaints_by_quarter", **window, brands=dump(list(brands)))
        return {row["quarter"]: row["complaints"] for row in rows}

    def causes_between(self, since: datetime, until: datetime, brands: Sequence[str]) -> dict[str | None, int]:
        """Return cases of complaint opened in a window, by cause; None has none."""
        rows = self.connection.rows("causes_between", since=ms(since), until=ms(until), brands=dump(list(brands)))
        return {row["cause"]: row["cases"] for row in rows}

    def replies_by_level(
        self, since: datetime, until: datetime, brands: Sequence[str]
    ) -> dict[Level, list[tuple[float, bool]]]:
        """Return by level (seconds from the post to our first reply, in time) of the replies in a window."""
        found: dict[Level, list[tuple[float, bool]]] = {}
        for row in self.connection.rows(
            "replies_by_level", since=ms(since), until=ms(until), brands=dump(list(brands))
        ):
            found.setdefault(Level(row["level"]), []).append((row["wait"] / 1000, bool(row["in_time"])))
        return found

    def praise_between(self, since: datetime, until: datetime, brands: Sequence[str], limit: int) -> list[Praise]:
        """Return the praise that was heard of in a window, by reach; unknown reach comes last."""
        window = {"since": ms(since), "until": ms(until), "brands": dump(list(brands)), "limit": limit}
        rows = self.connection.rows("praise_in_cases", **window)
        rows += self.connection.rows("praise_in_drops", **window, positive=_POSITIVE)
        rows.sort(key=lambda row: -1 if row["followers"] is None else row["followers"], reverse=True)
        return [Praise(**{**row, "posted_at": at(row["posted_at"])}) for row in rows[:limit]]

    def incidents_to_tell(self, since: datetime, brands: Sequence[str], limit: int) -> list[ToldIncident]:
        """Return incidents that go on, or ended since a time; the largest first."""
        rows = self.connection.rows("incidents_to_tell", since=ms(since), brands=dump(list(brands)), limit=limit)
        views = {view.id: view for view in self.case_views([row["example"] for row in rows if row["example"]])}
        return [_told(row, views.get(row["example"])) for row in rows]

    def _in_order(self, rows: Sequence[Row]) -> list[CaseView]:
        ids = [row["id"] for row in rows]
        views = {view.id: view for view in self.case_views(ids)}
        return [views[found] for found in ids if found in views]


def _told(row: Row, example: CaseView | None) -> ToldIncident:
    counts: dict[str, int] = json.loads(row.pop("words"))
    words = sorted(counts, key=lambda word: (-counts[word], word))[:_WORDS]
    since = at(row.pop("first_at"))
    return ToldIncident(**{**row, "example": example, "since": since, "words": tuple(words)})
