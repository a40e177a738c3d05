"""ntfy: one JSON object to the server's root, https://docs.ntfy.sh/publish/#publish-as-json."""

from typing import Any

from connectors.address import Lookup, system_lookup
from connectors.http import HttpLimits
from monitor.config import receivers
from monitor.notify.neutral import header, plain, settled
from monitor.notify.receiver import Message
from monitor.notify.service import LIMITS, Service

_TEXT = 3_500
"""Bytes of the text: a message of more than 4,096 becomes an attachment."""

_PRIORITIES = {"critical": 5, "high": 4}


class NtfyReceiver:
    """Publishes to a topic, as plain text; a tap opens the card."""

    def __init__(
        self,
        name: str,
        options: receivers.NtfyReceiver,
        *,
        lookup: Lookup = system_lookup,
        limits: HttpLimits = LIMITS,
    ) -> None:
        token = options.token.get_secret_value() if options.token else ""
        self.name = name
        self._topic = options.topic
        self._service = Service(
            name,
            "ntfy",
            options.base_url,
            allow_private=options.allow_private,
            headers={"authorization": f"Bearer {token}"} if token else None,
            secrets=[token],
            lookup=lookup,
            limits=limits,
        )

    def send(self, message: Message) -> None:
        """Publish a message."""
        self._service.post("/", ntfy_body(message, self._topic))

    def close(self) -> None:
        """Close the connections."""
        self._service.close()


def ntfy_body(message: Message, topic: str) -> dict[str, Any]:
    """Return what the server is sent."""
    outline = message.outline
    text = outline.text(plain) if outline else settled(message.body)
    body: dict[str, Any] = {
        "topic": topic,
        "title": header(plain(message.subject)),
        "message": text.encode("utf-8", "replace")[:_TEXT].decode(errors="ignore"),
        "priority": _PRIORITIES.get(message.level, 3) if message.urgent else 3,
    }
    first = outline.cards[0] if outline and outline.cards else None
    links = (("Card", first.card_url), ("Post", first.post_url)) if first else ()
    actions = [{"action": "view", "label": word, "url": url} for word, url in links if url]
    if actions:
        body |= {"click": actions[0]["url"], "actions": actions}
    return body
