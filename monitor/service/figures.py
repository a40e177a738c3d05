"""The figures that tell how the daemon is doing, gathered in one go. Unknown is None."""

import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from monitor.domain import Level
from monitor.errors import StoreError
from monitor.service.log import log
from monitor.service.loop import LoopState
from monitor.service.reload import Reload
from monitor.steps.auditor import lost_chains
from monitor.steps.reading import TRIES
from monitor.steps.services import Services
from monitor.store.chains import LostChain
from monitor.store.receivers import CanaryRun, ReceiverState
from monitor.store.records import SourceStatus
from monitor.store.store import Store

_NONE = timedelta(0)
FRESH_S = 1.0
"""Figures are gathered at most this often, however many ask."""


@dataclass(frozen=True, slots=True)
class Machinery:
    """The daemon's own side: its loops, its ticker, its last reload, its web address."""

    loops: tuple[LoopState, ...] = ()
    reload: Reload | None = None
    ticker_age_s: float = 0.0
    ticks_missed: int = 0
    clock_jumps: int = 0
    web: str | None = None
    web_failure: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """A daemon at one moment. `store_failure` is None where the store answered; else its figures are unknown."""

    at: datetime
    machinery: Machinery = field(default_factory=Machinery)
    sources: tuple[SourceStatus, ...] = ()
    broken_receivers: Mapping[str, str] = field(default_factory=dict)
    waiting_hits: int | None = None
    parked_hits: int | None = None
    waiting_rescores: int | None = None
    """Posts of open cases that a changed config has still to judge."""

    oldest_hit_at: datetime | None = None
    oldest_urgent_at: datetime | None = None
    longest_pause: timedelta = _NONE
    """How long a route may keep an urgent message open."""

    messages: Mapping[str, int] = field(default_factory=dict)
    open_cases: Mapping[Level, int] = field(default_factory=dict)
    late_cases: Mapping[Level, int] = field(default_factory=dict)
    lost_chains: tuple[LostChain, ...] = ()
    """Urgent cases that nobody has taken and whose escalation does not go on."""

    receivers: Mapping[str, ReceiverState] = field(default_factory=dict)
    """How the receivers of the config are doing, those that had anything to do."""

    canary: CanaryRun | None = None
    """The last test alert, where the config asks for them."""

    free_bytes: int | None = None
    store_failure: str | None = None


def gather(store: Store, services: Services, machinery: Machinery, now: datetime) -> Figures:
    """Ask the store; where it does not answer, its failure is the figure."""
    try:
        waits = store.waits()
        names = {*services.sources, *services.broken_sources}
        return Figures(
            at=now,
            machinery=machinery,
            sources=tuple(source for source in store.sources(now) if source.name in names),
            broken_receivers=services.broken_receivers,
            waiting_hits=waits["hits"],
            parked_hits=waits["parked"],
            waiting_rescores=store.waiting_rescores(services.rules.version, tries=TRIES),
            oldest_hit_at=waits["oldest_hit_at"],
            oldest_urgent_at=waits["oldest_urgent_at"],
            longest_pause=max(
                (max(route.group_wait, route.group_interval) for route in services.settings.routes), default=_NONE
            ),
            messages=waits["messages"],
            open_cases=store.open_by_level(),
            late_cases=store.late_by_level(now),
            lost_chains=tuple(lost_chains(store, services.settings, now)),
            receivers=_receivers(store, services),
            canary=_canary(store, services),
            free_bytes=_free_bytes(services),
        )
    except StoreError as error:
        failure = str(error)
    except Exception as error:  # noqa: BLE001
        # Broad on purpose: who watches over the loops may not fall over a figure; that it cannot be had is the figure.
        failure = f"{type(error).__name__}: {error}"
        log.failure("figures_failed", "the figures cannot be gathered", error)
    return Figures(at=now, machinery=machinery, store_failure=failure, free_bytes=_free_bytes(services))


class Gauge:
    """Keeps the figures for a second, so that a scrape, a page and the watchdog share them."""

    def __init__(self, measure: Callable[[], Figures]) -> None:
        self._measure = measure
        self._lock = threading.Lock()
        self._figures: Figures | None = None
        self._measured = 0.0

    def figures(self) -> Figures:
        """Return figures that are at most a second old."""
        with self._lock:
            if self._figures is None or monotonic() - self._measured > FRESH_S:
                self._figures = self._measure()
                self._measured = monotonic()
            return self._figures

    def discard(self) -> None:
        """Measure anew at the next question."""
        with self._lock:
            self._figures = None


def _receivers(store: Store, services: Services) -> dict[str, ReceiverState]:
    return {name: state for name, state in store.receiver_states().items() if name in services.settings.receivers}


def _canary(store: Store, services: Services) -> CanaryRun | None:
    canary = services.settings.canary
    return store.last_canary(canary.receiver) if canary is not None else None


def _free_bytes(services: Services) -> int | None:
    """Return the free bytes of the disk that holds an SQLite file; None for a store elsewhere."""
    address = services.settings.store
    if not address.startswith("sqlite:///") or address.endswith(":memory:"):
        return None
    try:
        return shutil.disk_usage(Path(address.removeprefix("sqlite:///")).parent).free
    except OSError:
        return None
