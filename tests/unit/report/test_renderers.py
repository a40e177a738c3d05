"""A report in words, as a page, as CSV and as JSON: nothing foreign works in any of them."""

import csv
import io
import json
from datetime import UTC

import pytest

from monitor.notify.render import Setting
from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import CauseTrend, CauseWeek, Figure, Report, Unit
from monitor.report.outline import chapters, headline, shown
from monitor.report.render_csv import render_csv
from monitor.report.render_json import to_json
from monitor.report.render_mail import charts_of, render_html, render_text, report_message
from tests.unit.report.examples import NOVEMBER, NOW, a_report

EVIL = "=cmd|'/c calc'!A1<script>\x1b[2J"
FIGURES = (
    Figure("first_reply_p50", {}, 125.0, 40, 3, 300.0),
    Figure("first_reply_p90", {}, 3_700.0, 40, 3, None),
    Figure("sla_share", {}, 0.875, 40, 3, 0.5),
    Figure("first_reply_p50", {"platform": EVIL}, 60.0, 10),
    Figure("first_reply_p50", {"platform": "x"}, 90.0, 30),
    Figure("breaches", {}, 5, 40, 3),
    Figure("breaches", {"whose": "team"}, 5, 5),
    Figure("volume", {}, 1_234, 1_234, 2, 1_000),
    Figure("causes", {}, 9, 9, 1, 4),
    Figure("causes", {"cause": "billing"}, 8, 9, 0, 4),
    Figure("estimated_misses", {}, 12.4, 80, 3, None, 4.6, 25.5),
    Figure("cost_per_case", {}, 12.5, 40, 1),
)
WEEKS = tuple(CauseWeek(NOVEMBER.since.date(), number) for number in (3, 5))
REPORT = a_report(figures=FIGURES, causes=(CauseTrend("billing", 8, 4, WEEKS),))


def setting(kind: str = "mail", public_url: str | None = "https://desk.example") -> Setting:
    return Setting("lead", kind, NOW, UTC, public_url)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (None, Unit.COUNT, "unknown"), (None, Unit.SECONDS, "unknown"), (125.0, Unit.SECONDS, "2 min"),
        (0.4567, Unit.SHARE, "45.7 %"), (1_234.4, Unit.COUNT, "1,234"), (1_234.5, Unit.MONEY, "$1,234.50"),
        (0.5, Unit.SCORE, "0.50"),
    ],
)  # fmt: skip
def test_values_are_said_as_people_read_them(value: float | None, unit: Unit, words: str) -> None:
    assert shown(value, unit) == words


def test_each_line_of_the_text_says_what_it_rests_on() -> None:
    text = render_text(REPORT, setting())
    assert "First reply, median: 2 min (n 40, unknown 3, before 5 min)" in text
    assert "Missed complaints (estimate): 12 (5 to 26) (n 80, unknown 3)" in text
    assert "\x1b" not in text
    assert "https://desk.example/reports/figures" in text


def test_every_figure_of_the_page_leads_to_its_definition() -> None:
    page = render_html(REPORT, setting())
    for chapter in chapters(REPORT):
        for row in chapter.rows:
            assert f'<a href="https://desk.example/reports/figures#{row.key}">' in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "href" not in render_html(REPORT, setting(public_url=None))


def test_empty_chapters_say_so() -> None:
    page = render_html(a_report(), setting())
    assert "nothing was late" in page
    assert "no cause was tagged as fixed" in page
    assert headline(a_report()) == "nothing to answer"
    assert headline(REPORT) == "first reply 2 min (median), 87.5 % in time, 5 late"


def test_a_mail_carries_its_charts_in_light_and_dark_and_a_webhook_the_whole() -> None:
    mail = report_message(REPORT, setting(), key="k" * 64)
    assert len(mail.pictures) == 2 * len(charts_of(REPORT))
    assert all(f"cid:{picture.name}" in (mail.html or "") for picture in mail.pictures)
    hook = report_message(REPORT, setting("webhook"), key="k" * 64)
    assert (hook.html, hook.pictures) == (None, ())
    assert hook.payload["report"] == to_json(REPORT)
    assert mail.subject.startswith("report November 2026, all brands: first reply 2 min")


def test_a_chat_is_told_the_whole_on_one_screen_and_where_the_rest_is() -> None:
    text = report_message(REPORT, setting("slack"), key="k" * 64).text
    assert "First reply, median: 2 min (before 5 min)" in text
    assert "cmd" not in text
    assert text.endswith("the rest: https://desk.example/reports")
    assert len(text.splitlines()) <= 40
    assert report_message(REPORT, setting("slack", None), key="k").text.endswith("report --month 2026-11")


def test_charts_say_in_words_what_they_show() -> None:
    weeks, late = charts_of(REPORT)
    assert weeks.alt == "Complaints a week: billing 3, 5."
    assert late.alt == "Late: team 5."
    assert charts_of(a_report()) == ()


def test_the_csv_has_every_figure_and_no_formula() -> None:
    stream = io.StringIO()
    render_csv(REPORT, stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert [row["key"] for row in rows] == [figure.key for figure in FIGURES]
    hostile = next(row for row in rows if row["of"].endswith("\x1b[2J"))
    assert hostile["of"].startswith("'=cmd")
    assert (rows[2]["value"], rows[2]["unknown"], rows[1]["before"]) == ("0.875", "3", "")


def test_the_json_has_units_and_null_for_unknown() -> None:
    found = json.loads(json.dumps(to_json(without_incidents())))
    assert (found["incidents"], found["brand"]) == (False, "lumo")
    first = found["figures"][0]
    assert (first["unit"], first["better"], first["n"], first["group"]) == ("seconds", "lower", 40, {})
    assert found["figures"][1]["before"] is None
    assert found["causes"][0]["weeks"][1] == {"monday": "2026-11-01", "cases": 5}
    assert {figure["title"] for figure in found["figures"]} <= {entry.title for entry in DEFINITIONS.values()}


def without_incidents() -> Report:
    return a_report(figures=FIGURES, causes=REPORT.causes, brand="lumo", incidents=False)
