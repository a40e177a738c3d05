"""Cases on SQLite: the queue, joins, moves by compare-and-set, the audit trail."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from monitor.domain import MONITOR, Case, Cause, Decision, Hit, Kind, Level, Reason, Severity, Status
from monitor.store._base import Tables
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.records import AuditEntry, CaseView
from monitor.store.statements import statement

_CASE_TIMES = (
    "claimed_at", "ping_at", "release_at", "snoozed_until", "escalate_at", "replied_at", "closed_at", "first_due_at",
    "answered_at",
)  # fmt: skip

_CHANGEABLE = {field.name for field in fields(Case)} | {
    "reasons", "severity", "lane", "review", "told_at", "cause", "cause_by", "cause_why",
    "mood", "summary",
}  # fmt: skip

QUEUE_ORDER = """
ORDER BY
    CASE WHEN c.status = 'replied' OR coalesce(c.snoozed_until, 0) > :now THEN 1 ELSE 0 END,
    CASE WHEN c.level = 'critical' THEN 0 WHEN c.due_at < :now THEN 1
         WHEN c.due_at - :now < (c.due_at - c.clock_at) / 2 THEN 2 ELSE 3 END,
    CASE c.level WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END,
    c.due_at, c.score DESC, c.id
"""
"""Critical; then breached, at risk (more than half of the time used), the rest by level and due time.

A snoozed case, and one that was answered, waits behind those that nobody has answered.
"""

WORST_FIRST = """
ORDER BY CASE c.level WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END,
    c.score DESC, c.due_at, c.id
"""


class CaseTables(Tables):
    """Cases and their audit trail."""

    def open_case(
        self,
        hit: Hit,
        decision: Decision,
        due_at: datetime,
        now: datetime,
        cause: Cause | None = None,
        summary: str | None = None,
    ) -> int:
        """Open a case for a hit; returns its id. `cause` is what the monitor found a complaint to be about."""
        with self.write():
            case_id = self.connection.insert(
                "open_case",
                brand=hit.brand,
                join_key=hit.join_key,
                kind=decision.kind,
                level=decision.level,
                score=decision.score,
                reasons=dump([reason.to_json() for reason in decision.reasons]),
                severity=dump(list(decision.severity)),
                lane=decision.lane,
                review=int(decision.review),
                hit_id=hit.id,
                opened_at=ms(now),
                clock_at=ms(hit.clock_at),
                due_at=ms(due_at),
                cause=cause.name if cause else None,
                cause_by=MONITOR if cause else None,
                cause_why=cause.evidence if cause else None,
                summary=summary,
            )
            self.join_case(case_id, hit, "first")
            return case_id

    def join_case(self, case_id: int, hit: Hit, role: str) -> None:
        """Add a post to a case."""
        with self.write():
            self.connection.run("add_case_post", hit_id=hit.id, case_id=case_id, role=role)
            self.connection.run("count_posts", id=case_id)
            self.connection.run("link_decision", case_id=case_id, hit_id=hit.id)

    def update_case(self, case_id: int, **changes: Any) -> None:
        """Change columns of a case; every change raises its version."""
        unknown = set(changes) - _CHANGEABLE
        if unknown:
            raise KeyError(f"cases have no column {', '.join(sorted(unknown))}")
        columns = ", ".join(f"{name} = :{name}" for name in changes)
        values = {name: _column(value) for name, value in changes.items()}
        with self.write():
            self.connection.query(
                f"UPDATE cases SET {columns}, version = version + 1 WHERE id = :case", {**values, "case": case_id}
            )

    def case(self, case_id: int) -> Case | None:
        """Return one case, or None."""
        rows = self.connection.query(statement("case_columns") + " WHERE id = :id", {"id": case_id})
        return _case(rows[0]) if rows else None

    def case_of_hit(self, hit_id: int) -> int | None:
        """Return the case that a hit went to, or None."""
        case_id: int | None = self.connection.value("case_of_hit", hit_id=hit_id)
        return case_id

    def queue(
        self, now: datetime, *, brand: str | None = None, lane: str | None = None, limit: int | None = None
    ) -> list[CaseView]:
        """Return open cases in queue order: critical; then breached, at risk, the rest by level and due time."""
        sql = statement("case_views") + " WHERE c.status IN ('new', 'claimed', 'replied')"
        sql += " AND c.brand = :brand" if brand else ""
        sql += " AND c.lane = :lane" if lane else ""
        values = {"now": ms(now), "brand": brand, "lane": lane, "limit": -1 if limit is None else limit}
        used = {name: value for name, value in values.items() if f":{name}" in sql + QUEUE_ORDER + ":limit"}
        return [_view(row) for row in self.connection.query(f"{sql} {QUEUE_ORDER} LIMIT :limit", used)]

    def case_views(self, ids: Sequence[int]) -> list[CaseView]:
        """Return these cases as people see them, worst first."""
        sql = statement("case_views") + " WHERE c.id IN (SELECT value FROM json_each(:ids))"
        return [_view(row) for row in self.connection.query(f"{sql} {WORST_FIRST}", {"ids": dump(list(ids))})]

    def posts_of_case(self, case_id: int) -> list[dict[str, Any]]:
        """Return the posts of a case in time order."""
        rows = self.connection.rows("posts_of_case", id=case_id)
        return [{**row, "posted_at": at(row["posted_at"]), "deleted_at": maybe_at(row["deleted_at"])} for row in rows]

    def audit(self, case_id: int, who: str, action: str, now: datetime, **detail: Any) -> None:
        """Add one line to the audit trail."""
        with self.write():
            entry = {"case_id": case_id, "at": ms(now), "who": who, "action": action}
            self.connection.run("add_audit", **entry, detail=dump(detail))

    def audit_trail(self, case_id: int) -> list[AuditEntry]:
        """Return the audit trail of a case, oldest first."""
        rows = self.connection.rows("audit_of_case", id=case_id)
        return [AuditEntry(at(row["at"]), row["who"], row["action"], json.loads(row["detail"])) for row in rows]

    def cases_due(self, now: datetime, limit: int) -> list[Case]:
        """Return open cases whose next timed step has come."""
        due = [row["id"] for row in self.connection.rows("due_steps", now=ms(now), limit=limit)]
        sql = statement("case_columns") + " WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY escalate_at"
        return [_case(row) for row in self.connection.query(sql, {"ids": dump(due)})]

    def next_case_due(self) -> datetime | None:
        """Return when the next timed step of any case comes."""
        return maybe_at(self.connection.value("next_step_due"))


def _column(value: Any) -> Any:
    if isinstance(value, datetime):
        return ms(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, tuple):
        return dump([part.to_json() if isinstance(part, Reason) else part for part in value])
    return value


def _case(row: Row) -> Case:
    times = {name: maybe_at(row[name]) for name in _CASE_TIMES}
    always = {name: at(row[name]) for name in ("opened_at", "clock_at", "due_at")}
    kinds = {"kind": Kind(row["kind"]), "status": Status(row["status"]), "level": Level(row["level"])}
    told = Level(row["told_level"]) if row["told_level"] else None
    return Case(**{**row, **times, **always, **kinds, "told_level": told})


def _view(row: Row) -> CaseView:
    times = {name: at(row[name]) for name in ("posted_at", "due_at", "opened_at")}
    kinds = {"kind": Kind(row["kind"]), "status": Status(row["status"]), "level": Level(row["level"])}
    lists = {
        "reasons": tuple(Reason(**reason) for reason in json.loads(row["reasons"])),
        "severity": tuple(Severity(name) for name in json.loads(row["severity"])),
    }
    maybe = {name: maybe_at(row[name]) for name in ("snoozed_until", "first_due_at", "replied_at")}
    return CaseView(**{**row, **times, **maybe, **kinds, **lists, "review": bool(row["review"])})
