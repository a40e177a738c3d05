"""Dashboard and reports as people use them, in a real browser: numbers, definitions, months, axe, hostile names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from monitor.domain import Level
from tests.browser.inbox_site import InboxSite
from tests.browser.page import Page
from tests.browser.report_site import HOSTILE, ReportSite
from tests.browser.test_accessibility import AXE, CHECK, RULES, SMALL
from tests.builders import store_case

PAGES = ("/dashboard", "/reports?month=2026-11", "/reports?month=2026-01", "/reports/figures")
CHARTS = """
return [...document.querySelectorAll("svg.chart")].map((each) => {
  const box = each.getBoundingClientRect(), mark = each.querySelector(".fill, .curve");
  const style = mark && getComputedStyle(mark);
  return {
    size: box.width > 200 && box.height > 40,
    painted: Boolean(style) && (style.fill !== "none" ? style.fill : style.stroke) !== "rgb(0, 0, 0)",
    named: Boolean(each.querySelector("title")?.textContent && each.querySelector("desc")?.textContent),
  };
});
"""
SPILLED = """
return [...document.querySelectorAll("svg.chart text")].filter((each) => {
  const [box, chart] = [each.getBoundingClientRect(), each.closest("svg").getBoundingClientRect()];
  return box.left < chart.left - 1 || box.right > chart.right + 1;
}).map((each) => each.textContent);
"""
FOREIGN = "main :is(script, img, iframe, style, object)"
SMALL_HERE = SMALL.replace("a:not(.empty p a)", "a:not(p a)")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportSite]:
    site = ReportSite(tmp_path_factory.mktemp("reports"))
    yield site
    site.stop()


@pytest.fixture
def page(one_browser: "webdriver.Chrome", history: ReportSite) -> Page:
    return Page(one_browser, history)  # type: ignore[arg-type]


def test_the_dashboard_shows_where_things_stand_and_leads_there(page: Page) -> None:
    page.open("/dashboard")
    assert page.text("h1") == "Dashboard"
    drawn = page.run(CHARTS)
    assert len(drawn) == 5
    assert all(all(chart.values()) for chart in drawn)
    late = int(page.text("a.grave .big").replace(",", ""))
    page.click("a.grave")
    page.wait(page.rows)
    assert "show=late" in page.browser.current_url
    tab = page.text(".tabs a[aria-current] .count")
    assert int(tab.replace(",", "")) == late


def test_a_definition_is_one_click_away_from_its_figure(page: Page) -> None:
    page.open("/reports?month=2026-11")
    page.click("#whole-sla_share a")
    page.wait(lambda: page.browser.current_url.endswith("/reports/figures#sla_share"))
    seen = page.run(
        "const box = document.querySelector(':target').getBoundingClientRect();"
        "return box.top < innerHeight && box.bottom > 0"
    )
    assert seen
    assert "kept the promise" in page.text(":target")


def test_a_report_is_drawn_and_told_in_numbers(page: Page) -> None:
    page.open("/reports?month=2026-11")
    drawn = page.run(CHARTS)
    assert len(drawn) >= 12
    assert all(all(chart.values()) for chart in drawn)
    assert page.run(SPILLED) == []
    assert len(page.browser.find_elements(By.CSS_SELECTOR, "tr[id^=whole-]")) > 20


def test_another_month_another_brand_and_other_dates_are_a_choice_away(page: Page) -> None:
    page.open("/reports")
    assert "November 2026" in page.text("h1")
    Select(page.browser.find_element(By.ID, "month")).select_by_visible_text("October 2026")
    Select(page.browser.find_element(By.ID, "brand")).select_by_visible_text("nova")
    page.click("form.filters button")
    page.wait(lambda: page.text("h1") == "Report: October 2026, nova")
    download = page.browser.find_element(By.LINK_TEXT, "CSV").get_attribute("href")
    assert str(download).endswith("month=2026-10&brand=nova")
    page.run("document.querySelector('details').open = true")
    page.run(
        "document.getElementById('since').value = '2026-11-02'; document.getElementById('until').value = '2026-11-03'"
    )
    page.click("details form button")
    page.wait(lambda: page.text("h1") == "Report: 2026-11-02 to 2026-11-03, nova")


def test_everything_works_without_a_script(page: Page) -> None:
    with page.without_script():
        page.open("/dashboard")
        page.browser.find_element(By.LINK_TEXT, "Report").click()
        page.browser.find_element(By.LINK_TEXT, "First reply, median").click()
        assert page.browser.current_url.endswith("#first_reply_p50")


def test_the_dashboard_follows_what_happens_by_itself(one_browser: "webdriver.Chrome", site: InboxSite) -> None:
    page = Page(one_browser, site, "viewer")
    page.open("/dashboard")
    page.wait(lambda: page.run("return document.getElementById('board').dataset.ready"))
    assert page.text(".tile .big") == "0"
    page.run("document.querySelector('.tile a').focus()")
    store_case(site.store, Level.CRITICAL)
    page.wait(lambda: page.text(".tile .big") == "1")
    assert "critical 1" in page.text(".tile")
    assert page.run("return document.activeElement.getAttribute('href')") == "/queue"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(page: Page, path: str, scheme: str, width: int) -> None:
    page.resize(width, 900)
    page.prefer(scheme)
    page.open(path)
    page.run("for (const each of document.querySelectorAll('details')) each.open = true")
    page.run(AXE)
    assert page.browser.execute_async_script(CHECK, RULES) == []
    assert page.run(SMALL_HERE) == []
    assert page.is_as_wide_as_its_window()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_painted_differs_enough_from_its_ground(page: Page, scheme: str) -> None:
    page.prefer(scheme)
    page.open("/reports?month=2026-11")
    ratios = page.run("""
      const read = (colour) => { const probe = document.createElement("canvas").getContext("2d");
        probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1); return [...probe.getImageData(0, 0, 1, 1).data]; };
      const light = (colour) => read(colour).slice(0, 3).map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
      const style = getComputedStyle(document.documentElement);
      const ground = light(style.getPropertyValue("--card").trim());
      return [0, 1, 2, 3, 4, 5].map((number) => light(style.getPropertyValue(`--s${number}`).trim()))
        .map((each) => (Math.max(each, ground) + 0.05) / (Math.min(each, ground) + 0.05));
    """)
    assert min(ratios) >= 3


@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_names_are_only_ever_text(one_browser: "webdriver.Chrome", tmp_path: Path, width: int) -> None:
    site = ReportSite(tmp_path, mentions=600, hostile=True)
    try:
        page = Page(one_browser, site)  # type: ignore[arg-type]
        page.resize(width, 900)
        with page.watching_policy():
            for path in ("/dashboard", "/reports?month=2026-11", "/reports/figures"):
                page.open(path)
                assert page.run("return [window.pwned, window.cspReports]") == [None, []]
                assert (
                    page.run("return document.querySelectorAll('main :is(script, img, iframe, style, object)').length")
                    == 0
                )
                assert page.is_as_wide_as_its_window()
                assert "49" not in page.run("return document.title")
            page.open("/reports?month=2026-11")
            assert HOSTILE[:20] in page.run("return document.querySelector('main').textContent")
            Select(page.browser.find_element(By.ID, "brand")).select_by_index(1)
            page.click("form.filters button")
            page.wait(lambda: "onerror" in page.text("h1"))
            assert page.run("return [window.pwned, window.cspReports]") == [None, []]
        logged = page.browser.get_log("browser")  # type: ignore[no-untyped-call]
        assert not [entry for entry in logged if "Content Security Policy" in entry["message"]]
    finally:
        site.stop()
