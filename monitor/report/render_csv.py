"""A report for spreadsheets: a figure a line, safe against formulas as every export is."""

from collections.abc import Iterator
from typing import Any, TextIO

from monitor.export import write_csv
from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import Report
from monitor.store.records import stamp


def render_csv(report: Report, stream: TextIO) -> None:
    """Write every figure with its unit, the part of the whole that it is about, and the span."""
    for _ in write_csv(_rows(report), stream):
        pass


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    span = {"since": stamp(report.span.since), "until": stamp(report.span.until), "zone": report.span.zone}
    whole = {**span, "brand": report.brand or "all", "incidents": report.incidents}
    for figure in report.figures:
        definition = DEFINITIONS[figure.key]
        yield {
            "key": figure.key,
            "figure": definition.title,
            "unit": definition.unit.value,
            "part": ", ".join(figure.group),
            "of": ", ".join(figure.group.values()),
            "value": figure.value,
            "n": figure.n,
            "unknown": figure.unknown,
            "before": figure.before,
            "low": figure.low,
            "high": figure.high,
            **whole,
        }
