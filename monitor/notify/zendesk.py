"""Zendesk tickets: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/."""

import base64
from typing import Any, TypeGuard

from connectors.address import Lookup, system_lookup
from connectors.http import HttpLimits
from monitor.config import receivers
from monitor.errors import SendError, SendReason
from monitor.notify.neutral import header, markdown, settled
from monitor.notify.receiver import Message
from monitor.notify.service import STEP_LIMITS, Service

_TEXT = 20_000
_PRIORITIES = {"critical": "urgent", "high": "high", "normal": "normal"}
_GONE = {404, 422}
"""A ticket that was deleted, or closed for good: what follows gets one of its own."""


class ZendeskReceiver:
    """Opens a ticket a thread, and tells it on by internal comments: nothing ever reaches a customer.

    `external_id` is the thread, `cm-…` among the tags is the message: a ticket that was made before a crash is found.
    """

    def __init__(
        self,
        name: str,
        options: receivers.ZendeskReceiver,
        *,
        lookup: Lookup = system_lookup,
        limits: HttpLimits = STEP_LIMITS,
    ) -> None:
        token = options.token.get_secret_value()
        login = base64.b64encode(f"{options.username}/token:{token}".encode()).decode()
        self.name = name
        self._labels = options.labels
        self._service = Service(
            name,
            "Zendesk",
            options.base_url,
            allow_private=options.allow_private,
            headers={"authorization": f"Basic {login}"},
            secrets=[token, login],
            lookup=lookup,
            limits=limits,
        )

    def send(self, message: Message) -> str | None:
        """Open a ticket, or comment on it; returns its number."""
        if message.remote.isascii() and message.remote.isdecimal():
            return message.remote if self._comment(message.remote, message) else self._open(message)
        found = self._find(message)
        if found is None:
            return None if message.over else self._open(message)
        number, tags = str(found["id"]), found.get("tags")
        if _mark(message) not in (tags if isinstance(tags, list) else ()):
            self._comment(number, message)
        return number

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _find(self, message: Message) -> dict[str, Any] | None:
        answer = self._service.get("/api/v2/tickets.json", {"external_id": message.thread_key})
        tickets = self._service.json_of(answer).get("tickets")
        open_ones = [ticket for ticket in tickets if _usable(ticket)] if isinstance(tickets, list) else []
        return open_ones[-1] if open_ones else None

    def _comment(self, number: str, message: Message) -> bool:
        """Comment on a ticket; False where it takes none any more."""
        change: dict[str, Any] = {"comment": {"body": _text(message), "public": False}}
        if message.event == "case.reopened":
            change["status"] = "open"
        path = f"/api/v2/tickets/{int(number)}.json"
        return self._service.post(path, {"ticket": change}, method="PUT", accept=_GONE).status not in _GONE

    def _open(self, message: Message) -> str | None:
        if message.over:
            return None
        ticket = {"ticket": zendesk_ticket(message, self._labels)}
        headers = {"idempotency-key": message.idempotency_key}
        made = self._service.json_of(self._service.post("/api/v2/tickets.json", ticket, headers=headers)).get("ticket")
        if not _usable(made):
            cause = "Zendesk opened a ticket without a number"
            raise SendError(self.name, cause, reason=SendReason.SERVER, permanent=False)
        return str(made["id"])


def zendesk_ticket(message: Message, labels: tuple[str, ...]) -> dict[str, Any]:
    """Return a new ticket."""
    return {
        "subject": header(markdown(message.subject)),
        "comment": {"body": _text(message), "public": False},
        "external_id": message.thread_key,
        "priority": _PRIORITIES.get(message.level, "low") if message.urgent else "low",
        "type": "problem",
        "tags": [*labels, _mark(message)],
    }


def _text(message: Message) -> str:
    text = message.outline.text(markdown) if message.outline else settled(message.body)
    return f"{markdown(message.subject)}\n\n{text}"[:_TEXT]


def _mark(message: Message) -> str:
    return f"cm-{message.idempotency_key[:16]}"


def _usable(ticket: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(ticket, dict) and isinstance(ticket.get("id"), int) and ticket.get("status") != "closed"
