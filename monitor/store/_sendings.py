"""Attempts to send answers, on SQLite."""

from datetime import datetime

from monitor.answering.state import AnswerKind
from monitor.store._base import Tables
from monitor.store.connection import Row, at, maybe_at, ms
from monitor.store.sendings import Sending, SendingState


class SendingTables(Tables):
    """Attempts to send answers."""

    def add_sending(self, answer_id: int, version: int, who: str, source: str, account: str, now: datetime) -> int:
        """Write that an attempt begins; returns its id."""
        named = {"who": who, "source": source, "account": account}
        with self.write():
            return self.connection.insert("add_sending", answer_id=answer_id, version=version, **named, now=ms(now))

    def settle_sending(
        self, sending_id: int, state: SendingState, who: str, now: datetime, problem: str | None = None
    ) -> None:
        """Keep how an attempt ended, and who or what says so."""
        with self.write():
            self.connection.run(
                "settle_sending", id=sending_id, state=state.value, who=who, now=ms(now), problem=problem
            )

    def found_sending(self, answer_id: int, who: str, now: datetime) -> None:
        """Keep that the words of an answer stand on the platform: an attempt of unknown end has succeeded."""
        with self.write():
            self.connection.run("found_sending", answer_id=answer_id, who=who, now=ms(now))

    def sendings_of_case(self, case_id: int) -> list[Sending]:
        """Return every attempt of a case, the oldest first."""
        return [_sending(row) for row in self.connection.rows("sendings_of_case", case_id=case_id)]

    def sendings_of_answer(self, answer_id: int) -> list[Sending]:
        """Return every attempt to send an answer, the oldest first."""
        return [_sending(row) for row in self.connection.rows("sendings_of_answer", answer_id=answer_id)]


def _sending(row: Row) -> Sending:
    kinds = {"kind": AnswerKind(row["kind"]), "state": SendingState(row["state"])}
    return Sending(**{**row, **kinds, "at": at(row["at"]), "settled_at": maybe_at(row["settled_at"])})
