"""Receivers on SQLite: states, threads, fallbacks and canaries."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.store._base import Tables
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.receivers import CanaryRun, ReceiverState, Thread, Undelivered

_SUBJECT = re.compile(r"(incident|spike):[0-9]+")
_ERROR = 1_000


class ReceiverTables(Tables):
    """How receivers are doing, and what they were told."""

    def receiver_took(self, receiver: str, now: datetime) -> None:
        """Note that a receiver took a message."""
        with self.write():
            self.connection.run("receiver_took", receiver=receiver, now=ms(now))

    def receiver_failed(self, receiver: str, reason: str, error: str, now: datetime) -> None:
        """Note that a receiver did not take a message."""
        with self.write():
            values = {"receiver": receiver, "reason": reason, "error": error[:_ERROR]}
            self.connection.run("receiver_failed", **values, now=ms(now))

    def receiver_states(self) -> dict[str, ReceiverState]:
        """Return how receivers are doing, those that have or had anything to do, by name."""
        states = {row["receiver"]: row for row in self.connection.rows("receiver_states")}
        loads = {row["receiver"]: row for row in self.connection.rows("receiver_loads")}
        names = sorted({*states, *loads})
        return {name: _state(name, states.get(name, {}), loads.get(name, {})) for name in names}

    def thread_of(self, receiver: str, message_id: int) -> Thread | None:
        """Return what a message goes on about, or None."""
        group = self.connection.value("group_of_message", id=message_id) or ""
        if _SUBJECT.fullmatch(group):
            return self.thread_named(receiver, group)
        cases = self.connection.rows("cases_told", receiver=receiver, id=message_id)
        if not cases:
            return None
        worst = cases[0]
        about = f"incident:{worst['incident_id']}" if worst["incident_id"] else f"case:{worst['id']}"
        return self.thread_named(receiver, worst["thread"] or about)

    def thread_named(self, receiver: str, name: str) -> Thread:
        """Return a thread by its name; one that was never told of has no remote name."""
        return Thread(name, self.connection.value("thread_remote", receiver=receiver, thread=name) or "")

    def keep_thread(
        self, receiver: str, thread: Thread, now: datetime, *, message_id: int | None = None, over: bool = False
    ) -> None:
        """Remember that a receiver was told of a thread, and with it of the cases of a message."""
        place = {"receiver": receiver, "thread": thread.name}
        with self.write():
            over_at = ms(now) if over else None
            self.connection.run("keep_thread", **place, remote=thread.remote, now=ms(now), over_at=over_at)
            cases = self.connection.rows("cases_of_message", id=message_id) if message_id is not None else []
            self.connection.run_many("keep_thread_case", [{**place, "case_id": case["case_id"]} for case in cases])

    def threads_to_end(self, receivers: Sequence[str], limit: int) -> list[tuple[str, str, tuple[int, ...]]]:
        """Return receiver, thread and cases where every case is closed and the receiver does not know it yet."""
        found = self.connection.rows("threads_to_end", receivers=dump(list(receivers)), limit=limit)
        return [(row["receiver"], row["thread"], self._cases_of_thread(row)) for row in found]

    def _cases_of_thread(self, row: Row) -> tuple[int, ...]:
        cases = self.connection.rows("cases_of_thread", receiver=row["receiver"], thread=row["thread"])
        return tuple(case["case_id"] for case in cases)

    def end_thread(self, receiver: str, name: str, now: datetime) -> None:
        """Note that a thread is over."""
        with self.write():
            self.connection.run("end_thread", receiver=receiver, thread=name, now=ms(now))

    def add_told(
        self,
        receiver: str,
        group_key: str,
        event: str,
        body: Mapping[str, Any],
        idempotency_key: str,
        cases: Sequence[int],
        now: datetime,
        *,
        urgent: bool,
    ) -> int:
        """Add a complete message about some cases; returns its id."""
        place = {"receiver": receiver, "group_key": group_key, "event": event, "urgent": int(urgent)}
        with self.write():
            written = {"body": dump(dict(body)), "idempotency_key": idempotency_key}
            message_id = self.connection.insert("insert_told", **place, **written, now=ms(now))
            linked = [{"outbox_id": message_id, "case_id": case, "level": ""} for case in cases]
            self.connection.run_many("add_message_case", linked)
            return int(message_id)

    def undelivered(self, before: datetime, since: datetime, now: datetime, limit: int) -> list[Undelivered]:
        """Return urgent messages opened after `since` and refused for good, or sealed by `before` and not taken yet."""
        times = {"before": ms(before), "since": ms(since), "now": ms(now)}
        found: dict[int, list[Row]] = {}
        for row in self.connection.rows("undelivered", **times, limit=limit):
            found.setdefault(row["id"], []).append(row)
        return [_undelivered(rows) for rows in found.values()]

    def last_fallback(self, receiver: str) -> datetime | None:
        """Return when the fallback was last told in the place of a receiver."""
        return maybe_at(self.connection.value("last_fallback", receiver=receiver))

    def keep_fallback(self, message: Undelivered, now: datetime) -> None:
        """Remember that the fallback was told of these cases in the place of a receiver."""
        place = {"outbox_id": message.id, "receiver": message.receiver, "now": ms(now)}
        with self.write():
            rows = [{**place, "case_id": case} for case in message.cases or (0,)]
            self.connection.run_many("keep_fallback", rows)

    def cases_sent_to(self, receiver: str, cases: Sequence[int]) -> set[int]:
        """Return those of some cases that a receiver has taken a message about."""
        rows = self.connection.rows("cases_sent_to", receiver=receiver, cases=dump(list(cases)))
        return {row["case_id"] for row in rows}

    def add_canary(
        self,
        receiver: str,
        idempotency_key: str,
        token_hash: str,
        due_at: datetime,
        now: datetime,
        *,
        by_delivery: bool,
    ) -> int:
        """Remember a test alert; returns its id."""
        values = {"receiver": receiver, "idempotency_key": idempotency_key, "token_hash": token_hash}
        times = {"now": ms(now), "due_at": ms(due_at)}
        with self.write():
            return int(self.connection.insert("add_canary", **values, **times, by_delivery=int(by_delivery)))

    def last_canary(self, receiver: str) -> CanaryRun | None:
        """Return the last test alert of a receiver, or None."""
        row = self.connection.row("last_canary", receiver=receiver)
        if row is None:
            return None
        times = {name: maybe_at(row[name]) for name in ("sent_at", "acknowledged_at", "told_at")}
        return CanaryRun(row["id"], row["receiver"], at(row["made_at"]), at(row["due_at"]), **times)

    def canary_sent(self, idempotency_key: str, now: datetime) -> None:
        """Note that a test alert was taken; with `by_delivery` that acknowledges it."""
        with self.write():
            self.connection.run("canary_sent", idempotency_key=idempotency_key, now=ms(now))

    def acknowledge_canary(self, canary_id: int, token_hash: str, now: datetime) -> bool:
        """Acknowledge a test alert; False where there is none of that token, or it was acknowledged already."""
        with self.write():
            return bool(self.connection.run("acknowledge_canary", id=canary_id, token_hash=token_hash, now=ms(now)))

    def canary_told(self, canary_id: int, now: datetime) -> None:
        """Note that the fallback was told of a test alert that nobody acknowledged."""
        with self.write():
            self.connection.run("canary_told", id=canary_id, now=ms(now))

    def forget_canaries(self, before: datetime) -> None:
        """Delete old test alerts."""
        with self.write():
            self.connection.run("forget_canaries", before=ms(before))


def _state(name: str, state: Row, load: Row) -> ReceiverState:
    return ReceiverState(
        receiver=name,
        ok_at=maybe_at(state.get("ok_at")),
        failed_at=maybe_at(state.get("failed_at")),
        failures=state.get("failures", 0),
        reason=state.get("reason"),
        error=state.get("error"),
        waiting=load.get("waiting", 0),
        oldest_at=maybe_at(load.get("oldest_at")),
        dead=load.get("dead", 0),
    )


def _undelivered(rows: Sequence[Row]) -> Undelivered:
    first = rows[0]
    return Undelivered(
        id=first["id"],
        receiver=first["receiver"],
        group=first["group_key"],
        event=first["event"],
        refused=first["state"] == "dead",
        body=json.loads(first["body"]) if first["body"] else None,
        error=first["error"],
        cases=tuple(row["case_id"] for row in rows if row["case_id"] is not None),
    )
