"""The lab room: replays that people start from a page run here, one at a time, beside the daemon's work.

What the last run of each person and brand found is kept until the next one, or until the daemon ends.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread

from monitor.config.brand_draft import BrandDraft
from monitor.errors import MonitorError
from monitor.lab.report import Report

MOST_KEPT = 20
"""Runs that are remembered; the oldest goes first."""

MOST_SECONDS = 300
"""A replay from a page takes no longer: it shares its machine with the daemon's work, which comes first."""


@dataclass(slots=True)
class LabRun:
    """One replay: of which draft, how far it is, and what it found; `problem` says why it found nothing."""

    draft: BrandDraft
    seen: str
    started_at: datetime
    total: int
    done: int = 0
    report: Report | None = None
    problem: str = ""

    @property
    def running(self) -> bool:
        """Whether it is still at work."""
        return self.report is None and not self.problem

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        return min(100, 100 * self.done // self.total) if self.total else 0


class LabRoom:
    """Runs one replay at a time in a thread of its own."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self._seconds = seconds
        self._runs: dict[tuple[str, str], LabRun] = {}

    def run_of(self, who: str, brand: str) -> LabRun | None:
        """Return the last run that somebody started for a brand."""
        return self._runs.get((who, brand))

    def start(self, who: str, run: LabRun, work: Callable[[Callable[[int], None]], Report]) -> None:
        """Start a replay. Raises MonitorError while another one is at work."""
        with self._lock:
            if any(known.running for known in self._runs.values()):
                raise MonitorError("the lab", "is at work for somebody", "wait a moment, then try again")
            self._runs.pop((who, run.draft.brand), None)
            self._runs[who, run.draft.brand] = run
            while len(self._runs) > MOST_KEPT:
                self._runs.pop(next(iter(self._runs)))
        Thread(target=_work, args=(run, work, self._seconds), name="lab", daemon=True).start()


def _work(run: LabRun, work: Callable[[Callable[[int], None]], Report], seconds: Callable[[], float]) -> None:
    from models.errors import ModelError  # noqa: PLC0415 - as late as the model itself

    ends = seconds() + MOST_SECONDS

    def advance(count: int) -> None:
        run.done += count
        if seconds() > ends:
            cause = f"has taken over {MOST_SECONDS // 60} minutes"
            raise MonitorError("the lab", cause, "run `complaint-monitor lab run` beside the daemon")

    try:
        run.report = work(advance)
    except (MonitorError, ModelError) as error:
        run.problem = str(error)
    finally:
        if run.running:  # a fault of ours: the thread's own trace is in the log, and the page does not wait for ever
            run.problem = "the replay broke down; the log says why"
