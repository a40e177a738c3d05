"""Takes the pictures of the pages from the demo, in a real Chromium: `.venv/bin/python docs/images/pages.py`.

The demo is decided at the fixed time of `make.py`, and no script runs, so that a picture changes only when a page does.
"""

import io
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import time_machine  # noqa: E402
from make import DEMO, NOW, printed  # noqa: E402
from selenium import webdriver  # noqa: E402

from monitor.config.load import load_config  # noqa: E402
from monitor.desk import Command  # noqa: E402
from tests.browser.conftest import CHROMIUM, DRIVER, FLAGS  # noqa: E402
from tests.web_site import PASSWORD, Browser, WebSite  # noqa: E402

LATE = (
    "SELECT id FROM cases WHERE status = 'new' AND cause = 'delivery' AND severity = '[]' ORDER BY score DESC LIMIT 4"
)
ANSWER = "We are sorry about this. Could you send us your order number by direct message? We look into it today."
WIDE, PHONE = 1280, 390


@contextmanager
def demo() -> Iterator[tuple[WebSite, int]]:
    """Give the site of the demo and a case of a late parcel, with resolved ones beside it."""
    with TemporaryDirectory() as folder:
        config = Path(copy(DEMO, folder))
        with time_machine.travel(NOW, tick=False), redirect_stderr(io.StringIO()):
            printed(config, "run", "--once")
        copy(Path(folder) / "demo" / "monitor.db", Path(folder) / "web.db")
        with closing(WebSite(Path(folder))) as site:
            site.now, site.settings = NOW, load_config(config, environ={}).usable()
            site.add("ana", every="agent")
            site.add("eva", every="admin")
            case, *before = [row["id"] for row in site.store.connection.query(LATE, {})]
            for number in before:
                for name, told in (("reply", {"text": ANSWER}), ("resolve", {})):
                    site.site.execute(Command(name, "ben", {"case": number, **told}))
            site.site.execute(Command("claim", "ana", {"case": case}))
            site.site.execute(Command("note", "ana", {"case": case, "text": "The depot looks for it."}))
            yield site, case


def start_browser(profile: str) -> webdriver.Chrome:
    """Start a Chromium without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}", "--hide-scrollbars"):
        options.add_argument(flag)
    return webdriver.Chrome(options, webdriver.ChromeService(str(DRIVER)))


def take(browser: webdriver.Chrome, address: str, picture: str, size: tuple[int, int], scheme: str = "light") -> None:
    """Write what a page looks like."""
    shape = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
    preferred = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", preferred)
    browser.get(address)
    browser.save_screenshot(str(HERE / picture))
    print(f"{HERE / picture}: {(HERE / picture).stat().st_size:,} bytes")


def main() -> None:
    """Take every picture."""
    with (
        demo() as (site, case),
        site.served() as address,
        TemporaryDirectory() as profile,
        closing_browser(start_browser(profile)) as browser,
    ):
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        take(browser, f"{address}/login", "login.png", (WIDE, 420))
        become(browser, address, "eva")
        take(browser, f"{address}/users", "people.png", (WIDE, 900))
        become(browser, address, "ana")
        take(browser, f"{address}/account", "account.png", (WIDE, 900))
        take(browser, f"{address}/queue", "inbox.png", (WIDE, 900))
        take(browser, f"{address}/queue", "inbox-dark.png", (WIDE, 900), "dark")
        take(browser, f"{address}/queue", "inbox-phone.png", (PHONE, 1200))
        take(browser, f"{address}/incidents/{site.store.incidents()[0].id}", "incident.png", (WIDE, 1200))
        take(browser, f"{address}/cases/{case}", "card.png", (WIDE, 1500))
        take(browser, f"{address}/cases/{case}", "card-dark.png", (WIDE, 900), "dark")
        take(browser, f"{address}/cases/{case}", "card-phone.png", (PHONE, 1200))


def become(browser: webdriver.Chrome, address: str, who: str) -> None:
    """Have the browser go on with the login of a person."""
    with Browser(address) as client:
        client.log_in(who, PASSWORD)
        for name, value in client.cookies.items():
            browser.add_cookie({"name": name, "value": value, "path": "/", "httpOnly": True})


@contextmanager
def closing_browser(browser: webdriver.Chrome) -> Iterator[webdriver.Chrome]:
    """End the browser after the block."""
    try:
        yield browser
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
