"""Every kind of receiver, as one literal table. Nothing is imported before it is used."""

from importlib import import_module
from typing import Any, cast

from monitor.config.receivers import ReceiverOptions
from monitor.notify.receiver import Receiver

KINDS: dict[str, str] = {
    "stdout": "monitor.notify.stdout:StdoutReceiver",
    "webhook": "monitor.notify.webhook:WebhookReceiver",
    "mail": "monitor.notify.mail:MailReceiver",
    "apprise": "monitor.notify.apprise_receiver:AppriseReceiver",
}

CHAT_KINDS = {"apprise"}
"""Kinds whose other end reads markup and mentions in plain text."""


def open_receiver(name: str, options: ReceiverOptions) -> Receiver:
    """Build one receiver; `name` is the subject of its errors. Raises SendError where its options cannot work."""
    module, _, attribute = KINDS[options.kind].partition(":")
    factory: Any = getattr(import_module(module), attribute)
    return cast("Receiver", factory(name, options))
