"""Reports over HTTP: what an address means, brands kept apart in every form, definitions, downloads, empty months."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from monitor.access.person import Deed
from monitor.access.tokens import make_token
from monitor.config.schema import Brand, Watch
from monitor.report.build import build_report
from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import Figure, Report
from monitor.report.render_json import to_json
from monitor.report.span import month_span
from monitor.web import reports
from monitor.web.pages import status_of
from monitor.web.reports import Busy, ReportMemory
from tests.report_history import ZONE, fill
from tests.web_site import Browser, WebSite

NOW = datetime(2026, 11, 26, 15, tzinfo=UTC)
BRANDS = {
    name: Brand(handles={"x": (name,)}, watches=(Watch(name="name", query=name),), zone=ZONE)
    for name in ("lumo", "nova")
}
ROLES = {"vic": {"every": "viewer"}, "lumo_only": {"lumo": "viewer"}, "nova_only": {"nova": "viewer"}}
JSON = {"Accept": "application/json"}
NOVEMBER = {"month": "2026-11"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    opened = WebSite(tmp_path_factory.mktemp("reports"), brands=BRANDS, cost_per_hour=42.0)
    fill(opened.store, mentions=1500, before=600, case_share=0.3)
    opened.now = NOW
    for name, roles in ROLES.items():
        opened.add(name, **roles)
    opened.add("nobody", other="viewer")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(site: WebSite) -> Iterator[str]:
    with site.served() as served:
        yield served


@contextmanager
def browser_of(name: str, address: str) -> Iterator[Browser]:
    with Browser(address) as browser:
        browser.log_in(name)
        yield browser


@pytest.fixture(scope="module")
def vic(address: str) -> Iterator[Browser]:
    with browser_of("vic", address) as browser:
        yield browser


@pytest.fixture(scope="module")
def nova(address: str) -> Iterator[Browser]:
    with browser_of("nova_only", address) as browser:
        yield browser


def figures(browser: Browser, path: str = "/reports", **query: str) -> dict[str, Any]:
    answer = browser.get(path, params=query, headers=JSON)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def value(told: dict[str, Any], key: str, **group: str) -> Any:
    return next(one["value"] for one in told["figures"] if one["key"] == key and one["group"] == group)


def test_page_downloads_and_interface_tell_the_same_figures(site: WebSite, vic: Browser) -> None:
    told = figures(vic, **NOVEMBER)
    made = build_report(site.store, site.settings, month_span("2026-11", ZONE, NOW), None, now=NOW)
    assert told == to_json(made)
    assert figures(vic, "/reports.json", **NOVEMBER) == told == figures(vic, "/api/v1/report", **NOVEMBER)
    rows = list(csv.DictReader(io.StringIO(vic.get("/reports.csv", params=NOVEMBER).text)))
    assert [row["key"] for row in rows] == [one["key"] for one in told["figures"]]
    whole = {row["key"]: row["value"] for row in rows if not row["part"]}
    assert float(whole["volume"]) == value(told, "volume")


def test_every_whole_figure_is_on_the_page_with_its_definition_one_click_away(vic: Browser) -> None:
    told, page = figures(vic, **NOVEMBER), vic.get("/reports", params=NOVEMBER).text
    definitions = vic.get("/reports/figures").text
    wholes = [one for one in told["figures"] if not one["group"]]
    assert len(wholes) > 20
    for one in wholes:
        row = page.partition(f'id="whole-{one["key"]}"')[2].partition("</tr>")[0]
        assert f'href="/reports/figures#{one["key"]}"' in row
        numbers = re.findall(r"<td>([\d,]+)</td>", row)[-2:]
        assert numbers == [f"{one['n']:,}", f"{one['unknown']:,}"]
    for key in DEFINITIONS:
        assert f'id="{key}"' in definitions
    assert set(re.findall(r"/reports/figures#(\w+)", page)) <= set(DEFINITIONS)


def test_all_parts_of_all_figures_are_on_the_page(vic: Browser) -> None:
    page = vic.get("/reports", params=NOVEMBER).text
    for name in ("first-reply-platform", "first-reply-level", "first-reply-hour", "volume-language", "coverage-source"):
        assert f'id="chart-{name}-t"' in page
    assert 'id="chart-chain-t"' in page
    assert 'id="chart-causes-t"' in page
    assert not re.search(r"<script(?! src=)|<style| style=| on\w+=", page)


def test_nobody_sees_a_figure_of_another_brand_in_any_form(nova: Browser, site: WebSite) -> None:
    alone = to_json(build_report(site.store, site.settings, month_span("2026-11", ZONE, NOW), "nova", now=NOW))
    for path in ("/reports", "/reports.json", "/api/v1/report"):
        assert figures(nova, path, **NOVEMBER) == alone
        for query in ({"brand": "lumo"}, {"brand": "lumo", **NOVEMBER}, {"brand": "unheard-of"}, {"brand": "*"}):
            assert nova.get(path, params=query).status_code == 403
    assert nova.get("/reports.csv", params={"brand": "lumo"}).status_code == 403
    rows = list(csv.DictReader(io.StringIO(nova.get("/reports.csv", params=NOVEMBER).text)))
    assert {row["brand"] for row in rows} == {"nova"}
    page = nova.get("/reports", params=NOVEMBER).text
    assert "lumo" not in page
    assert ">all<" not in page


def test_figures_of_all_brands_are_for_those_alone_who_may_see_every_brand(vic: Browser, address: str) -> None:
    both = figures(vic, **NOVEMBER)
    parts = [figures(vic, brand=brand, **NOVEMBER) for brand in BRANDS]
    assert both["brand"] is None
    assert value(both, "volume") == sum(value(part, "volume") for part in parts)
    with browser_of("lumo_only", address) as lumo:
        assert figures(lumo, **NOVEMBER)["brand"] == "lumo"
    with browser_of("nobody", address) as nobody:
        assert "You may see no brand yet" in nobody.get("/reports").text
        assert nobody.get("/reports.csv").status_code == 403


def test_a_token_of_one_brand_gets_that_brand_alone(site: WebSite, address: str) -> None:
    key = make_token(site.store, "vic", "test", tuple(Deed), ("nova",), "vic", site.now)[1]
    with Browser(address) as program:
        program.headers["Authorization"] = f"Bearer {key}"
        assert program.get("/api/v1/report").json()["brand"] == "nova"
        assert program.get("/api/v1/report", params={"brand": "lumo"}).status_code == 403


def test_without_incidents_their_cases_are_left_out(site: WebSite, vic: Browser) -> None:
    told = figures(vic, incidents="without", **NOVEMBER)
    assert told["incidents"] is False
    made = build_report(site.store, site.settings, month_span("2026-11", ZONE, NOW), None, incidents=False, now=NOW)
    assert told["figures"] == to_json(made)["figures"]
    page = vic.get("/reports", params={"incidents": "without", **NOVEMBER}).text
    assert "The cases of incidents are left out." in page
    assert "incidents=without" in page.partition("/reports.csv")[2][:80]


def test_this_month_is_shown_where_none_is_named_and_others_are_a_choice_away(vic: Browser) -> None:
    assert figures(vic)["span"]["label"].startswith("November 2026")
    page = vic.get("/reports").text
    assert re.findall(r'<option value="(\d{4}-\d\d)"( selected)?>', page) == [("2026-11", " selected"), ("2026-10", "")]
    assert figures(vic, month="2026-10")["span"]["label"] == "October 2026"


def test_dates_are_days_of_the_zone_both_within(vic: Browser) -> None:
    span = figures(vic, since="2026-11-03", until="2026-11-04")["span"]
    assert (span["since"], span["until"]) == ("2026-11-02T23:00:00.000Z", "2026-11-04T23:00:00.000Z")
    assert span["label"] == "2026-11-03 to 2026-11-04"
    today = figures(vic, since="2026-11-26", until="2026-11-26")["span"]
    assert (today["label"], today["until"]) == ("2026-11-26 (until now)", "2026-11-26T15:00:00.000Z")


def test_the_posts_of_the_dashboard_are_those_of_the_report_that_it_leads_to(vic: Browser) -> None:
    board = vic.get("/dashboard", headers=JSON).json()
    links = re.findall(r'href="/reports\?since=([\d-]+)&amp;until=([\d-]+)', vic.get("/dashboard").text)
    months = figures(vic, since=links[-1][0], until=links[-1][1])
    assert value(months, "volume") == sum(day["posts"] for day in board["days"][:-1]) + board["today"]["posts"]
    today = figures(vic, since=links[0][0], until=links[0][1])
    assert value(today, "volume") == board["today"]["posts"] > 0


@pytest.mark.parametrize(
    "query",
    ["month=2030-01", "month=2026-13", "month=x", "month=%00", "since=2026-11-02&until=2026-11-01", "since=2026-11-02",
     "since=2030-01-01&until=2030-01-02", "since=x&until=y", "since=1990-01-01&until=2026-01-01",
     "since=9999-12-31&until=9999-12-31", "since=0001-01-01&until=0001-01-02"],
)  # fmt: skip
def test_times_that_are_none_are_refused_with_a_reason(query: str, vic: Browser) -> None:
    answer = vic.get(f"/reports?{query}")
    assert answer.status_code == 400
    assert "This did not work" in answer.text
    assert vic.get(f"/api/v1/report?{query}").status_code == 422


def test_a_month_without_data_says_where_there_is_some(vic: Browser) -> None:
    page = vic.get("/reports?month=2026-01&incidents=without").text
    assert "Nothing was written in January 2026" in page
    assert 'href="/reports?month=2026-10&amp;incidents=without"' in page
    assert "<svg" not in page


def test_downloads_have_names_that_every_system_takes(vic: Browser) -> None:
    headers = vic.get("/reports.csv?month=2026-10&brand=lumo&incidents=without").headers
    assert headers["content-disposition"] == 'attachment; filename="report-2026-10-lumo-without-incidents.csv"'
    assert (
        vic.get("/reports.json?since=2026-11-01&until=2026-11-02")
        .headers["content-disposition"]
        .endswith('filename="report-2026-11-01-2026-11-02-all.json"')
    )


def test_a_report_that_goes_on_is_made_once_a_minute_and_one_that_is_over_every_ten(
    site: WebSite, vic: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def count(*arguments: Any, **more: Any) -> Report:
        made.append(arguments[2].label)
        return build_report(*arguments, **more)

    monkeypatch.setattr(reports, "build_report", count)
    try:
        for later in (3600, 3602, 3630, 3662):
            site.now = NOW + timedelta(seconds=later)
            vic.get("/reports?brand=lumo")
            vic.get("/reports?brand=lumo&month=2026-10")
        assert len([label for label in made if label.startswith("November")]) == 2
        assert len([label for label in made if label.startswith("October")]) == 1
        site.now = NOW + timedelta(seconds=3600 + 601)
        vic.get("/reports?brand=lumo&month=2026-10")
        assert made[-1] == "October 2026"
    finally:
        site.now = NOW


def test_the_price_of_listening_is_in_the_cost_of_a_complaint(site: WebSite) -> None:
    rows = site.store.connection.query("SELECT DISTINCT source FROM source_days", {})
    prices = {row["source"]: 0.5 for row in rows}
    free, site.site = site.site, replace(site.site, prices=lambda: prices)
    try:
        with site.served() as served, browser_of("vic", served) as vic:
            told = figures(vic, **NOVEMBER)
    finally:
        site.site = free
    span = month_span("2026-11", ZONE, NOW)
    paid, unpaid = (build_report(site.store, site.settings, span, None, now=NOW, prices=each) for each in (prices, {}))
    costs = [one.figure("cost_per_complaint") for one in (paid, unpaid)]
    assert value(told, "cost_per_complaint") == costs[0].value != costs[1].value  # type: ignore[union-attr]


def test_days_are_those_of_the_brand_on_both_pages(tmp_path: Path) -> None:
    brands = {
        name: BRANDS["lumo"].model_copy(update={"zone": zone}) for name, zone in (("a", None), ("b", "Asia/Tokyo"))
    }
    with closing(WebSite(tmp_path, brands=brands)) as other:
        other.add("vic", every="viewer")
        with other.served() as served, browser_of("vic", served) as vic:
            for query, zone in (({"brand": "a"}, "UTC"), ({"brand": "b"}, "Asia/Tokyo"), ({}, "Asia/Tokyo")):
                assert figures(vic, **query)["span"]["zone"] == zone
                assert vic.get("/api/v1/dashboard", params=query).json()["zone"] == zone


def test_few_wait_for_a_report_and_the_others_are_told_to_come_back() -> None:
    memory, begun, ready = ReportMemory(), Barrier(9), Event()
    made = Report(month_span("2026-10", ZONE, NOW), None, True, NOW)
    answers: list[str] = []

    def make() -> Report:
        ready.wait(10)
        return made

    def ask() -> None:
        begun.wait(10)
        try:
            memory.report(("one",), NOW, make)
            answers.append("made")
        except Busy as error:
            answers.append(str(status_of(error)))
            ready.set()

    threads = [Thread(target=ask) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(answers) == ["503", *["made"] * 8]
    assert memory.report(("one",), NOW, make) is made


def test_memory_holds_a_bounded_number_of_reports() -> None:
    memory = ReportMemory()
    span = month_span("2026-10", ZONE, NOW)
    for number in range(200):
        memory.report((number,), NOW, lambda: Report(span, None, True, NOW, (Figure("cases", {}, 1, 1),)))
    assert len(memory._kept) <= 24
