"""The recall sample as people use it: one key each, a second look, without a script, axe, narrow."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.clock import utc_now
from monitor.access.person import EVERY, Role
from monitor.domain import DropRule, History
from monitor.rules.recall import Answer, Drawn, Drop
from monitor.store.feedback import Suggestion
from monitor.store.records import Draw
from tests.browser.inbox_site import InboxSite
from tests.browser.page import Page
from tests.browser.test_accessibility import AXE, CHECK, RULES, SMALL
from tests.builders import make_drop, make_mention, make_verdict, store_mentions
from tests.web_site import hash_once

SMALL_HERE = SMALL.replace("a:not(.empty p a)", "a:not(p a)")
HOSTILE = "lumo <img src=x onerror=alert(1)> \u202edesrever " + "w" * 5_000


@pytest.fixture
def tuner(one_browser: "object", site: InboxSite) -> Page:
    site.store.add_user("tim", {EVERY: Role.TUNER}, hash_once(), "test", utc_now())
    return Page(one_browser, site, "tim")  # type: ignore[arg-type]


def draw(site: InboxSite, *texts: str) -> list[int]:
    now = utc_now() - timedelta(minutes=5)
    store_mentions(site.store, [make_mention(text, author="eve", posted_at=now) for text in texts], now=now)
    drops = []
    for hit, _ in site.store.claim_hits(now, 60, 10):
        site.store.save_decision(hit, make_drop(DropRule.NOT_A_COMPLAINT), make_verdict(0.3), History(), "r1", now)
        drops.append(Drop(hit.id, "lumo", "x", DropRule.NOT_A_COMPLAINT, 0.3))
    frame = Draw(f"{now:%Y-%m-%d}", now - timedelta(days=1), now, now)
    assert site.store.save_draw(frame, drops, [Drawn(drop, 0.5) for drop in drops])
    return [drop.id for drop in site.store.samples(now - timedelta(days=1))]


def said(site: InboxSite, number: int) -> Answer | None:
    kept = site.store.sample(number)
    return kept.answer if kept else None


def test_each_post_takes_one_key_and_a_second_look_changes_the_answer(site: InboxSite, tuner: Page) -> None:
    first, second = draw(site, "lumo, meh", "lumo, fine")
    tuner.open("/tuning/sample")
    assert tuner.text("article .post") == "lumo, meh"
    tuner.press("n")
    tuner.wait(lambda: tuner.text("article .post") == "lumo, fine")
    assert said(site, first) is Answer.NO
    tuner.press("u")
    tuner.wait(lambda: tuner.text("article .post") == "lumo, meh")
    tuner.press("s")
    tuner.wait(lambda: said(site, first) is Answer.SKIP)
    tuner.wait(lambda: tuner.text("article .post") == "lumo, fine")
    tuner.press("n")
    tuner.wait(lambda: "Every drawn post is answered" in tuner.text("main"))
    assert said(site, second) is Answer.NO


def test_without_a_script_the_buttons_answer(site: InboxSite, tuner: Page) -> None:
    (number,) = draw(site, "lumo, meh")
    with tuner.without_script():
        tuner.browser.get(f"{site.address}/tuning/sample")
        tuner.click("button[value=no]")
        tuner.wait(lambda: said(site, number) is Answer.NO)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/tuning/sample", "/tuning/suggestions"])
def test_the_pages_pass_axe_hold_hostile_words_and_fit_a_phone(
    site: InboxSite, tuner: Page, path: str, scheme: str, tmp_path: Path
) -> None:
    draw(site, HOSTILE)
    value = Suggestion(0, "exclusion", "lumo", "", HOSTILE[:300], {"dismissed": 9}, None, utc_now())
    site.store.keep_suggestions([value], utc_now())
    tuner.prefer(scheme)
    with tuner.watching_policy():
        tuner.open(path)
        tuner.run(AXE)
        assert tuner.browser.execute_async_script(CHECK, RULES) == []
        tuner.resize(390, 800)
        assert tuner.is_as_wide_as_its_window()
        assert tuner.run(SMALL_HERE) == []
        assert not tuner.browser.find_elements("css selector", "main :is(img, script)")
