"""ntfy: one JSON object to the server's root, https://docs.ntfy.sh/publish/#publish-as-json."""

from typing import Any

from monitor.config import receivers
from monitor.notify.neutral import header, plain, settled
from monitor.notify.receiver import Message
from monitor.notify.service import Access, PostingReceiver

_TEXT = 3_500
"""Bytes of the text: a message of more than 4,096 becomes an attachment."""

_PRIORITIES = {"critical": 5, "high": 4}


class NtfyReceiver(PostingReceiver[receivers.NtfyReceiver]):
    """Publishes to a topic, as plain text; a tap opens the card."""

    word = "ntfy"

    def access(self, options: receivers.NtfyReceiver) -> Access:
        """Return the access to the server, which may want a token."""
        token = options.token.get_secret_value() if options.token else ""
        return Access(options.base_url, headers={"authorization": f"Bearer {token}"} if token else {}, secrets=(token,))

    def body(self, message: Message) -> dict[str, Any]:
        """Return what the server is sent."""
        return ntfy_body(message, self._options.topic)


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
