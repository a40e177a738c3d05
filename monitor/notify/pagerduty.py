"""PagerDuty's Events API v2: https://developer.pagerduty.com/docs/events-api-v2/overview."""

from typing import Any

from monitor.config import receivers
from monitor.notify.neutral import plain, settled
from monitor.notify.receiver import Message
from monitor.notify.service import Access, HttpReceiver

_SUMMARY, _DETAILS = 1_000, 20_000
_SEVERITIES = {"critical": "critical", "high": "error", "normal": "warning"}


class PagerdutyReceiver(HttpReceiver[receivers.PagerdutyReceiver]):
    """Triggers an alert a thread, and resolves it when that is over; PagerDuty joins triggers of one key."""

    word = "PagerDuty"

    def access(self, options: receivers.PagerdutyReceiver) -> Access:
        """Return the access to the events; the routing key travels in their bodies."""
        return Access(options.base_url, "/v2/enqueue", secrets=(options.routing_key.get_secret_value(),))

    def send(self, message: Message) -> str:
        """Trigger or resolve; returns the alert's key."""
        body = pagerduty_body(message)
        self._service.post(self._path, {"routing_key": self._options.routing_key.get_secret_value(), **body})
        return str(body["dedup_key"])


def pagerduty_body(message: Message) -> dict[str, Any]:
    """Return an event, less the routing key."""
    key = {"dedup_key": f"complaint-monitor-{message.thread_key}"}
    if message.over:
        return {**key, "event_action": "resolve"}
    outline = message.outline
    cards = outline.cards if outline else ()
    links = [
        {"href": url, "text": f"{word} of case {card.id}"}
        for card in cards
        for word, url in (("card", card.card_url), ("post", card.post_url))
        if url
    ]
    text = outline.text(plain) if outline else settled(message.body)
    return {
        **key,
        "event_action": "trigger",
        "client": "complaint-monitor",
        "links": links,
        "payload": {
            "summary": plain(message.subject)[:_SUMMARY],
            "source": "complaint-monitor",
            "severity": _SEVERITIES.get(message.level, "info") if message.urgent else "info",
            "class": message.event,
            "custom_details": {"text": text[:_DETAILS]},
        },
    }
