"""Tells systemd how the daemon is: READY, STATUS, WATCHDOG, RELOADING, STOPPING over NOTIFY_SOCKET (sd_notify(3)).

Outside systemd nothing is sent. Word is only ever given by the process that systemd started.
"""

import os
import socket
import time
from collections.abc import Mapping
from typing import Self

from monitor.service.log import log

_STATUS_LIMIT = 300
"""Letters of a status line; `systemctl status` shows one line."""


class Notifier:
    """Speaks to the service manager at `address`; `watchdog_s` is how often it wants a sign of life, None: never.

    An address that begins with `@` stands for an abstract socket. A manager that cannot be reached is logged once:
    the daemon's own work never waits for it.
    """

    def __init__(self, address: str | None = None, watchdog_s: float | None = None) -> None:
        self.watchdog_s = watchdog_s
        self._address = address
        self._complained = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; a watchdog of another process is not ours to feed."""
        ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        span = environ.get("WATCHDOG_USEC", "")
        watchdog_s = int(span) / 1e6 if ours and span.isascii() and span.isdigit() and int(span) else None
        return cls(environ.get("NOTIFY_SOCKET") or None, watchdog_s)

    @property
    def ping_every_s(self) -> float | None:
        """Seconds between two signs of life: a third of what the manager allows."""
        return None if self.watchdog_s is None else self.watchdog_s / 3

    def ready(self, status: str) -> None:
        """Say that start-up, or a reload, is done."""
        self._send("READY=1", f"STATUS={_line(status)}")

    def status(self, status: str) -> None:
        """Say in one line how things stand."""
        self._send(f"STATUS={_line(status)}")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """Say that the config is read again; `ready` ends it. The time is what Type=notify-reload asks for."""
        now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send("RELOADING=1", f"MONOTONIC_USEC={now_us}", "STATUS=reading the config again")

    def stopping(self) -> None:
        """Say that the daemon is on its way out."""
        self._send("STOPPING=1", "STATUS=stopping")

    def _send(self, *lines: str) -> None:
        if self._address is None:
            return
        # the kernel writes an abstract name with a leading NUL, systemd with an @
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.settimeout(1)
                channel.connect(address)
                channel.sendall("\n".join(lines).encode())
        except (OSError, ValueError) as error:
            if not self._complained:
                log.warning("notify_failed", f"the service manager cannot be told: {error}")
            self._complained = True


def _line(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return shown[:_STATUS_LIMIT]
