"""Where the pages may listen: on this machine alone, as long as they have no login."""

import ipaddress

LOOPBACK_HINT = "listen on 127.0.0.1 and put a proxy that asks for a login in front"


def split_listen(listen: str) -> tuple[str, int]:
    """Return host and port of `host:port`; an IPv6 address loses its brackets."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host; a name counts only where it is `localhost`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
