"""PagerDuty's Events API v2: https://developer.pagerduty.com/docs/events-api-v2/overview."""

from typing import Any

from connectors.address import Lookup, system_lookup
from connectors.http import HttpLimits
from monitor.config import receivers
from monitor.notify.neutral import plain, settled
from monitor.notify.receiver import Message
from monitor.notify.service import LIMITS, Service

_SUMMARY, _DETAILS = 1_000, 20_000
_SEVERITIES = {"critical": "critical", "high": "error", "normal": "warning"}


class PagerdutyReceiver:
    """Triggers an alert a thread, and resolves it when that is over; PagerDuty joins triggers of one key."""

    def __init__(
        self,
        name: str,
        options: receivers.PagerdutyReceiver,
        *,
        lookup: Lookup = system_lookup,
        limits: HttpLimits = LIMITS,
    ) -> None:
        self.name = name
        self._key = options.routing_key.get_secret_value()
        self._service = Service(
            name,
            "PagerDuty",
            options.base_url,
            allow_private=options.allow_private,
            secrets=[self._key],
            lookup=lookup,
            limits=limits,
        )

    def send(self, message: Message) -> str:
        """Trigger or resolve; returns the alert's key."""
        body = pagerduty_body(message)
        self._service.post("/v2/enqueue", {"routing_key": self._key, **body})
        return str(body["dedup_key"])

    def close(self) -> None:
        """Close the connections."""
        self._service.close()


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
