"""Which addresses a source may reach, and the lookup that checks every one of them before a connection is made.

The table is our own: the answers of `ipaddress.is_global` changed between Python versions. The address that was checked
is the one that is connected to, so a name that resolves differently a moment later (DNS rebinding) gains nothing.
"""

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from connectors.errors import AddressRefused, Unreachable

Lookup = Callable[[str, int], Sequence[str]]
"""Resolves (host, port) to addresses as text; raises OSError."""

_PRIVATE = {
    "loopback": ("127.0.0.0/8", "::1/128"),
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    "shared by a carrier": ("100.64.0.0/10",),
}
"""Open with `allow_private`: a host of one's own."""

_NEVER = {
    "unspecified": ("0.0.0.0/8", "::/128"),
    "link-local": ("169.254.0.0/16", "fe80::/10", "fec0::/10"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "reserved": ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4", "100::/64", "5f00::/16"),
    "for documentation": ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
    "a translated IPv4 address": ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23"),
}
"""Closed always: no platform lives there, and cloud metadata services do."""

_OPENABLE = [(ip_network(block), kind) for kind, blocks in _PRIVATE.items() for block in blocks]
_CLOSED = [(ip_network(block), kind) for kind, blocks in _NEVER.items() for block in blocks]
_GLOBAL_IPV6 = ip_network("2000::/3")


def refusal(address: str, *, allow_private: bool = False) -> str | None:
    """Return why `address` (text of an IP) must not be reached, or None where it may be."""
    ip = _unwrapped(address)
    for block, kind in _OPENABLE:
        if ip in block:
            return None if allow_private else kind
    for block, kind in _CLOSED:
        if ip in block:
            return kind
    return "outside the global range" if isinstance(ip, IPv6Address) and ip not in _GLOBAL_IPV6 else None


def _unwrapped(address: str) -> IPv4Address | IPv6Address:
    ip = ip_address(address.partition("%")[0])
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def system_lookup(host: str, port: int) -> Sequence[str]:
    """Resolve by the operating system; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(
    source: str, host: str, port: int, *, allow_private: bool, timeout: float, lookup: Lookup = system_lookup
) -> Sequence[str]:
    """Resolve `host` within `timeout` seconds and return its addresses, all of them allowed.

    Raises AddressRefused where one of them is not, Unreachable where the name does not resolve in time.
    """
    addresses = _resolved(source, host, port, timeout, lookup)
    for address in addresses:
        if reason := refusal(address, allow_private=allow_private):
            raise AddressRefused(source, f"{host} leads to {address}, which is {reason}")
    return addresses


def _resolved(source: str, host: str, port: int, timeout: float, lookup: Lookup) -> Sequence[str]:
    """Look up in a thread of its own: the system's resolver knows no deadline."""
    answers: queue.SimpleQueue[Sequence[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(lookup(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"lookup-{host[:40]}", daemon=True).start()
    try:
        answer = answers.get(timeout=max(timeout, 0.001))
    except queue.Empty:
        raise Unreachable(source, f"the name {host} did not resolve within {timeout:.0f} s") from None
    if isinstance(answer, OSError | UnicodeError) or not answer:
        raise Unreachable(source, f"the name {host} does not resolve")
    return answer
