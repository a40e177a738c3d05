"""Figures as Prometheus text, in a registry of our own. What is unknown has no sample, rather than a 0."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

import monitor
from monitor.service.figures import Figures
from monitor.service.health import judge_health
from monitor.store.records import SourceState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "complaint_monitor_"


def render_metrics(figures: Figures) -> bytes:
    """Return the figures in Prometheus' text format 0.0.4; labels are escaped by prometheus_client."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Sampled(figures))
    return generate_latest(registry)


class _Sampled(Collector):
    """One set of figures, as metrics."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        """Return every metric."""
        yield from _overall(self._figures)
        yield from _work(self._figures)
        yield from _sources(self._figures)
        yield from _receivers(self._figures)
        yield from _loops(self._figures)


def _overall(figures: Figures) -> Iterator[Metric]:
    machinery = figures.machinery
    yield _labelled("build_info", "The version that runs.", ("version",), [((monitor.__version__,), 1)])
    yield _gauge("healthy", "1 where /healthz is ok.", float(judge_health(figures).ok))
    yield _gauge("store_answers", "1 where the store answers.", float(figures.store_failure is None))
    yield _gauge("store_free_bytes", "Free bytes on the disk of the store.", figures.free_bytes)
    if machinery.reload is not None:
        accepted = float(machinery.reload.accepted)
        yield _gauge("last_reload_accepted", "1 where the config on disk is in force.", accepted)
        refused = machinery.reload.refused
        yield _counter("configs_refused", "Configs that were refused since the start.", refused)
        stamp = machinery.reload.at.timestamp()
        yield _gauge("last_reload_timestamp_seconds", "When the config was last read.", stamp)
    yield _gauge("ticker_age_seconds", "Seconds since the last tick.", machinery.ticker_age_s)
    yield _counter("ticks_missed", "Ticks that failed, came late or were skipped.", machinery.ticks_missed)
    yield _counter("clock_jumps", "Jumps of the wall clock.", machinery.clock_jumps)


def _work(figures: Figures) -> Iterator[Metric]:
    yield _gauge("waiting_hits", "Posts that wait for a decision.", figures.waiting_hits)
    yield _gauge("parked_hits", "Posts that could not be decided.", figures.parked_hits)
    rescores = "Posts of open cases that a changed config has still to judge."
    yield _gauge("waiting_rescores", rescores, figures.waiting_rescores)
    hit_age, urgent_age = _age(figures.oldest_hit_at, figures), _age(figures.oldest_urgent_at, figures)
    yield _gauge("oldest_undecided_hit_seconds", "How long the oldest undecided post waits.", hit_age)
    yield _gauge("oldest_unsent_urgent_seconds", "How long the oldest urgent message waits.", urgent_age)
    messages = [((state,), count) for state, count in figures.messages.items()]
    yield _labelled("messages", "Outbox messages by state.", ("state",), messages)
    opened = [((level.value,), count) for level, count in figures.open_cases.items()]
    yield _labelled("open_cases", "Open cases by level.", ("level",), opened)
    late = [((level.value,), count) for level, count in figures.late_cases.items()]
    lost = None if figures.store_failure is not None else float(len(figures.lost_chains))
    yield _gauge("lost_escalations", "Urgent cases that nobody has taken and whose escalation does not go on.", lost)
    yield _labelled("late_cases", "Cases past their due time without a reply, by level.", ("level",), late)


def _sources(figures: Figures) -> Iterator[Metric]:
    overdue = [max((figures.at - source.due_at).total_seconds(), 0.0) for source in figures.sources if source.polled_at]
    oldest = max(overdue, default=None)
    yield _gauge("oldest_unpolled_source_seconds", "How long the most overdue source has been due.", oldest)
    rows = [((source.name, source.kind), source) for source in figures.sources]
    names = ("source", "kind")
    states = [((*key, state.value), float(source.state is state)) for key, source in rows for state in SourceState]
    yield _labelled("source_state", "1 for the state that a source is in.", (*names, "state"), states)
    failures = [(key, source.failures) for key, source in rows]
    yield _labelled("source_failures", "Failures in a row.", names, failures)
    heard = [(key, source.ok_at.timestamp()) for key, source in rows if source.ok_at]
    yield _labelled("source_last_success_timestamp_seconds", "When a poll last went well.", names, heard)
    today = [(key, source.returned_today) for key, source in rows]
    yield _labelled("source_returned_today", "Posts that the platform returned today (UTC).", names, today)


def _receivers(figures: Figures) -> Iterator[Metric]:
    states = figures.receivers.values()
    failures = [((state.receiver,), state.failures) for state in states]
    yield _labelled("receiver_failures", "Failures of a receiver in a row.", ("receiver",), failures)
    waiting = [((state.receiver,), state.waiting) for state in states]
    yield _labelled("receiver_waiting", "Messages that wait for a receiver.", ("receiver",), waiting)
    taken = [((state.receiver,), state.ok_at.timestamp()) for state in states if state.ok_at]
    text = "When a receiver last took a message."
    yield _labelled("receiver_last_success_timestamp_seconds", text, ("receiver",), taken)
    canary = figures.canary
    overdue = None if canary is None else float(canary.overdue(figures.at))
    yield _gauge("canary_overdue", "1 where the last test alert was not acknowledged in time.", overdue)


def _loops(figures: Figures) -> Iterator[Metric]:
    loops = figures.machinery.loops
    ages = [((loop.name,), loop.age_s) for loop in loops]
    yield _labelled("loop_age_seconds", "Seconds since a loop last began or ended a turn.", ("loop",), ages)
    turns = CounterMetricFamily(_PREFIX + "loop_turns", "Turns of a loop.", labels=("loop",))
    errors = CounterMetricFamily(_PREFIX + "loop_errors", "Turns of a loop that failed.", labels=("loop",))
    for loop in loops:
        turns.add_metric((loop.name,), loop.turns)
        errors.add_metric((loop.name,), loop.errors)
    yield from (turns, errors)


def _gauge(name: str, text: str, value: float | None) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, text)
    if value is not None:
        family.add_metric((), value)
    return family


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(_PREFIX + name, text, value=value)


def _labelled(name: str, text: str, labels: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, text, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _age(moment: datetime | None, figures: Figures) -> float | None:
    """Return seconds since a moment: 0 where nothing waits, None where the store does not answer."""
    if figures.store_failure is not None:
        return None
    return 0.0 if moment is None else max((figures.at - moment).total_seconds(), 0.0)
