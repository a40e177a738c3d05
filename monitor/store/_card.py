"""What the card of a case shows, on SQLite."""

import json

from monitor.domain import Kind, Level, Meaning, Severity, Status
from monitor.store._base import Tables
from monitor.store._incidents import from_blob
from monitor.store.card import EARLIER, LETTERS, RESOLVED, THREAD, EarlierCase, Face, ResolvedCase, ThreadLine
from monitor.store.connection import Row, at, maybe_at

_METRICS = ("likes", "replies", "reposts", "views")


class CardTables(Tables):
    """What stands beside a case."""

    def face_of_case(self, case_id: int) -> Face | None:
        """Return the post that a case shows first, or None."""
        row = self.connection.row("face_of_case", id=case_id)
        return _face(row) if row else None

    def thread_of_case(self, case_id: int, brand: str, platform: str, thread_id: str) -> list[ThreadLine]:
        """Return what is stored of a thread, oldest first, the newest `THREAD` posts."""
        place = {"platform": platform, "thread_id": thread_id, "brand": brand, "case_id": case_id}
        rows = self.connection.rows("thread_of_case", **place, letters=LETTERS, limit=THREAD)
        return [_line(row) for row in rows]

    def cases_of_author(self, case_id: int, brand: str, platform: str, author: str) -> list[EarlierCase]:
        """Return other cases of a brand by an author (a handle), newest first; none for an author who is unknown."""
        if not author:
            return []
        whose = {"platform": platform, "author": author.casefold(), "brand": brand, "case_id": case_id}
        rows = self.connection.rows("cases_of_author", **whose, letters=LETTERS, limit=EARLIER)
        return [_earlier(row) for row in rows]

    def resolved_with_reply(self, case_id: int, brand: str, kind: Kind, cause: str | None) -> list[ResolvedCase]:
        """Return other resolved cases of a brand and kind whose answer is kept: same cause first, then newest."""
        about = {"case_id": case_id, "brand": brand, "kind": kind, "cause": cause}
        rows = self.connection.rows("resolved_with_reply", **about, letters=LETTERS, limit=RESOLVED)
        return [_resolved(row) for row in rows]


def _face(row: Row) -> Face:
    metrics = {name: row.pop(name) for name in _METRICS}
    times = {name: maybe_at(row[name]) for name in ("deleted_at", "checked_at", "decided_at", "told_at")}
    always = {"posted_at": at(row["posted_at"]), "seen_at": at(row["seen_at"])}
    known = {name: number for name, number in metrics.items() if number is not None}
    return Face(**{**row, **times, **always, "told": tuple(json.loads(row["told"])), "metrics": known})


def _line(row: Row) -> ThreadLine:
    flags = {"cut": bool(row["cut"]), "gone": bool(row["gone"])}
    return ThreadLine(**{**row, **flags, "posted_at": at(row["posted_at"])})


def _earlier(row: Row) -> EarlierCase:
    seen = row.pop("seen_reply")
    kinds = {"kind": Kind(row["kind"]), "status": Status(row["status"]), "level": Level(row["level"])}
    times = {"opened_at": at(row["opened_at"]), "closed_at": maybe_at(row["closed_at"])}
    return EarlierCase(**{**row, **kinds, **times, "reply": row["reply"] or seen or None})


def _resolved(row: Row) -> ResolvedCase:
    model, vector = row.pop("model"), row.pop("vector")
    meaning = Meaning(model, from_blob(vector)) if vector is not None else None
    severity = tuple(Severity(name) for name in json.loads(row["severity"]))
    return ResolvedCase(**{**row, "severity": severity, "closed_at": maybe_at(row["closed_at"]), "meaning": meaning})
