"""A report for machines: times are ISO 8601 in UTC, spans seconds, shares from 0 to 1, unknown is null."""

from typing import Any

from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import CauseTrend, Figure, FixOutcome, Link, Report
from monitor.report.span import Span
from monitor.store.records import stamp


def to_json(report: Report) -> dict[str, Any]:
    """Return the whole report."""
    return {
        "span": _span(report.span),
        "before": _span(report.before) if report.before else None,
        "brand": report.brand,
        "incidents": report.incidents,
        "made_at": stamp(report.made_at),
        "currency": report.currency,
        "figures": [figure_json(figure) for figure in report.figures],
        "chain": [_link(link) for link in report.chain],
        "causes": [_trend(trend) for trend in report.causes],
        "fixes": [_fix(fix) for fix in report.fixes],
    }


def figure_json(figure: Figure) -> dict[str, Any]:
    """Return one figure with the unit and the direction of its definition."""
    definition = DEFINITIONS[figure.key]
    return {
        "key": figure.key,
        "title": definition.title,
        "unit": definition.unit.value,
        "better": definition.better or None,
        "group": dict(figure.group),
        "value": figure.value,
        "n": figure.n,
        "unknown": figure.unknown,
        "before": figure.before,
        "low": figure.low,
        "high": figure.high,
    }


def _span(span: Span) -> dict[str, Any]:
    return {"since": stamp(span.since), "until": stamp(span.until), "zone": span.zone, "label": span.label}


def _link(link: Link) -> dict[str, Any]:
    return {**{name: getattr(link, name) for name in Link.__dataclass_fields__}, "whose": link.whose.value}


def _trend(trend: CauseTrend) -> dict[str, Any]:
    weeks = [{"monday": week.monday.isoformat(), "cases": week.cases} for week in trend.weeks]
    return {"cause": trend.cause, "cases": trend.cases, "before": trend.before, "weeks": weeks}


def _fix(fix: FixOutcome) -> dict[str, Any]:
    plain = {name: getattr(fix, name) for name in FixOutcome.__dataclass_fields__}
    return {**plain, "fixed_on": fix.fixed_on.isoformat()}
