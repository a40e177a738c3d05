"""The daemon: loops that work, and the main thread that watches over them.

    signals ─▶ orders ─▶ main thread ─▶ stop, reload
                           │ every second: clock, loops, web ─▶ service manager (READY, STATUS, WATCHDOG)
    ticker ──▶ events ─▶ loops: poll ×4 · triage · follow · timers · deliver:NAME · retention

The tables are the truth: stopped or killed anywhere, the next start goes on from there.
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from connectors.clock import Clock, utc_now
from monitor.errors import MonitorError, StoreError
from monitor.service.crew import Crew
from monitor.service.figures import Figures, Gauge, Machinery, gather
from monitor.service.health import Health, judge_health
from monitor.service.jobs import Steps
from monitor.service.log import log
from monitor.service.metrics import render_metrics
from monitor.service.notify import Notifier
from monitor.service.reload import Serving
from monitor.service.signals import Order, Orders, signals_to
from monitor.service.ticker import TICKER_DEADLINE_S, Ticker
from monitor.service.wall import ClockWatch
from monitor.service.web_keeper import Listener, WebKeeper
from monitor.steps.services import Services
from monitor.steps.signs import WEB_META
from monitor.store.store import Store

STOP_S = 7.0
"""Seconds that the loops have to finish their turns; with the rest, a stop takes less than 10 s."""

RELOAD_S = 20.0
"""Seconds that a command waits for the config that it changed: less than its own deadline, enough for a model."""

SUPERVISE_S = 1.0
STATUS_EVERY_S = 10.0


class Companion(Protocol):
    """Something that runs beside the loops, such as the socket that commands arrive at."""

    def start(self) -> object:
        """Begin; raises MonitorError where that fails."""
        ...

    def stop(self) -> None:
        """End, within two seconds."""
        ...


def leave_at_once() -> None:
    """End the process, whatever other threads are doing; the kernel frees the lock, the tables know what is open."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


@dataclass(frozen=True, slots=True)
class Outfit:
    """What a daemon works with beside store, services and steps; every part can be replaced in a test.

    `reader` is a read-only store of the same data for figures: a health check never waits behind the writer.
    """

    reader: Store | None = None
    clock: Clock = utc_now
    notifier: Notifier = field(default_factory=Notifier.from_environ)
    companions: Sequence[Companion] = ()
    web: "Callable[[Daemon], Listener] | None" = None
    leave: Callable[[], None] = leave_at_once
    """Called where a turn outlives the stop: its thread must not run on through the end of the interpreter."""


class Daemon:
    """Works on one store until it is told to stop. The caller holds the store's lock.

    `build` reads the config again and returns new services, or raises MonitorError (ConfigError for a bad config).
    """

    def __init__(
        self,
        store: Store,
        services: Services,
        build: Callable[[], Services],
        steps: Steps,
        outfit: Outfit | None = None,
    ) -> None:
        self._outfit = outfit or Outfit()
        self._store = store
        self._clock = self._outfit.clock
        self._orders = Orders()
        self._serving = Serving(services, build, self._clock())
        self._crew = Crew(store, self._serving.services, steps, self._clock)
        self._ticker = Ticker(self._crew.wake)
        self._gauge = Gauge(self._measure)
        self._web = WebKeeper(self._outfit.web(self)) if self._outfit.web else WebKeeper(None)
        self._wall = ClockWatch(self._clock)
        ping_every_s = self._outfit.notifier.ping_every_s
        self._breath_s = SUPERVISE_S if ping_every_s is None else min(SUPERVISE_S, ping_every_s / 2)
        self._pinged = self._told = float("-inf")

    def run(self) -> bool:
        """Work until `stop` or SIGTERM; False where a turn was left behind and `leave` came back."""
        self._store.void_leases()
        with signals_to(self._orders):
            self._start()
            try:
                while Order.STOP not in (orders := self._orders.wait(self._breath_s)):
                    if Order.RELOAD in orders:
                        self._reload()
                    self._supervise()
            finally:
                finished = self._stop()
        if not finished:
            self._outfit.leave()
        return finished

    def stop(self) -> None:
        """Have `run` end gracefully; from any thread."""
        self._orders.give(Order.STOP)

    def reload(self) -> None:
        """Have the config read again; from any thread."""
        self._orders.give(Order.RELOAD)

    def reload_now(self) -> None:
        """Have the config read again, and wait for it; from any thread but the main one.

        Raises MonitorError where it is refused, or takes too long.
        """
        before = self._serving.last.number
        self._orders.give(Order.RELOAD)
        read = self._serving.wait_beyond(before, RELOAD_S)
        if read is None:
            raise MonitorError("reload", f"took more than {RELOAD_S:g} s", "see the daemon's log")
        if read.reason is not None:
            raise MonitorError("reload", read.reason, "the old config stays in force")

    def refused(self, error: Exception) -> None:
        """Note that a config was refused before it reached the file: in status, metrics and log."""
        self._serving.refuse(error, self._clock())
        self._gauge.discard()

    def wake(self) -> None:
        """Have every loop look for work, as after a person's command."""
        self._crew.wake()

    @property
    def services(self) -> Services:
        """The services in force."""
        return self._serving.services()

    def figures(self) -> Figures:
        """Return figures at most a second old."""
        return self._gauge.figures()

    def health(self) -> Health:
        """Return whether all is well, and why not."""
        return judge_health(self.figures())

    def metrics(self) -> bytes:
        """Return the figures as Prometheus text."""
        return render_metrics(self.figures())

    def _start(self) -> None:
        for companion in self._outfit.companions:
            companion.start()
        self._crew.start()
        self._ticker.start()
        self._keep_web()
        self._outfit.notifier.ready(self._summary())
        log.info("daemon_started", "the daemon works", sources=len(self.services.sources))

    def _stop(self) -> bool:
        self._outfit.notifier.stopping()
        log.info("daemon_stopping", "the daemon stops")
        self._ticker.stop()
        self._web.stop()
        for companion in self._outfit.companions:
            companion.stop()
        late = self._crew.stop(STOP_S)
        if late:
            log.warning("daemon_left", f"left behind: {', '.join(late)}; the next start takes their work up")
            self._give_back()
        else:
            self._serving.close()
        log.info("daemon_stopped", "the daemon has stopped")
        return not late

    def _give_back(self) -> None:
        """Void the claims of turns that are left behind: their fences are gone, so nothing of them is written."""
        try:
            self._store.void_leases()
        except StoreError as error:
            log.warning("give_back_failed", f"claims stay until the next start: {error}")

    def _supervise(self) -> None:
        if self._wall.has_jumped():
            log.warning("clock_jumped", "the wall clock jumped; everything due is looked at again")
            self._ticker.realign()
        self._serving.close_retired(self._crew.uses)
        self._keep_web()
        self._report()

    def _report(self) -> None:
        now, notifier = monotonic(), self._outfit.notifier
        if notifier.ping_every_s is not None and now - self._pinged >= notifier.ping_every_s - self._breath_s / 2:
            self._feed_watchdog()
            self._pinged = now
        if now - self._told >= STATUS_EVERY_S:
            notifier.status(self._summary())
            self._told = now

    def _feed_watchdog(self) -> None:
        """Give a sign of life only if all loops turn and the store answers a read: else the manager restarts us."""
        stuck = [loop.name for loop in self._crew.states() if loop.stuck]
        failure = self.figures().store_failure
        if self._ticker.age_s > TICKER_DEADLINE_S:
            stuck.append("ticker")
        if stuck or failure:
            cause = f"stuck: {', '.join(stuck)}" if stuck else f"no answer from the store: {failure}"
            log.error("watchdog_starved", f"no sign of life for the service manager; {cause}")
        else:
            self._outfit.notifier.alive()

    def _reload(self) -> None:
        self._outfit.notifier.reloading()
        before = self.services.settings
        if self._serving.reload(self._clock()):
            self._crew.fit_receivers()
            after = self.services.settings
            if (before.store, before.web) != (after.store, after.web):
                log.warning("restart_needed", "`store` and `web` change with the next start")
        self._crew.wake()
        self._gauge.discard()
        self._outfit.notifier.ready(self._summary())

    def _keep_web(self) -> None:
        address = self._web.keep()
        if address is not None:
            log.info("web_listens", f"health and metrics: {address}/healthz", address=address)
            self._remember(address)

    def _remember(self, address: str) -> None:
        try:
            self._store.set_meta(WEB_META, address)
        except StoreError as error:
            log.warning("web_not_noted", f"the web address stays in the log alone: {error}")

    def _measure(self) -> Figures:
        return gather(self._outfit.reader or self._store, self.services, self._machinery(), self._clock())

    def _machinery(self) -> Machinery:
        return Machinery(
            loops=self._crew.states(),
            reload=self._serving.last,
            ticker_age_s=self._ticker.age_s,
            ticks_missed=self._ticker.troubles,
            clock_jumps=self._wall.jumps,
            web=self._web.address,
            web_failure=self._web.failure,
        )

    def _summary(self) -> str:
        figures = self.figures()
        health = judge_health(figures)
        if not health.ok:
            return f"red: {'; '.join(health.reasons)}"
        cases = sum(figures.open_cases.values())
        return f"ok: {len(figures.sources)} sources, {figures.waiting_hits} posts undecided, {cases} open cases"
