"""Figures of times: first replies, promises, the chain, breaches, handling and what it costs. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.report.figure import Whose
from monitor.report.found import WHOLE, Found, Value, Wall, count_figures, share_figures, share_of, span_figures
from monitor.report.rules import (
    LINKS,
    Standing,
    asks,
    handled,
    in_time,
    is_confirmed,
    links,
    settled_at,
    standing,
    whose,
)
from monitor.store.report import CaseTimes

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class _Asking:
    """The cases that ask for an answer, and beside each what became of it."""

    cases: Sequence[CaseTimes]
    states: Sequence[Standing]
    kept: Sequence[bool | None]
    platforms: Sequence[str]
    levels: Sequence[str]


def measure_times(cases: Sequence[CaseTimes], now: int, wall: Wall) -> Found:
    """Return the figures of when customers were answered; `now` in milliseconds."""
    some = [case for case in cases if asks(case)]
    asking = _Asking(
        cases=some,
        states=[standing(case) for case in some],
        kept=[in_time(case, now) for case in some],
        platforms=[case.platform for case in some],
        levels=[case.level for case in some],
    )
    return {**_replies(asking, wall), **_chain(asking), **_breaches(asking, now), **_handling(cases)}


def _replies(asking: _Asking, wall: Wall) -> Found:
    waits = [
        case.replied_at - case.posted_at if state is Standing.ANSWERED and case.replied_at is not None else None
        for case, state in zip(asking.cases, asking.states, strict=True)
    ]
    waiting = [
        None if state is Standing.UNSEEN or state is Standing.HISTORY else state is Standing.WAITING
        for state in asking.states
    ]
    labels = {"platform": asking.platforms, "level": asking.levels}
    hours = [wall.hour(case.posted_at) for case in asking.cases]
    return {
        **span_figures("first_reply", [w if w is None or w > 0 else 0 for w in waits], {**labels, "hour": hours}),
        **share_figures("sla_share", asking.kept, labels),
        **count_figures("unanswered", waiting, {"level": asking.levels}),
    }


def _chain(asking: _Asking) -> Found:
    unknown: tuple[int | None, ...] = (None,) * len(LINKS)
    took = [unknown if case.backfilled else links(case) for case in asking.cases]
    found: Found = {}
    for at, (name, _, _) in enumerate(LINKS):
        whole = span_figures("chain", [spans[at] for spans in took], {})
        found |= {(key, (("link", name),)): value for (key, _), value in whole.items()}
    return found


def _breaches(asking: _Asking, now: int) -> Found:
    late = [case for case, kept in zip(asking.cases, asking.kept, strict=True) if kept is False]
    unknown = asking.kept.count(None)
    blamed = Counter(whose(case, now) for case in late)
    found: Found = {("breaches", WHOLE): Value(len(late), len(asking.cases) - unknown, unknown)}
    for one in Whose:
        found["breaches", (("whose", one.value),)] = Value(blamed[one], len(late))
    return found


def _settled(cases: Sequence[CaseTimes]) -> list[CaseTimes]:
    return [case for case in cases if case.status != "dismissed" and settled_at(case) is not None]


def _handling(cases: Sequence[CaseTimes]) -> Found:
    settled = _settled(cases)
    return span_figures("handling", [handled(case) for case in settled], {"level": [case.level for case in settled]})


def measure_costs(cases: Sequence[CaseTimes], cost_per_hour: float | None, listening: float) -> Found:
    """Return what a case costs, and a confirmed complaint; `listening` is what the platforms bill for the posts."""
    settled = _settled(cases)
    spans = [handled(case) for case in settled]
    spent = [span for span in spans if span is not None]
    confirmed = sum(is_confirmed(case) for case in cases)
    on_complaints = sum(case.handled_ms for case in cases if case.kind == "complaint")
    unseen = [case.kind == "complaint" for case, span in zip(settled, spans, strict=True) if span is None]
    each = whole = None
    if cost_per_hour is not None:
        mean = share_of(sum(spent), len(spent))
        each = None if mean is None else mean / _HOUR_MS * cost_per_hour
        whole = share_of(on_complaints / _HOUR_MS * cost_per_hour + listening, confirmed)
    return {
        ("cost_per_case", WHOLE): Value(each, len(spent), len(unseen)),
        ("cost_per_complaint", WHOLE): Value(whole, confirmed, sum(unseen)),
    }
