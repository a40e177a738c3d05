"""One working loop: a step turned again and again in a thread of its own.

    wake ──▶ turn while there is work ──▶ wait until due, 5 s at most ──▶ wake …
                     │ failed
                     └──▶ back off (up to 15 s), say so, go on

A loop never dies of its step: it is counted, logged and shown in health, and tried again.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeAlias

from connectors.clock import Clock
from monitor.errors import StoreError
from monitor.service.log import log
from monitor.steps.backoff import backoff
from monitor.steps.services import Done, Services
from monitor.store.store import Store

Turn: TypeAlias = Callable[[Store, Services, datetime], Done]
"""One turn of a step, its limit already chosen."""

LONGEST_WAIT_S = 5.0
"""A wake-up that got lost costs this much, and no more."""

SHORTEST_WAIT_S = 0.2
"""What is due but not ours to take (another thread has it) must not be asked for without pause."""

LONGEST_BACKOFF = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Job:
    """What a loop does: `deadline_s` is how long one turn may take before the loop counts as stuck.

    `wakes` names the loops that have something to do after a turn that did something.
    """

    name: str
    turn: Turn
    deadline_s: float = 30.0
    wakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoopState:
    """How a loop is doing. `age_s` counts since it last began or ended a turn; `failure` is None while all is well."""

    name: str
    turns: int
    errors: int
    age_s: float
    deadline_s: float
    failure: str | None = None

    @property
    def stuck(self) -> bool:
        """Whether the loop has not turned within its deadline."""
        return self.age_s > self.deadline_s


class Loop:
    """Turns one job. `services` is asked before each turn, so that a reload takes effect between two."""

    def __init__(
        self, job: Job, store: Store, services: Callable[[], Services], clock: Clock, wake: Callable[[str], None]
    ) -> None:
        self.job = job
        self.in_use: Services | None = None
        self._store = store
        self._services = services
        self._clock = clock
        self._wake_others = wake
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=job.name, daemon=True)
        self._turns = self._errors = self._failures = 0
        self._failure: str | None = None
        self._beat = monotonic()

    def start(self) -> None:
        """Begin to turn."""
        self._thread.start()

    def wake(self) -> None:
        """Look for work now; during a back-off the work waits for its end."""
        self._woken.set()

    def stop(self) -> None:
        """End after the present turn; returns at once."""
        self._stopping.set()
        self._woken.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False where a turn takes longer."""
        self._thread.join(max(timeout_s, 0))
        return not self._thread.is_alive()

    @property
    def state(self) -> LoopState:
        """How the loop is doing; a thread that is gone counts as failing."""
        gone = self._turns > 0 and not self._thread.is_alive() and not self._stopping.is_set()
        failure = "its thread has ended" if gone else self._failure
        age_s = monotonic() - self._beat
        return LoopState(self.job.name, self._turns, self._errors, age_s, self.job.deadline_s, failure)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            done = self._turn()
            if done is None:
                # waits on the end alone: an eager wake-up must not cut a back-off short
                self._stopping.wait(backoff(self._failures, longest=LONGEST_BACKOFF).total_seconds())
            elif not done.count:
                self._woken.wait(self._wait_s(done.next_due_at))

    def _turn(self) -> Done | None:
        """Turn once; None where it failed."""
        self._beat = monotonic()
        self.in_use = self._services()
        try:
            done = self.job.turn(self._store, self.in_use, self._clock())
        except StoreError as error:
            self._failed(error, expected=not error.permanent)
            return None
        except Exception as error:  # noqa: BLE001
            # Broad on purpose: whatever a hostile post or a foreign library raises, this loop is somebody's only way
            # to hear of a complaint. It is logged with its traceback, counted and shown red until a turn goes well.
            self._failed(error, expected=False)
            return None
        finally:
            self.in_use = None
            self._beat = monotonic()
            self._turns += 1
        self._went_well(done)
        return done

    def _went_well(self, done: Done) -> None:
        if self._failure is not None:
            log.info("loop_recovered", f"{self.job.name}: works again", loop=self.job.name)
        self._failure, self._failures = None, 0
        if done.count:
            for name in self.job.wakes:
                self._wake_others(name)

    def _failed(self, error: Exception, *, expected: bool) -> None:
        self._errors += 1
        self._failures += 1
        if self._stopping.is_set():
            return  # the store may already be closed behind a turn that outlived its time
        failure = str(error) if expected else f"{type(error).__name__}: {error}"[:300]
        if failure != self._failure:  # the same failure again is counted, not repeated
            self._report(error, failure, expected=expected)
        self._failure = failure

    def _report(self, error: Exception, failure: str, *, expected: bool) -> None:
        sentence = f"{self.job.name}: {failure}; it is tried again"
        if expected:
            log.warning("loop_waits", sentence, loop=self.job.name)
        else:
            log.failure("loop_failed", sentence, error, loop=self.job.name)

    def _wait_s(self, due_at: datetime | None) -> float:
        if due_at is None:
            return LONGEST_WAIT_S
        left = (due_at - self._clock()).total_seconds()
        return min(max(left, SHORTEST_WAIT_S), LONGEST_WAIT_S)
