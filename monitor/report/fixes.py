"""Forward resolution: what came back of a cause after it was fixed. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.report.figure import FixOutcome
from monitor.report.found import WHOLE, Found, Value, share_of
from monitor.report.span import Span
from monitor.store.report import CauseCount, CauseFix

LOOK = timedelta(days=28)
"""How far before and after a fix its complaints are counted."""

KNOWN = timedelta(days=90)
"""Fixes of so long before the end of a span are told in it."""

HOLDS = 0.25
"""A fix holds where at most this share of the complaints came back."""

_LEAST = timedelta(days=7)
_QUARTER_S = 900


def fixes_of(span: Span, fixes: Sequence[CauseFix]) -> list[CauseFix]:
    """Return the fixes that a report of a span tells of, the latest first."""
    return [fix for fix in fixes if span.until - KNOWN <= moment_of(fix, span) < span.until]


def moment_of(fix: CauseFix, span: Span) -> datetime:
    """Return the midnight at which the day of a fix begins, in the zone of the report."""
    return datetime.combine(fix.fixed_on, time(), ZoneInfo(span.zone)).astimezone(UTC)


def counted_from(span: Span, fixes: Sequence[CauseFix]) -> datetime | None:
    """Return from when on complaints must be counted; None where there is no fix."""
    return min((moment_of(fix, span) - LOOK for fix in fixes), default=None)


def outcomes_of(span: Span, fixes: Sequence[CauseFix], counts: Sequence[CauseCount]) -> tuple[list[FixOutcome], Found]:
    """Return what came of each fix, and the figures of all of them."""
    found: Found = {}
    outcomes = []
    for fix in fixes:
        outcome, after = _outcome(span, fix, counts)
        outcomes.append(outcome)
        group = (("brand", fix.brand), ("cause", fix.cause), ("fixed_on", fix.fixed_on.isoformat()))
        found["recurrence", group] = Value(outcome.recurrence, after, int(outcome.recurrence is None))
    known = [outcome.holds for outcome in outcomes if outcome.holds is not None]
    total = Value(share_of(sum(known), len(known)), len(known), len(outcomes) - len(known))
    return outcomes, {("forward_resolution", WHOLE): total, **found}


def _outcome(span: Span, fix: CauseFix, counts: Sequence[CauseCount]) -> tuple[FixOutcome, int]:
    moment = moment_of(fix, span)
    end = min(span.until, moment + LOOK)
    before, after = _count(fix, counts, moment - LOOK, moment), _count(fix, counts, moment, end)
    rate_before, rate_after = before / LOOK.days, after / ((end - moment) / timedelta(days=1))
    known = end - moment >= _LEAST and before > 0
    recurrence = rate_after / rate_before if known else None
    outcome = FixOutcome(
        brand=fix.brand,
        cause=fix.cause,
        fixed_on=fix.fixed_on,
        note=fix.note,
        a_day_before=rate_before,
        a_day_after=rate_after,
        recurrence=recurrence,
        holds=None if recurrence is None else recurrence <= HOLDS,
    )
    return outcome, after


def _count(fix: CauseFix, counts: Sequence[CauseCount], since: datetime, until: datetime) -> int:
    first, last = since.timestamp() // _QUARTER_S, -(-until.timestamp() // _QUARTER_S)
    return sum(
        one.cases for one in counts if one.brand == fix.brand and one.cause == fix.cause and first <= one.quarter < last
    )
