"""What a person does with a page, and what they see there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.inbox_site import InboxSite

CSP_WATCH = """
window.cspReports = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.cspReports.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


class Page:
    """One browser window of one person."""

    def __init__(self, browser: "webdriver.Chrome", site: InboxSite, person: str = "ada") -> None:
        self.browser = browser
        self.address = site.address
        self.resize(1280, 900)
        self.prefer()
        browser.get(f"{site.address}/static/icon.svg")
        browser.delete_all_cookies()
        browser.add_cookie({"name": site.cookie, "value": site.key_of(person), "path": "/", "httpOnly": True})

    def open(self, path: str = "/queue") -> None:
        """Open an address and wait for its script, where one runs."""
        self.browser.get(self.address + path)
        ready = "const inbox = document.getElementById('inbox'); return !inbox || inbox.dataset.ready"
        self.wait(lambda: self.run(ready))

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page; returns what it returns."""
        return self.browser.execute_script(script, *arguments)

    def wait(self, what: Callable[[], Any], seconds: float = 10) -> Any:
        """Wait until something is so; returns it. A page that comes in the meantime is looked at anew."""
        gone = (StaleElementReferenceException,)
        return WebDriverWait(self.browser, seconds, 0.05, ignored_exceptions=gone).until(lambda _: what())

    def press(self, keys: str) -> None:
        """Press keys where the focus is."""
        self.browser.switch_to.active_element.send_keys(keys)

    def rows(self) -> list[str]:
        """Return the ids of the rows, top first."""
        return list(self.run("return [...document.querySelectorAll('#rows > .case')].map((row) => row.id)"))

    def text(self, selector: str) -> str:
        """Return the words of the first element that matches, "" where none does."""
        return str(self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def click(self, selector: str) -> None:
        """Click the first element that matches."""
        self.browser.find_element(By.CSS_SELECTOR, selector).click()

    def write(self, selector: str, words: str) -> None:
        """Write into a field, and send its form."""
        self.browser.find_element(By.CSS_SELECTOR, selector).send_keys(words, Keys.ENTER)

    def chosen(self) -> str:
        """Return the id of the row that keys mean."""
        return str(self.run("return document.querySelector('#rows > .case[aria-current]')?.id ?? ''"))

    def resize(self, width: int, height: int) -> None:
        """Make the page so wide and high."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, scheme: str = "light") -> None:
        """Prefer a light or a dark page."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    @contextmanager
    def without_script(self) -> Iterator[None]:
        """Run no script of any page."""
        self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            yield
        finally:
            self.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    @contextmanager
    def watching_policy(self) -> Iterator[None]:
        """Note in `window.cspReports` what the policy refuses, from the first letter of each page on."""
        added = self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": CSP_WATCH})
        try:
            yield
        finally:
            self.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)

    def is_as_wide_as_its_window(self) -> bool:
        """Whether nothing reaches beyond the window's right edge."""
        return bool(self.run("return document.documentElement.scrollWidth <= window.innerWidth"))
