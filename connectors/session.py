"""The guard for libraries that bring their own requests session: tweepy and praw.

Mounted on the session, it carries their requests through our own client, so that one set of limits, one address check
and one rule about redirects holds for all traffic.
"""

from collections.abc import Collection, Mapping
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from connectors.address import Lookup, system_lookup
from connectors.answer import parse_json, parse_retry_after
from connectors.clock import Clock, utc_now
from connectors.errors import AddressRefused
from connectors.http import Answer, HttpClient, HttpLimits, open_client

_OURS = ("host", "accept-encoding", "connection", "content-length", "transfer-encoding")
"""Headers that our own client sets."""

_UNPACKED = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that no longer hold once the body is unpacked."""


class GuardedAdapter(BaseAdapter):
    """A requests adapter over `HttpClient`.

    `hosts` maps each origin that the library asks for (`https://api.twitter.com`) to the origin to go to; a request
    to any other raises AddressRefused. Errors of the connection are raised as ConnectorError, which no library retries.
    Statuses are returned for the library to judge, with Retry-After rewritten to whole seconds within our bounds, or
    left out where it is unreadable, and without `drop_headers`. With `json_only` a 2xx body that is not sound JSON
    raises BadAnswer before the library sees it.
    """

    def __init__(
        self,
        source_name: str,
        *,
        hosts: Mapping[str, str],
        allow_private: bool = False,
        json_only: bool = True,
        drop_headers: Collection[str] = (),
        limits: HttpLimits | None = None,
        lookup: Lookup = system_lookup,
        clock: Clock = utc_now,
    ) -> None:
        super().__init__()
        self.source = source_name
        self._json_only = json_only
        self._dropped = {*_UNPACKED, "retry-after", *(name.lower() for name in drop_headers)}
        self._clock = clock
        self._clients = {
            origin.rstrip("/"): open_client(
                source_name, base_url=target, allow_private=allow_private, limits=limits, lookup=lookup, clock=clock
            )
            for origin, target in hosts.items()
        }

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Carry one prepared request; time-outs, certificates and proxies of the session are not consulted."""
        client, path = self._route(request.url or "")
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {
            name: value if isinstance(value, str) else value.decode("latin-1")
            for name, value in request.headers.items()
            if name.lower() not in _OURS
        }
        answer = client.request(request.method or "GET", path, headers=headers, content=bytes(body) if body else None)
        if self._json_only and 200 <= answer.status < 300 and answer.body:
            parse_json(self.source, answer.body)
        return self._response(request, answer)

    def _route(self, url: str) -> tuple[HttpClient, str]:
        for origin, client in self._clients.items():
            if url == origin or url.startswith((f"{origin}/", f"{origin}?")):
                return client, url[len(origin) :]
        raise AddressRefused(self.source, "a request to a host that is not the platform's")

    def _response(self, request: requests.PreparedRequest, answer: Answer) -> requests.Response:
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(
            {name: value for name, value in answer.headers.items() if name not in self._dropped}
        )
        wait = parse_retry_after(answer.headers.get("retry-after"), self._clock())
        if wait is not None:
            response.headers["retry-after"] = str(round(wait.total_seconds()))
        response.raw = BytesIO(answer.body)
        response.encoding = get_encoding_from_headers(response.headers)
        response.url = answer.url
        response.request = request
        return response

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()
