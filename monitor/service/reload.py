"""The services in force, and how a reload replaces them: whole, between two turns, or not at all."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from models.errors import ModelError
from monitor.config.schema import Settings
from monitor.errors import ConfigError, MonitorError
from monitor.service.log import log
from monitor.steps.services import Services

_SHOWN_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class Reload:
    """How the last reading of the config ended; `reason` is None where it was accepted.

    `on_disk` is False where what was refused never reached the file: the config on disk is still the one in force.
    `number` counts the readings, `refused` those of them that were refused.
    """

    at: datetime
    reason: str | None = None
    on_disk: bool = True
    number: int = 0
    refused: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the config on disk is the one in force."""
        return self.reason is None


class Serving:
    """Holds the services. `build` reads the config and makes new ones; it raises MonitorError where that fails."""

    def __init__(self, services: Services, build: Callable[[], Services], now: datetime) -> None:
        self.last = Reload(now)
        self._services = services
        self._build = build
        self._retired: list[Services] = []
        self._resting: list[Services] = []
        self._lock = threading.Lock()
        self._read = threading.Condition()

    def services(self) -> Services:
        """Return the services in force."""
        return self._services

    def reload(self, now: datetime) -> bool:
        """Read the config again; a bad one leaves everything as it is, and says so."""
        try:
            fresh = self._build()
            check_still_hears(self._services.settings, fresh.settings)
        except (MonitorError, ModelError) as error:
            self._refuse(_reason(error), now)
            return False
        except Exception as error:  # noqa: BLE001
            # Broad on purpose: a config that breaks its reader is a bad config, and none takes the daemon down.
            log.failure("reload_broke", "the config could not be read", error)
            self._refuse(f"{type(error).__name__}: {error}"[:300], now)
            return False
        with self._lock:
            self._retired.append(self._services)
            self._services = fresh
        self._note(now, None)
        log.info("reload_done", "the new config is in force")
        return True

    def refuse(self, error: Exception, now: datetime) -> None:
        """Note that a config was refused before it reached the file."""
        reason = _reason(error)
        self._note(now, reason, on_disk=False)
        log.error("config_refused", f"a new config is refused, nothing has changed: {reason}")

    def wait_beyond(self, number: int, within_s: float) -> Reload | None:
        """Wait until the config was read once more than `number` times; None where that takes too long."""
        with self._read:
            read = self._read.wait_for(lambda: self.last.number > number, within_s)
            return self.last if read else None

    def close_retired(self, in_use: Callable[[Services], bool]) -> None:
        """Close what no turn uses any more, apart from what the present services took over.

        What was retired since the last call waits for the next: a turn may just be about to begin with it.
        """
        with self._lock:
            done = [services for services in self._resting if not in_use(services)]
            self._resting = [services for services in self._resting if in_use(services)] + self._retired
            self._retired = []
        for services in done:
            close_services(services, keep=self._services)

    def close(self) -> None:
        """Close everything."""
        for services in (*self._retired, *self._resting, self._services):
            close_services(services, keep=None)

    def _refuse(self, reason: str, now: datetime) -> None:
        self._note(now, reason)
        log.error("reload_refused", f"the new config is refused, the old one stays in force: {reason}")

    def _note(self, now: datetime, reason: str | None, *, on_disk: bool = True) -> None:
        with self._read:
            was = self.last
            self.last = Reload(now, reason, on_disk, was.number + on_disk, was.refused + (reason is not None))
            self._read.notify_all()


def check_still_hears(old: Settings, fresh: Settings) -> None:
    """Raise MonitorError where a config has lost all its brands, as a file that is only half written has."""
    if old.brands and not fresh.brands:
        raise MonitorError(
            "brands", "all are gone, as in a file that is half written", "to hear nobody, stop the daemon"
        )


def _reason(error: Exception) -> str:
    if not isinstance(error, ConfigError):
        return str(error)
    shown = [str(problem) for problem in error.problems[:_SHOWN_PROBLEMS]]
    more = len(error.problems) - len(shown)
    return "; ".join([*shown, *([f"and {more} more problems"] if more > 0 else [])])


def close_services(services: Services, keep: Services | None = None) -> None:
    """Close connectors and receivers, apart from what `keep` still uses; one that fails is logged and left."""
    for closing in _closable(services) - (_closable(keep) if keep else set()):
        try:
            closing()
        # Broad on purpose: closing is code of foreign libraries, and what is thrown away may not stop what goes on.
        except Exception as error:  # noqa: BLE001
            log.failure("close_failed", "an old connection could not be closed", error)


def _closable(services: Services) -> set[Callable[[], None]]:
    """Return what ends connectors and receivers; bound methods are equal where their object is."""
    connectors = {source.connector.close for source in services.sources.values()}
    return connectors | {receiver.close for receiver in services.receivers.values()}
