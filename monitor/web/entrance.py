"""How people come in: over what, from which address, and in which cookie their session travels. Decided once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from secrets import token_urlsafe
from typing import Self
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response

from monitor.access.sessions import Lifetimes
from monitor.config.web import Web
from monitor.web.address import is_loopback, split_listen

_COOKIE = "complaint-monitor"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Entrance:
    """What `web:` of the config means for a request.

    The cookie is `__Host-…` and Secure wherever browsers come over TLS. Over plain HTTP, which loopback alone serves,
    browsers would drop such a cookie, so it has a plain name there.
    """

    lifetimes: Lifetimes
    is_secure: bool
    needs_proxy: bool
    hosts: frozenset[str]
    origin: str | None = None
    """That of `public_url`: a proxy may ask us by another host than browsers ask it by."""
    proxies: tuple[str, ...] = ()
    user_header: str | None = None
    secret: str = field(default_factory=lambda: token_urlsafe(32), repr=False)
    """What the forms of people that a proxy names are bound to; a new one with each start."""

    @classmethod
    def from_config(cls, web: Web) -> Self:
        """Read the config of the pages."""
        proxy = web.proxy
        is_open = not is_loopback(split_listen(web.listen)[0])
        own = without_port(split_listen_host(web.listen)) if is_open else ""
        public = without_port(urlsplit(web.public_url).netloc) if web.public_url else ""
        return cls(
            lifetimes=Lifetimes(web.idle, web.longest),
            is_secure=web.is_secure,
            needs_proxy=is_open and web.tls is None,
            hosts=frozenset({*_LOOPBACK, own, public} - {""}),
            origin=_origin_of(web.public_url) if web.public_url else None,
            proxies=proxy.origins if proxy else (),
            user_header=proxy.user_header if proxy else None,
        )

    @property
    def cookie(self) -> str:
        """The name of the cookie."""
        return f"__Host-{_COOKIE}" if self.is_secure else _COOKIE

    def give(self, response: Response, key: str) -> None:
        """Put a session's key into a response."""
        age = int(self.lifetimes.longest.total_seconds())
        response.set_cookie(
            self.cookie, key, max_age=age, path="/", secure=self.is_secure, httponly=True, samesite="lax"
        )

    def take(self, response: Response) -> None:
        """Have the browser forget its session."""
        response.delete_cookie(self.cookie, path="/", secure=self.is_secure, httponly=True, samesite="lax")

    def is_proxy(self, peer: str) -> bool:
        """Whether a peer is one of the listed proxies."""
        return _is_in(peer, self.proxies)

    def may_come(self, peer: str) -> bool:
        """Whether a peer is answered at all: plain HTTP leaves this machine towards the proxy alone."""
        return not self.needs_proxy or is_loopback(peer) or self.is_proxy(peer)

    def address_of(self, peer: str, headers: Headers) -> str:
        """Return the address of the browser: what the nearest listed proxy says, else the peer's own."""
        told = headers.getlist("x-forwarded-for")
        if not told or not self.is_proxy(peer):
            return peer
        last = told[-1].rpartition(",")[2].strip()
        try:
            return str(ip_address(last))
        except ValueError:
            return peer

    def is_own_form(self, headers: Headers) -> bool:
        """Whether a request that changes something comes from a page of ours, as far as the browser tells.

        Browsers name the origin of every POST; programs, which nobody can lure, name none.
        """
        if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return False
        origin = headers.get("origin")
        host = headers.get("host", "").lower()
        plain = not self.is_secure or without_port(host) in _LOOPBACK
        own = {f"https://{host}", self.origin, f"http://{host}" if plain else None}
        return origin is None or origin.lower() in own

    def named_by_proxy(self, peer: str, headers: Headers) -> str | None:
        """Return whom a listed proxy has let in, None where nobody is named, or twice, or by somebody else."""
        if self.user_header is None or not self.is_proxy(peer):
            return None
        named = headers.getlist(self.user_header)
        return named[0].strip() or None if len(named) == 1 else None


def without_port(host: str) -> str:
    """Return a Host header less its port, in lower case; an IPv6 address keeps its brackets."""
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() and not name.endswith(":") else host.lower()


def split_listen_host(listen: str) -> str:
    """Return the host of `listen` as a Host header has it; "" for every address of the machine."""
    host, _ = split_listen(listen)
    return "" if host in {"0.0.0.0", "::"} else f"[{host}]" if ":" in host else host  # noqa: S104 - compared


def _origin_of(url: str) -> str:
    parts = urlsplit(url.lower())
    default = {"https": ":443", "http": ":80"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(default)}"


def _is_in(peer: str, networks: Iterable[str]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in ip_network(network) for network in networks)
