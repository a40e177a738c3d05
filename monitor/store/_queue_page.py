"""The queue page on SQLite. One partial index holds all that orders and filters: no case is read but those shown.

lone cases ─▶ the first rows ─┐
                              ├─▶ merged by the queue's order ─▶ one page ─▶ its cases, its incidents
incidents ──▶ their best case ┘
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from monitor.domain import Kind, Level, Reason, Severity, Status
from monitor.store._base import Tables
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.incidents import IncidentState
from monitor.store.queue_page import (
    FURTHER,
    Choices,
    Cursor,
    IncidentMember,
    QueueCase,
    QueueIncident,
    QueuePage,
    QueueQuery,
    QueueRow,
    Show,
    Standing,
    Tab,
    TabCount,
)
from monitor.store.statements import statement

EXCERPT = 280
_WORDS = 5

_TABS = {
    Tab.ALL: "",
    Tab.COMPLAINTS: " AND c.kind = 'complaint' AND c.lane IS NULL",
    Tab.QUESTIONS: " AND c.kind = 'question' AND c.lane IS NULL",
    Tab.PRAISE: " AND c.kind = 'praise' AND c.lane IS NULL",
    Tab.OTHER: " AND c.kind = 'other' AND c.lane IS NULL",
    Tab.LANGUAGES: " AND c.lane IS NOT NULL",
}
_TAB_OF = {"complaint": Tab.COMPLAINTS, "question": Tab.QUESTIONS, "praise": Tab.PRAISE, "other": Tab.OTHER}
_SHOWN = {
    Show.OPEN: "",
    Show.NEW: " AND c.status = 'new'",
    Show.CLAIMED: " AND c.status = 'claimed'",
    Show.REPLIED: " AND c.status = 'replied'",
    Show.SNOOZED: " AND c.snoozed_until > :now",
    Show.LATE: " AND c.status IN ('new', 'claimed') AND c.due_at < :now",
    Show.AT_RISK: (
        " AND c.status IN ('new', 'claimed') AND c.due_at >= :now AND c.due_at - :now < (c.due_at - c.clock_at) / 2"
    ),
}
_FILTERS = {
    "level": " AND c.level = :level",
    "platform": " AND c.platform = :platform",
    "cause": " AND c.cause = :cause",
    "language": " AND coalesce(c.lane, :sole, c.lang) = :language",
    "claimed_by": " AND c.claimed_by = :claimed_by",
}
_OPEN = "cases AS c INDEXED BY cases_queue"
"""Named outright: by its statistics SQLite would take the index of states, and read each case."""

_PLACE = "rank, c.due_at, -c.score, c.id"
_IN_INCIDENT = "c.incident_id IN (SELECT value FROM json_each(:incidents))"


class QueuePageTables(Tables):
    """The queue as a page."""

    def queue_page(self, query: QueueQuery, now: datetime) -> QueuePage:
        """Return one page of the queue: critical; then late, at risk, the rest by level and due time; snoozed last."""
        incidents = dump([row["id"] for row in self.connection.rows("alive_incidents")])
        where, values = _where(query, self._found(query.words))
        values |= {"now": ms(now), "incidents": incidents}
        counts = self._counts(where, values)
        heads, members = self._ranked(where + _TABS[query.tab], values, query)
        page = heads[: query.limit]
        cases = {case.id: case for case in self.queue_cases([each for head in page for each in members[head["id"]]])}
        shown = self._incidents({head["incident_id"]: head["cases"] for head in page if head["incident_id"]})
        rows = tuple(_row(head, [cases[each] for each in members[head["id"]]], shown) for head in page)
        return QueuePage(rows, counts, _cursor(page[-1]) if len(heads) > query.limit else None)

    def queue_choices(self, brands: Sequence[str], sole_language: str | None) -> Choices:
        """Return what the open cases of these brands can be filtered by, in alphabetical order."""
        rows = self.connection.rows("queue_choices", brands=dump(list(brands)), sole=sole_language)
        found = defaultdict(set)
        for row in rows:
            found[row["what"]].add(row["value"])
        known = {what: tuple(sorted(values - {None, ""})) for what, values in found.items()}
        return Choices(known.get("platform", ()), known.get("cause", ()), known.get("language", ()))

    def queue_mark(self) -> str:
        """Return a word that changes when the queue has changed, but for the mere passing of time."""
        row = self.connection.row("queue_mark") or {}
        return "-".join(str(int(value or 0)) for value in row.values())

    def queue_cases(self, ids: Sequence[int]) -> list[QueueCase]:
        """Return these cases as rows show them, in the order of `ids`; unknown ones are left out."""
        rows = self.connection.rows("queue_rows", ids=dump(list(ids)), excerpt=EXCERPT)
        found = {row["id"]: _case(row) for row in rows}
        return [found[case_id] for case_id in ids if case_id in found]

    def open_cases_of_incident(self, incident_id: int) -> list[IncidentMember]:
        """Return the open cases of an incident, oldest first."""
        rows = self.connection.rows("open_cases_of_incident", id=incident_id)
        return [IncidentMember(**{**row, "status": Status(row["status"])}) for row in rows]

    def _found(self, words: Sequence[str]) -> str | None:
        """Return the open cases in whose post or author all words occur, as a list in JSON; None for no words."""
        if not words:
            return None
        values: dict[str, str] = {}
        parts = []
        for number, word in enumerate(words[:_WORDS]):
            spellings = [word, *({word.lower(), word.upper(), word.title()} - {word} if not word.isascii() else ())]
            names = [f"w{number}_{place}" for place in range(len(spellings))]
            values |= {name: f"%{_literal(spelling)}%" for name, spelling in zip(names, spellings, strict=True)}
            parts.append("(" + " OR ".join(f"words LIKE :{name} ESCAPE '\\'" for name in names) + ")")
        number_ = words[0].removeprefix("#")
        if len(words) == 1 and number_.isascii() and number_.isdecimal() and len(number_) < 19:
            parts, values = [f"({parts[0]} OR case_id = :number)"], {**values, "number": number_}
        # a list in JSON: thousands of rows would cost more than the search
        sql = f"SELECT json_group_array(case_id) AS ids FROM case_words WHERE {' AND '.join(parts)}"
        return str(self.connection.query(sql, values)[0]["ids"])

    def _counts(self, where: str, values: Row) -> dict[Tab, TabCount]:
        """Count every tab in one reading of the index, in its own order."""
        sql = (
            "SELECT c.brand, c.kind, c.lane, count(*) AS cases, sum(c.level = 'critical') AS critical "
            f"FROM {_OPEN} WHERE {where} GROUP BY c.brand, c.kind, c.lane"
        )
        counts = {each: [0, 0] for each in Tab}
        for row in self.connection.query(sql, _used(sql, values)):
            for each in (Tab.ALL, Tab.LANGUAGES if row["lane"] else _TAB_OF[row["kind"]]):
                counts[each][0] += row["cases"]
                counts[each][1] += row["critical"]
        return {each: TabCount(*pair) for each, pair in counts.items()}

    def _ranked(self, where: str, values: Row, query: QueueQuery) -> tuple[list[Row], dict[int, list[int]]]:
        """Return the first rows after the cursor, one more than a page, and the cases that each of them shows."""
        rank = statement("queue_rank")
        after = ""
        if query.after:
            after = f" AND ({rank}, c.due_at, -c.score, c.id) > (:a_rank, :a_due, :a_score, :a_id)"
            place = query.after
            values = values | {"a_rank": place.rank, "a_due": place.due_ms, "a_score": -place.score,
                               "a_id": place.case_id}  # fmt: skip
        columns = f"c.id, c.due_at, c.score, {rank} AS rank"
        alone = (
            f"SELECT {columns}, NULL AS incident_id, 1 AS cases FROM {_OPEN} WHERE {where}"
            f" AND (c.incident_id IS NULL OR NOT {_IN_INCIDENT}){after} ORDER BY {_PLACE} LIMIT {query.limit + 1}"
        )
        lone = self.connection.query(alone, _used(alone, values))
        heads, members = self._incident_heads(where, values, columns, query.after)
        members |= {row["id"]: [row["id"]] for row in lone}
        return list(islice(merge(lone, heads, key=_place), query.limit + 1)), members

    def _incident_heads(
        self, where: str, values: Row, columns: str, after: Cursor | None
    ) -> tuple[list[Row], dict[int, list[int]]]:
        """Return the most urgent case of each incident that still lies ahead, and the next ones with it."""
        sql = (
            f"SELECT * FROM (SELECT *, row_number() OVER w AS place, count(*) OVER (PARTITION BY incident_id) AS cases"
            f" FROM (SELECT {columns}, c.incident_id FROM {_OPEN} WHERE {where} AND {_IN_INCIDENT})"
            " WINDOW w AS (PARTITION BY incident_id ORDER BY rank, due_at, score DESC, id)"
            f") WHERE place <= {FURTHER + 1} ORDER BY incident_id, place"
        )
        heads: dict[int, Row] = {}
        members: dict[int, list[int]] = {}
        if values["incidents"] == "[]":
            return [], members
        for row in self.connection.query(sql, _used(sql, values)):
            head = heads.setdefault(row["incident_id"], row)
            members.setdefault(head["id"], []).append(row["id"])
        ahead = [head for head in heads.values() if after is None or _place(head) > _place_of(after)]
        return sorted(ahead, key=_place), members

    def _incidents(self, cases: dict[int, int]) -> dict[int, QueueIncident]:
        rows = self.connection.rows("queue_incidents", ids=dump(list(cases))) if cases else []
        return {row["id"]: _incident(row, cases[row["id"]]) for row in rows}


def _where(query: QueueQuery, found: str | None) -> tuple[str, Row]:
    """Return the filters but for the tab, as SQL with bound values."""
    where = "c.status IN ('new', 'claimed', 'replied') AND c.brand IN (SELECT value FROM json_each(:brands))"
    where += _SHOWN[query.show]
    values: Row = {"brands": dump(list(query.brands)), "sole": query.sole_language}
    for name, condition in _FILTERS.items():
        if (wanted := getattr(query, name)) is not None:
            where, values[name] = where + condition, wanted
    if found is not None:
        where, values["found"] = where + " AND c.id IN (SELECT value FROM json_each(:found))", found
    return where, values


def _used(sql: str, values: Row) -> Row:
    return {name: value for name, value in values.items() if f":{name}" in sql}


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _place(row: Row) -> tuple[int, int, float, int]:
    return row["rank"], row["due_at"], -row["score"], row["id"]


def _place_of(cursor: Cursor) -> tuple[int, int, float, int]:
    return cursor.rank, cursor.due_ms, -cursor.score, cursor.case_id


def _cursor(row: Row) -> Cursor:
    return Cursor(row["rank"], row["due_at"], row["score"], row["id"])


_STANDINGS = (Standing.CRITICAL, Standing.LATE, Standing.AT_RISK, Standing.IN_TIME)


def _row(head: Row, cases: list[QueueCase], incidents: dict[int, QueueIncident]) -> QueueRow:
    standing = Standing.BEHIND if head["rank"] >= 16 else _STANDINGS[head["rank"] // 4]
    incident = incidents[head["incident_id"]] if head["incident_id"] else None
    return QueueRow(standing, cases[0], incident, tuple(cases[1:]))


def _case(row: Row) -> QueueCase:
    times: dict[str, Any] = {name: at(row[name]) for name in ("posted_at", "due_at", "clock_at")}
    maybe = {name: maybe_at(row[name]) for name in ("claimed_at", "snoozed_until")}
    kinds = {"kind": Kind(row["kind"]), "status": Status(row["status"]), "level": Level(row["level"])}
    flags = {name: bool(row[name]) for name in ("cut", "deleted", "review")}
    lists = {
        "reasons": tuple(Reason(**reason) for reason in json.loads(row["reasons"])),
        "severity": tuple(Severity(name) for name in json.loads(row["severity"])),
    }
    return QueueCase(**{**row, **times, **maybe, **kinds, **flags, **lists})


def _incident(row: Row, cases: int) -> QueueIncident:
    words = sorted(json.loads(row["words"]).items(), key=lambda pair: (-pair[1], pair[0]))
    told = tuple(word for word, _ in words[:4])
    state = IncidentState(row["state"])
    return QueueIncident(row["id"], state, cases, row["size"], row["owner"], told, row["version"])
