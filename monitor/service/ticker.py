"""The clock that wakes the loops: APScheduler, used for nothing else.

Its defaults lose work: runs later than a second are dropped as missed, and after the wall clock went back an hour it
runs nothing for an hour. So jobs are never late here (no grace time), nothing but an event is set in them, and
`realign` plans anew after a jump of the clock.
"""

import threading
from collections.abc import Callable
from datetime import UTC
from time import monotonic
from typing import Any

from monitor.service.log import log

TICK_S = 5.0
TICKER_DEADLINE_S = 25.0
"""A ticker that is silent for so long has died."""

_JOB = "tick"


class Ticker:
    """Calls `tick` every few seconds, in a thread of its own."""

    def __init__(self, tick: Callable[[], None], every_s: float = TICK_S) -> None:
        from apscheduler.events import (  # noqa: PLC0415  (only a daemon needs a scheduler)
            EVENT_JOB_ERROR,
            EVENT_JOB_MAX_INSTANCES,
            EVENT_JOB_MISSED,
        )
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415

        self._tick = tick
        self._every_s = every_s
        self._lock = threading.Lock()
        self._beat = monotonic()
        self._troubles = 0
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BackgroundScheduler(timezone=UTC, job_defaults=defaults)
        self._scheduler.add_job(self._run, "interval", seconds=every_s, id=_JOB)
        self._scheduler.add_listener(self._troubled, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def realign(self) -> None:
        """Plan anew from the present wall clock, and tick at once."""
        if self._scheduler.running:
            self._scheduler.reschedule_job(_JOB, trigger="interval", seconds=self._every_s)
            self._scheduler.wakeup()
        self._tick()

    @property
    def age_s(self) -> float:
        """Seconds since the last tick."""
        with self._lock:
            return monotonic() - self._beat

    @property
    def troubles(self) -> int:
        """Ticks that failed, came late or were skipped."""
        with self._lock:
            return self._troubles

    def _run(self) -> None:
        with self._lock:
            self._beat = monotonic()
        self._tick()

    def _troubled(self, event: Any) -> None:
        with self._lock:
            self._troubles += 1
        log.warning("tick_missed", "the ticker missed a tick; the loops look for work by themselves", code=event.code)
