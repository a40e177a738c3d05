"""The card as people use it, in a real browser: approval, dismissing and undoing, keys, no script, axe."""

import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from connectors.clock import utc_now
from monitor.answering.state import AnswerKind, AnswerState
from monitor.domain import Case, Level, Reason, Severity, Status
from tests.browser.inbox_site import InboxSite
from tests.browser.page import Page
from tests.browser.test_accessibility import AXE, CHECK, RULES, SMALL
from tests.browser.test_hostile_posts import HOSTILE
from tests.builders import make_mention, minutes, store_case, store_mentions

WORDS = "We are sorry about the fire. Please unplug the lamp at once."


@pytest.fixture
def ada(one_browser: "webdriver.Chrome", site: InboxSite) -> Page:
    return Page(one_browser, site)


@pytest.fixture
def carla(another_browser: "webdriver.Chrome", site: InboxSite) -> Page:
    """Return the window of somebody who may approve answers."""
    return Page(another_browser, site, "carla")


def add_case(site: InboxSite, *severity: Severity, **mention: object) -> int:
    now = utc_now()
    case = store_case(site.store, Level.HIGH, now=now, posted_at=now - minutes(2), **mention)
    site.store.update_case(case, severity=severity)
    return case


def stored(site: InboxSite, case_id: int) -> Case:
    case = site.store.case(case_id)
    assert case is not None
    return case


def state(site: InboxSite, case_id: int) -> AnswerState | None:
    answer = site.store.live_answer(case_id, AnswerKind.ANSWER)
    return answer.state if answer else None


def press(page: Page, words: str) -> None:
    """Press the button of these words that can be seen."""
    found = page.browser.find_elements(By.XPATH, f"//button[normalize-space()='{words}']")
    next(button for button in found if button.is_displayed()).click()


def test_an_answer_is_written_approved_by_another_copied_and_noted_as_sent(
    site: InboxSite, ada: Page, carla: Page
) -> None:
    case = add_case(site, Severity.SAFETY, permalink=f"{site.address}/static/icon.svg")
    ada.open(f"/cases/{case}")
    ada.press("r")
    ada.press("Dear [name]")
    ada.wait(lambda: "unfilled" in ada.text("#findings .stops"))
    ada.press(Keys.CONTROL + "a")
    ada.press(WORDS)
    ada.wait(lambda: "unfilled" not in ada.text("#findings"))
    press(ada, "Ask for approval")
    ada.wait(lambda: "A second person is asked" in ada.text("#told"))
    assert ada.run("return document.querySelector('#approve')") is None
    carla.open(f"/cases/{case}")
    assert carla.text("#words-in-work") == WORDS
    carla.click("#approve")
    carla.wait(lambda: state(site, case) is AnswerState.APPROVED)
    ada.open(f"/cases/{case}")
    windows = ada.browser.window_handles
    press(ada, "Copy and open the post")
    ada.wait(lambda: state(site, case) is AnswerState.OPENED and ada.text(".sending"))
    assert stored(site, case).replied_at is None
    for window in set(ada.browser.window_handles) - set(windows):
        ada.browser.switch_to.window(window)
        ada.browser.close()
    ada.browser.switch_to.window(windows[0])
    press(ada, "I have sent it")
    ada.wait(lambda: stored(site, case).status is Status.REPLIED)
    (sent,) = site.store.answers_of_case(case)
    assert (sent.text, sent.author, sent.approved_by, sent.sent_by) == (WORDS, "ada", "carla", "ada")


@pytest.mark.parametrize("script", [True, False])
def test_a_case_is_dismissed_with_a_reason_and_undone(site: InboxSite, ada: Page, script: bool) -> None:
    case = add_case(site)

    def go() -> None:
        ada.browser.get(f"{site.address}/cases/{case}")
        ada.click("#dismiss summary")
        ada.write("#card-dismiss", "a joke")
        ada.wait(lambda: stored(site, case).dismissed_reason == "a joke")
        ada.wait(lambda: "The case is dismissed." in ada.text("#told"))
        press(ada, "Undo")
        ada.wait(lambda: stored(site, case).status is Status.NEW)

    if script:
        go()
    else:
        with ada.without_script():
            go()


def test_a_card_goes_by_keys(site: InboxSite, ada: Page) -> None:
    case = add_case(site)
    ada.open(f"/cases/{case}")
    ada.press("c")
    ada.wait(lambda: stored(site, case).claimed_by == "ada")
    ada.wait(lambda: "yours" in ada.text(".head"))
    ada.press("r")
    assert ada.run("return document.activeElement.id") == "words"
    ada.open(f"/cases/{case}")
    ada.press("u")
    ada.wait(lambda: stored(site, case).status is Status.NEW)
    ada.open(f"/cases/{case}")
    ada.press("d")
    ada.press("a joke" + Keys.ENTER)
    ada.wait(lambda: stored(site, case).status is Status.DISMISSED)


def test_why_a_key_was_refused_stays_to_be_read(site: InboxSite, ada: Page) -> None:
    case = add_case(site)
    ada.open(f"/cases/{case}")
    site.store.update_case(case, status=Status.CLAIMED, claimed_by="ben", claimed_at=utc_now())
    ada.run("window.sameLoad = true")
    ada.press("c")
    ada.wait(lambda: f"case {case} is claimed by ben" in ada.text("#notice"))
    with pytest.raises(TimeoutException):
        ada.wait(lambda: not ada.run("return window.sameLoad"), 1.5)
    assert "Take over" in ada.text("#notice")


def test_a_draft_fills_the_field_and_what_was_written_outlives_a_reload(site: InboxSite, ada: Page) -> None:
    case = add_case(site)
    ada.open(f"/cases/{case}")
    ada.click(".drafts .use")
    filled = ada.run("return document.getElementById('words').value")
    assert len(filled) > 20
    ada.press(" More.")
    written = ada.run("return document.getElementById('words').value")
    ada.open(f"/cases/{case}")
    assert ada.run("return document.getElementById('words').value") == written
    assert site.store.answers_of_case(case) == []


def test_an_answer_goes_without_a_script(site: InboxSite, ada: Page) -> None:
    case = add_case(site)
    with ada.without_script():
        ada.browser.get(f"{site.address}/cases/{case}")
        ada.browser.find_element(By.ID, "words").send_keys("We are sorry about the lamp.")
        press(ada, "Copy the answer")
        ada.wait(lambda: "Nothing was sent yet" in ada.text(".sending"))
        press(ada, "I have sent it")
        ada.wait(lambda: stored(site, case).status is Status.REPLIED)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_small_or_too_wide(
    site: InboxSite, ada: Page, scheme: str, width: int
) -> None:
    case = add_case(site, Severity.SAFETY, thread_id="t", text="lumo " + "w" * 3_000, author="carl")
    add_case(site, author="carl", thread_id="u")
    store_mentions(site.store, [make_mention("mine too", thread_id="t")], now=utc_now())
    site.store.add_answer(case, AnswerKind.ANSWER, AnswerState.WAITING, WORDS, "ben", utc_now())
    ada.resize(width, 900)
    ada.prefer(scheme)
    with ada.watching_policy():
        ada.open(f"/cases/{case}")
        ada.run("for (const each of document.querySelectorAll('details')) each.open = true")
        assert ada.is_as_wide_as_its_window()
        ada.run(AXE)
        assert ada.browser.execute_async_script(CHECK, RULES) == []
        assert ada.run(SMALL.replace(".empty p a", ".empty p a, .past p a")) == []
        assert ada.run("return window.cspReports") == []


@pytest.mark.timeout(300)
def test_hostile_posts_are_only_ever_text_on_their_cards(site: InboxSite, ada: Page) -> None:
    cases = []
    for number, post in enumerate(HOSTILE):
        words, author = post["text"], post["author"] or "a"
        cases.append(add_case(site, text=words, author=author, native_id=f"h{number}", thread_id=f"t{number}"))
        reasons = (Reason("complaint", 70.0, words[:300]),)
        site.store.update_case(cases[-1], reasons=reasons, cause=words[:80] or None, summary=words[:300])
        site.store.audit(cases[-1], author, "note", utc_now(), text=words[:2_000])
    ada.resize(390, 900)
    look = """return [window.pwned, window.cspReports, document.documentElement.scrollWidth <= window.innerWidth,
        document.querySelectorAll("article :is(script, img, iframe, style, object)").length,
        document.querySelectorAll("h1").length]"""
    with ada.watching_policy():
        for case in cases:
            ada.browser.get(f"{site.address}/cases/{case}")
            assert ada.run(look) == [None, [], True, 0, 1], HOSTILE[cases.index(case)]["native_id"]
