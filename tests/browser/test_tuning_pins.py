"""Pins as people use them: add one, see it run, take it back; without a script, axe, narrow, hostile words inert."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connectors.clock import utc_now
from monitor.access.person import EVERY, Role
from monitor.access.sessions import log_in
from monitor.config.pins import Expect, Pin, add_pin, read_pins
from monitor.config.web import Web
from monitor.lab.pins import run_pins
from monitor.lab.side import Side
from monitor.rules.match import Matcher, parse_watches
from monitor.rules.rules import compile_rules
from monitor.web.app import make_app
from monitor.web.entrance import Entrance
from monitor.web.server import WebServer
from tests.browser.page import Page
from tests.browser.test_accessibility import AXE, CHECK, RULES, SMALL
from tests.tuning_site import TunedSite
from tests.web_site import PASSWORD, hash_once

if TYPE_CHECKING:
    from selenium import webdriver

HOSTILE = "lumo <img src=x onerror=alert(1)> \u202edesrever " + "w" * 1_500


class PinnedSite(TunedSite):
    """A tuned site that is served, as `Page` wants it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.pins = self.settings.pins_path
        web, site = Web(listen="127.0.0.1:0"), replace(self.site, run_pins=self._run)
        self.cookie = Entrance.from_config(web).cookie
        self._server = WebServer.from_config(make_app(site, web), web)
        self.address = self._server.start()

    def key_of(self, name: str) -> str:
        """Return what the cookie of somebody holds who is logged in."""
        if self.store.user(name) is None:
            self.store.add_user(name, {EVERY: Role.TUNER}, hash_once(), "test", utc_now())
        return log_in(self.store, name, PASSWORD, "127.0.0.1", utc_now())

    def close(self) -> None:
        """End the server and the store."""
        self._server.stop()
        super().close()

    def _run(self, pins: Any) -> Any:
        matcher = Matcher(parse_watches(self.settings.brands))
        side = Side("config", self.settings, compile_rules(self.settings), matcher, self.classifier)
        return run_pins(pins, side, self.now)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PinnedSite]:
    made = PinnedSite(tmp_path)
    yield made
    made.close()


@pytest.fixture
def tuner(one_browser: "webdriver.Chrome", site: PinnedSite) -> Page:
    return Page(one_browser, site, "tim")  # type: ignore[arg-type]


def ids(site: PinnedSite) -> list[str]:
    return [pin.id for pin in read_pins(site.pins, "pins.yaml")[0]]


def fill(page: Page) -> None:
    for selector, words in (("#post", "1"), ("#text", "a lumo went out for good"), ("#because", "a customer")):
        page.browser.find_element("css selector", selector).send_keys(words)


@pytest.mark.parametrize("script", [True, False])
def test_a_pin_is_added_run_and_taken_back(site: PinnedSite, tuner: Page, *, script: bool) -> None:
    tuner.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})
    try:
        tuner.browser.get(f"{site.address}/tuning/pins")
        fill(tuner)
        tuner.click("section form button")
        tuner.wait(lambda: tuner.browser.find_elements("css selector", "#pin-p2 td strong"))
        assert ids(site) == ["p1", "p2"]
        tuner.click("#pin-p2 button")
        tuner.wait(lambda: ids(site) == ["p1"])
    finally:
        tuner.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_passes_axe_holds_hostile_words_and_fits_a_phone(site: PinnedSite, tuner: Page, scheme: str) -> None:
    add_pin(site.pins, Pin("p9", "lumo", Expect.ALERT, HOSTILE, because=HOSTILE[:300], post="x:1", who="eve"))
    tuner.prefer(scheme)
    with tuner.watching_policy():
        tuner.open("/tuning/pins?run=1")
        tuner.run(AXE)
        assert tuner.browser.execute_async_script(CHECK, RULES) == []
        tuner.resize(390, 800)
        assert tuner.is_as_wide_as_its_window()
        assert tuner.run(SMALL) == []
        assert not tuner.browser.find_elements("css selector", "main :is(img, script)")
        assert tuner.run("return window.cspReports") == []
