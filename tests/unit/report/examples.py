"""Cases for tests of reports: posted at 0, fetched after a minute, decided after two, due after half an hour."""

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.report.figure import Report
from monitor.report.span import Span
from monitor.store.report import CaseTimes

MIN, DAY = 60_000, 86_400_000
NOW = datetime(2026, 12, 3, 9, tzinfo=UTC)
NOVEMBER = Span(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), "UTC", "November 2026")


def a_case(**changes: Any) -> CaseTimes:
    """Return a complaint that is open and was never told, claimed or answered."""
    values: dict[str, Any] = dict.fromkeys(CaseTimes._fields)
    values |= {"case_id": 1, "brand": "lumo", "platform": "x", "author": "ann", "kind": "complaint", "status": "new"}
    values |= {"level": "high", "posted_at": 0, "fetched_at": MIN, "decided_at": 2 * MIN, "due_at": 30 * MIN}
    values |= dict.fromkeys(("backfilled", "words", "reopened", "handled_ms", "churn"), 0)
    return CaseTimes(**{**values, **changes})


def a_report(**changes: Any) -> Report:
    """Return an empty report of November."""
    before = Span(NOVEMBER.since - timedelta(days=31), NOVEMBER.since, "UTC", "October 2026")
    return Report(**{"span": NOVEMBER, "brand": None, "incidents": True, "made_at": NOW, "before": before, **changes})
