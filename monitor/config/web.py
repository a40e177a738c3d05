"""The pages in the config: where they are served, by whom they may be reached, how long a login lasts."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from monitor.config.section import Section
from monitor.config.values import Listen, PublicUrl, Span, one_or_many
from monitor.web.address import LOOPBACK_HINT, is_loopback, split_listen


def _network(value: str) -> str:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value[:60]!r} is no address or network; write 10.0.0.1/32") from None
    if network.prefixlen == 0:
        raise ValueError(f"{value[:60]!r} is everybody; name the addresses of the proxy alone, such as 10.0.0.1/32")
    return str(network)


Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_network)], ...], BeforeValidator(one_or_many), Field(min_length=1)
]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]


_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, never listened on


class Tls(Section):
    """A certificate of our own, as PEM files; paths are relative to the config file."""

    cert: str = Field(min_length=1, description="the certificate, with its chain")
    key: str = Field(min_length=1, description="its private key, which only the daemon's user should read")


class Proxy(Section):
    """A reverse proxy that speaks TLS for us, and may say who somebody is."""

    origins: Networks = Field(alias="from", description="its addresses or networks; nobody else is believed")
    user_header: HeaderName | None = Field(
        None, description="the header in which it names the person that it has let in, such as X-Remote-User"
    )


class Web(Section):
    """Where pages, health and metrics are served, and how long a login lasts.

    Other machines are let in over TLS or through a proxy alone.
    """

    listen: Listen = Field("127.0.0.1:8787", description="host and port; port 0 takes a free one")
    public_url: PublicUrl | None = Field(None, description="the address that links in messages begin with")
    tls: Tls | None = Field(None, description="a certificate of our own; none: plain HTTP")
    proxy: Proxy | None = Field(None, description="a reverse proxy in front; none: forwarding headers are ignored")
    idle: Span = Field(timedelta(hours=12), description="a login that is not used for this long has ended")
    longest: Span = Field(timedelta(days=7), le=timedelta(days=30), description="a login ends after this long")

    @model_validator(mode="after")
    def _is_guarded(self) -> "Web":
        open_to_others = not is_loopback(split_listen(self.listen)[0])
        if open_to_others and self.tls is None and self.proxy is None:
            raise ValueError(f"{self.listen[:60]!r} is open to other machines, without TLS or proxy; {LOOPBACK_HINT}")
        if split_listen(self.listen)[0] in _EVERYWHERE and self.public_url is None:
            raise ValueError(f"{self.listen[:60]!r} names no host that people ask for; set `web.public_url`")
        return self

    @property
    def is_secure(self) -> bool:
        """Whether browsers come over TLS: to us, or to what stands before us."""
        return self.tls is not None or self.proxy is not None or (self.public_url or "").startswith("https://")
