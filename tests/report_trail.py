"""Cases as their trail tells them, for reckoning by hand: read from posts, cases, trail and outbox alone."""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

from monitor.store.sqlite import SqliteStore

SETTLING = {"reply", "hold", "answer-seen", "resolve", "presumed-resolved"}


class Trail:
    """What the tables of the steps and the desk say; `cases` has every case with its first times."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.mentions = {row["id"]: row for row in self.query("SELECT * FROM mentions")}
        self.hits = {row["id"]: row for row in self.query("SELECT * FROM hits")}
        self.decisions = {row["hit_id"]: row for row in self.query("SELECT hit_id, kind, drop_rule FROM decisions")}
        self.trail: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self.query("SELECT * FROM audit ORDER BY id"):
            self.trail[row["case_id"]].append({**row, "detail": json.loads(row["detail"])})
        self.posts: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for row in self.query("SELECT * FROM case_posts"):
            self.posts[row["case_id"]].append((row["hit_id"], row["role"]))
        self.told = self._told()
        self.cases = [self._case(row) for row in self.query("SELECT * FROM cases")]

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a statement."""
        return self.store.connection.query(sql, {})

    def _told(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        opened = {row["id"]: row["opened_at"] for row in self.query("SELECT id, opened_at FROM cases")}
        members: dict[str, list[int]] = defaultdict(list)
        for row in self.query("SELECT * FROM incident_cases"):
            members[f"incident:{row['incident_id']}"].append(row["case_id"])
        named: dict[int, list[int]] = defaultdict(list)
        for row in self.query("SELECT * FROM outbox_cases"):
            named[row["outbox_id"]].append(row["case_id"])
        for message in self.query("SELECT id, subject, sent_at FROM outbox WHERE state = 'sent'"):
            heard = [case for case in members[message["subject"] or ""] if opened[case] <= message["sent_at"]]
            for case in [*named[message["id"]], *heard]:
                found[case].append(message["sent_at"])
        return found

    def _case(self, row: dict[str, Any]) -> dict[str, Any]:
        (first,) = [hit for hit, role in self.posts[row["id"]] if role == "first"]
        mention, trail = self.mentions[self.hits[first]["mention_id"]], self.trail[row["id"]]
        replies = sorted(
            _stamp(entry["detail"]["posted_at"]) if entry["action"] == "answer-seen" else entry["at"]
            for entry in trail
            if entry["action"] in {"reply", "hold", "answer-seen"}
        )
        closes = [entry["at"] for entry in trail if entry["action"] in {"resolve", "presumed-resolved"}]
        claims = [entry["at"] for entry in trail if entry["action"] in {"claim", "assign"}]
        reply = replies[0] if replies else None
        return {
            **{name: row[name] for name in ("id", "brand", "kind", "status", "cause", "mood", "incident_id")},
            "churn": "churn" in json.loads(row["severity"]),
            "level": next(entry["detail"]["level"] for entry in trail if entry["action"] == "opened"),
            "platform": mention["platform"],
            "author": mention["author"] and (row["brand"], mention["platform"], mention["author"]),
            "old": self.hits[first]["backfilled"] == 1 or self.hits[first]["seen_at"] - mention["seen_at"] > 3_600_000,
            "posted": mention["posted_at"],
            "fetched": mention["seen_at"],
            "decided": row["opened_at"],
            "due": row["first_due_at"],
            "told": min(self.told[row["id"]], default=None),
            "claimed": claims[0] if claims else None,
            "replies": replies,
            "reply": reply,
            "resolved": closes[0] if closes else None,
            "came_back": sum(
                entry["action"] in {"reopened", "reopen"} and any(e["action"] in SETTLING for e in trail[:at])
                for at, entry in enumerate(trail)
            ),
            "bad_words": [entry["at"] for entry in trail if reply and entry["at"] > reply and _is_bad(entry)],
            "words": sum(entry["action"] == "customer-answered" for entry in trail),
            "held": _held(trail, reply),
        }


def _is_bad(entry: dict[str, Any]) -> bool:
    angry = entry["detail"].get("mood") == "angrier" or entry["detail"].get("after", 0) >= 0.5
    return bool(entry["action"] == "reopened" or (entry["action"] == "customer-answered" and angry))


def _held(trail: list[dict[str, Any]], reply: int | None) -> int:
    """Add up the time in which somebody had a case, until it was first answered or closed."""
    total, since = 0, None
    for entry in trail:
        if entry["action"] in {"claim", "assign"} and since is None:
            since = entry["at"]
        elif entry["action"] in {"release", "claim-released"} and since is not None:
            total, since = total + entry["at"] - since, None
        elif entry["action"] in {*SETTLING, "dismiss"}:
            end = entry["at"] if reply is None else reply
            return total + (0 if since is None else max(0, end - since))
    return total


def _stamp(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
