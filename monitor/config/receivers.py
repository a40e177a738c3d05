"""Receivers of the config: what each kind needs. A literal table of kinds is the end of it."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from monitor.config.hours import Presence
from monitor.config.values import Address, Names, one_or_many, web_address

BaseUrl = Annotated[str, AfterValidator(web_address)]
Labels = Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,60}$")], ...], BeforeValidator(one_or_many)]


def _chat(value: Any) -> str:
    if not re.fullmatch(r"-?[0-9]{1,20}|@[A-Za-z0-9_]{1,64}", str(value)):
        raise ValueError(f"{str(value)[:60]!r} is no chat; write its number, or the channel's @name")
    return str(value)


def _project_key(value: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]{1,60}", value):
        raise ValueError(f"{value[:60]!r} is no project key; write it in capitals, such as CARE")
    return value


Chat = Annotated[str, BeforeValidator(_chat)]
ProjectKey = Annotated[str, AfterValidator(_project_key)]


class ReceiverOptions(Presence):
    """What every receiver has."""

    kind: str = Field(description="one of the kinds below")
    enabled: bool = Field(True, description="false keeps it in the config and sends nothing")


class StdoutReceiver(ReceiverOptions):
    """Alerts in the daemon's own output."""

    kind: Literal["stdout"]


class RemoteOptions(ReceiverOptions):
    """What every receiver has that is reached by HTTP."""

    allow_private: bool = Field(False, description="true lets it reach loopback and private networks")


class WebhookReceiver(RemoteOptions):
    """A signed POST of JSON."""

    kind: Literal["webhook"]
    url: SecretStr = Field(description="where to POST; https")
    secret: SecretStr | None = Field(None, description="the key of X-Signature; a reference")
    changes: Names = Field((), description="brands of which every change of a case is posted here, as `case.changed`")


class MailReceiver(ReceiverOptions):
    """Mail by SMTP; `security` is starttls, tls or none (loopback only)."""

    kind: Literal["mail"]
    host: str = Field(min_length=1, description="the SMTP server")
    port: int = Field(587, ge=1, le=65535, description="its port; 465 for security: tls")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="none is for a relay on this machine")
    username: str | None = Field(None, description="the account, where the server wants one")
    password: SecretStr | None = Field(None, description="its password; a reference")
    sender: Address = Field(description="the From address")
    to: Annotated[tuple[Address, ...], BeforeValidator(one_or_many)] = Field(
        min_length=1, description="the To addresses"
    )


class SlackReceiver(RemoteOptions):
    """An incoming webhook; messages are Block Kit, and mention nobody."""

    kind: Literal["slack"]
    url: SecretStr = Field(description="the incoming webhook's address; a reference")


class TeamsReceiver(RemoteOptions):
    """A workflow that posts when a webhook request arrives; messages are Adaptive Cards."""

    kind: Literal["teams"]
    url: SecretStr = Field(description="the workflow's address; a reference")


class DiscordReceiver(RemoteOptions):
    """A channel's webhook; messages are embeds, and mention nobody."""

    kind: Literal["discord"]
    url: SecretStr = Field(description="the webhook's address; a reference")


class TelegramReceiver(RemoteOptions):
    """A bot that writes to a chat or channel; links are entities, nothing is markup."""

    kind: Literal["telegram"]
    token: SecretStr = Field(description="the bot's token; a reference")
    chat: Chat = Field(description="the chat's number, or the channel's @name")
    base_url: BaseUrl = Field("https://api.telegram.org", description="the Bot API; another host for a server of yours")


class NtfyReceiver(RemoteOptions):
    """A topic of ntfy; urgent messages have the highest priority."""

    kind: Literal["ntfy"]
    topic: str = Field(pattern=r"^[-_A-Za-z0-9]{1,64}$", description="the topic; who knows it can read it")
    token: SecretStr | None = Field(None, description="the access token, where the server wants one; a reference")
    base_url: BaseUrl = Field("https://ntfy.sh", description="the server")


class PagerdutyReceiver(RemoteOptions):
    """A service of PagerDuty (Events API v2): one alert a case or incident, resolved when that is over."""

    kind: Literal["pagerduty"]
    routing_key: SecretStr = Field(description="the integration key of the service; a reference")
    base_url: BaseUrl = Field("https://events.pagerduty.com", description="https://events.eu.pagerduty.com in the EU")


class OpsgenieReceiver(RemoteOptions):
    """Opsgenie alerts: one a case or incident, closed when that is over."""

    kind: Literal["opsgenie"]
    token: SecretStr = Field(description="the API key of the integration; a reference")
    base_url: BaseUrl = Field("https://api.opsgenie.com", description="https://api.eu.opsgenie.com in the EU")


class ZendeskReceiver(RemoteOptions):
    """A ticket a case or incident, told on by internal comments that no customer sees."""

    kind: Literal["zendesk"]
    base_url: BaseUrl = Field(description="https://NAME.zendesk.com")
    username: Address = Field(description="the agent's mail address that the token belongs to")
    token: SecretStr = Field(description="the API token; a reference")
    labels: Labels = Field(("complaint-monitor",), description="tags of the tickets")


class JiraReceiver(RemoteOptions):
    """An issue of Jira Cloud a case or incident, told on by comments."""

    kind: Literal["jira"]
    base_url: BaseUrl = Field(description="https://NAME.atlassian.net")
    username: Address = Field(description="the mail address of the account that the token belongs to")
    token: SecretStr = Field(description="the API token; a reference")
    project: ProjectKey = Field(description="the project's key, such as CARE")
    issue_type: str = Field("Task", min_length=1, max_length=60, description="the type of the issues")
    labels: Labels = Field(("complaint-monitor",), description="labels of the issues")


class AppriseReceiver(RemoteOptions):
    """Any service that Apprise speaks to, by its URL."""

    kind: Literal["apprise"]
    url: SecretStr = Field(description="the service's URL as Apprise writes it; a reference")


RECEIVER_KINDS: dict[str, type[ReceiverOptions]] = {
    "stdout": StdoutReceiver,
    "webhook": WebhookReceiver,
    "mail": MailReceiver,
    "slack": SlackReceiver,
    "teams": TeamsReceiver,
    "discord": DiscordReceiver,
    "telegram": TelegramReceiver,
    "ntfy": NtfyReceiver,
    "pagerduty": PagerdutyReceiver,
    "opsgenie": OpsgenieReceiver,
    "zendesk": ZendeskReceiver,
    "jira": JiraReceiver,
    "apprise": AppriseReceiver,
}
