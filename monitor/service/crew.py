"""The loops of a daemon together: started, woken, joined; a loop more or less where receivers come and go."""

import threading
from collections.abc import Callable
from time import monotonic

from connectors.clock import Clock
from monitor.service.jobs import DELIVER, Steps, delivery_job, standing_jobs
from monitor.service.loop import Job, Loop, LoopState
from monitor.steps.services import Services
from monitor.store.store import Store


class Crew:
    """All loops over one store. `services` is asked anew before every turn."""

    def __init__(self, store: Store, services: Callable[[], Services], steps: Steps, clock: Clock) -> None:
        self._store = store
        self._services = services
        self._steps = steps
        self._clock = clock
        self._lock = threading.Lock()
        self._loops: dict[str, Loop] = {}
        self._leaving: list[Loop] = []

    def start(self) -> None:
        """Start every loop."""
        for job in standing_jobs(self._steps, monotonic):
            self._add(job)
        self.fit_receivers()

    def fit_receivers(self) -> None:
        """Have one delivering loop for each receiver of the present services."""
        wanted = {f"{DELIVER}:{name}": name for name in self._services().receivers}
        for name in [name for name in self._names() if name.startswith(f"{DELIVER}:") and name not in wanted]:
            with self._lock:
                loop = self._loops.pop(name)
                self._leaving.append(loop)
            loop.stop()
        for name, receiver in wanted.items():
            if name not in self._names():
                self._add(delivery_job(self._steps, receiver))

    def wake(self, kind: str | None = None) -> None:
        """Wake the loops of a kind (`triage`, `deliver`, …), or all."""
        for loop in self._present():
            name = loop.job.name
            if kind is None or name == kind or name.startswith((f"{kind}:", f"{kind}-")):
                loop.wake()

    def states(self) -> tuple[LoopState, ...]:
        """How each loop is doing."""
        return tuple(loop.state for loop in self._present())

    def uses(self, services: Services) -> bool:
        """Whether a turn that began with these services is still going on."""
        with self._lock:
            loops = [*self._loops.values(), *self._leaving]
        return any(loop.in_use is services for loop in loops)

    def stop(self, within_s: float) -> list[str]:
        """Let every loop finish its turn; returns the names of those that did not in time."""
        with self._lock:
            loops = [*self._loops.values(), *self._leaving]
        for loop in loops:
            loop.stop()
        end = monotonic() + within_s
        return [loop.job.name for loop in loops if not loop.join(end - monotonic())]

    def _add(self, job: Job) -> None:
        loop = Loop(job, self._store, self._services, self._clock, self.wake)
        with self._lock:
            self._loops[job.name] = loop
        loop.start()

    def _names(self) -> list[str]:
        with self._lock:
            return list(self._loops)

    def _present(self) -> list[Loop]:
        with self._lock:
            self._leaving = [loop for loop in self._leaving if not loop.join(0)]
            return list(self._loops.values())
