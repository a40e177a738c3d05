"""Sources on SQLite: claims, pages, cursors and the coverage ledger."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.mention import Mention
from monitor.store._base import Tables
from monitor.store._mentions import MentionWriter, Watches, purge
from monitor.store.connection import at, dump, maybe_at, ms
from monitor.store.records import SourceClaim, SourceState, SourceStatus

HISTORY = timedelta(hours=24)
"""Posts older than this at a source's first poll are history: stored, never alerted."""


class SourceTables(Tables):
    """Where each source stands, and what it covered."""

    def register_sources(self, kinds: Mapping[str, str]) -> None:
        """Add sources by name and kind; a stopped one is given another chance."""
        with self.write():
            for name, kind in kinds.items():
                self.connection.run("register_source", name=name, kind=kind)
                self.connection.run("revive_source", name=name)

    def stop_source(self, name: str, reason: str, now: datetime) -> None:
        """Mark a source that cannot even be opened."""
        with self.write():
            self.connection.run("stop_source", name=name, reason=reason, now=ms(now))

    def claim_source(
        self, names: Sequence[str], now: datetime, lease_s: int, *, due: datetime | None = None
    ) -> SourceClaim | None:
        """Take the source that has been due longest, or None; `due` looks ahead of `now`."""
        with self.write():
            row = self.connection.row(
                "claim_source",
                names=dump(list(names)),
                now=ms(now),
                due=ms(due or now),
                lease=ms(now) + lease_s * 1000,
                day=_day(now),
            )
        if row is None:
            return None
        return SourceClaim(
            **{**row, "cursor": json.loads(row["cursor"]), "first_poll_at": maybe_at(row["first_poll_at"])}
        )

    def save_page(
        self,
        claim: SourceClaim,
        matched: Sequence[tuple[Mention, Watches]],
        deleted: Sequence[str],
        cursor: Mapping[str, Any],
        now: datetime,
        *,
        platform: str,
        returned: int,
        skipped: int,
    ) -> bool:
        """Store mentions, hits, deletions and the cursor in one transaction; False where the claim was lost."""
        with self.write():
            counts = {"returned": returned, "skipped": skipped, "day": _day(now)}
            if not self.connection.run(
                "save_cursor", name=claim.name, fence=claim.fence, cursor=dump(dict(cursor)), now=ms(now), **counts
            ):
                return False
            before = (claim.first_poll_at or now) - HISTORY
            MentionWriter(self.connection, claim.name, now, before).save(matched)
            purge(self.connection, claim.name, platform, deleted, now)
            return True

    def finish_poll(self, claim: SourceClaim, due_at: datetime, now: datetime) -> bool:
        """End a poll that went well."""
        with self.write():
            values = {"name": claim.name, "fence": claim.fence, "due_at": ms(due_at), "now": ms(now)}
            return bool(self.connection.run("finish_poll", **values))

    def fail_poll(self, claim: SourceClaim, reason: str, due_at: datetime, now: datetime, *, stop: bool) -> bool:
        """End a poll that failed; the cursor stays where it was."""
        state = SourceState.STOPPED if stop else SourceState.FAILING
        with self.write():
            values = {"name": claim.name, "fence": claim.fence, "due_at": ms(due_at), "now": ms(now)}
            return bool(self.connection.run("fail_poll", **values, state=state, reason=reason[:1000]))

    def is_held_back(self, name: str, now: datetime) -> bool:
        """Whether a back-off of this source has not ended yet."""
        return self.connection.row("source_held_back", name=name, now=ms(now)) is not None

    def next_source_due(self, names: Sequence[str]) -> datetime | None:
        """Return when the next of these sources is due."""
        return maybe_at(self.connection.value("next_source_due", names=dump(list(names))))

    def sources(self, now: datetime) -> list[SourceStatus]:
        """Return every source."""
        return [
            SourceStatus(
                **{
                    **row,
                    "state": SourceState(row["state"]),
                    "due_at": at(row["due_at"]),
                    "polled_at": maybe_at(row["polled_at"]),
                    "ok_at": maybe_at(row["ok_at"]),
                    "first_poll_at": maybe_at(row["first_poll_at"]),
                }
            )
            for row in self.connection.rows("all_sources", day=_day(now))
        ]

    def posts_of_source(self, source: str, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how many posts of a time a source brought, and how many of them a watch matched."""
        row = self.connection.row("posts_of_source", source=source, since=ms(since), until=ms(until)) or {}
        return row["fetched"], row["kept"]

    def add_coverage(self, source: str, state: str, since: datetime, until: datetime, reason: str | None) -> None:
        """Record what a source covered, was cut off from (gap) or could not see (blind)."""
        row = {"source": source, "state": state, "since": ms(since), "until": ms(until), "reason": reason}
        with self.write():
            if not self.connection.run("extend_coverage", **row):
                self.connection.run("add_coverage", **row)

    def blind_windows(self, since: datetime) -> list[dict[str, Any]]:
        """Return gaps and blind windows that reach beyond `since`."""
        rows = self.connection.rows("blind_windows", since=ms(since))
        return [{**row, "since": at(row["since"]), "until": at(row["until"])} for row in rows]


def _day(now: datetime) -> str:
    return now.date().isoformat()
