"""Receivers of the config: what each kind needs. A literal table of kinds is the end of it."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr

from monitor.config.section import Section
from monitor.config.values import Address, one_or_many


class ReceiverOptions(Section):
    """What every receiver has."""

    kind: str = Field(description="stdout, webhook, mail or apprise")
    enabled: bool = Field(True, description="false keeps it in the config and sends nothing")


class StdoutReceiver(ReceiverOptions):
    """Alerts in the daemon's own output."""

    kind: Literal["stdout"]


class WebhookReceiver(ReceiverOptions):
    """A signed POST of JSON."""

    kind: Literal["webhook"]
    url: SecretStr = Field(description="where to POST; https")
    secret: SecretStr | None = Field(None, description="the key of X-Signature; a reference")
    allow_private: bool = Field(False, description="true lets it reach loopback and private networks")


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


class AppriseReceiver(ReceiverOptions):
    """Any service that Apprise speaks to, by its URL."""

    kind: Literal["apprise"]
    url: SecretStr = Field(description="the service's URL as Apprise writes it; a reference")
    allow_private: bool = Field(False, description="true lets it reach loopback and private networks")


RECEIVER_KINDS: dict[str, type[ReceiverOptions]] = {
    "stdout": StdoutReceiver,
    "webhook": WebhookReceiver,
    "mail": MailReceiver,
    "apprise": AppriseReceiver,
}
