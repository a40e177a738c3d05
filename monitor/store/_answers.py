"""Answers on SQLite."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from monitor.answering.state import AnswerKind, AnswerState
from monitor.store._base import Tables
from monitor.store.answers import Answer
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.statements import statement

_TIMES = ("asked_at", "approved_at", "opened_at", "sent_at", "step_at")
_FIXED = {"id", "case_id", "brand", "kind", "version"}
_CHANGEABLE = {field.name for field in fields(Answer)} - _FIXED


class AnswerTables(Tables):
    """Answers of cases."""

    def add_answer(
        self,
        case_id: int,
        kind: AnswerKind,
        state: AnswerState,
        text: str,
        author: str,
        now: datetime,
        *,
        template: str = "",
        approved_by: str | None = None,
    ) -> int:
        """Keep a new answer; returns its id."""
        approval = {"approved_by": approved_by, "approved_at": ms(now) if approved_by else None}
        values = {"kind": kind.value, "state": state.value, "text": text, "template": template, "author": author}
        with self.write():
            return self.connection.insert("add_answer", case_id=case_id, **values, **approval, now=ms(now))

    def update_answer(self, answer_id: int, **changes: Any) -> None:
        """Change columns of an answer; every change raises its version."""
        unknown = set(changes) - _CHANGEABLE
        if unknown:
            raise KeyError(f"answers have no column {', '.join(sorted(unknown))}")
        columns = ", ".join(f"{name} = :{name}" for name in changes)
        values = {name: _column(value) for name, value in changes.items()}
        with self.write():
            self.connection.query(
                f"UPDATE answers SET {columns}, version = version + 1 WHERE id = :answer",
                {**values, "answer": answer_id},
            )

    def answer(self, answer_id: int) -> Answer | None:
        """Return one answer, or None."""
        return next(iter(self._answers("WHERE a.id = :id", id=answer_id)), None)

    def live_answer(self, case_id: int, kind: AnswerKind) -> Answer | None:
        """Return the answer of a case that may still be sent, or None."""
        where = "WHERE a.case_id = :case_id AND a.kind = :kind AND a.state NOT IN ('sent', 'withdrawn')"
        return next(iter(self._answers(where, case_id=case_id, kind=kind.value)), None)

    def answers_of_case(self, case_id: int) -> list[Answer]:
        """Return every answer of a case, the oldest first."""
        return self._answers("WHERE a.case_id = :case_id ORDER BY a.id", case_id=case_id)

    def waiting_answers(self, brands: Sequence[str] = ()) -> list[Answer]:
        """Return the answers of open cases that wait for an approval, the longest waiting first; no brand: of all."""
        where = "WHERE a.state = 'waiting' AND c.status IN ('new', 'claimed', 'replied')"
        where += " AND (:brands = '[]' OR c.brand IN (SELECT value FROM json_each(:brands)))"
        return self._answers(f"{where} ORDER BY a.asked_at, a.id", brands=dump(list(brands)))

    def answers_to_ask_for(self, now: datetime, limit: int) -> list[Answer]:
        """Return the answers whose next step of asking has come, the oldest first."""
        return self._answers("WHERE a.step_at <= :now ORDER BY a.step_at, a.id LIMIT :limit", now=ms(now), limit=limit)

    def next_answer_step(self) -> datetime | None:
        """Return when the next step of asking comes."""
        return maybe_at(self.connection.value("next_answer_step"))

    def sent_texts(self, brand: str, since: datetime, besides: int, limit: int) -> list[str]:
        """Return what was sent for a brand since a time, the newest first, but for one case."""
        rows = self.connection.rows("sent_texts", brand=brand, since=ms(since), case_id=besides, limit=limit)
        return [row["text"] for row in rows]

    def _answers(self, where: str, **values: object) -> list[Answer]:
        rows = self.connection.query(f"{statement('answer_columns')} {where}", values)
        return [_answer(row) for row in rows]


def _column(value: Any) -> Any:
    if isinstance(value, datetime):
        return ms(value)
    if isinstance(value, Enum):
        return value.value
    return int(value) if isinstance(value, bool) else value


def _answer(row: Row) -> Answer:
    times = {name: maybe_at(row[name]) for name in _TIMES}
    kinds = {"kind": AnswerKind(row["kind"]), "state": AnswerState(row["state"])}
    return Answer(
        **{**row, **times, **kinds, "written_at": at(row["written_at"]), "unapproved": bool(row["unapproved"])}
    )
