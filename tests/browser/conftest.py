"""A real Chromium without a window, driven over WebDriver; without one these tests are skipped."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.inbox_site import InboxSite

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--force-color-profile=srgb", "--lang=en",
)  # fmt: skip

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM.exists() and DRIVER.exists():
        return
    missing = pytest.mark.skip(reason="no Chromium here: apt-get install chromium chromium-driver")
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(missing)


@pytest.fixture(scope="session")
def start_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], "webdriver.Chrome"]]:
    started = []

    def start() -> "webdriver.Chrome":
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        started.append(webdriver.Chrome(options, webdriver.ChromeService(str(DRIVER))))
        started[-1].set_script_timeout(60)
        return started[-1]

    yield start
    for browser in started:
        browser.quit()


@pytest.fixture(scope="session")
def one_browser(start_browser: Callable[[], "webdriver.Chrome"]) -> "webdriver.Chrome":
    return start_browser()


@pytest.fixture(scope="session")
def another_browser(start_browser: Callable[[], "webdriver.Chrome"]) -> "webdriver.Chrome":
    return start_browser()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[InboxSite]:
    running = InboxSite(tmp_path / "monitor.db")
    yield running
    running.stop()
