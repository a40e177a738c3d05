"""The connectors under contract: how each is opened on its fake, and how something is published there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.connector import Connector
from connectors.hackernews import HackerNewsConnector
from connectors.http import HttpLimits
from connectors.options import HackerNewsOptions, RssOptions
from connectors.rss import RssConnector
from tests.fakes.hackernews import FakeHackerNews
from tests.fakes.rss import FakeFeed
from tests.fakes.server import Clock, FakeServer

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Subject:
    """One kind of connector over HTTP.

    `open` takes the fake's address, allow_private, a clock and limits. `publish` takes the fake, a text and a time and
    returns the native id. `query` finds every published text that has "lumo" in it. `strange` switches the fake to
    unknown keys, without optional ones. `warm_up` counts the calls before the first that reads posts (a log-in).
    """

    name: str
    fake: Callable[[Clock], Any]
    open: Callable[[str, bool, Clock, HttpLimits | None], Connector]
    publish: Callable[[Any, str, datetime], str]
    query: str
    strange: Callable[[Any], None]
    warm_up: int = 0

    def on(
        self, fake: FakeServer, clock: Clock, *, private: bool = True, limits: HttpLimits | None = None
    ) -> Connector:
        return self.open(fake.url, private, clock, limits)


def _open_hackernews(url: str, private: bool, clock: Clock, limits: HttpLimits | None) -> Connector:
    options = HackerNewsOptions(kind="hackernews", base_url=url, allow_private=private)
    return HackerNewsConnector("news", options, clock=clock, limits=limits)


def _open_rss(url: str, private: bool, clock: Clock, limits: HttpLimits | None) -> Connector:
    options = RssOptions(kind="rss", url=f"{url}/feed.xml?kind=all", allow_private=private)
    return RssConnector("feed", options, clock=clock, limits=limits)


def _set_strange(fake: Any) -> None:
    fake.strange = True


def _publish(fake: Any, text: str, at: datetime) -> str:
    return str(fake.publish(text, at))


SUBJECTS = [
    Subject("hackernews", FakeHackerNews, _open_hackernews, _publish, "lumo", _set_strange),
    Subject("rss", lambda _: FakeFeed(window=500), _open_rss, _publish, "", _set_strange),
    Subject("atom", lambda _: FakeFeed(window=500, atom=True), _open_rss, _publish, "", _set_strange),
]
