"""Every kind of receiver, as one literal table. Nothing is imported before it is used."""

from importlib import import_module
from typing import Any, cast

from monitor.config.receivers import ReceiverOptions
from monitor.notify.receiver import Receiver

KINDS: dict[str, str] = {
    "stdout": "monitor.notify.stdout:StdoutReceiver",
    "webhook": "monitor.notify.webhook:WebhookReceiver",
    "mail": "monitor.notify.mail:MailReceiver",
    "slack": "monitor.notify.slack:SlackReceiver",
    "teams": "monitor.notify.teams:TeamsReceiver",
    "discord": "monitor.notify.discord:DiscordReceiver",
    "telegram": "monitor.notify.telegram:TelegramReceiver",
    "ntfy": "monitor.notify.ntfy:NtfyReceiver",
    "pagerduty": "monitor.notify.pagerduty:PagerdutyReceiver",
    "opsgenie": "monitor.notify.opsgenie:OpsgenieReceiver",
    "zendesk": "monitor.notify.zendesk:ZendeskReceiver",
    "jira": "monitor.notify.jira:JiraReceiver",
    "apprise": "monitor.notify.apprise_receiver:AppriseReceiver",
}

CHAT_KINDS = set(KINDS) - {"stdout", "webhook", "mail"}
"""Kinds whose other end may read markup and mentions in plain text."""

ENDING_KINDS = {"pagerduty", "opsgenie", "zendesk", "jira"}
"""Kinds that are told when a thread is over: what they opened would stay open else."""


def open_receiver(name: str, options: ReceiverOptions) -> Receiver:
    """Build one receiver; `name` is the subject of its errors. Raises SendError where its options cannot work."""
    module, _, attribute = KINDS[options.kind].partition(":")
    factory: Any = getattr(import_module(module), attribute)
    return cast("Receiver", factory(name, options))
