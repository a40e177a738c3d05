"""The store on SQLite: each part of the protocol in a file of its own, over one connection."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.rules.usual import LOOK_BACK
from monitor.store._access import AccessTables
from monitor.store._answers import AnswerTables
from monitor.store._card import CardTables
from monitor.store._chains import ChainTables
from monitor.store._changes import ChangeTables
from monitor.store._dashboard import DashboardTables
from monitor.store._digests import DigestTables
from monitor.store._feedback import FeedbackTables
from monitor.store._figures import FigureTables
from monitor.store._follows import FollowTables
from monitor.store._hits import HitTables
from monitor.store._incidents import IncidentTables
from monitor.store._lab import LabTables
from monitor.store._mentions import purge
from monitor.store._operations import OperationTables
from monitor.store._queue_page import QueuePageTables
from monitor.store._recall import RecallTables
from monitor.store._receivers import ReceiverTables
from monitor.store._report import ReportTables
from monitor.store._rescore import RescoreTables
from monitor.store._sendings import SendingTables
from monitor.store._sources import SourceTables
from monitor.store._spikes import SpikeTables
from monitor.store._tellings import TellingTables
from monitor.store._watching import WatchTables
from monitor.store.connection import Connection, at, dump, ms

TALLIES_KEPT = LOOK_BACK + timedelta(days=4)
"""How long counts by minute are kept: as far back as is learnt from, and as digests compare yesterday with."""


class SqliteStore(
    SourceTables,
    HitTables,
    TellingTables,
    FollowTables,
    FigureTables,
    OperationTables,
    LabTables,
    RecallTables,
    RescoreTables,
    FeedbackTables,
    ReceiverTables,
    ChainTables,
    IncidentTables,
    SpikeTables,
    DigestTables,
    AccessTables,
    AnswerTables,
    SendingTables,
    WatchTables,
    QueuePageTables,
    ChangeTables,
    CardTables,
    DashboardTables,
    ReportTables,
):
    """A store in one file, or in memory where `path` is None (tests and the lab)."""

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self.connection = Connection(path, read_only=read_only)

    def write(self) -> AbstractContextManager[None]:
        """Group calls into one transaction; nested blocks join the outer one."""
        return self.connection.write()

    def void_leases(self) -> None:
        """Take back what a dead process held."""
        with self.write():
            for table in ("source", "hit", "rescore", "message", "follow", "watch"):
                self.connection.run(f"void_{table}_leases")

    def meta(self, key: str) -> str | None:
        """Return a remembered value."""
        value: str | None = self.connection.value("get_meta", key=key)
        return value

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        with self.write():
            self.connection.run("set_meta", key=key, value=value)

    def add_config(
        self,
        digest: str,
        text: str,
        who: str,
        now: datetime,
        *,
        action: str = "apply",
        note: str = "",
        files: Mapping[str, str | None] | None = None,
        report: str | None = None,
    ) -> None:
        """Keep an accepted config; the same one twice in a row is kept once."""
        told = {"action": action, "note": note, "files": dump(dict(files)) if files else None, "report": report}
        with self.write():
            self.connection.run("add_config", hash=digest, text=text, who=who, at=ms(now), **told)

    def config_history(self) -> list[dict[str, Any]]:
        """Return accepted configs, newest first."""
        rows = self.connection.rows("config_history")
        return [
            {**row, "at": at(row["at"]), "files": json.loads(row["files"]) if row["files"] else None} for row in rows
        ]

    def forget(self, now: datetime, *, no_watch: datetime, drops: datetime, cases: datetime) -> int:
        """Delete unmatched posts seen and drops decided, and erase the words of cases closed, before these times."""
        with self.write():
            closed = self._expire(self.connection.rows("texts_of_closed_cases", before=ms(cases)), now)
            unmatched = self.connection.run("forget_unmatched", before=ms(no_watch))
            self.connection.run("forget_draws", before=ms(cases))
            self.forget_tallies(now - TALLIES_KEPT)
            self.connection.run("forget_spikes", before=ms(cases))
            self.forget_access(now, events=cases)
            self.forget_counts(cases)
            return closed + unmatched + self.connection.run("forget_drops", before=ms(drops))

    def forget_texts(self, source: str, before: datetime, now: datetime) -> int:
        """Erase the words of posts that a source returned before a time, but for those of open cases."""
        with self.write():
            rows = self.connection.rows("texts_past_their_time", source=source, before=ms(before))
            return self._expire(rows, now)

    def _expire(self, rows: Sequence[Mapping[str, str]], now: datetime) -> int:
        for row in rows:
            purge(self.connection, row["source"], row["platform"], [row["native_id"]], now, action="expired")
        return len(rows)

    def backup(self, target: Path) -> None:
        """Write a consistent copy while work goes on."""
        self.connection.backup(target)

    def close(self) -> None:
        """Let go of the database."""
        self.connection.close()
