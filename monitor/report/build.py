"""The one place that makes a report of what is stored.

cases, posts, answers, ledger, fixes ─▶ the figures of the span ─┐
the same of the span before           ─▶ its figures ────────────┴▶ one beside the other
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.config.schema import Settings
from monitor.digest.figures import blind_windows
from monitor.domain import Level
from monitor.report.counts import Window, measure_cases, measure_coverage, measure_misses, measure_posts
from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import CauseTrend, CauseWeek, Figure, FixOutcome, Link, Report, Whose
from monitor.report.fixes import counted_from, fixes_of, outcomes_of
from monitor.report.found import WHOLE, Found, Key, Value, Wall
from monitor.report.outcomes import Later, by_author, measure_outcomes, quiet_until, weeks_of_cause
from monitor.report.rules import LINKS
from monitor.report.span import Span, span_before
from monitor.report.times import measure_costs, measure_times
from monitor.store.connection import at, ms
from monitor.store.report import CaseTimes, CauseFix
from monitor.store.store import Store

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads and measures spans for one audience."""

    store: Store
    settings: Settings
    brand: str | None
    incidents: bool
    now: datetime
    prices: Mapping[str, float | None]

    def cases(self, span: Span) -> Sequence[CaseTimes]:
        return self.store.report_cases(span.since, span.until, self.brand)

    def told(self, cases: Sequence[CaseTimes]) -> Sequence[CaseTimes]:
        """Return the cases that a report tells of."""
        return cases if self.incidents else [case for case in cases if case.incident_id is None]

    def found(self, span: Span, cases: Sequence[CaseTimes], later: Later, wall: Wall) -> Found:
        """Return every figure of a span but those of fixes."""
        now = ms(self.now)
        posts = self.store.report_posts(span.since, span.until, self.brand, incidents=self.incidents)
        return {
            **measure_times(cases, now, wall),
            **measure_outcomes(cases, later, now, wall),
            **measure_cases(cases),
            **measure_posts(posts),
            **measure_misses(self.store.report_sample(span.since, span.until, self.brand)),
            **measure_coverage(span, self._first(), self._unheard(span)),
            **measure_costs(cases, self.settings.cost_per_hour, self._listening(span)),
        }

    def fixes(self, span: Span) -> tuple[list[FixOutcome], Found]:
        told: list[CauseFix] = fixes_of(span, self.store.cause_fixes(self.brand))
        since = counted_from(span, told)
        causes = sorted({fix.cause for fix in told})
        counts = (
            self.store.report_causes(since, span.until, self.brand, causes, incidents=self.incidents) if since else ()
        )
        return outcomes_of(span, told, counts)

    def heard_since(self) -> datetime | None:
        return min((first for source in self.store.sources(self.now) if (first := source.first_poll_at)), default=None)

    def later(self, until: datetime, cases: Sequence[CaseTimes]) -> Later:
        """Return the complaints that can spoil a first reply to these cases: those among them, and what came after."""
        last = quiet_until(cases)
        return {} if last is None else by_author(cases, self.store.report_complaints(until, at(last), self.brand))

    def _first(self) -> dict[str, float | None]:
        known = {source.name: source.first_poll_at for source in self.store.sources(self.now)}
        return {name: None if first is None else first.timestamp() for name, first in known.items()}

    def _unheard(self, span: Span) -> dict[str, list[Window]]:
        names = [name for name, source in self.settings.sources.items() if source.enabled]
        found: dict[str, list[Window]] = {}
        for window in blind_windows(self.store, span.since, self.now, names):
            end = window.until or self.now
            found.setdefault(window.source, []).append((window.since.timestamp(), end.timestamp()))
        return found

    def _listening(self, span: Span) -> float:
        """Return what platforms bill for the posts of a span; for one brand its share of the posts."""
        returned = self.store.report_returned(span.since, span.until)
        whole = sum(number * (self.prices.get(source) or 0.0) for source, number in returned.items())
        if self.brand is None or not whole:
            return whole
        everyone = self.store.report_posts(span.since, span.until, None, incidents=True)
        posts = sum(one.posts for one in everyone)
        return whole * sum(one.posts for one in everyone if one.brand == self.brand) / posts if posts else 0.0


def build_report(
    store: Store,
    settings: Settings,
    span: Span,
    brand: str | None,
    *,
    incidents: bool = True,
    now: datetime,
    prices: Mapping[str, float | None] | None = None,
) -> Report:
    """Return the figures of a span, beside those of the span before. `incidents` False leaves out their cases.

    `prices` is dollars a post by source; nothing is paid where none are given. What was before is unknown where no
    source had been heard when the span before began.
    """
    with _without_collection():
        return _build(_Reader(store, settings, brand, incidents, now, prices or {}), span)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Have Python not look for cycles among hundred thousands of new values that can have none: a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _build(reader: _Reader, span: Span) -> Report:
    before = span_before(span)
    wall, heard = Wall(span.zone), reader.heard_since()
    comparable = heard is not None and heard <= before.since
    cases, earlier = reader.cases(span), reader.cases(before) if comparable else ()
    later = reader.later(span.until, [*earlier, *cases])
    cases, earlier = reader.told(cases), reader.told(earlier)
    outcomes, of_fixes = reader.fixes(span)
    found = {**reader.found(span, cases, later, wall), **of_fixes}
    old = {**reader.found(before, earlier, later, wall), **reader.fixes(before)[1]} if comparable else None
    return Report(
        span=span,
        brand=reader.brand,
        incidents=reader.incidents,
        made_at=reader.now,
        figures=figures_of(found, old),
        chain=_links(found),
        causes=_trends(span, cases, earlier if comparable else None, wall),
        fixes=tuple(outcomes),
        before=before,
    )


def figures_of(found: Found, before: Found | None) -> tuple[Figure, ...]:
    """Return figures in the order of their definitions, wholes before parts, beside those of the span before."""
    order = {key: place for place, key in enumerate(DEFINITIONS)}
    keys = sorted(found, key=lambda entry: (order[entry[0]], [_rank(*part) for part in entry[1]]))
    return tuple(_figure(key, found[key], before) for key in keys)


def _figure(key: Key, value: Value, before: Found | None) -> Figure:
    name, group = key
    return Figure(
        key=name,
        group=dict(group),
        value=value.value,
        n=value.n,
        unknown=value.unknown,
        before=_before(key, before),
        low=value.low,
        high=value.high,
    )


def _before(key: Key, before: Found | None) -> float | None:
    """Return the value of the span before; a count of a part that it does not have is 0."""
    if before is None or any(dimension in {"week", "fixed_on"} for dimension, _ in key[1]):
        return None
    if key in before:
        return before[key].value
    return 0.0 if key[0] in _COUNTED and key[1] != WHOLE else None


_COUNTED = frozenset({"cases", "volume", "causes", "churn_threats", "unanswered"})
_ORDERS = {
    "level": tuple(level.value for level in Level),
    "hour": tuple(str(hour) for hour in range(24)),
    "link": tuple(name for name, _, _ in LINKS),
    "whose": tuple(one.value for one in Whose),
}


def _rank(dimension: str, value: str) -> tuple[str, int, str]:
    """Order parts by dimension, then levels by weight, hours by number, links by the chain, the rest by name."""
    known = _ORDERS.get(dimension, ())
    return dimension, known.index(value) if value in known else len(known), value


def _links(found: Found) -> tuple[Link, ...]:
    made = []
    for name, title, whose in LINKS:
        group = (("link", name),)
        p50 = found.get(("chain_p50", group), Value(None, 0))
        p90 = found.get(("chain_p90", group), Value(None, 0))
        made.append(Link(name, title, whose, p50.value, p90.value, p50.n, p50.unknown))
    return tuple(made)


def _trends(
    span: Span, cases: Sequence[CaseTimes], earlier: Sequence[CaseTimes] | None, wall: Wall
) -> tuple[CauseTrend, ...]:
    """Return each cause week by week, the most frequent first; those without a cause come last."""
    weeks = weeks_of_cause(cases, wall)
    mondays = list(_mondays(span))
    old = None if earlier is None else weeks_of_cause(earlier, wall)
    before = None if old is None else {cause: _total(old, cause) for cause, _ in old}
    made = [
        CauseTrend(
            cause=cause,
            cases=_total(weeks, cause),
            before=None if before is None else before.get(cause, 0),
            weeks=tuple(CauseWeek(monday, weeks.get((cause, monday), 0)) for monday in mondays),
        )
        for cause in {cause for cause, _ in weeks}
    ]
    return tuple(sorted(made, key=lambda trend: (trend.cause is None, -trend.cases, trend.cause or "")))


def _total(weeks: Mapping[tuple[str | None, date], int], cause: str | None) -> int:
    return sum(number for (name, _), number in weeks.items() if name == cause)


def _mondays(span: Span) -> list[date]:
    zone = ZoneInfo(span.zone)
    first = span.since.astimezone(zone).date()
    last = (span.until - timedelta(microseconds=1)).astimezone(zone).date()
    monday, found = first - timedelta(days=first.weekday()), []
    while monday <= last:
        found.append(monday)
        monday += _WEEK
    return found
