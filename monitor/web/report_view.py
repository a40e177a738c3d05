"""A report as the page shows it: wholes in one table, parts by what they are split by, each with its chart. Pure.

Nothing here names a single figure but the few that lead: a figure that a report gains appears by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.digest.charts import Chart, Series
from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import CauseTrend, Definition, Figure, Report, Unit
from monitor.web.charts import Plot, in_words

LEADING = ("first_reply_p50", "sla_share", "first_contact_resolution", "volume", "complaint_share", "cases")
_OTHER_PLACES = ("chain_p50", "chain_p90", "causes", "recurrence")
"""Their parts are shown as the chain, week by week, and beside the fixes."""

_BARS, _ROWS, _TOP_CAUSES = 12, 60, 5
_CURRENCY = "USD"
_QUANTILES = ("_p50", "_p90")
_ALONG_TIME = frozenset({"hour", "week", "day"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in words, with what stands beside it. `turn` is better or worse than before, "" is neither."""

    figure: Figure
    definition: Definition
    value: str
    before: str
    change: str
    turn: str
    bounds: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A figure, or its median and ninetieth percentile, split by one thing or several: a row for each part.

    `name` is good for an address; `heads` name the values of `keys`; `left` rows are not shown.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    heads: tuple[str, ...]
    dimensions: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Cell | None, ...]], ...]
    left: int
    plot: Plot | None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Everything that a figure, or its median and ninetieth percentile, is split by."""

    name: str
    title: str
    keys: tuple[str, ...]
    breakdowns: tuple[Breakdown, ...]


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause with its complaints in each week, in all, and in the span before."""

    cause: str | None
    weeks: tuple[int, ...]
    cases: int
    before: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything on the page of a report."""

    leading: tuple[Cell, ...]
    wholes: tuple[Cell, ...]
    chapters: tuple[Chapter, ...]
    chain: Plot | None
    causes: Plot | None
    weeks: tuple[str, ...]
    cause_rows: tuple[CauseRow, ...]
    before: str
    empty: bool


def view_report(report: Report) -> ReportView:
    """Return a report in words and charts."""
    wholes = tuple(_cell(figure, report) for figure in report.figures if not figure.group)
    by_key = {cell.figure.key: cell for cell in wholes}
    weeks = tuple(f"{week.monday.day} {week.monday:%b}" for week in report.causes[0].weeks) if report.causes else ()
    return ReportView(
        leading=tuple(by_key[key] for key in LEADING if key in by_key),
        wholes=wholes,
        chapters=_chapters(report),
        chain=_chain(report),
        causes=_causes(report.causes, weeks),
        weeks=weeks,
        cause_rows=tuple(_cause_row(trend) for trend in report.causes),
        before=report.before.label if report.before else "before",
        empty=not any(figure.value for figure in report.figures if figure.key in {"volume", "cases"}),
    )


def _cell(figure: Figure, report: Report) -> Cell:
    definition = DEFINITIONS[figure.key]
    unit, currency = definition.unit, report.currency or _CURRENCY

    def say(value: float | None) -> str:
        return in_words(unit, value, currency)

    known = figure.low is not None and figure.high is not None
    return Cell(
        figure,
        definition,
        value=say(figure.value),
        before=say(figure.before),
        change=_change(figure, unit),
        turn=_turn(figure, definition),
        bounds=f"{say(figure.low)} to {say(figure.high)}" if known else "",
    )


def _change(figure: Figure, unit: Unit) -> str:
    """Return how a value differs from the one before: in points for shares, in per cent for the rest."""
    value, before = figure.value, figure.before
    if value is None or before is None:
        return ""
    if unit is Unit.SHARE:
        told = f"{(value - before) * 100:+.1f} points"
    elif not before:
        return "as before" if not value else ""
    else:
        told = f"{(value / before - 1) * 100:+.0f} %"
    return "as before" if told.strip("+-").startswith(("0.0 ", "0 ")) else told.replace("-", "\N{MINUS SIGN}")


def _turn(figure: Figure, definition: Definition) -> str:
    value, before = figure.value, figure.before
    if (
        value is None
        or before is None
        or not definition.better
        or _change(figure, definition.unit) in {"", "as before"}
    ):
        return ""
    return "better" if (value > before) == (definition.better == "higher") else "worse"


def _chapters(report: Report) -> tuple[Chapter, ...]:
    """Return what is split, in the order of the definitions; quantiles of the same stand together."""
    found: dict[str, dict[tuple[str, ...], list[Figure]]] = {}
    for figure in report.figures:
        dimensions = tuple(figure.group)
        if dimensions and figure.key not in _OTHER_PLACES:
            found.setdefault(_stem(figure.key), {}).setdefault(dimensions, []).append(figure)
    return tuple(_chapter(report, stem, parts) for stem, parts in found.items())


def _chapter(report: Report, stem: str, parts: Mapping[tuple[str, ...], Sequence[Figure]]) -> Chapter:
    keys = tuple(dict.fromkeys(figure.key for figures in parts.values() for figure in figures))
    title = DEFINITIONS[keys[0]].title
    title = title.partition(",")[0] if len(keys) > 1 or ", by " in title else title
    made = tuple(_breakdown(report, stem, title, dimensions, figures) for dimensions, figures in parts.items())
    return Chapter(stem.replace("_", "-"), title, keys, made)


def _breakdown(
    report: Report, stem: str, title: str, dimensions: tuple[str, ...], figures: Sequence[Figure]
) -> Breakdown:
    keys = tuple(dict.fromkeys(figure.key for figure in figures))
    rows: dict[tuple[str, ...], dict[str, Cell]] = {}
    for figure in figures:
        rows.setdefault(tuple(figure.group.values()), {})[figure.key] = _cell(figure, report)
    cells = tuple(
        (tuple(map(part_name, dimensions, parts)), tuple(known.get(key) for key in keys))
        for parts, known in rows.items()
    )
    name, named = "-".join((stem, *dimensions)).replace("_", "-"), f"{title} by {' and '.join(dimensions)}"
    plot = _plot(name, named, dimensions, keys, cells, report)
    heads = tuple(_series_name(key, len(keys)) for key in keys) if len(keys) > 1 else ("value",)
    return Breakdown(name, named, keys, heads, dimensions, cells[:_ROWS], max(len(cells) - _ROWS, 0), plot)


def _stem(key: str) -> str:
    return next((key.removesuffix(ending) for ending in _QUANTILES if key.endswith(ending)), key)


def part_name(dimension: str, value: str) -> str:
    """Return the name of a part as people say it."""
    return f"{int(value):02}:00" if dimension == "hour" and value.isdecimal() else value or "unknown"


def _plot(
    name: str, title: str, dimensions: Sequence[str], keys: Sequence[str],
    rows: Sequence[tuple[tuple[str, ...], tuple[Cell | None, ...]]], report: Report,
) -> Plot | None:  # fmt: skip
    """Return the chart of a breakdown; None where it would show nothing, or has two directions."""
    if len(dimensions) != 1:
        return None
    along = dimensions[0] in _ALONG_TIME
    shown = rows if along else rows[:_BARS]
    unit = DEFINITIONS[keys[0]].unit
    series = tuple(
        Series(_series_name(key, len(keys)), tuple(cells[at].figure.value if cells[at] else None for _, cells in shown))  # type: ignore[union-attr]
        for at, key in enumerate(keys)
    )
    kind = ("line" if len(keys) > 1 else "columns") if along else "pairs"
    labels = tuple(parts[0] for parts, _ in shown)
    told = ", ".join(f"{label} {in_words(unit, value)}" for label, value in zip(labels, series[0].values, strict=True))
    plot = Plot(Chart(name, kind, title, labels, series, f"{title}: {told}."), unit, report.currency or _CURRENCY)
    return None if plot.empty else plot


def _series_name(key: str, number: int) -> str:
    names = {"_p50": "median", "_p90": "9 in 10"}
    told = next((name for ending, name in names.items() if key.endswith(ending)), "")
    return told if told and number > 1 else DEFINITIONS[key].title


def _chain(report: Report) -> Plot | None:
    series = tuple(Series(link.title, (link.p50, link.p90)) for link in report.chain)
    if not series:
        return None
    told = ", ".join(f"{link.title} {in_words(Unit.SECONDS, link.p50)}" for link in report.chain)
    chart = Chart(
        "chain", "bars", "From the post to our first reply", ("median", "9 in 10"), series, f"Medians: {told}."
    )
    plot = Plot(chart, Unit.SECONDS)
    return None if plot.empty else plot


def _causes(trends: Sequence[CauseTrend], weeks: Sequence[str]) -> Plot | None:
    """Return complaints by week, stacked by their causes: the most frequent ones, and the others together."""
    named = [trend for trend in trends if trend.cause is not None]
    top, rest = named[:_TOP_CAUSES], [*named[_TOP_CAUSES:], *(trend for trend in trends if trend.cause is None)]
    series = [Series(trend.cause or "", tuple(float(week.cases) for week in trend.weeks)) for trend in top]
    if rest:
        summed = tuple(float(sum(one.weeks[at].cases for one in rest)) for at in range(len(weeks)))
        series.append(Series("others, or none" if named[_TOP_CAUSES:] else "without a cause", summed))
    if not series:
        return None
    told = ", ".join(f"{trend.cause} {trend.cases:,}" for trend in top) or "no cause is known"
    chart = Chart("causes", "columns", "Complaints a week, by cause", tuple(weeks), tuple(series), f"In all: {told}.")
    plot = Plot(chart, Unit.COUNT)
    return None if plot.empty else plot


def _cause_row(trend: CauseTrend) -> CauseRow:
    before = "unknown" if trend.before is None else f"{trend.before:,}"
    return CauseRow(trend.cause, tuple(week.cases for week in trend.weeks), trend.cases, before)
