"""What is told, and to whom: a message, fixed when it is sealed, and the protocol of those who take it."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, Self

from monitor.errors import SendReason
from monitor.notify.outline import Outline

DEADLINE_S = 30.0
"""Seconds that one send may take, however slowly the other end answers."""

OVER = frozenset({"case.over", "incident.over", "spike.over", "answer.approved", "answer.rejected", "answer.withdrawn"})
"""Events that end a thread: a page is resolved, a ticket told so."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that the HTML of a message shows as `cid:NAME`."""

    name: str
    base64: str


@dataclass(frozen=True, slots=True)
class Message:
    """A notification, ready to send. `payload` is the webhook's body; `idempotency_key` is equal on every attempt.

    `outline` holds the parts for receivers with a layout of their own, None where only the text is there. `thread`
    names what the message goes on about (a case, an incident), so that what follows joins it; `remote` is what the
    receiver returned for the first message of the thread, such as a ticket's number. Both are "" where there is none.
    """

    event: str
    receiver: str
    subject: str
    text: str
    html: str | None
    payload: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str = ""
    urgent: bool = False
    outline: Outline | None = None
    thread: str = ""
    remote: str = ""
    pictures: tuple[Picture, ...] = ()

    @property
    def level(self) -> str:
        """The worst level that it tells of; "" where nothing in it is urgent and no case says more."""
        if self.outline is not None and self.outline.cards:
            return self.outline.level
        about = self.payload.get("incident") or self.payload.get("spike")
        if isinstance(about, Mapping) and "level" in about:
            return str(about["level"])
        return "high" if self.urgent else ""

    @property
    def over(self) -> bool:
        """Whether it says that its thread has come to an end."""
        return self.event in OVER

    @property
    def thread_key(self) -> str:
        """A name of the thread for the other end, 32 hexadecimal digits; of the message where it has no thread."""
        return hashlib.sha256((self.thread or self.idempotency_key).encode()).hexdigest()[:32]

    @property
    def body(self) -> str:
        """The text without the subject, where it begins with it."""
        first, _, rest = self.text.partition("\n")
        return rest.strip() if rest.strip() and first == self.subject else self.text

    def to_json(self) -> dict[str, Any]:
        """Return the message as the outbox keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read a message that the outbox kept."""
        known = {name: record[name] for name in cls.__dataclass_fields__ if name in record}
        pictures = tuple(Picture(**picture) for picture in record.get("pictures") or ())
        return cls(**{**known, "outline": Outline.from_json(record.get("outline")), "pictures": pictures})


class Receiver(Protocol):
    """One configured receiver. `send` blocks at most DEADLINE_S and raises SendError alone."""

    name: str

    def send(self, message: Message) -> str | None:
        """Deliver a message; returns when the other end has taken it: what it calls the thread, where it has a name."""
        ...

    def close(self) -> None:
        """Release sockets."""
        ...


def message_key(receiver: str, group: str, window: str) -> str:
    """Return the idempotency key of what a receiver is told about a group in one window: 64 hexadecimal digits."""
    return hashlib.sha256(f"{receiver}\x1f{group}\x1f{window}".encode()).hexdigest()


def judge_status(status: int) -> tuple[SendReason, bool]:
    """Return what an HTTP status of a refusal means: its reason, and whether the same message would fail again."""
    if status in {401, 403, 407}:
        return SendReason.AUTH, True
    if status == 429:
        return SendReason.RATE_LIMIT, False
    if status in {408, 425}:
        return SendReason.NETWORK, False
    if 300 <= status < 400:
        return SendReason.REFUSED, True
    return (SendReason.SERVER, False) if status >= 500 else (SendReason.CLIENT, True)
