"""The wire below `connectors/http.py`: checked addresses and one deadline for everything a request does.

A read time-out alone bounds no request: a server that sends one byte every nine seconds never trips it. So every wait
on the socket, from the first byte of the handshake to the last of the body, is cut to what is left of the total.
"""

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import httpcore
import httpx

from connectors.address import Lookup, checked_addresses, system_lookup


class Deadline:
    """The end of the request that is being made, on the monotonic clock."""

    def __init__(self) -> None:
        self.ends_at = float("inf")

    def start(self, seconds: float) -> None:
        """Give the request `seconds` from now."""
        self.ends_at = time.monotonic() + seconds

    def bound(self, timeout: float | None) -> float:
        """Return `timeout` cut to the time left; raises httpcore.ReadTimeout when none is left."""
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the total time is used up")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A socket whose every wait ends with the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.bound(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.bound(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.bound(timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Connects to the very address that was checked."""

    def __init__(self, source: str, deadline: Deadline, *, allow_private: bool, lookup: Lookup) -> None:
        self._source = source
        self._deadline = deadline
        self._allow_private = allow_private
        self._lookup = lookup
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        wait = self._deadline.bound(timeout)
        addresses = checked_addresses(
            self._source, host, port, allow_private=self._allow_private, timeout=wait, lookup=self._lookup
        )
        failure: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectError("no address")
        for address in addresses[:4]:
            try:
                wait = self._deadline.bound(timeout)
                return _Stream(self._sockets.connect_tcp(address, port, wait, local_address), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class GuardedTransport(httpx.BaseTransport):
    """Carries httpx's requests over checked, deadlined connections.

    Raises httpcore's errors, AddressRefused and Unreachable.
    """

    def __init__(self, source: str, deadline: Deadline, *, allow_private: bool, lookup: Lookup = system_lookup) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(),
            max_connections=4,
            keepalive_expiry=30.0,
            http2=False,
            network_backend=_Backend(source, deadline, allow_private=allow_private, lookup=lookup),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the answer's body is read as a stream."""
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method.encode("ascii"),
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@cache
def _trust() -> ssl.SSLContext:
    """Certificates as httpx ships them, whatever the environment says; read once."""
    make: Callable[..., ssl.SSLContext] = httpx.create_ssl_context
    return make(trust_env=False)
