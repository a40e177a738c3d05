"""What the pages are given; built in `monitor/app.py` alone."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.connector import Connector
from monitor.config.schema import Settings
from monitor.desk import Command
from monitor.desk.workshop import Workshop
from monitor.service.health import Health
from monitor.store.store import Store

if TYPE_CHECKING:
    from monitor.config.pins import Pin
    from monitor.lab.pins import PinResult


def _no_results(_: "Sequence[Pin]") -> "tuple[PinResult, ...]":
    return ()


def _never(_: int, __: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Views:
    """What the open addresses show: asked for at each request, from a thread of the server."""

    health: Callable[[], Health]
    metrics: Callable[[], bytes]
    acknowledge: Callable[[int, str], bool] = _never
    """Takes the number and the token of a canary; False where they do not belong together, or were used already."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a page works with. Every part may be used from many threads at once.

    `execute` refuses what the person of the present request may not do, in whatever page it is called: see
    `monitor/web/guard.py`. It raises MonitorError.
    """

    reading: Callable[[], AbstractContextManager[Store]]
    """A store that is only read, for one request."""
    execute: Callable[[Command], dict[str, Any]]
    """A person's command, through the daemon's own store."""
    settings: Callable[[], Settings]
    clock: Callable[[], datetime]
    views: Views
    revision: Callable[[], int]
    """A number that is another one once anything was written to the store."""
    writing: Callable[[], AbstractContextManager[Store]]
    """The daemon's own store, for sessions and what belongs to them; pages use `execute`."""
    prices: Callable[[], Mapping[str, float | None]] = dict
    """US dollars a post by source, None where reading is free."""
    connectors: Callable[[], Mapping[str, Connector]] = dict
    """The sources that run, by name: pages ask them what may be answered, and call none of them."""
    run_pins: "Callable[[Sequence[Pin]], Sequence[PinResult]]" = _no_results
    """Runs pins through the config in force. Raises ModelError where the model breaks down."""
    workshop: Workshop | None = None
    """Where changes of the config are tried; None where this process may not change it."""
