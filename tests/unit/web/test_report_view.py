"""A report as the page shows it: what changed, which way is better, what is split, and nothing that is left out."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import CauseTrend, CauseWeek, Figure, Link, Report, Whose
from monitor.report.span import month_span, span_before
from monitor.web.report_view import LEADING, view_report

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SPAN = month_span("2026-10", "UTC", NOW)
MONDAYS = (date(2026, 10, 5), date(2026, 10, 12))


def report(*figures: Figure, **more: Any) -> Report:
    return replace(Report(SPAN, None, True, NOW, figures, before=span_before(SPAN)), **more)


def part(key: str, value: float | None, n: int = 5, **group: str) -> Figure:
    return Figure(key, group, value, n)


def trend(cause: str | None, *cases: int) -> CauseTrend:
    weeks = tuple(CauseWeek(monday, number) for monday, number in zip(MONDAYS, cases, strict=True))
    return CauseTrend(cause, sum(cases), 1, weeks)


@pytest.mark.parametrize(
    ("key", "value", "before", "change", "turn"),
    [
        ("first_reply_p50", 60, 120, "\N{MINUS SIGN}50 %", "better"),
        ("first_reply_p50", 120, 60, "+100 %", "worse"),
        ("sla_share", 0.75, 0.7, "+5.0 points", "better"),
        ("complaint_share", 0.5, 0.4, "+10.0 points", "worse"),
        ("volume", 200, 100, "+100 %", ""),
        ("volume", 100, 100, "as before", ""),
        ("sla_share", 0.5, 0.5001, "as before", ""),
        ("unanswered", 3, 0, "", ""),
        ("unanswered", 0, 0, "as before", ""),
        ("first_reply_p50", None, 60, "", ""),
        ("first_reply_p50", 60, None, "", ""),
    ],
)
def test_a_figure_says_how_it_changed_and_whether_that_is_good(
    key: str, value: float | None, before: float | None, change: str, turn: str
) -> None:
    (cell,) = view_report(report(Figure(key, {}, value, 5, 1, before))).wholes
    assert (cell.change, cell.turn) == (change, turn)


def test_an_estimate_is_shown_with_its_bounds() -> None:
    (cell,) = view_report(report(Figure("estimated_misses", {}, 40, 100, 3, None, 21, 72))).wholes
    assert (cell.value, cell.bounds, cell.before) == ("40", "21 to 72", "unknown")


def test_every_figure_of_any_key_appears_by_itself() -> None:
    wholes = [Figure(key, {}, 1, 1) for key in DEFINITIONS]
    parts = [part(key, 1, of=name) for key in DEFINITIONS for name in "ab"]
    view = view_report(report(*wholes, *parts))
    assert [cell.figure.key for cell in view.wholes] == list(DEFINITIONS)
    assert [cell.figure.key for cell in view.leading] == list(LEADING)
    shown = {key for chapter in view.chapters for key in chapter.keys}
    assert shown == set(DEFINITIONS) - {"chain_p50", "chain_p90", "causes", "recurrence"}
    names = [one.name for chapter in view.chapters for one in chapter.breakdowns]
    assert len(names) == len(set(names))


def test_median_and_ninetieth_percentile_stand_in_one_row() -> None:
    figures = [part(key, 60.0 * n, n, hour=str(n)) for key in ("first_reply_p50", "first_reply_p90") for n in (9, 10)]
    (chapter,) = view_report(report(*figures)).chapters
    (split,) = chapter.breakdowns
    assert (chapter.title, split.heads) == ("First reply", ("median", "9 in 10"))
    assert [(parts, [cell.value for cell in cells if cell]) for parts, cells in split.rows] == [
        (("09:00",), ["9 min", "9 min"]),
        (("10:00",), ["10 min", "10 min"]),
    ]
    assert split.plot is not None
    assert [series.name for series in split.plot.chart.series] == ["median", "9 in 10"]


def test_many_parts_are_counted_where_they_are_not_shown() -> None:
    figures = [part("volume", number, platform=f"place {number}") for number in range(1, 101)]
    (split,) = view_report(report(*figures)).chapters[0].breakdowns
    assert (len(split.rows), split.left) == (60, 40)
    assert split.plot is not None
    assert len(split.plot.chart.labels) == 12


def test_a_split_by_two_things_has_a_column_for_each_and_no_chart() -> None:
    (split,) = view_report(report(part("volume", 3, platform="x", language="en"))).chapters[0].breakdowns
    assert (split.dimensions, split.plot) == (("platform", "language"), None)
    assert split.rows[0][0] == ("x", "en")


def test_the_chain_is_one_bar_of_its_links() -> None:
    links = (
        Link("posted-fetched", "posted to fetched", Whose.PLATFORM, 30.0, 60.0, 9, 0),
        Link("claimed-replied", "claimed to replied", Whose.TEAM, None, None, 0, 9),
    )
    plot = view_report(report(chain=links)).chain
    assert plot is not None
    assert plot.rows == (("median", ("30 s", "unknown")), ("9 in 10", ("1 min", "unknown")))


def test_causes_are_stacked_by_week_the_rarer_ones_together() -> None:
    trends = (*(trend(f"cause {number}", 9 - number, 1) for number in range(7)), trend(None, 2, 4))
    view = view_report(report(causes=trends))
    assert view.causes is not None
    assert [series.name for series in view.causes.chart.series][-2:] == ["cause 4", "others, or none"]
    assert list(view.causes.chart.series[-1].values) == [4 + 3 + 2, 1 + 1 + 4]
    assert view.weeks == ("5 Oct", "12 Oct")
    assert [row.cases for row in view.cause_rows] == [one.cases for one in trends]


def test_a_report_of_nothing_is_empty_and_one_with_a_post_is_not() -> None:
    assert view_report(report(Figure("volume", {}, 0, 0), Figure("cases", {}, 0, 0))).empty
    assert not view_report(report(Figure("volume", {}, 1, 1))).empty
