"""Feedback and suggestions on SQLite."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.domain import Kind, Status
from monitor.store._base import Tables
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.feedback import GivenFeedback, JudgedPost, Suggestion, SuggestionState
from monitor.store.statements import statement


class FeedbackTables(Tables):
    """Feedback from cases, and suggestions."""

    def add_feedback(
        self, case_id: int, kind: str, entry: str | None, before: Mapping[str, Any], who: str, now: datetime
    ) -> None:
        """Keep what a person said about a case."""
        values = {"case_id": case_id, "kind": kind, "entry": entry, "before": dump(dict(before)), "who": who}
        with self.write():
            self.connection.run("add_feedback", **values, now=ms(now))

    def last_feedback(self, case_id: int) -> GivenFeedback | None:
        """Return what was last said about a case and not taken back, or None."""
        row = self.connection.row("last_feedback", case_id=case_id)
        return GivenFeedback(**{**row, "before": json.loads(row["before"]), "at": at(row["at"])}) if row else None

    def undo_feedback(self, feedback_id: int, who: str, now: datetime) -> bool:
        """Mark feedback as taken back; False where it was already."""
        with self.write():
            return bool(self.connection.run("undo_feedback", id=feedback_id, who=who, now=ms(now)))

    def author_and_thread(self, case_id: int) -> tuple[str, str]:
        """Return author (case-folded handle) and thread of the worst post of a case."""
        row = self.connection.row("author_and_thread", id=case_id) or {}
        return row["author"], row["thread"]

    def judged_posts(self, since: datetime, sources: Sequence[str]) -> list[JudgedPost]:
        """Return the worst posts, still readable, of cases answered or dismissed since a time, of these sources."""
        rows = self.connection.rows("judged_posts", since=ms(since), sources=dump(list(sources)))
        return [JudgedPost(**{**row, "status": Status(row["status"]), "kind": Kind(row["kind"])}) for row in rows]

    def keep_suggestions(self, found: Sequence[Suggestion], now: datetime) -> None:
        """Keep what was found in the place of what still waited; what was accepted stays as it is."""
        with self.write():
            self.connection.run_many("add_suggestion", [_columns(entry, now) for entry in found])
            self.connection.run("drop_stale_suggestions", now=ms(now))

    def suggestions(self, state: SuggestionState | None = None) -> list[Suggestion]:
        """Return the suggestions, those that wait alone or all."""
        where = " WHERE state = :state" if state else ""
        values = {"state": state.value} if state else {}
        sql = f"{statement('suggestion_columns')}{where} ORDER BY id"
        return [_suggestion(row) for row in self.connection.query(sql, values)]

    def settle_suggestion(
        self, suggestion_id: int, state: SuggestionState, before: Any, who: str, now: datetime
    ) -> None:
        """Note that a suggestion was accepted or reverted."""
        values = {"state": state, "before": dump(before), "who": who, "now": ms(now)}
        with self.write():
            self.connection.run("settle_suggestion", id=suggestion_id, **values)


def _columns(found: Suggestion, now: datetime) -> Row:
    return {
        "kind": found.kind,
        "brand": found.brand,
        "source": found.source,
        "value": dump(found.value),
        "evidence": dump(dict(found.evidence)),
        "cost": None if found.cost is None else dump(dict(found.cost)),
        "now": ms(now),
    }


def _suggestion(row: Row) -> Suggestion:
    plain = {name: json.loads(row[name]) if row[name] else None for name in ("value", "evidence", "cost", "before")}
    times = {"made_at": at(row["made_at"]), "at": maybe_at(row["at"])}
    return Suggestion(**{**row, **plain, **times, "state": SuggestionState(row["state"])})
