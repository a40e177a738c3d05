"""What the replay lab reads, on SQLite: pages of three queries each, and the past of a span. No statement writes."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from monitor.domain import Kind, Level, Status
from monitor.rules.history import COPY_WINDOW, OUTAGE_WINDOW, REPEAT_WINDOW
from monitor.store._base import Tables
from monitor.store._hits import mention_of
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.lab import Past, Readable, StoredCase, StoredHit, StoredPost, WatchCount


class LabTables(Tables):
    """Posts, cases and the past, as a replay needs them."""

    def lab_count(self, since: datetime, until: datetime) -> int:
        """Return how many posts were first seen in a span."""
        return int(self.connection.value("lab_count", since=ms(since), until=ms(until)))

    def lab_posts(
        self, since: datetime, until: datetime, after: int, limit: int, brands: Sequence[str] | None = None
    ) -> list[StoredPost]:
        """Return posts first seen in a span, in the order of their arrival, beyond the row `after`.

        With `brands` those alone that one of these brands has heard, or none at all.
        """
        if not after:
            after = (self.connection.value("lab_first", since=ms(since)) or 1) - 1
        span = {"since": ms(since), "until": ms(until)}
        rows = self.connection.rows(
            "lab_mentions", after=after, limit=limit, brands=None if brands is None else dump(list(brands)), **span
        )
        if not rows:
            return []
        ends = {"first": rows[0]["id"], "last": rows[-1]["id"]}
        hits = _by_mention(self.connection.rows("lab_hits", **ends))
        readings = _by_mention(self.connection.rows("lab_readings", **ends))
        return [_post(row, hits.get(row["id"], []), readings.get(row["id"], [])) for row in rows]

    def lab_newest(self, since: datetime, newest: int) -> int:
        """Return the row beyond which the newest posts stand, those seen since a time: `after` of `lab_posts`."""
        return int(self.connection.value("lab_newest", since=ms(since), newest=newest) or 1) - 1

    def lab_cases(self, until: datetime) -> list[StoredCase]:
        """Return the cases opened before a time."""
        return [
            StoredCase(
                id=row["id"],
                brand=row["brand"],
                join_key=row["join_key"],
                kind=Kind(row["kind"]),
                status=Status(row["status"]),
                level=Level(row["level"]),
                opened_ms=row["opened_at"],
                closed_ms=row["closed_at"],
            )
            for row in self.connection.rows("lab_cases", until=ms(until))
        ]

    def lab_past(self, since: datetime, own: Sequence[str]) -> Past:
        """Return what was known at the beginning of a span; `own` are the brands' own handles, case-folded."""
        start = ms(since)

        def found(name: str, **values: object) -> tuple[Any, ...]:
            return tuple(tuple(row.values()) for row in self.connection.rows(name, since=start, **values))

        return Past(
            complaints=found("lab_complaints_before", after=ms(since - REPEAT_WINDOW)),
            copies=found("lab_copies_before", after=ms(since - COPY_WINDOW)),
            case_posts=found("lab_posts_of_open_cases"),
            outages=found("lab_outages_before", after=ms(since - OUTAGE_WINDOW)),
            own_replies=found("lab_own_replies_before", own=dump(list(own))),
        )

    def lab_readable(self, since: datetime, until: datetime) -> list[Readable]:
        """Return by source how far back its text can be read."""
        return [
            Readable(
                row["source"],
                row["posts"],
                row["erased"],
                maybe_at(row["readable_since"]),
                maybe_at(row["unmatched_since"]),
            )
            for row in self.connection.rows("lab_readable", since=ms(since), until=ms(until))
        ]

    def lab_watches(self, since: datetime, newest: int) -> list[WatchCount]:
        """Return what each watch has found since a time, among the newest hits of all brands."""
        rows = self.connection.rows("lab_watches", since=ms(since), newest=newest)
        return [WatchCount(row["brand"], row["watch"], row["posts"], row["complaints"]) for row in rows]


def _by_mention(rows: Sequence[Row]) -> dict[int, list[Row]]:
    return {mention: list(group) for mention, group in groupby(rows, itemgetter("mention_id"))}


def _post(row: Row, hits: Sequence[Row], readings: Sequence[Row]) -> StoredPost:
    judged = next((hit for hit in hits if hit["verdict"]), None)
    return StoredPost(
        id=row["id"],
        mention=mention_of(row),
        source=row["source"],
        author=row["author"],
        version=row["version"],
        copy_key=row["copy_key"],
        posted_ms=row["posted_at"],
        seen_ms=row["seen_at"],
        seen_at=at(row["seen_at"]),
        erased=row["deleted_at"] is not None,
        read_by=judged["model"] if judged else None,
        verdict_json=judged["verdict"] if judged else None,
        readings=tuple((reading["at"], reading["engagement"]) for reading in readings),
        hits=tuple(_hit(hit) for hit in hits),
    )


def _hit(row: Row) -> StoredHit:
    return StoredHit(
        id=row["id"],
        brand=row["brand"],
        source=row["source"],
        backfilled=bool(row["backfilled"]),
        dropped=row["drop_rule"] is not None,
        rules=row["rules"],
        model=row["model"],
        case_id=row["case_id"],
        decision_json=row["body"],
        history_json=row["history"],
    )
