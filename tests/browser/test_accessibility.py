"""axe-core over every page of the queue, light and dark, and what it does not look at: the size of what is pressed."""

from datetime import timedelta
from pathlib import Path

import pytest
from selenium import webdriver

from connectors.clock import utc_now
from monitor.domain import Level, Status
from tests.browser.inbox_site import InboxSite
from tests.browser.page import Page
from tests.builders import store_case
from tests.incident_cases import store_complaint, store_incident

axe = pytest.importorskip("axe_core_python", reason="axe-core-python is not installed")
AXE = (Path(axe.__path__[0]) / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
CHECK = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: {type: "tag", values: arguments[0]}}).then((found) => done(found.violations.map(
  (each) => `${each.id}: ${each.nodes
    .slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message}`).join("; ")}`)));
"""
SMALL = """
// a link within a sentence may be as small as its words
return [...document.querySelectorAll("a:not(.empty p a), button, input, select, summary, textarea")].filter((each) => {
  const box = each.getBoundingClientRect();
  return box.width && box.left >= 0 && each.type !== "hidden" && (box.width < 24 || box.height < 24);
}).map((each) => each.outerHTML.slice(0, 120));
"""


@pytest.fixture
def filled(site: InboxSite) -> InboxSite:
    now = utc_now()
    for number, level in enumerate(tuple(Level) * 2):
        case = store_case(site.store, level, now=now, followers=number * 700, posted_at=now - timedelta(minutes=3))
        site.store.update_case(case, due_at=now + timedelta(minutes=20 - 10 * number), cause="billing")
    site.store.update_case(1, status=Status.CLAIMED, claimed_by="ben")
    site.store.update_case(2, status=Status.CLAIMED, claimed_by="ada")
    site.store.update_case(3, status=Status.REPLIED, replied_by="ada", lane="tr")
    store_incident(site.store, [store_complaint(site.store, native_id=f"i{n}", now=now) for n in range(3)], now=now)
    return site


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/queue", "/queue?tab=praise", "/queue?q=zebra", "/incidents/1"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(
    one_browser: "webdriver.Chrome", filled: InboxSite, path: str, scheme: str, width: int
) -> None:
    page = Page(one_browser, filled)
    page.resize(width, 900)
    page.prefer(scheme)
    page.open(path)
    # axe takes what a closed <details> hides for something that lies over the page
    page.run("for (const each of document.querySelectorAll('details')) each.open = true")
    page.run(AXE)
    assert page.browser.execute_async_script(CHECK, RULES) == []
    assert page.run(SMALL) == []


@pytest.mark.parametrize("dialog", ["help", "ask-snooze", "ask-dismiss", "ask-escalate", "ask-assign", "ask-take-over"])
def test_axe_finds_nothing_in_a_dialog(one_browser: "webdriver.Chrome", filled: InboxSite, dialog: str) -> None:
    page = Page(one_browser, filled)
    page.open()
    page.run("document.getElementById(arguments[0]).showModal()", dialog)
    page.run(AXE)
    assert page.browser.execute_async_script(CHECK, RULES) == []
    assert page.run("return document.activeElement.closest('dialog')?.id") == dialog


def test_the_row_that_keys_mean_is_seen(one_browser: "webdriver.Chrome", filled: InboxSite) -> None:
    page = Page(one_browser, filled)
    page.open()
    page.press("j")
    outline = page.run(
        "const style = getComputedStyle(document.activeElement); return [style.outlineStyle, style.outlineWidth]"
    )
    assert outline == ["solid", "3px"]
    page.run(AXE)
    assert page.browser.execute_async_script(CHECK, RULES) == []
