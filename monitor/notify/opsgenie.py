"""Opsgenie's alerts: https://docs.opsgenie.com/docs/alert-api."""

from typing import Any

from monitor.config import receivers
from monitor.notify.neutral import markdown, settled
from monitor.notify.receiver import Message
from monitor.notify.service import Access, HttpReceiver

_SUMMARY, _TEXT = 130, 14_000
_PRIORITIES = {"critical": "P1", "high": "P2", "normal": "P3"}


class OpsgenieReceiver(HttpReceiver[receivers.OpsgenieReceiver]):
    """Opens an alert a thread and closes it when that is over; Opsgenie joins alerts of one alias."""

    word = "Opsgenie"

    def access(self, options: receivers.OpsgenieReceiver) -> Access:
        """Return the access to the alerts."""
        token = options.token.get_secret_value()
        return Access(options.base_url, "/v2/alerts", headers={"authorization": f"GenieKey {token}"}, secrets=(token,))

    def send(self, message: Message) -> str:
        """Open or close an alert; returns its alias."""
        alias = f"complaint-monitor-{message.thread_key}"
        if message.over:
            path = f"{self._path}/{alias}/close?identifierType=alias"
            self._service.post(path, {"source": "complaint-monitor", "note": _text(message)}, accept={404})
        else:
            self._service.post(self._path, opsgenie_body(message, alias))
        return alias


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
