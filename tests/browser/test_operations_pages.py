"""The pages of operations in a real browser: axe in light and dark, a telephone's width, hostile words, one deed."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.clock import utc_now
from monitor.access.person import EVERY, Role
from tests.browser.inbox_site import InboxSite
from tests.browser.page import Page
from tests.browser.test_accessibility import AXE, CHECK, RULES, SMALL
from tests.builders import make_mention, store_case, store_mentions
from tests.web_site import hash_once

SMALL_HERE = SMALL.replace("a:not(.empty p a)", "a:not(p a, td a)")
HOSTILE = "<img src=x onerror=alert(1)> \u202edesrever " + "w" * 2_000
PATHS = ("", "/receivers", "/silences", "/shifts", "/events", "/spend", "/causes")


@pytest.fixture
def eva(one_browser: object, site: InboxSite) -> Page:
    now = utc_now()
    site.store.add_user("eva", {EVERY: Role.ADMIN}, hash_once(), "test", now)
    store_mentions(site.store, [make_mention("lumo")], now=now - timedelta(days=3))
    site.store.add_coverage("x", "blind", now - timedelta(days=1), now - timedelta(hours=9), HOSTILE)
    site.store.stop_source("x", HOSTILE, now)
    case = store_case(site.store, now=now)
    site.store.add_to_message("desk", "brand=lumo", "case.opened", case, site.store.queue(now)[0].level, now, now)
    site.store.connection.query("UPDATE outbox SET state = 'dead', error = :error", {"error": HOSTILE})
    site.store.add_silence({"level": ["low"]}, "eva", HOSTILE[:400], now, now + timedelta(hours=1))
    return Page(one_browser, site, "eva")  # type: ignore[arg-type]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_the_pages_pass_axe_hold_hostile_words_and_fit_a_phone(eva: Page, path: str, scheme: str) -> None:
    eva.prefer(scheme)
    with eva.watching_policy():
        eva.open(f"/operations{path}")
        eva.run("for (const each of document.querySelectorAll('details')) each.open = true")
        eva.run(AXE)
        assert eva.browser.execute_async_script(CHECK, RULES) == []
        eva.resize(390, 800)
        assert eva.is_as_wide_as_its_window()
        assert eva.run(SMALL_HERE) == []
        assert not eva.browser.find_elements("css selector", "main :is(img, script, style, [style])")
        assert not eva.run("return window.cspReports ?? []")


def test_a_silence_is_ended_from_the_page(site: InboxSite, eva: Page, tmp_path: Path) -> None:
    eva.open("/operations/silences")
    eva.click(".list form button")
    eva.wait(lambda: "No silence is in force" in eva.text("main"))
    assert site.store.active_silences(utc_now()) == []
