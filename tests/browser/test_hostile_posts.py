"""Posts that want to be more than text, shown in a real browser: none runs, none is refused, none breaks the page."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from selenium import webdriver

from connectors.clock import utc_now
from connectors.mention import clean_text
from monitor.domain import Reason
from tests.browser.inbox_site import InboxSite
from tests.browser.page import Page
from tests.builders import store_case
from tests.data.make_hostile_posts import posts
from tests.incident_cases import store_complaint, store_incident

CORPUS = Path(__file__).parents[1] / "data/hostile_posts.jsonl"
HOSTILE = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]

LAYOUT = """
const rows = [...document.querySelectorAll("#rows > .case")];
const boxes = rows.map((row) => row.getBoundingClientRect());
return {
  rows: rows.length,
  wide: document.documentElement.scrollWidth <= window.innerWidth,
  overlaps: boxes.filter((box, at) => at && box.top < boxes[at - 1].bottom - 1).length,
  flat: boxes.filter((box) => box.height < 30 || box.height > 500).length,
  hidden: rows.filter((row) => !row.querySelector(".open")?.getClientRects().length).length,
  header: document.querySelector("header.bar")?.getBoundingClientRect().top === 0,
  footer: Boolean(document.querySelector(".pager")) || location.pathname !== "/queue",
  foreign: document.querySelectorAll("#rows :is(script, img, svg, iframe, style, object)").length,
  spilled: rows.filter((row) => [...row.children].some(
    (part) => part.getBoundingClientRect().right > row.getBoundingClientRect().right + 1)).length,
};
"""
WHOLE = {
    "wide": True,
    "overlaps": 0,
    "flat": 0,
    "hidden": 0,
    "header": True,
    "footer": True,
    "foreign": 0,
    "spilled": 0,
}


def test_the_corpus_is_what_its_script_makes() -> None:
    assert len(HOSTILE) >= 200
    assert [post["text"] for post in HOSTILE] == list(posts())
    assert max(len(post["text"]) for post in HOSTILE) > 50_000


@pytest.mark.timeout(300)
@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_posts_are_only_ever_text(one_browser: "webdriver.Chrome", site: InboxSite, width: int) -> None:
    now = utc_now()
    for number, post in enumerate(HOSTILE):
        case = store_case(
            site.store, now=now, text=post["text"], author=post["author"] or "a", native_id=post["native_id"]
        )
        reasons = (Reason("complaint", 27.0, post["text"][:300]),)
        site.store.update_case(case, due_at=now + timedelta(minutes=number), reasons=reasons)
    page = Page(one_browser, site)
    page.resize(width, 900)
    seen = 0
    with page.watching_policy():
        page.open()
        while True:
            found = page.run(LAYOUT)
            seen += found.pop("rows")
            assert found == WHOLE
            assert page.run("return [window.pwned, window.cspReports]") == [None, []]
            following = page.run("return document.querySelector('a[rel=next]')?.getAttribute('href')")
            if not following:
                break
            page.open(following)
        shown = clean_text(HOSTILE[0]["text"], 280)
        page.open("/queue")
        assert shown in page.text("#rows")
    assert seen == len(HOSTILE)
    assert not [entry for entry in page.browser.get_log("browser") if "Content Security Policy" in entry["message"]]


def test_hostile_posts_arrive_live_and_search_is_text_too(one_browser: "webdriver.Chrome", site: InboxSite) -> None:
    page = Page(one_browser, site)
    with page.watching_policy():
        page.open()
        for post in HOSTILE[:40]:
            store_case(site.store, now=utc_now(), text=post["text"], author=post["author"])
        page.wait(lambda: len(page.rows()) == 40)
        page.browser.get(
            f"{site.address}/queue?q=%22%3E%3Cscript%3Ewindow.pwned%3D1%3C%2Fscript%3E&cause=%3Csvg+onload%3Dx%3E"
        )
        assert page.run("return document.getElementById('q').value").startswith('"><script>')
        assert page.run("return [window.pwned, window.cspReports]") == [None, []]


def test_an_incident_of_hostile_posts_stays_a_page(one_browser: "webdriver.Chrome", site: InboxSite) -> None:
    now = utc_now()
    members = [
        store_complaint(site.store, text=post["text"], native_id=post["native_id"], now=now) for post in HOSTILE[:100]
    ]
    incident = store_incident(site.store, members, now=now)
    site.store.update_incident(
        incident, owner="<script>window.pwned=1</script>", answer="</textarea><script>window.pwned=1</script>"
    )
    page = Page(one_browser, site)
    page.resize(390, 844)
    with page.watching_policy():
        page.open(f"/incidents/{incident}")
        found = page.run(LAYOUT)
        assert found.pop("rows") == 100
        assert found == WHOLE
        assert page.run("return [window.pwned, window.cspReports]") == [None, []]
        page.open("/queue")
        assert page.run("return [window.pwned, window.cspReports]") == [None, []]
