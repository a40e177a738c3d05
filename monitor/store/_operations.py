"""What operations need of SQLite: silences, replays, erasure, exports and the health of the file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.store._base import Tables
from monitor.store._mentions import purge
from monitor.store.connection import MIGRATIONS, at, dump, maybe_at, ms

_MENTION_TIMES = ("posted_at", "seen_at")


class OperationTables(Tables):
    """Silences, replays, erasure, exports and the health of the file."""

    def add_silence(
        self, matchers: Mapping[str, Sequence[str]], author: str, reason: str, starts_at: datetime, ends_at: datetime
    ) -> int:
        """Mute notifications that match until a time; returns the id of the silence."""
        wanted = dump({name: list(listed) for name, listed in matchers.items()})
        values = {"matchers": wanted, "author": author, "reason": reason}
        with self.write():
            return self.connection.insert("add_silence", **values, starts_at=ms(starts_at), ends_at=ms(ends_at))

    def cases_by_cause(self, brand: str, since: datetime) -> dict[str, int]:
        """Return how many complaints of each cause a brand had since a time."""
        rows = self.connection.rows("cases_by_cause", brand=brand, since=ms(since))
        return {row["cause"]: row["cases"] for row in rows}

    def end_silence(self, silence_id: int, now: datetime) -> bool:
        """End a silence now; False where none of that id is in force."""
        with self.write():
            return bool(self.connection.run("end_silence", id=silence_id, now=ms(now)))

    def silence_matchers(self, silence_id: int) -> dict[str, list[str]] | None:
        """Return what a silence matches, also one that is over; None where none has that id."""
        row = self.connection.row("silence_matchers", id=silence_id)
        return json.loads(row["matchers"]) if row else None

    def replay_messages(self, message_id: int | None, now: datetime) -> int:
        """Have one message that was given up, or all of them, sent again; returns how many."""
        with self.write():
            return self.connection.run("replay_dead_message", id=message_id, now=ms(now))

    def replay_parked(self) -> int:
        """Have hits that were parked decided again; returns how many."""
        with self.write():
            return self.connection.run("replay_parked_hits")

    def open_case_of(self, join_key: str) -> int | None:
        """Return the open case that further posts of this key join, or None."""
        case_id: int | None = self.connection.value("open_case_of_key", join_key=join_key)
        return case_id

    def forget_author(self, handle: str, platform: str | None, who: str, now: datetime) -> int:
        """Erase the words of an author from every table; returns how many posts that were."""
        values = {"author": handle.removeprefix("@").casefold(), "platform": platform}
        with self.write():
            found = self.connection.rows("forget_mentions_of", **values)
            for row in found:
                self._erase(row["id"], row["platform"], row["native_id"], who, now)
        return len(found)

    def forget_mention(self, platform: str, native_id: str, who: str, now: datetime) -> None:
        """Erase one post from every table."""
        with self.write():
            for row in self.connection.rows("known_mentions", keys=dump([(platform, native_id)])):
                self._erase(row["id"], platform, native_id, who, now)

    def _erase(self, mention_id: int, platform: str, native_id: str, who: str, now: datetime) -> None:
        """Erase a post, and what waits to be sent about it; the trail of its cases says who wanted it."""
        for row in self.connection.rows("cases_of_mention", id=mention_id):
            entry = {"case_id": row["case_id"], "at": ms(now), "who": who, "action": "forget"}
            self.connection.run("add_audit", **entry, detail=dump({}))
        self.connection.run("forget_messages", mention_id=mention_id)
        purge(self.connection, "", platform, [native_id], now)

    def export_mentions(self) -> Iterator[dict[str, Any]]:
        """Return every stored mention in the order of its arrival, read in portions."""
        after = 0
        while rows := self.connection.rows("export_mentions", after=after):
            after = rows[-1]["id"]
            for row in rows:
                times = {name: at(row[name]) for name in _MENTION_TIMES}
                yield {**row, **times, "matched": bool(row["matched"]), "deleted_at": maybe_at(row["deleted_at"])}

    def export_case_ids(self) -> Iterator[list[int]]:
        """Return the ids of all cases, open and closed, in portions."""
        after = 0
        while rows := self.connection.rows("export_cases", after=after):
            after = rows[-1]["id"]
            yield [row["id"] for row in rows]

    def count_cases(self) -> int:
        """Return how many cases there are, open and closed."""
        return int(self.connection.value("count_cases"))

    def check_file(self) -> str | None:
        """Return what SQLite finds wrong with the file, or None."""
        found = [str(next(iter(row.values()))) for row in self.connection.query("PRAGMA quick_check(5)", {})]
        return None if found == ["ok"] else "; ".join(found)

    def missing_migrations(self) -> tuple[list[str], list[str]]:
        """Return (migrations the file lacks, migrations that this version does not know)."""
        rows = self.connection.query("SELECT name FROM _sqlite_migrations", {})
        applied = [row["name"] for row in rows]
        return [name for name in MIGRATIONS if name not in applied], [
            name for name in applied if name not in MIGRATIONS
        ]
