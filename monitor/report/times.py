"""Figures of times: first replies, promises, the chain, breaches, handling and what it costs. Pure."""

from collections.abc import Sequence

from monitor.report.figure import Whose
from monitor.report.found import WHOLE, Found, Part, Shares, Spans, Value, Wall, share_of
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


def measure_times(cases: Sequence[CaseTimes], now: int, wall: Wall) -> Found:
    """Return the figures of when customers were answered; `now` in milliseconds."""
    asking = [case for case in cases if asks(case)]
    return {**_replies(asking, now, wall), **_chain(asking), **_breaches(asking, now), **_handling(cases)}


def _replies(asking: Sequence[CaseTimes], now: int, wall: Wall) -> Found:
    waits, kept, waiting = Spans(WHOLE), Shares(WHOLE), Shares(WHOLE)
    for case in asking:
        state = standing(case)
        part: tuple[tuple[Part, ...], ...] = (WHOLE, (("platform", case.platform),), (("level", case.level),))
        answered = case.replied_at if state is Standing.ANSWERED else None
        wait = None if answered is None else max(0, answered - case.posted_at)
        waits.add((*part, (("hour", wall.hour(case.posted_at)),)), wait)
        kept.add(part, in_time(case, now))
        unknown = state in {Standing.UNSEEN, Standing.HISTORY}
        waiting.add((WHOLE, part[2]), None if unknown else state is Standing.WAITING)
    return {**waits.found("first_reply"), **kept.shares("sla_share"), **waiting.counts("unanswered")}


def _chain(asking: Sequence[CaseTimes]) -> Found:
    names = [((("link", name),),) for name, _, _ in LINKS]
    spans = Spans(*(group for (group,) in names))
    for case in asking:
        took = (None,) * len(LINKS) if case.backfilled else links(case)
        for group, span in zip(names, took, strict=True):
            spans.add(group, span)
    return spans.found("chain")


def _breaches(asking: Sequence[CaseTimes], now: int) -> Found:
    outcomes = [(case, in_time(case, now)) for case in asking]
    late = [whose(case, now) for case, kept in outcomes if kept is False]
    unknown = sum(kept is None for _, kept in outcomes)
    found = {("breaches", WHOLE): Value(len(late), len(asking) - unknown, unknown)}
    for one in Whose:
        found["breaches", (("whose", one.value),)] = Value(late.count(one), len(late), 0)
    return found


def _handling(cases: Sequence[CaseTimes]) -> Found:
    spans = Spans(WHOLE)
    for case in cases:
        if case.status != "dismissed" and settled_at(case) is not None:
            spans.add((WHOLE, (("level", case.level),)), handled(case))
    return spans.found("handling")


def measure_costs(cases: Sequence[CaseTimes], cost_per_hour: float | None, listening: float) -> Found:
    """Return what a case costs, and a confirmed complaint; `listening` is what the platforms bill for the posts."""
    settled = [case for case in cases if case.status != "dismissed" and settled_at(case) is not None]
    spent = [span for span in map(handled, settled) if span is not None]
    confirmed = [case for case in cases if is_confirmed(case)]
    on_complaints = sum(case.handled_ms for case in cases if case.kind == "complaint")
    blind = sum(handled(case) is None for case in settled)
    blind_complaints = sum(handled(case) is None for case in settled if case.kind == "complaint")
    each = whole = None
    if cost_per_hour is not None:
        mean = share_of(sum(spent), len(spent))
        each = None if mean is None else mean / _HOUR_MS * cost_per_hour
        whole = share_of(on_complaints / _HOUR_MS * cost_per_hour + listening, len(confirmed))
    return {
        ("cost_per_case", WHOLE): Value(each, len(spent), blind),
        ("cost_per_complaint", WHOLE): Value(whole, len(confirmed), blind_complaints),
    }
