"""The one place that makes a report of what is stored."""

from collections.abc import Mapping
from datetime import datetime

from monitor.config.schema import Settings
from monitor.report.figure import Figure, Report
from monitor.report.span import Span, span_before
from monitor.store.store import Store


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

    `prices` is dollars a post by source; nothing is paid where none are given.
    """
    before = span_before(span)
    brands = (brand,) if brand else ()
    opened = store.opened_between(span.since, span.until, brands)
    earlier = store.opened_between(before.since, before.until, brands)
    total = sum(opened.values())
    figures = (Figure("cases", {}, total, total, before=sum(earlier.values())),)
    return Report(span, brand, incidents, now, figures, before=before)
