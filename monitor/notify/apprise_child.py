"""The process in which Apprise runs: one order on standard input, one verdict on standard output."""

import json
import logging
import re
import resource
import sys
from typing import Any

from connectors.address import refusal

MEMORY_LIMIT = 1_000_000_000
"""Bytes of address space: Apprise and its libraries take a third, an answer of 200 MB does not fit twice."""

_STATUS = re.compile(r"error=(\d{3})\b")


class _Guard:
    """Refuses connections to private addresses, below every library, and remembers that it did."""

    def __init__(self, *, allow_private: bool) -> None:
        self.refused = False
        self._allow_private = allow_private

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and not self._may(arguments[1]):
            self.refused = True
            raise PermissionError("address refused")

    def _may(self, address: object) -> bool:
        """Judge what is about to be connected to: an IP that was resolved already; names and paths are refused."""
        if not isinstance(address, tuple):
            return False
        try:
            return refusal(str(address[0]), allow_private=self._allow_private) is None
        except ValueError:
            return False


class _Statuses(logging.Handler):
    """Picks the HTTP status out of what Apprise logs; the log itself, which may hold secrets, goes nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.status: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        found = _STATUS.search(record.getMessage())
        if found:
            self.status = int(found[1])


def main() -> None:
    """Read the order, send it, say what came of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    order = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(deliver(order)))


def deliver(order: dict[str, Any]) -> dict[str, Any]:
    """Send one message with Apprise; redirects are off, private addresses refused."""
    import apprise  # noqa: PLC0415 - heavy, and only this process needs it

    statuses = _Statuses()
    logger = logging.getLogger("apprise")
    logger.handlers, logger.propagate = [statuses], False
    guard = _Guard(allow_private=order["allow_private"])
    sys.addaudithook(guard)
    asset = apprise.AppriseAsset(http_redirects=False, async_mode=False)
    service = apprise.Apprise.instantiate(order["url"], asset=asset, suppress_exceptions=True)
    sent = False
    if service is not None:
        service.overflow_mode = apprise.OverflowMode.TRUNCATE
        kind = apprise.NotifyType.FAILURE if order["urgent"] else apprise.NotifyType.INFO
        sent = service.notify(
            body=order["body"], title=order["title"], notify_type=kind, body_format=apprise.NotifyFormat.TEXT
        )
    return {"sent": sent, "known": service is not None, "refused": guard.refused, "status": statuses.status}
