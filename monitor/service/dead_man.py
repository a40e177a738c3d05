"""The dead man's switch: a ping to a watcher outside, which raises the alarm where the ping stays away.

    all is well ─▶ GET URL          not well ─▶ POST URL/fail with the reasons          stuck, dead ─▶ nothing

It runs in a thread of its own and judges the same figures as `/healthz`: a loop that stands still is a reason.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.address import Lookup, system_lookup
from connectors.clock import Clock, utc_now
from connectors.errors import ConnectorError
from connectors.http import HttpLimits, open_client
from monitor.config.signs import DeadMan as Options
from monitor.errors import StoreError
from monitor.service.health import Health
from monitor.service.log import log
from monitor.store.receivers import PING_META
from monitor.store.records import stamp
from monitor.store.store import Store

_LIMITS = HttpLimits(connect=5.0, read=5.0, total=10.0, body=64_000, inflated=64_000, redirects=0)
_IDLE = timedelta(minutes=1)
"""How often it looks whether a reload has switched it on."""

_BODY = 10_000
_STOP_S = 1.0


@dataclass(frozen=True, slots=True)
class Ping:
    """How one ping went: whether the daemon was well, and why the watcher was not reached (None: it was)."""

    at: datetime
    well: bool
    failure: str | None


class DeadMan:
    """Pings as the config in force says. `options` is asked before each ping, so that a reload takes effect."""

    def __init__(
        self,
        options: Callable[[], Options | None],
        health: Callable[[], Health],
        store: Store,
        *,
        clock: Clock = utc_now,
        lookup: Lookup = system_lookup,
    ) -> None:
        self._options = options
        self._health = health
        self._store = store
        self._clock = clock
        self._lookup = lookup
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dead-man", daemon=True)
        self._failure: str | None = None
        self._ok_at: datetime | None = None

    def start(self) -> None:
        """Begin to ping, after a first pause: a daemon that has just begun has nothing to tell yet."""
        self._thread.start()

    def stop(self) -> None:
        """Ping no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_S)

    def ping(self) -> Ping | None:
        """Ping once; None where the config asks for none."""
        options = self._options()
        if options is None:
            return None
        health = self._health()
        failure = self._sent(options, health)
        self._tell(failure)
        return Ping(self._clock(), health.ok, failure)

    def _run(self) -> None:
        while not self._stopping.wait(self._pause_s()):
            ping = self.ping()
            if ping is not None:
                self._remember(ping)

    def _pause_s(self) -> float:
        options = self._options()
        return (options.every if options else _IDLE).total_seconds()

    def _sent(self, options: Options, health: Health) -> str | None:
        """Send one ping; returns why that failed, in words without the address, which is a secret."""
        url = options.url.get_secret_value()
        try:
            with open_client(
                "dead_man", base_url=url, allow_private=options.allow_private, limits=_LIMITS, lookup=self._lookup
            ) as client:
                if health.ok:
                    answer = client.request("GET", url)
                else:
                    body = "\n".join(health.reasons).encode("utf-8", "replace")[:_BODY]
                    answer = client.request("POST", _fail_address(url), content=body)
        except ConnectorError as error:
            return error.cause
        return None if 200 <= answer.status < 300 else f"the watcher answered {answer.status}"

    def _tell(self, failure: str | None) -> None:
        """Log what has changed; the same failure again is not repeated."""
        if failure is not None and failure != self._failure:
            log.warning("dead_man_failed", f"dead_man: {failure}; it is tried again")
        elif failure is None and self._failure is not None:
            log.info("dead_man_recovered", "dead_man: the watcher is reached again")
        self._failure = failure

    def _remember(self, ping: Ping) -> None:
        self._ok_at = ping.at if ping.failure is None else self._ok_at
        record = {"at": stamp(ping.at), "ok_at": stamp(self._ok_at), "well": ping.well, "failure": ping.failure}
        try:
            self._store.set_meta(PING_META, json.dumps(record))
        except StoreError as error:
            log.warning("dead_man_not_noted", f"dead_man: the last ping is not noted: {error}")


def _fail_address(url: str) -> str:
    """Return the address that says that something is wrong; a query stays at its end."""
    path, mark, query = url.partition("?")
    return f"{path.rstrip('/')}/fail{mark}{query}"
