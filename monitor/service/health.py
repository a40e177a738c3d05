"""Is the daemon well? A pure verdict over figures, with every reason why not.

Red means that a complaint may stay unheard, undecided or untold until somebody acts; a note only deserves a look.
Each figure has a fixed limit, so that red means the same on every installation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.service.figures import Figures
from monitor.service.ticker import TICKER_DEADLINE_S
from monitor.steps.auditor import lost_reason
from monitor.store.records import SourceState, SourceStatus

OVERDUE_POLL = timedelta(minutes=10)
FAILING_SOURCE = timedelta(minutes=15)
UNDECIDED_HIT = timedelta(minutes=5)
UNSENT_URGENT = timedelta(minutes=5)
"""On top of the longest pause that a route makes between two messages of one group."""

PARKED_HITS = 10
FREE_BYTES = 100_000_000
LOST_CHAINS = 5
"""So many cases are named whose escalation does not go on."""

_REASON_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong (`reasons`; none: all is well) and what deserves a look (`notes`)."""

    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.reasons

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as `/healthz` prints it."""
        return {"status": "ok" if self.ok else "red", "reasons": list(self.reasons), "notes": list(self.notes)}


def judge_health(figures: Figures) -> Health:
    """Judge the figures by the limits above."""
    reasons = [*_store(figures), *_sources(figures), *_work(figures), *_machinery(figures)]
    return Health(
        tuple(text[:_REASON_LIMIT] for text in reasons), tuple(text[:_REASON_LIMIT] for text in _notes(figures))
    )


def _store(figures: Figures) -> Iterator[str]:
    if figures.store_failure is not None:
        yield f"the store does not answer: {figures.store_failure}"
    if figures.free_bytes is not None and figures.free_bytes < FREE_BYTES:
        yield f"the disk of the store has {figures.free_bytes / 1e6:.0f} MB left"


def _sources(figures: Figures) -> Iterator[str]:
    for source in figures.sources:
        late = figures.at - source.due_at
        if source.state is SourceState.STOPPED:
            yield f"source {source.name} is stopped: {source.reason or 'no reason is known'}"
        elif _failing_long(source, figures.at):
            yield f"source {source.name} fails for the {_ordinal(source.failures)} time: {source.reason}"
        elif source.polled_at is not None and late > OVERDUE_POLL:
            yield f"source {source.name} was due {_span(late)} ago"
    for name, reason in sorted(figures.broken_receivers.items()):
        yield f"receiver {name} cannot be used: {reason}"


def _failing_long(source: SourceStatus, now: datetime) -> bool:
    """Whether a source has failed more than once and heard nothing for a while."""
    if source.state is not SourceState.FAILING or source.failures < 2:
        return False
    return source.ok_at is None or now - source.ok_at > FAILING_SOURCE


def _work(figures: Figures) -> Iterator[str]:
    waits = _age(figures.oldest_hit_at, figures.at)
    if waits is not None and waits > UNDECIDED_HIT:
        yield f"the oldest of {figures.waiting_hits} undecided posts waits for {_span(waits)}"
    waits = _age(figures.oldest_urgent_at, figures.at)
    if waits is not None and waits > UNSENT_URGENT + figures.longest_pause:
        yield f"the oldest urgent message waits for {_span(waits)}"
    if figures.parked_hits is not None and figures.parked_hits >= PARKED_HITS:
        yield f"{figures.parked_hits} posts are parked: they could not be decided"
    if figures.canary is not None and figures.canary.overdue(figures.at):
        waits = figures.at - figures.canary.made_at
        yield f"the test alert to {figures.canary.receiver} is not acknowledged after {_span(waits)}"
    yield from (lost_reason(lost) for lost in figures.lost_chains[:LOST_CHAINS])


def _machinery(figures: Figures) -> Iterator[str]:
    machinery = figures.machinery
    for loop in machinery.loops:
        if loop.failure is not None:
            yield f"{loop.name} fails: {loop.failure}"
        elif loop.stuck:
            yield f"{loop.name} has not turned for {_span(timedelta(seconds=loop.age_s))}"
    if machinery.ticker_age_s > TICKER_DEADLINE_S:
        yield f"the ticker has not ticked for {_span(timedelta(seconds=machinery.ticker_age_s))}"
    if machinery.reload is not None and machinery.reload.reason and machinery.reload.on_disk:
        yield f"the last reload was refused, the old config is in force: {machinery.reload.reason}"
    if machinery.web_failure is not None:
        yield f"the web server does not listen: {machinery.web_failure}"


def _notes(figures: Figures) -> Iterator[str]:
    if not figures.sources and figures.store_failure is None:
        yield "no source is configured: nothing is heard"
    reload = figures.machinery.reload
    if reload is not None and reload.reason and not reload.on_disk:
        yield f"a new config was refused, nothing has changed: {reload.reason}"
    if figures.parked_hits and figures.parked_hits < PARKED_HITS:
        yield f"{figures.parked_hits} posts are parked: they could not be decided"
    for source in figures.sources:
        if source.state is SourceState.FAILING and not _failing_long(source, figures.at):
            yield f"source {source.name} failed and is tried again: {source.reason}"
    for state in figures.receivers.values():
        if state.failures:
            yield f"receiver {state.receiver} fails for the {_ordinal(state.failures)} time: {state.error}"
    if dead := figures.messages.get("dead", 0):
        yield f"{dead} messages were given up"


def _age(moment: datetime | None, now: datetime) -> timedelta | None:
    return None if moment is None else now - moment


def _span(span: timedelta) -> str:
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
