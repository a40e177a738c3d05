"""Opsgenie's alerts: https://docs.opsgenie.com/docs/alert-api."""

from typing import Any

from connectors.address import Lookup, system_lookup
from connectors.http import HttpLimits
from monitor.config import receivers
from monitor.notify.neutral import markdown, settled
from monitor.notify.receiver import Message
from monitor.notify.service import LIMITS, Service

_SUMMARY, _TEXT = 130, 14_000
_PRIORITIES = {"critical": "P1", "high": "P2", "normal": "P3"}


class OpsgenieReceiver:
    """Opens an alert a thread and closes it when that is over; Opsgenie joins alerts of one alias."""

    def __init__(
        self,
        name: str,
        options: receivers.OpsgenieReceiver,
        *,
        lookup: Lookup = system_lookup,
        limits: HttpLimits = LIMITS,
    ) -> None:
        token = options.token.get_secret_value()
        self.name = name
        self._service = Service(
            name,
            "Opsgenie",
            options.base_url,
            allow_private=options.allow_private,
            headers={"authorization": f"GenieKey {token}"},
            secrets=[token],
            lookup=lookup,
            limits=limits,
        )

    def send(self, message: Message) -> str:
        """Open or close an alert; returns its alias."""
        alias = f"complaint-monitor-{message.thread_key}"
        if message.over:
            path = f"/v2/alerts/{alias}/close?identifierType=alias"
            self._service.post(path, {"source": "complaint-monitor", "note": _text(message)}, accept={404})
        else:
            self._service.post("/v2/alerts", opsgenie_body(message, alias))
        return alias

    def close(self) -> None:
        """Close the connections."""
        self._service.close()


def opsgenie_body(message: Message, alias: str) -> dict[str, Any]:
    """Return an alert."""
    return {
        "message": markdown(message.subject)[:_SUMMARY],
        "alias": alias,
        "description": _text(message),
        "source": "complaint-monitor",
        "entity": message.event,
        "priority": _PRIORITIES.get(message.level, "P5") if message.urgent else "P5",
        "tags": ["complaint-monitor", message.event],
    }


def _text(message: Message) -> str:
    return (message.outline.text(markdown) if message.outline else settled(message.body))[:_TEXT]
