"""The queue as people use it, in a real browser: two at once, live, by keys, without a script, on a telephone."""

import time
from datetime import timedelta

import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from connectors.clock import utc_now
from monitor.domain import Level, Status
from tests.browser.inbox_site import InboxSite
from tests.browser.page import Page
from tests.builders import store_case
from tests.incident_cases import store_complaint, store_incident


@pytest.fixture
def ada(one_browser: "webdriver.Chrome", site: InboxSite) -> Page:
    return Page(one_browser, site)


@pytest.fixture
def ben(another_browser: "webdriver.Chrome", site: InboxSite) -> Page:
    return Page(another_browser, site, "ben")


def add_case(site: InboxSite, level: Level = Level.HIGH, **mention: object) -> int:
    now = utc_now()
    return store_case(site.store, level, now=now, posted_at=now - timedelta(minutes=2), **mention)


def test_one_of_two_who_claim_at_once_wins_and_the_other_is_told(site: InboxSite, ada: Page, ben: Page) -> None:
    case = add_case(site)
    ada.open()
    ben.open()
    # both buttons are pressed before either page has heard of the other
    claim = "document.querySelector('button[data-do=claim]').click()"
    ada.run(claim)
    ben.run(claim)
    told = {page: page.wait(lambda page=page: page.text("#notice")) for page in (ada, ben)}
    owner = site.store.case(case)
    assert owner is not None
    winner, loser = (ada, ben) if owner.claimed_by == "ada" else (ben, ada)
    assert f"Case {case} is yours." in told[winner]
    assert f"case {case} is claimed by {owner.claimed_by}" in told[loser]
    assert "Take over…" in told[loser]
    loser.wait(lambda: f"{owner.claimed_by} has it" in loser.text(f"#case-{case}"))


def test_taking_over_is_confirmed(site: InboxSite, ada: Page) -> None:
    case = add_case(site)
    site.store.update_case(case, status=Status.CLAIMED, claimed_by="ben", claimed_at=utc_now())
    ada.open()
    ada.press("jc")
    assert ada.text("#ask-take-over .holder") == "ben"
    stored = site.store.case(case)
    assert stored is not None
    assert stored.claimed_by == "ben"
    ada.click("#ask-take-over button")
    ada.wait(lambda: "yours" in ada.text(f"#case-{case} .claimed"))


def test_a_case_that_arrives_is_shown_and_said_within_two_seconds(site: InboxSite, ada: Page) -> None:
    first = add_case(site)
    ada.open()
    ada.press("j")
    took = []
    for _ in range(3):
        begun = time.monotonic()
        case = add_case(site, Level.CRITICAL)
        ada.wait(lambda case=case: f"case-{case}" in ada.rows(), 5)
        took.append(time.monotonic() - begun)
    assert max(took) <= 2, took
    assert ada.rows()[-1] == f"case-{first}"
    assert ada.chosen() == f"case-{first}", "the row that somebody reads stays the one that keys mean"
    assert ada.run("return document.activeElement.closest('.case').id") == f"case-{first}"
    assert ada.text("#arrivals") == "1 new row, 1 critical"


def test_a_case_that_another_answers_leaves_and_the_next_is_chosen(site: InboxSite, ada: Page) -> None:
    first, second = add_case(site, Level.CRITICAL), add_case(site)
    ada.open()
    ada.press("j")
    site.store.update_case(first, status=Status.RESOLVED)
    site.store.audit(first, "ben", "resolve", utc_now())
    ada.wait(lambda: ada.rows() == [f"case-{second}"])
    assert ada.chosen() == f"case-{second}"


def test_the_empty_queue_says_what_comes_next_and_fills_by_itself(site: InboxSite, ada: Page) -> None:
    ada.open()
    assert "Nothing waits" in ada.text("#rows-empty")
    case = add_case(site)
    ada.wait(lambda: ada.rows() == [f"case-{case}"])


def test_everything_goes_by_keys_alone(site: InboxSite, ada: Page) -> None:
    urgent, later = add_case(site, Level.CRITICAL), add_case(site)
    ada.open()
    ada.press("j")
    assert ada.chosen() == f"case-{urgent}"
    ada.press("jk")
    ada.press("c")
    ada.wait(lambda: "yours" in ada.text(f"#case-{urgent} .claimed"))
    ada.press("u")
    ada.wait(lambda: not ada.text(f"#case-{urgent} .claimed"))
    ada.press("s")
    ada.press(Keys.ENTER)
    ada.wait(lambda: "snoozed" in ada.text("#notice"))
    ada.wait(lambda: ada.rows() == [f"case-{later}", f"case-{urgent}"])
    ada.press("kd")
    ada.press("a joke" + Keys.ENTER)
    ada.wait(lambda: ada.rows() == [f"case-{urgent}"])
    dismissed = site.store.case(later)
    assert dismissed is not None
    assert (dismissed.status, dismissed.dismissed_reason) == (Status.DISMISSED, "a joke")
    ada.press("u")
    ada.wait(lambda: f"case-{later}" in ada.rows())
    ada.press("?")
    assert "next row" in ada.text("#help")
    ada.press(Keys.ESCAPE)
    ada.press("/")
    ada.press("zebra" + Keys.ENTER)
    ada.wait(lambda: "No open case matches" in ada.text("#rows-empty"))


def test_escalating_and_assigning_ask_first(site: InboxSite, ada: Page) -> None:
    case = add_case(site, Level.NORMAL)
    ada.open()
    ada.press("je")
    ada.press("a child is hurt" + Keys.ENTER)
    ada.wait(lambda: "high" in ada.text(f"#case-{case} .level"))
    ada.press("a")
    ada.press("ben" + Keys.ENTER)
    ada.wait(lambda: "ben has it" in ada.text(f"#case-{case}"))
    ada.press("r")
    ada.wait(lambda: ada.browser.current_url.endswith(f"/cases/{case}#reply"))


def test_keys_are_letters_while_somebody_writes(site: InboxSite, ada: Page) -> None:
    case = add_case(site)
    ada.open()
    ada.press("j/")
    ada.press("cdes?")
    stored = site.store.case(case)
    assert stored is not None
    assert stored.status is Status.NEW
    assert ada.run("return document.getElementById('q').value") == "cdes?"
    assert not ada.run("return document.querySelector('dialog[open]')")


def test_who_looks_at_a_case_is_seen_by_others(site: InboxSite, ada: Page, ben: Page) -> None:
    case = add_case(site)
    ada.open()
    ben.open()
    ada.press("j")
    ben.wait(lambda: ben.text(f"#case-{case} .looking") == "ada is looking")
    assert not ada.text(f"#case-{case} .looking"), "nobody is told of themselves"


def test_without_a_script_the_queue_is_worked_by_links_and_forms(site: InboxSite, ada: Page) -> None:
    case, other = add_case(site, text="my lumo lamp burns"), add_case(site, text="lumo billed me twice")
    members = [store_complaint(site.store, native_id=f"i{number}", now=utc_now()) for number in range(3)]
    incident = store_incident(site.store, members, now=utc_now())
    with ada.without_script():
        ada.browser.get(f"{site.address}/queue?level=high")
        ada.write("#q", "burns")
        ada.wait(lambda: "q=burns" in ada.browser.current_url)
        assert "level=high" in ada.browser.current_url
        rows = "#rows > .case"
        ada.wait(
            lambda: (
                [row.get_attribute("id") for row in ada.browser.find_elements("css selector", rows)] == [f"case-{case}"]
            )
        )
        ada.click(f"#case-{case} button")
        ada.wait(lambda: "yours" in ada.browser.find_element("css selector", f"#case-{case} .claimed").text)
        assert "q=burns" in ada.browser.current_url, "after a claim the same rows are shown"
        ada.browser.get(f"{site.address}/queue")
        assert ada.browser.find_element("id", f"case-{other}").is_displayed()
        ada.click(f"#incident-{incident} .open")
        ada.click("form[action$='/claim'] button")
        said = "p.notice[role=status]"
        ada.wait(
            lambda: [told.text for told in ada.browser.find_elements("css selector", said)] == ["3 cases claimed."]
        )
    assert {member.claimed_by for member in site.store.open_cases_of_incident(incident)} == {"ada"}


def test_an_incident_is_worked_as_one(site: InboxSite, ada: Page) -> None:
    members = [store_complaint(site.store, native_id=f"i{number}", now=utc_now()) for number in range(4)]
    incident = store_incident(site.store, members, now=utc_now())
    site.store.update_case(members[0], status=Status.CLAIMED, claimed_by="ben")
    ada.open()
    assert ada.rows() == [f"incident-{incident}"]
    ada.click(f"#incident-{incident} summary")
    assert ada.text(f"#incident-{incident} .members").count("ben has it") == 1
    ada.open(f"/incidents/{incident}")
    ada.click("form[action$='/own'] button")
    ada.wait(lambda: "has an owner" in ada.text(".notice"))
    ada.click("form[action$='/claim'] button")
    ada.wait(lambda: "3 cases claimed." in ada.text(".notice"))
    ada.run("document.getElementById('reply-text').closest('details').open = true")
    ada.browser.find_element("id", "reply-text").send_keys("We are sorry: it works again.")
    ada.click("form[action$='/reply'] button")
    ada.wait(lambda: "4 cases noted as answered." in ada.text(".notice"))
    ada.click("form[action$='/fix'] button")
    ada.wait(lambda: "mended" in ada.text(".notice"))
    ada.click("form[action$='/resolve'] button")
    ada.wait(lambda: "4 cases resolved." in ada.text(".notice"))
    ada.click("form[action$='/over'] button")
    ada.wait(lambda: "is over" in ada.text(".notice"))
    assert "ada" in ada.text("#trail ~ .scroll")
    assert site.store.open_cases_of_incident(incident) == []


def test_a_viewer_sees_and_cannot_work(site: InboxSite, ada: Page) -> None:
    case = add_case(site)
    viewer = Page(ada.browser, site, "viewer")
    viewer.open()
    assert viewer.rows() == [f"case-{case}"]
    assert not viewer.run("return document.querySelector('#rows button')")


@pytest.mark.parametrize("path", ["/queue", "/queue?q=nothing+like+this&level=high", "/incidents/1"])
@pytest.mark.parametrize("width", [320, 390, 768])
def test_no_page_is_wider_than_a_telephone(site: InboxSite, ada: Page, path: str, width: int) -> None:
    add_case(site, text="lumo " + "W" * 5000, author="a" * 200, followers=12_345_678)
    store_incident(site.store, [store_complaint(site.store, native_id=f"i{n}", now=utc_now()) for n in range(3)])
    ada.resize(width, 844)
    ada.open(path)
    assert ada.is_as_wide_as_its_window()


def test_an_order_of_pages_can_be_walked(site: InboxSite, ada: Page) -> None:
    cases = [add_case(site) for _ in range(53)]
    ada.open()
    seen = ada.rows()
    assert len(seen) == 50
    ada.click("a[rel=next]")
    ada.wait(lambda: len(ada.rows()) == 3)
    assert {*seen, *ada.rows()} == {f"case-{case}" for case in cases}
