"""Where the pages may listen: on this machine, or for others over TLS or through a proxy."""

import ipaddress

LOOPBACK_HINT = "listen on 127.0.0.1, or set `web.tls` or `web.proxy`"


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
