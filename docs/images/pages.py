"""Takes the pictures of the pages from the demo, in a real Chromium: `.venv/bin/python docs/images/pages.py`.

With names of pictures it takes those alone. The demo is decided at the fixed time of `make.py`, and no script runs, so
that a picture changes only when a page does.
"""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, redirect_stderr
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import time_machine  # noqa: E402
from make import DEMO, NOW, printed  # noqa: E402
from selenium import webdriver  # noqa: E402

from monitor.access.sessions import make_link  # noqa: E402
from monitor.config.load import load_config  # noqa: E402
from monitor.config.schema import Brand, Watch  # noqa: E402
from monitor.desk import Command  # noqa: E402
from monitor.store.feedback import Suggestion  # noqa: E402
from tests.browser.conftest import CHROMIUM, DRIVER, FLAGS  # noqa: E402
from tests.report_history import ZONE, fill  # noqa: E402
from tests.tuning_site import TunedSite  # noqa: E402
from tests.web_site import PASSWORD, Browser, WebSite  # noqa: E402

LATE = (
    "SELECT id FROM cases WHERE status = 'new' AND cause = 'delivery' AND severity = '[]' ORDER BY score DESC LIMIT 4"
)
TUNED = "/tuning/brands/lumo"
ANSWER = "We are sorry about this. Could you send us your order number by direct message? We look into it today."
WIDE, PHONE = 1280, 390
LOST = {"lost": 9, "lost_true": 0, "spared": 7, "gained": 0, "worst_lost": []}
SUGGESTED = [
    Suggestion(0, "exclusion", "lumo", "", "lumo festival", {"dismissed": 7, "answered": 0, "authors": 6}, LOST, NOW),
    Suggestion(0, "threshold", "", "", 0.56, {"answers": 112, "right_above": 0.91}, None, NOW),
]
SHOWN_AT = datetime(2026, 11, 26, 15, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: of which page, as whom (empty: nobody is logged in), how large in pixels, light or dark."""

    name: str
    path: str
    who: str
    height: int
    width: int = WIDE
    scheme: str = "light"
    of: str = "demo"


PICTURES = (
    Picture("login.png", "/login", "", 420),
    Picture("setup.png", "/setup/{setup}", "", 520),
    Picture("people.png", "/users", "eva", 900),
    Picture("account.png", "/account", "ana", 900),
    Picture("inbox.png", "/queue", "ana", 900),
    Picture("inbox-dark.png", "/queue", "ana", 900, scheme="dark"),
    Picture("inbox-phone.png", "/queue", "ana", 1200, PHONE),
    Picture("incident.png", "/incidents/{incident}", "ana", 1200),
    Picture("card.png", "/cases/{case}", "ana", 1500),
    Picture("card-dark.png", "/cases/{case}", "ana", 900, scheme="dark"),
    Picture("card-phone.png", "/cases/{case}", "ana", 1200, PHONE),
    Picture("operations.png", "/operations", "ana", 760),
    Picture("receivers.png", "/operations/receivers", "ana", 620),
    Picture("silences.png", "/operations/silences", "eva", 620),
    Picture("shifts.png", "/operations/shifts", "eva", 520),
    Picture("events.png", "/operations/events", "eva", 420),
    Picture("spend.png", "/operations/spend", "ana", 420),
    Picture("causes.png", "/operations/causes", "ana", 700),
    Picture("sample.png", "/tuning/sample", "tim", 560),
    Picture("suggestions.png", "/tuning/suggestions", "tim", 420),
    Picture("tuning.png", "/tuning", "tim", 620, of="tuned"),
    Picture("tuning-brand.png", "/tuning/brands/lumo", "tim", 980, of="tuned"),
    Picture("tuning-lab.png", "/tuning/brands/lumo/lab", "tim", 1700, of="tuned"),
    Picture("tuning-history.png", "/tuning/history/{version}", "tim", 560, of="tuned"),
    Picture("tuning-pins.png", "/tuning/pins?run=1", "tim", 900, of="tuned"),
    Picture("dashboard.png", "/dashboard", "ana", 1300, of="history"),
    Picture("report.png", "/reports?month=2026-11", "ana", 1900, of="history"),
    Picture("report-chart.png", "/reports?month=2026-11#first-reply", "ana", 900, of="history"),
)
"""Every picture of a page; whoever is logged in stays so until another is."""


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
            site.add("tim", every="tuner")
            site.store.keep_suggestions(SUGGESTED, NOW)
            case, *before = [row["id"] for row in site.store.connection.query(LATE, {})]
            for number in before:
                for name, told in (("reply", {"text": ANSWER}), ("resolve", {})):
                    site.site.execute(Command(name, "ben", {"case": number, **told}))
            site.site.execute(Command("claim", "ana", {"case": case}))
            site.site.execute(Command("note", "ana", {"case": case, "text": "The depot looks for it."}))
            yield site, case


@contextmanager
def history() -> Iterator[tuple[WebSite, int]]:
    """Give a site over two months of posts, answers and incidents of two brands, and one of its cases."""
    with TemporaryDirectory() as folder:
        brand = Brand(handles={"x": ("lumo",)}, watches=(Watch(name="name", query="lumo"),), zone=ZONE)
        with closing(WebSite(Path(folder), brands={"lumo": brand, "nova": brand}, cost_per_hour=42.0)) as site:
            fill(site.store, mentions=12_000, before=10_000)
            with site.store.write():
                # nobody wants to see a receiver that has failed for months
                site.store.connection.query("UPDATE outbox SET state = 'muted' WHERE state = 'dead'", {})
            site.now = SHOWN_AT
            site.add("ana", every="agent")
            yield site, 1


@contextmanager
def tuned() -> Iterator[tuple[TunedSite, int]]:
    """Give a site whose config may be changed, with a draft that the lab has tried, and one of its cases."""
    with TemporaryDirectory() as folder, closing(TunedSite(Path(folder), now=NOW)) as site:
        site.add("ana", every="agent")
        site.add("tim", every="tuner")
        site.hear(*(f"lumo festival day {day}: the lamp stage was broken again" for day in range(1, 4)))
        site.now = NOW + timedelta(minutes=20)
        with site.served() as address, Browser(address, follow_redirects=True) as tim:
            tim.log_in("tim")
            for exclude, deed in (("concert", "save"), ("concert\nfestival", "lab")):
                seen = tim.get(f"{TUNED}", headers={"Accept": "application/json"}).json()["config"]
                draft = {"seen": seen, "name-0": "name", "query-0": "lumo", "exclude": exclude}
                tim.submit(TUNED, **draft, do=deed)
                site.now += timedelta(minutes=7)
            while tim.get(f"{TUNED}/lab", headers={"Accept": "application/json"}).json()["running"]:
                pass
            yield site, 1


SITES: dict[str, Callable[[], AbstractContextManager[tuple[Any, int]]]] = {
    "demo": demo,
    "history": history,
    "tuned": tuned,
}


def start_browser(profile: str) -> webdriver.Chrome:
    """Start a Chromium without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}", "--hide-scrollbars"):
        options.add_argument(flag)
    return webdriver.Chrome(options, webdriver.ChromeService(str(DRIVER)))


def take(browser: webdriver.Chrome, address: str, picture: Picture) -> None:
    """Write what a page looks like."""
    shape = {"width": picture.width, "height": picture.height, "deviceScaleFactor": 1, "mobile": picture.width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
    preferred = {"features": [{"name": "prefers-color-scheme", "value": picture.scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", preferred)
    browser.get(address)
    path = HERE / picture.name
    browser.save_screenshot(str(path))
    print(f"{path}: {path.stat().st_size:,} bytes")


def main() -> None:
    """Take every picture, or those whose names are given."""
    wanted = [picture for picture in PICTURES if not sys.argv[1:] or picture.name in sys.argv[1:]]
    for name, opened in SITES.items():
        chosen = [picture for picture in wanted if picture.of == name]
        if chosen:
            with opened() as (site, case), site.served() as address:
                take_all(chosen, site, case, address)


def take_all(wanted: list[Picture], site: WebSite | TunedSite, case: int, address: str) -> None:
    """Take the pictures of one site."""
    incidents = site.store.incidents()
    places = {
        "case": case,
        "incident": incidents[0].id if incidents else 0,
        "version": next((entry["hash"] for entry in site.store.config_history()), ""),
        "setup": make_link(site.store, "ana", site.now),
    }
    with TemporaryDirectory() as profile, closing_browser(start_browser(profile)) as browser:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.get(f"{address}/login")
        for picture in wanted:
            if picture.who:
                become(browser, address, picture.who)
            take(browser, address + picture.path.format(**places), picture)


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
