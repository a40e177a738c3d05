"""Keeps the web server listening, whatever else has its address."""

from time import monotonic
from typing import Protocol

from monitor.errors import MonitorError
from monitor.service.log import log

RETRY_S = 5.0


class Listener(Protocol):
    """The web server."""

    def start(self) -> str:
        """Listen; returns the address. Raises MonitorError."""
        ...

    def stop(self) -> None:
        """Answer no more."""
        ...


class WebKeeper:
    """Has the web server listen, and tries again where its address is taken: no page is worth a lost complaint."""

    def __init__(self, server: Listener | None) -> None:
        self.address: str | None = None
        self.failure: str | None = None
        self._server = server
        self._tried = float("-inf")

    def keep(self) -> str | None:
        """Return the address once it listens, None before and after."""
        if self._server is None or self.address is not None or monotonic() - self._tried < RETRY_S:
            return None
        self._tried = monotonic()
        try:
            self.address = self._server.start()
        except MonitorError as error:
            if self.failure is None:
                log.error("web_failed", f"{error}; it is tried again")
            self.failure = str(error)
            return None
        self.failure = None
        return self.address

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None and self.address is not None:
            self._server.stop()
