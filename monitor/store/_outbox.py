"""The outbox on SQLite: open, sealed, sent, dead or muted; digests sent once a date."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from monitor.domain import Level
from monitor.store._cases import CaseTables
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.records import OpenMessage, SealedMessage


class OutboxTables(CaseTables):
    """Messages on their way out."""

    def add_to_message(
        self, receiver: str, group_key: str, event: str, case_id: int, level: Level, due_at: datetime, now: datetime
    ) -> int:
        """Put a case into the open message of a receiver and group, opening one where there is none."""
        group = {"receiver": receiver, "group_key": group_key, "event": event}
        with self.write():
            message_id = self.connection.value("open_message", **group)
            times = {"urgent": int(level.urgent), "due_at": ms(due_at)}
            if message_id is None:
                message_id = self.connection.insert("insert_message", **group, **times, now=ms(now))
            else:
                self.connection.run("hasten_message", id=message_id, **times)
            self.connection.run("add_message_case", outbox_id=message_id, case_id=case_id, level=level)
            return int(message_id)

    def last_sealed(self, receiver: str, group_key: str) -> datetime | None:
        """Return when the last message of a group was sealed."""
        return maybe_at(self.connection.value("last_sealed", receiver=receiver, group_key=group_key))

    def messages_to_seal(self, due: datetime, limit: int) -> list[OpenMessage]:
        """Return open messages whose wait has passed."""
        return self.open_messages(self.connection.rows("messages_to_seal", due=ms(due), limit=limit))

    def open_messages(self, rows: Sequence[Row]) -> list[OpenMessage]:
        """Return the open messages of these rows with their cases.

        Each case is read once: in a storm every receiver has a message of the same thousands.
        """
        ids = [[case["case_id"] for case in self.connection.rows("cases_of_message", id=row["id"])] for row in rows]
        views = self.case_views(sorted({case_id for some in ids for case_id in some}))
        cases = [tuple(view for view in views if view.id in wanted) for wanted in map(frozenset, ids)]
        made = [{**row, "urgent": bool(row["urgent"])} for row in rows]
        return [OpenMessage(**row, cases=some) for row, some in zip(made, cases, strict=True)]

    def seal_message(
        self,
        message_id: int,
        body: Mapping[str, Any],
        idempotency_key: str,
        now: datetime,
        *,
        due_at: datetime | None = None,
    ) -> None:
        """Fix what a message says; it is sent from now on, or from `due_at`."""
        values = {"body": dump(dict(body)), "idempotency_key": idempotency_key, "now": ms(now)}
        with self.write():
            self.connection.run("seal_message", id=message_id, **values, due_at=ms(due_at or now))

    def mute_message(self, message_id: int, reason: str, now: datetime) -> None:
        """End a message that a silence keeps back; its cases stay in the queue."""
        with self.write():
            self.connection.run("mute_message", id=message_id, reason=reason, now=ms(now))

    def add_sealed(
        self, receiver: str, event: str, body: Mapping[str, Any], idempotency_key: str, now: datetime, *, urgent: bool
    ) -> None:
        """Add a message that is complete, such as a digest."""
        with self.write():
            self.connection.insert(
                "insert_sealed",
                receiver=receiver,
                group_key=event,
                event=event,
                urgent=int(urgent),
                body=dump(dict(body)),
                idempotency_key=idempotency_key,
                now=ms(now),
            )

    def claim_message(self, receivers: Sequence[str], now: datetime, lease_s: int) -> SealedMessage | None:
        """Take the next message to send to one of these receivers, urgent ones first."""
        with self.write():
            lease = ms(now) + lease_s * 1000
            row = self.connection.row("claim_message", receivers=dump(list(receivers)), now=ms(now), lease=lease)
        if row is None:
            return None
        parsed = {"urgent": bool(row["urgent"]), "body": json.loads(row["body"]), "opened_at": at(row["opened_at"])}
        return SealedMessage(**{**row, **parsed})

    def finish_message(self, message: SealedMessage, now: datetime) -> bool:
        """Mark a message as sent; its body, a copy of people's words, is dropped."""
        with self.write():
            return bool(self.connection.run("finish_message", id=message.id, fence=message.fence, now=ms(now)))

    def delay_message(self, message: SealedMessage, due_at: datetime, error: str, now: datetime) -> bool:
        """Try a message again later."""
        claim = {"id": message.id, "fence": message.fence, "error": error[:1000]}
        with self.write():
            return bool(self.connection.run("delay_message", **claim, due_at=ms(due_at), now=ms(now)))

    def kill_message(self, message: SealedMessage, error: str) -> bool:
        """Give a message up; it stays visible."""
        with self.write():
            claim = {"id": message.id, "fence": message.fence}
            return bool(self.connection.run("kill_message", **claim, error=error[:1000]))

    def next_message_due(self) -> datetime | None:
        """Return when the next message is to be sealed, sent or told again."""
        moments = [self.connection.value(name) for name in ("next_message_due", "next_repeat_due")]
        return maybe_at(min((moment for moment in moments if moment is not None), default=None))

    def dead_messages(self) -> list[dict[str, Any]]:
        """Return the messages that were given up, with their errors."""
        return self.connection.rows("dead_messages")

    def active_silences(self, now: datetime) -> list[dict[str, Any]]:
        """Return the silences in force."""
        rows = self.connection.rows("active_silences", now=ms(now))
        return [{**row, "matchers": json.loads(row["matchers"]), "ends_at": at(row["ends_at"])} for row in rows]

    def last_digest(self, name: str) -> tuple[str, datetime] | None:
        """Return local date and time of the last digest of that name."""
        row = self.connection.row("last_digest", name=name)
        return (row["local_date"], at(row["sent_at"])) if row else None

    def record_digest(self, name: str, local_date: str, now: datetime) -> None:
        """Remember that a digest was made; a second one of that date is refused by the store."""
        with self.write():
            self.connection.run("record_digest", name=name, local_date=local_date, now=ms(now))
