"""Who was told of what, on SQLite."""

from collections.abc import Sequence
from datetime import datetime

from monitor.domain import Level, Status
from monitor.rules.alerting import Telling
from monitor.store._outbox import OutboxTables
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.records import OpenMessage
from monitor.store.tellings import Repeat, ToldCase


class TellingTables(OutboxTables):
    """Who was told of what, what is held back, when a receiver was last tried."""

    def open_beside(self, message: OpenMessage) -> list[OpenMessage]:
        """Return the other open messages of a message's group, one an event, the most pressing first."""
        group = {"receiver": message.receiver, "group_key": message.group_key}
        rows = self.connection.rows("open_messages_beside", **group, id=message.id)
        return self.open_messages(rows)

    def add_subject_message(
        self, receiver: str, subject: str, event: str, due_at: datetime, now: datetime, *, urgent: bool
    ) -> None:
        """Open, or hasten, the message about an incident or a spike; the subject (incident:7) is its group."""
        values = {"event": event, "urgent": int(urgent), "due_at": ms(due_at)}
        with self.write():
            known = self.connection.value("open_subject_message", receiver=receiver, subject=subject)
            if known is None:
                self.connection.run("add_subject_message", receiver=receiver, subject=subject, **values, now=ms(now))
            else:
                self.connection.run("hasten_subject_message", id=known, **values)

    def hold_message(self, message_id: int, until: datetime, reason: str) -> None:
        """Keep an open message back, and look at it again at a time."""
        with self.write():
            self.connection.run("hold_message", id=message_id, until=ms(until), reason=reason[:300])

    def mark_held(self, message_id: int, reason: str) -> None:
        """Say of an open message that it is held back until it is due."""
        with self.write():
            self.connection.run("mark_held", id=message_id, reason=reason[:300])

    def drop_message(self, message_id: int) -> None:
        """Delete an open message whose cases have all moved on."""
        with self.write():
            self.connection.run("drop_message", id=message_id)

    def wake_held(self, now: datetime) -> int:
        """Look at everything that is held back again now; returns how many messages that is."""
        with self.write():
            return self.connection.run("wake_held", now=ms(now))

    def move_cases(self, into: int, cases: Sequence[int]) -> None:
        """Put cases into a message, each at its present level."""
        with self.write():
            self.connection.run("move_cases", into=into, cases=dump(list(cases)))

    def keep_cases(self, message_id: int, cases: Sequence[int]) -> None:
        """Take all but these cases out of a message."""
        with self.write():
            self.connection.run("keep_cases", id=message_id, cases=dump(list(cases)))

    def tellings_of(self, receiver: str, cases: Sequence[int]) -> dict[int, Telling]:
        """Return what a receiver was last told of these cases, by case."""
        rows = self.connection.rows("tellings_of", receiver=receiver, cases=dump(list(cases)))
        return {row["case_id"]: _telling(row) for row in rows}

    def record_tellings(self, receiver: str, told: Sequence[ToldCase], now: datetime) -> None:
        """Remember what a sealed message tells a receiver."""
        values = [
            {
                "case_id": case.case_id,
                "receiver": receiver,
                "level": case.level.value,
                "cause": case.cause,
                "now": ms(now),
                "repeat_at": None if case.repeat_at is None else ms(case.repeat_at),
            }
            for case in told
        ]
        with self.write():
            self.connection.run_many("record_telling", values)

    def repeats_due(self, now: datetime, limit: int) -> list[Repeat]:
        """Return what was told so long ago that it is time to tell it again."""
        rows = self.connection.rows("repeats_due", now=ms(now), limit=limit)
        return [
            Repeat(row["case_id"], row["receiver"], Status(row["status"]), maybe_at(row["snoozed_until"]))
            for row in rows
        ]

    def plan_repeat(self, repeat: Repeat, at: datetime | None) -> None:
        """Tell it again at a time, or (None) not any more."""
        key = {"case_id": repeat.case_id, "receiver": repeat.receiver}
        with self.write():
            self.connection.run("plan_repeat", **key, repeat_at=None if at is None else ms(at))

    def subjects_told(self, receiver: str, subjects: Sequence[str]) -> dict[str, Telling]:
        """Return what a receiver was told of these incidents and spikes, by subject."""
        rows = self.connection.rows("subjects_told", receiver=receiver, subjects=dump(list(subjects)))
        return {row["subject"]: _telling({**row, "cause": None}) for row in rows}

    def record_subject(self, subject: str, receiver: str, level: Level, now: datetime) -> None:
        """Remember that a receiver was told of an incident or a spike."""
        with self.write():
            self.connection.run("record_subject", subject=subject, receiver=receiver, level=level.value, now=ms(now))

    def last_try(self, receiver: str) -> datetime | None:
        """Return when a receiver that still owes us an answer was last tried."""
        return maybe_at(self.connection.value("last_try", receiver=receiver))

    def delay_receiver(self, receiver: str, due_at: datetime) -> None:
        """Send a receiver nothing before a time."""
        with self.write():
            self.connection.run("delay_receiver", receiver=receiver, due_at=ms(due_at))

    def hasten_receiver(self, receiver: str, now: datetime) -> None:
        """Send a receiver now what only waited for it to answer again."""
        with self.write():
            self.connection.run("hasten_receiver", receiver=receiver, now=ms(now))


def _telling(row: Row) -> Telling:
    return Telling(Level(row["level"]), row["cause"], at(row["told_at"]))
