"""`run --once`: every source exactly once, its gaps drained, then every step until nothing is left to do."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.clock import Clock
from monitor.steps.deliver import deliver
from monitor.steps.digest import digest, first_run_at
from monitor.steps.escalate import escalate
from monitor.steps.fallback import fall_back
from monitor.steps.follow import follow
from monitor.steps.incidents import incidents
from monitor.steps.poll import poll_all
from monitor.steps.rescore import rescore
from monitor.steps.sample import sample
from monitor.steps.services import Done, Services
from monitor.steps.signs import end_threads
from monitor.steps.spikes import spikes
from monitor.steps.triage import read_batch, settle
from monitor.store.store import Store

Progress = Callable[[str, int, int], None]
"""Told after each batch: the step, how much is done, how much is left."""

_AS_IF_WAITED = datetime(9999, 1, 1, tzinfo=UTC)
_SEND_LIMIT = 10_000
_AHEAD = 2
"""Batches that the model may be ahead of the rules, so that neither waits where one batch is slower than the next."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run did, and how much of it failed."""

    polled: int
    decided: int
    sent: int
    failed: int


def run_once(store: Store, services: Services, clock: Clock, progress: Progress) -> Outcome:
    """Poll, decide, follow, escalate, digest and deliver until every step is empty. Opens no port.

    Open messages are sealed as if their wait had passed; a send in back-off is left for the next run.
    """
    first_run_at(store, clock())
    polled = poll_all(store, services, clock())
    decided = _until_empty(store, services, clock, progress)
    while rescore(store, services, clock(), 256).count:
        progress("rescored", decided.count, 0)
    while incidents(store, services, clock(), 256).count:
        progress("gathered", decided.count, 0)
    sample(store, services, clock(), at_once=True)
    escalate(store, services, clock(), 10_000)
    spikes(store, services, clock(), len(services.settings.brands))
    digest(store, services, clock())
    end_threads(store, services.settings, clock())
    sent = _deliver_all(store, services, clock)
    broken = len(services.broken_sources) + len(services.broken_receivers)
    return Outcome(polled.count, decided.count, sent.count, polled.failed + sent.failed + broken)


def _deliver_all(store: Store, services: Services, clock: Clock) -> Done:
    """Send everything; what a receiver refused for good goes to the fallback in the same run."""
    sent = deliver(store, services, clock(), _SEND_LIMIT, due=_AS_IF_WAITED)
    if not fall_back(store, services.settings, clock()):
        return sent
    again = deliver(store, services, clock(), _SEND_LIMIT, due=_AS_IF_WAITED)
    return Done(sent.count + again.count, None, sent.failed + again.failed)


def _until_empty(store: Store, services: Services, clock: Clock, progress: Progress) -> Done:
    decided = failed = 0
    while True:
        failed_before = failed
        for batch in _decide_all(store, services, clock):
            decided += batch.count
            failed += batch.failed
            progress("decided", decided, store.waiting_hits())
        # what failed last may have been given back after the reader had found nothing more
        if follow(store, services, clock()).count == 0 and failed == failed_before:
            return Done(decided, None, failed)


def _decide_all(store: Store, services: Services, clock: Clock) -> Iterator[Done]:
    """Decide batch after batch in order; the model reads the next one while the rules decide this one.

    Measured on 2 cores with 10,000 posts: a third faster than one after the other.
    """
    with ThreadPoolExecutor(1, "reader") as reader:
        upcoming = deque(reader.submit(read_batch, store, services, clock()) for _ in range(_AHEAD))
        while upcoming:
            batch = upcoming.popleft().result()
            if batch.claimed:
                upcoming.append(reader.submit(read_batch, store, services, clock()))
                yield settle(store, services, batch, clock())
