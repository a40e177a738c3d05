"""Zendesk tickets: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/."""

from collections.abc import Sequence
from typing import Any, TypeGuard

from monitor.config import receivers
from monitor.errors import SendError, SendReason
from monitor.notify.neutral import header, markdown, settled
from monitor.notify.receiver import Message
from monitor.notify.service import Access, login_access
from monitor.notify.ticket import TicketReceiver, ticket_mark

_TEXT = 20_000
_PRIORITIES = {"critical": "urgent", "high": "high", "normal": "normal"}
_GONE = {404, 422}
"""A ticket that was deleted, or closed for good: what follows gets one of its own."""


class ZendeskReceiver(TicketReceiver[receivers.ZendeskReceiver]):
    """Opens a ticket a thread, and tells it on by internal comments: nothing ever reaches a customer.

    `external_id` is the thread, `cm-…` among the tags is the message: a ticket that was made before a crash is found.
    """

    word = "Zendesk"

    def access(self, options: receivers.ZendeskReceiver) -> Access:
        """Return the access of an agent, by token."""
        return login_access(options.base_url, f"{options.username}/token", options.token)

    def is_key(self, text: str) -> bool:
        """Whether a text is a number."""
        return text.isascii() and text.isdecimal()

    def find(self, message: Message) -> tuple[str, Sequence[str]] | None:
        """Return the number and the tags of the last open ticket of a thread."""
        answer = self._service.get("/api/v2/tickets.json", {"external_id": message.thread_key})
        tickets = self._service.json_of(answer).get("tickets")
        open_ones = [ticket for ticket in tickets if _usable(ticket)] if isinstance(tickets, list) else []
        if not open_ones:
            return None
        tags = open_ones[-1].get("tags")
        return str(open_ones[-1]["id"]), tags if isinstance(tags, list) else []

    def comment(self, key: str, message: Message) -> bool:
        """Comment on a ticket; False where it takes none any more."""
        change: dict[str, Any] = {"comment": {"body": _text(message), "public": False}}
        if message.event == "case.reopened":
            change["status"] = "open"
        path = f"/api/v2/tickets/{int(key)}.json"
        return self._service.post(path, {"ticket": change}, method="PUT", accept=_GONE).status not in _GONE

    def open(self, message: Message) -> str:
        """Open a ticket; returns its number."""
        ticket = {"ticket": zendesk_ticket(message, self._options.labels)}
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
        "tags": [*labels, ticket_mark(message)],
    }


def _text(message: Message) -> str:
    text = message.outline.text(markdown) if message.outline else settled(message.body)
    return f"{markdown(message.subject)}\n\n{text}"[:_TEXT]


def _usable(ticket: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(ticket, dict) and isinstance(ticket.get("id"), int) and ticket.get("status") != "closed"
