"""Meanings of cases and incidents on SQLite."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from monitor.domain import MONITOR, Level, Meaning, Status
from monitor.store._base import Tables
from monitor.store.connection import Connection, Row, at, dump, maybe_at, ms
from monitor.store.incidents import Gatherable, Incident, IncidentCase, IncidentState, Placement, StoredCluster
from monitor.store.records import AuditEntry
from monitor.store.statements import statement

if TYPE_CHECKING:
    from models.classifier import Embedding

_CHANGEABLE = {
    "state", "told_size", "told_level", "told_at", "owner", "fixed_at", "over_at", "answer", "answer_by", "merged_into"
}  # fmt: skip
_OPEN = "c.kind = 'complaint' AND c.status IN ('new', 'claimed', 'replied') AND m.deleted_at IS NULL"


class IncidentTables(Tables):
    """Meanings of cases, and incidents."""

    def keep_meaning(self, case_id: int, hit_id: int, meaning: Meaning) -> None:
        """Keep where the model points a post of a case, in the place of what was kept before."""
        values = {"hit_id": hit_id, "model": meaning.model, "vector": to_blob(meaning.vector)}
        with self.write():
            self.connection.run("keep_meaning", case_id=case_id, **values)

    def meaning_of_case(self, case_id: int) -> Meaning | None:
        """Return what is kept of a case, or None."""
        return _meaning(self.connection.row("meaning_of_case", case_id=case_id) or {})

    def brands_to_gather(self) -> list[str]:
        """Return the brands with open complaints that nobody has looked for an incident of."""
        return [row["brand"] for row in self.connection.rows("brands_unplaced")]

    def cases_to_gather(self, brand: str, limit: int) -> list[Gatherable]:
        """Return such complaints of a brand, oldest first."""
        where = "NOT EXISTS (SELECT 1 FROM incident_cases AS i WHERE i.case_id = c.id) ORDER BY c.id"
        return self._gatherables(where, {"brand": brand, "limit": limit})

    def lone_cases(self, brand: str, since: datetime, limit: int) -> list[Gatherable]:
        """Return open complaints since a time that were looked at and belong to no incident, oldest first.

        Those that a person took out of one are left out.
        """
        alone = "SELECT case_id FROM incident_cases WHERE incident_id IS NULL AND who = :who AND at >= :since"
        values = {"brand": brand, "limit": limit, "since": ms(since), "who": MONITOR}
        return self._gatherables(f"c.id IN ({alone}) ORDER BY c.id DESC", values)[::-1]

    def _gatherables(self, where: str, values: Mapping[str, Any]) -> list[Gatherable]:
        sql = f"{statement('gathered_columns')} WHERE c.brand = :brand AND {_OPEN} AND {where} LIMIT :limit"
        return [
            Gatherable(
                row["case_id"],
                row["hit_id"],
                row["text"],
                at(row["at"]),
                row["cause"],
                _meaning(row),
                tuple(json.loads(row["words"])) if row["words"] is not None else None,
                row["lane"],
            )
            for row in self.connection.query(sql, values)
        ]

    def alive_clusters(self, brand: str, model: str, since: datetime) -> list[StoredCluster]:
        """Return the incidents of a brand that may take in more cases."""
        rows = self.connection.rows("alive_clusters", brand=brand, model=model, since=ms(since))
        return [
            StoredCluster(row["id"], row["size"], from_blob(row["total"], "float32"), json.loads(row["words"]),
                          at(row["first_at"]), at(row["last_at"]))
            for row in rows
        ]  # fmt: skip

    def open_incident(self, brand: str, model: str, cluster: StoredCluster, now: datetime) -> int:
        """Open an incident; returns its id. The id of `cluster` is ignored."""
        with self.write():
            return self.connection.insert(
                "insert_incident", brand=brand, model=model, now=ms(now), **_cluster_columns(cluster)
            )

    def grow_incident(self, cluster: StoredCluster) -> None:
        """Keep what has become of an incident's cases."""
        with self.write():
            self.connection.run("grow_incident", id=cluster.id, **_cluster_columns(cluster))

    def place_cases(self, placements: Sequence[Placement], who: str) -> None:
        """Note which incident cases belong to; `who` is `monitor` or a person."""
        with self.write():
            for placement in placements:
                known = {"case_id": placement.case_id, "incident_id": placement.incident_id}
                words = dump(sorted(placement.words))
                self.connection.run("place_case", **known, words=words, at=ms(placement.at), who=who)
                self.connection.run("mark_incident", **known)

    def move_to_incident(self, case_ids: Sequence[int], incident_id: int | None, who: str) -> None:
        """Move cases that were looked at to another incident, or (None) out of theirs; the sums follow."""
        with self.write():
            changed = {incident_id}
            for case_id in case_ids:
                row = self.connection.row("member_of_incident", case_id=case_id)
                if row is not None:
                    changed.add(row["incident_id"])
                    placement = Placement(case_id, incident_id, tuple(json.loads(row["words"])), at(row["at"]))
                    self.place_cases([placement], who)
            for one in changed - {None}:
                self._sum_up(one)

    def _sum_up(self, incident_id: int | None) -> None:
        """Add up the cases of an incident anew."""
        import numpy as np  # noqa: PLC0415  (a tenth of a second that commands which only read do without)

        before = self.connection.row("cluster", id=incident_id) or {}
        total, words = np.zeros_like(from_blob(before["total"], "float32")), Counter[str]()
        members = self.connection.rows("members_of_incident", id=incident_id)
        for row in members:
            meaning = _meaning(row)
            total = total + meaning.vector if meaning is not None and len(meaning.vector) == len(total) else total
            words.update(json.loads(row["words"]))
        times = {"first_at": members[0]["at"], "last_at": members[-1]["at"]} if members else {}
        columns = {
            "size": len(members),
            "total": total.astype("float32").tobytes(),
            "words": dump(dict(words)),
            **times,
        }
        changed = ", ".join(f"{name} = :{name}" for name in columns)
        self.connection.query(f"UPDATE incidents SET {changed} WHERE id = :id", {**columns, "id": incident_id})

    def incident_space(self, incident_id: int) -> tuple[str, "Embedding"]:
        """Return the model whose directions an incident is made of, and their sum."""
        row = self.connection.row("cluster", id=incident_id) or {}
        return row["model"], from_blob(row["total"], "float32")

    def incident(self, incident_id: int) -> Incident | None:
        """Return one incident, or None."""
        rows = self.connection.query(f"{statement('incident_columns')} WHERE id = :id", {"id": incident_id})
        return _incident(rows[0]) if rows else None

    def incidents(self, brand: str | None = None, *, everything: bool = False) -> list[Incident]:
        """Return the incidents that are open or fixed, or all, newest first."""
        states = "opened_at IS NOT NULL" if everything else "state IN ('open', 'fixed')"
        sql = f"{statement('incident_columns')} WHERE {states}{' AND brand = :brand' if brand else ''} ORDER BY id DESC"
        return [_incident(row) for row in self.connection.query(sql, {"brand": brand} if brand else {})]

    def update_incident(self, incident_id: int, **changes: Any) -> None:
        """Change columns of an incident; every change raises its version."""
        unknown = set(changes) - _CHANGEABLE
        if unknown:
            raise KeyError(f"incidents have no column {', '.join(sorted(unknown))}")
        columns = ", ".join(f"{name} = :{name}" for name in changes)
        values = {name: ms(value) if isinstance(value, datetime) else value for name, value in changes.items()}
        with self.write():
            sql = f"UPDATE incidents SET {columns}, version = version + 1 WHERE id = :incident"
            self.connection.query(sql, {**values, "incident": incident_id})

    def incident_of_case(self, case_id: int) -> int | None:
        """Return the incident that a case belongs to, or None."""
        row = self.connection.row("member_of_incident", case_id=case_id)
        return row["incident_id"] if row else None

    def incident_cases(self, incident_id: int) -> list[IncidentCase]:
        """Return the cases of an incident in time order."""
        return [_case(row) for row in self.connection.rows("incident_facts", id=incident_id)]

    def worst_of_incident(self, incident_id: int, limit: int) -> list[int]:
        """Return the worst cases of an incident, open ones first."""
        rows = self.connection.rows("worst_of_incident", id=incident_id, limit=limit)
        return [row["case_id"] for row in rows]

    def incident_meanings(self, incident_id: int) -> dict[int, Meaning]:
        """Return what is kept of the meanings of an incident's cases."""
        rows = self.connection.rows("members_of_incident", id=incident_id)
        found = {row["case_id"]: _meaning(row) for row in rows}
        return {case_id: meaning for case_id, meaning in found.items() if meaning is not None}

    def other_complaints(self, brand: str, incident_id: int, since: datetime) -> list[str]:
        """Return texts of complaints since a time that are not of this incident, at most 300."""
        rows = self.connection.rows("other_texts", brand=brand, id=incident_id, since=ms(since))
        return [row["text"] for row in rows]

    def audit_incident(self, incident_id: int, who: str, action: str, now: datetime, **detail: Any) -> None:
        """Add one line to the trail of an incident."""
        entry = {"incident_id": incident_id, "at": ms(now), "who": who, "action": action}
        with self.write():
            self.connection.run("audit_incident", **entry, detail=dump(detail))

    def incident_trail(self, incident_id: int) -> list[AuditEntry]:
        """Return the trail of an incident, oldest first."""
        rows = self.connection.rows("trail_of_incident", id=incident_id)
        return [AuditEntry(at(row["at"]), row["who"], row["action"], json.loads(row["detail"])) for row in rows]

    def quiet_incidents(self, before: datetime) -> list[int]:
        """Return the open and fixed incidents whose last case was written before a time."""
        return [row["id"] for row in self.connection.rows("quiet_incidents", before=ms(before))]

    def next_quiet(self) -> datetime | None:
        """Return when the incident that has been quiet longest had its last case."""
        return maybe_at(self.connection.value("next_quiet"))


def forget_meanings(connection: Connection, mention_id: int) -> None:
    """Take what a post meant out of every table: its vector, its words, and both out of the sums of its incident."""
    for row in connection.rows("meanings_of_mention", mention_id=mention_id):
        if row["incident_id"] is not None:
            _subtract(connection, row["incident_id"], _meaning(row), json.loads(row["words"]))
        connection.run("drop_meaning", case_id=row["case_id"])
        connection.run("drop_words", case_id=row["case_id"])
    for row in connection.rows("unplaced_meanings", mention_id=mention_id):
        if row["incident_id"] is not None:
            _subtract(connection, row["incident_id"], None, json.loads(row["words"]))
        connection.run("drop_words", case_id=row["case_id"])


def _subtract(connection: Connection, incident_id: int, meaning: Meaning | None, words: Sequence[str]) -> None:
    cluster = connection.row("cluster", id=incident_id)
    if cluster is None:
        return
    total = from_blob(cluster["total"], "float32")
    if meaning is not None and len(meaning.vector) == len(total):
        total = total - meaning.vector
    known = json.loads(cluster["words"])
    left = {word: number - (word in words) for word, number in known.items() if number > (word in words)}
    connection.run("set_cluster", id=incident_id, total=total.astype("float32").tobytes(), words=dump(left))


def to_blob(vector: "Embedding") -> bytes:
    """Return a vector as the tables keep it: 16-bit floats, whose error is below 0.001."""
    blob: bytes = vector.astype("float16").tobytes()
    return blob


def from_blob(blob: bytes, kind: str = "float16") -> "Embedding":
    """Return a kept vector."""
    import numpy as np  # noqa: PLC0415  (a tenth of a second that commands which only read do without)

    return np.frombuffer(blob, kind).astype(np.float32)


def _meaning(row: Row) -> Meaning | None:
    return Meaning(row["model"], from_blob(row["vector"])) if row.get("vector") is not None else None


def _cluster_columns(cluster: StoredCluster) -> Row:
    return {
        "size": cluster.size,
        "total": cluster.total.astype("float32").tobytes(),
        "words": dump(dict(cluster.words)),
        "first_at": ms(cluster.first_at),
        "last_at": ms(cluster.last_at),
    }


def _incident(row: Row) -> Incident:
    times = {name: at(row[name]) for name in ("first_at", "last_at", "opened_at")}
    maybe = {name: maybe_at(row[name]) for name in ("told_at", "fixed_at", "over_at")}
    level = Level(row["told_level"]) if row["told_level"] else None
    return Incident(**{**row, **times, **maybe, "told_level": level, "state": IncidentState(row["state"])})


def _case(row: Row) -> IncidentCase:
    return IncidentCase(
        row["case_id"],
        at(row["at"]),
        Status(row["status"]),
        Level(row["level"]),
        row["score"],
        row["cause"],
        row["platform"],
        row["author"],
        row["author_followers"],
        row["text"],
    )
