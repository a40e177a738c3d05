"""Receivers that keep one ticket a thread: find it again or open it, and tell it on by comments."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from connectors.http import HttpLimits
from monitor.notify.receiver import Message
from monitor.notify.service import STEP_LIMITS, HttpReceiver, Options


class TicketReceiver(HttpReceiver[Options]):
    """Opens a ticket a thread. A ticket carries the mark of each message that opened one: none is made twice."""

    limits: ClassVar[HttpLimits] = STEP_LIMITS

    def send(self, message: Message) -> str | None:
        """Open a ticket, or comment on it; returns its key, None where nothing was opened for what is over."""
        if self.is_key(message.remote):
            return message.remote if self.comment(message.remote, message) else self._opened(message)
        found = self.find(message)
        if found is None:
            return self._opened(message)
        key, marks = found
        if ticket_mark(message) not in marks:
            self.comment(key, message)
        return key

    def _opened(self, message: Message) -> str | None:
        return None if message.over else self.open(message)

    @abstractmethod
    def is_key(self, text: str) -> bool:
        """Whether a text has the form of a ticket's key here: another service may have named the thread."""

    @abstractmethod
    def find(self, message: Message) -> tuple[str, Sequence[str]] | None:
        """Return the key and the marks of the ticket of a thread; None where there is none."""

    @abstractmethod
    def comment(self, key: str, message: Message) -> bool:
        """Comment on a ticket; False where it takes none any more."""

    @abstractmethod
    def open(self, message: Message) -> str:
        """Open a ticket; returns its key."""


def ticket_mark(message: Message) -> str:
    """Return the mark of a message among the labels of the ticket that it opened."""
    return f"cm-{message.idempotency_key[:16]}"
