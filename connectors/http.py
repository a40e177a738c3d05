"""The guard: every request of ours to a platform goes through here, and nothing but ConnectorError comes out.

Bounded are the wait for a connection (5 s), for a byte (10 s), for the whole exchange (30 s), the body as it is sent
(5 MB) and as it is unpacked (16 MB), and the redirects (3, on the same host only). Proxies of the environment are not
used. Private addresses are refused unless the source says `allow_private`.
"""

import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Self

import httpcore
import httpx

from connectors.address import Lookup, system_lookup
from connectors.answer import expect_object, parse_json, raise_for_status, redacted
from connectors.clock import Clock, utc_now
from connectors.errors import AddressRefused, BadAnswer, BadSettings, Unreachable
from connectors.transport import Deadline, GuardedTransport

USER_AGENT = "complaint-monitor/1 (polls public posts about a brand for its customer care)"
_REDIRECTS = (301, 302, 303, 307, 308)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one exchange may cost: seconds to connect, to wait for a byte and in total; bytes sent and unpacked.

    With 0 `redirects` a redirect is an answer like any other.
    """

    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0
    body: int = 5_000_000
    inflated: int = 16_000_000
    redirects: int = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `headers` by lower-case name, `body` unpacked, `url` where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class HttpClient:
    """Talks to one host for one source; build it with `open_client`.

    Several threads may share it. Their requests take turns: it is kinder to a platform, and httpcore's pool may close a
    kept connection under a second thread.
    """

    def __init__(
        self,
        source: str,
        *,
        base: httpx.URL,
        client: httpx.Client,
        transport: httpx.BaseTransport,
        deadline: Deadline,
        limits: HttpLimits,
        secrets: Collection[str],
        clock: Clock,
    ) -> None:
        self.source = source
        self.base_url = str(base).rstrip("/")
        self._base = base
        self._client = client
        self._transport = transport
        self._deadline = deadline
        self._turn = Lock()
        self._limits = limits
        self._secrets = tuple(secrets)
        self._clock = clock

    def get_json(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        gone: Collection[int] = (410,),
    ) -> dict[str, Any]:
        """Return the JSON object at `path`; any status but 2xx raises (`connectors.answer.raise_for_status`)."""
        answer = self.get(path, params, headers=headers, gone=gone)
        return expect_object(self.source, parse_json(self.source, answer.body))

    def get_bytes(self, path: str, params: Mapping[str, Any] | None = None) -> bytes:
        """Return the body at `path`; any status but 2xx raises."""
        return self.get(path, params).body

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        gone: Collection[int] = (410,),
    ) -> Answer:
        """Return the answer at `path` where its status is 2xx or in `accept` (304, say).

        Statuses in `gone` raise SourceGone, all others what they mean.
        """
        answer = self.request("GET", path, params=params, headers=headers)
        if answer.status not in accept:
            raise_for_status(
                self.source,
                answer.status,
                answer.headers,
                self._clock(),
                body=answer.body,
                secrets=self._secrets,
                gone=gone,
            )
        return answer

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Send one request and return the answer, whatever its status.

        `path` starts with "/" and continues the base URL, or is an absolute URL on the same host. Raises Unreachable,
        BadAnswer and AddressRefused.
        """
        with self._turn:
            self._deadline.start(self._limits.total)
            return self._followed(method, self._joined(path), params, headers, content)

    def _followed(
        self,
        method: str,
        url: httpx.URL,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        content: bytes | None,
    ) -> Answer:
        for _ in range(self._limits.redirects + 1):
            answer = self._exchange(method, url, params, headers, content)
            if answer.status not in _REDIRECTS or not self._limits.redirects:
                return answer
            url, params = self._redirected(method, answer), None
        raise BadAnswer(self.source, f"the platform redirects more than {self._limits.redirects} times")

    def _joined(self, path: str) -> httpx.URL:
        url = _parse_url(self.source, self.base_url + path if not path or path[0] in "/?" else path)
        if not _same_host(url, self._base):
            raise AddressRefused(self.source, f"{url.host} is not the host of this source")
        return url

    def _redirected(self, method: str, answer: Answer) -> httpx.URL:
        target = answer.headers.get("location", "")
        try:
            url = httpx.URL(answer.url).join(target)
        except (httpx.InvalidURL, ValueError):
            raise BadAnswer(self.source, "the platform redirects to something that is no address") from None
        if method not in ("GET", "HEAD") or not target or url.userinfo or not _same_host(url, self._base):
            raise AddressRefused(self.source, f"the platform redirects to {url.scheme}://{url.host[:80]}")
        return url

    def _exchange(
        self,
        method: str,
        url: httpx.URL,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        content: bytes | None,
    ) -> Answer:
        """Send one request by the transport itself: httpx's client would look at redirects, and log addresses."""
        try:
            request = self._client.build_request(method, url, params=params, headers=headers, content=content)
            answer = self._transport.handle_request(request)
            try:
                body = self._body(answer)
            finally:
                answer.close()
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            raise Unreachable(self.source, f"{url.host} did not answer in time") from error
        except (httpx.RemoteProtocolError, httpcore.RemoteProtocolError, httpx.DecodingError) as error:
            raise BadAnswer(self.source, f"{url.host} broke off its answer or does not speak HTTP") from error
        except (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unreachable(self.source, f"no connection to {url.host}{_reason(error)}") from error
        except (httpx.InvalidURL, httpcore.UnsupportedProtocol, UnicodeError, ValueError) as error:
            raise BadSettings(self.source, f"a request to {url.host} cannot be written down") from error
        return Answer(answer.status_code, dict(answer.headers), body, str(request.url))

    def _body(self, answer: httpx.Response) -> bytes:
        """Read the body within its limits, unpacking as it comes."""
        unpack = _unpacker(self.source, answer.headers.get("content-encoding", "identity"))
        received, body = 0, bytearray()
        for chunk in answer.iter_raw():
            received += len(chunk)
            if received > self._limits.body:
                raise BadAnswer(self.source, f"the answer is larger than {self._limits.body:,} bytes")
            body += unpack(chunk, self._limits.inflated + 1 - len(body))
            if len(body) > self._limits.inflated:
                raise BadAnswer(self.source, f"the answer unpacks to more than {self._limits.inflated:,} bytes")
        return bytes(body)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_client(
    source_name: str,
    *,
    base_url: str,
    allow_private: bool = False,
    user_agent: str = USER_AGENT,
    headers: Mapping[str, str] | None = None,
    secrets: Collection[str] = (),
    limits: HttpLimits | None = None,
    lookup: Lookup = system_lookup,
    clock: Clock = utc_now,
) -> HttpClient:
    """Build a client for one host. `headers` go with every request; `secrets` never appear in an error.

    Raises AddressRefused for a base URL that is not http(s) or carries a user name, BadSettings for one that is no URL.
    """
    base = _parse_url(source_name, base_url)
    bounds, deadline = limits or HttpLimits(), Deadline()
    transport = GuardedTransport(source_name, deadline, allow_private=allow_private, lookup=lookup)
    client = httpx.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(bounds.read, connect=bounds.connect),
        headers={"user-agent": user_agent, "accept-encoding": "gzip, deflate", **(headers or {})},
    )
    return HttpClient(
        source_name,
        base=base,
        client=client,
        transport=transport,
        deadline=deadline,
        limits=bounds,
        secrets=secrets,
        clock=clock,
    )


def _reason(error: BaseException) -> str:
    """Return the system's own word about a failed connection, where it has one."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    text = getattr(error, "verify_message", None) or getattr(error, "strerror", None)
    return f" ({redacted(text, (), 100)})" if isinstance(text, str) else ""


def _parse_url(source: str, text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise BadSettings(source, "the address is no URL") from error
    if url.scheme not in _DEFAULT_PORTS or not url.host:
        raise AddressRefused(source, f"only http and https addresses are read, not {url.scheme[:20] or 'this'}")
    if url.userinfo:
        raise AddressRefused(source, f"the address of {url.host} carries a user name")
    return url


def _same_host(url: httpx.URL, base: httpx.URL) -> bool:
    """Whether `url` is on the host, port and scheme of `base`; http may rise to https on the default ports."""
    if url.scheme not in _DEFAULT_PORTS or url.host != base.host:
        return False
    ports = (url.port or _DEFAULT_PORTS[url.scheme], base.port or _DEFAULT_PORTS[base.scheme])
    return (url.scheme == base.scheme and ports[0] == ports[1]) or (base.scheme == "http" and ports == (443, 80))


def _unpacker(source: str, encoding: str) -> Callable[[bytes, int], bytes]:
    """Return what turns a chunk as sent into at most so many bytes of body."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return lambda chunk, room: chunk[:room]
    if name not in ("gzip", "x-gzip", "deflate"):
        raise BadAnswer(source, "the answer is packed in a way that was not asked for")
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def inflate(chunk: bytes, room: int) -> bytes:
        try:
            return stream.decompress(chunk, max(room, 1))
        except zlib.error as error:
            raise BadAnswer(source, "the answer is packed wrongly") from error

    return inflate
