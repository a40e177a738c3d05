"""A brand manager's path through the tuning pages, in a real browser: preview, lab, a pin that breaks, save, back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.access.person import EVERY, Role
from monitor.access.sessions import log_in
from monitor.config.web import Web
from monitor.web.app import make_app
from monitor.web.entrance import Entrance
from monitor.web.server import WebServer
from tests.browser.page import Page
from tests.browser.test_accessibility import AXE, CHECK, RULES, SMALL
from tests.tuning_site import CONFIG, TunedSite
from tests.web_site import PASSWORD, hash_once

HOME = "/tuning/brands/lumo"
SMALL_HERE = SMALL.replace("a:not(.empty p a)", "a:not(p a, li a, th a)")
HOSTILE = "lumo festival <img src=x onerror=alert(1)> \u202edesrever " + "w" * 3_000


class Tuned(TunedSite):
    """The site as the browser sees it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        web = Web(listen="127.0.0.1:0")
        self.cookie = Entrance.from_config(web).cookie
        self._server = WebServer.from_config(make_app(self.site, web), web)
        self.address = self._server.start()

    def key_of(self, name: str) -> str:
        """Return what the cookie of somebody holds who is logged in."""
        if self.store.user(name) is None:
            self.store.add_user(name, {EVERY: Role.TUNER}, hash_once(), "test", self.now)
        return log_in(self.store, name, PASSWORD, "127.0.0.1", self.now)

    def stop(self) -> None:
        """End the server and the store."""
        self._server.stop()
        self.close()


@pytest.fixture
def tuned(tmp_path: Path) -> Iterator[Tuned]:
    running = Tuned(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def page(one_browser: object, tuned: Tuned) -> Page:
    return Page(one_browser, tuned, "tim")  # type: ignore[arg-type]


def deed(page: Page, name: str) -> None:
    page.click(f".deeds button[value={name}]")


def test_an_exclusion_is_previewed_tried_found_to_break_a_pin_mended_saved_and_taken_back(
    tuned: Tuned, page: Page
) -> None:
    page.open(HOME)
    page.browser.find_element("id", "add-exclusion").send_keys("festival")
    page.wait(lambda: "No longer wanted: 2" in page.text("#preview"))
    assert page.text("#preview mark") == "festival"
    assert "is a case" in page.text("#preview")
    deed(page, "lab")
    page.wait(lambda: "1 pin breaks: this cannot be saved." in page.text("#report"), 20)
    assert "a customer" in page.text("#broken")
    deed(page, "save")
    page.wait(lambda: "pin p1: must alert" in page.text("#problems"))
    assert tuned.config.read_text() == CONFIG
    field = page.browser.find_element("id", "exclude")
    field.clear()
    field.send_keys("festival -stand")
    deed(page, "lab")
    page.wait(lambda: "The pin holds." in page.text("#report"), 20)
    deed(page, "save")
    page.wait(lambda: "It is saved" in page.text("#told"))
    assert tuned.settings.brands["lumo"].exclude == ("festival -stand",)
    assert "tried in the lab: in force" in page.text(".past")
    page.click(".past form button")
    page.wait(lambda: tuned.config.read_text() == CONFIG)


def test_a_query_is_told_at_its_field_what_is_wrong_with_it_until_it_is_mended(page: Page) -> None:
    page.open(HOME)
    field = page.browser.find_element("id", "query-0")
    field.send_keys(" (festival")
    page.wait(lambda: "line 1, column 15: the query ends too early" in page.text("#wrong-0"))
    assert field.get_attribute("aria-invalid") == "true"
    field.send_keys(")")
    page.wait(lambda: "No longer wanted: 1" in page.text("#preview"))
    assert (page.text("#wrong-0"), field.get_attribute("aria-invalid")) == ("", None)


def test_without_a_script_the_same_path_goes_by_buttons_and_reloads(tuned: Tuned, page: Page) -> None:
    with page.without_script():
        page.browser.get(tuned.address + HOME)
        page.browser.find_element("id", "add-exclusion").send_keys("concert")
        deed(page, "lab")
        page.wait(lambda: page.browser.find_elements("id", "broken"), 20)
        deed(page, "save")
        page.wait(lambda: page.browser.find_elements("id", "told"))
    assert tuned.settings.brands["lumo"].exclude == ("concert",)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/tuning", HOME, "/tuning/pins", "/tuning/history", "/tuning/history/{first}"])
def test_the_pages_pass_axe_hold_hostile_words_and_fit_a_phone(
    tuned: Tuned, page: Page, path: str, scheme: str
) -> None:
    tuned.hear(HOSTILE)
    page.prefer(scheme)
    with page.watching_policy():
        page.open(path.format(first=tuned.store.config_history()[-1]["hash"]))
        if path == HOME:
            page.browser.find_element("id", "add-exclusion").send_keys("festival")
            page.wait(lambda: "No longer wanted: 3" in page.text("#preview"))
        page.run(AXE)
        assert page.browser.execute_async_script(CHECK, RULES) == []
        page.resize(390, 800)
        assert page.is_as_wide_as_its_window()
        assert page.run(SMALL_HERE) == []
        assert not page.browser.find_elements("css selector", "main :is(img, script, style, [style])")
        assert not page.run("return window.cspReports ?? []")
