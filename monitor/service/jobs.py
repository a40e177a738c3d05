"""Which loops a daemon has: what each turns, how much at once, and whom it wakes.

    poll-1 … poll-4 ──▶ triage ──▶ deliver:NAME (one a receiver), follow, timers
          follow ──▶ triage        timers (escalate, digest, spikes, sample) ──▶ deliver:NAME
                                   rescore (after a reload) ──▶ triage, deliver:NAME
          watch (fallback, canary, what is over) ──▶ deliver:NAME

Each is a thread of its own, so that a backlog in one never delays an alert in another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.service.log import log
from monitor.service.loop import Job
from monitor.steps.rematch import rematch
from monitor.steps.services import Done, Services, Source
from monitor.store.store import Store

POLLERS = 4
TRIAGE_LIMIT = 64
"""Hits a turn: few enough that a turn ends well within the time of a graceful stop."""

POLL_DEADLINE_S = 330.0
"""A poll may walk many pages; its lease ends after 300 s."""

DELIVER = "deliver"
TIMES = "timers"
RETENTION_EVERY = timedelta(hours=1)


class Step(Protocol):
    """A step, as in `monitor/steps`."""

    def __call__(self, store: Store, services: Services, now: datetime, limit: int) -> Done:
        """Do up to `limit` of what is due."""
        ...


class DeliverStep(Protocol):
    """The step that sends, to some receivers alone."""

    def __call__(self, store: Store, services: Services, now: datetime, limit: int, receivers: Sequence[str]) -> Done:
        """Seal what is due, and send up to `limit` messages to these receivers."""
        ...


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps: the six that every post passes, the recall sample, the re-scoring of open cases, and spikes."""

    poll: Step
    triage: Step
    follow: Step
    escalate: Step
    digest: Step
    sample: Step
    rescore: Step
    spikes: Step
    deliver: DeliverStep
    incidents: Step
    watch: Step


def standing_jobs(steps: Steps, monotonic: Callable[[], float]) -> list[Job]:
    """Return the jobs that every daemon has, whatever its config."""

    def poll(store: Store, services: Services, now: datetime) -> Done:
        return steps.poll(store, services, now, 1)

    def triage(store: Store, services: Services, now: datetime) -> Done:
        return steps.triage(store, services, now, TRIAGE_LIMIT)

    def follow(store: Store, services: Services, now: datetime) -> Done:
        return steps.follow(store, services, now, 100)

    def timers(store: Store, services: Services, now: datetime) -> Done:
        timed = _both(steps.escalate(store, services, now, 100), steps.digest(store, services, now, 20))
        timed = _both(timed, steps.spikes(store, services, now, 1))
        return _both(timed, steps.sample(store, services, now, 1))

    def watch(store: Store, services: Services, now: datetime) -> Done:
        return steps.watch(store, services, now, 100)

    def incidents(store: Store, services: Services, now: datetime) -> Done:
        return steps.incidents(store, services, now, TRIAGE_LIMIT)

    return [
        *(Job(f"poll-{number + 1}", poll, POLL_DEADLINE_S, ("triage",)) for number in range(POLLERS)),
        Job("triage", triage, wakes=("incidents", DELIVER, "follow", TIMES)),
        Job("incidents", incidents, 60.0, (DELIVER,)),
        Job("follow", follow, POLL_DEADLINE_S, ("triage",)),
        Job(TIMES, timers, 60.0, (DELIVER,)),
        Job("watch", watch, wakes=(DELIVER,)),
        Job("rescore", Takeover(steps.rescore), POLL_DEADLINE_S, ("triage", DELIVER)),
        Job("retention", Retention(monotonic), POLL_DEADLINE_S),
    ]


def delivery_job(steps: Steps, receiver: str) -> Job:
    """Return the job that sends to one receiver: a slow one keeps no other waiting."""

    def deliver(store: Store, services: Services, now: datetime) -> Done:
        return steps.deliver(store, services, now, 1, receivers=(receiver,))

    return Job(f"{DELIVER}:{receiver}", deliver)


class Takeover:
    """What a changed config asks of the store: stored posts for its watches, then open cases by its rules.

    The watches are tried once for each set of services; what fails or is cut off is tried again.
    """

    def __init__(self, rescore: Step) -> None:
        self._rescore = rescore
        self._matched: Services | None = None

    def __call__(self, store: Store, services: Services, now: datetime) -> Done:
        """Match where the config is new to this loop, then judge one batch of open cases."""
        found = 0
        if self._matched is not services:
            found = rematch(store, services, now)
            self._matched = services
        done = self._rescore(store, services, now, TRIAGE_LIMIT)
        return Done(found + done.count, done.next_due_at, done.failed)


class Retention:
    """Forgets, once an hour, what is kept no longer. The hour is monotonic: a clock that jumps back stops nothing."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._next = 0.0

    def __call__(self, store: Store, services: Services, now: datetime) -> Done:
        """Forget, where an hour has passed since the last time."""
        if self._monotonic() >= self._next:
            kept = services.settings.retention
            count = store.forget(now, no_watch=now - kept.no_watch, drops=now - kept.drops, cases=now - kept.cases)
            count += sum(_forget_texts(store, source, now) for source in services.sources.values())
            self._next = self._monotonic() + RETENTION_EVERY.total_seconds()
            if count:
                log.info("forgot", f"forgot {count} posts that are kept no longer", count=count)
        return Done(0)


def _forget_texts(store: Store, source: Source, now: datetime) -> int:
    """Erase what a platform wants kept no longer than so many hours."""
    hours = source.connector.traits.text_hours
    return 0 if hours is None else store.forget_texts(source.name, now - timedelta(hours=hours), now)


def _both(first: Done, second: Done) -> Done:
    moments = [moment for moment in (first.next_due_at, second.next_due_at) if moment is not None]
    return Done(first.count + second.count, min(moments, default=None), first.failed + second.failed)
