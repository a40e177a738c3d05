"""The connectors under contract: how each is opened on its fake, and how something is published there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.connector import Connector
from connectors.hackernews import HackerNewsConnector
from connectors.http import HttpLimits
from connectors.options import HackerNewsOptions, RedditOptions, RssOptions, XOptions
from connectors.reddit import RedditConnector
from connectors.rss import RssConnector
from connectors.x import XConnector
from tests.fakes import reddit, x
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


def _open_x(url: str, private: bool, clock: Clock, limits: HttpLimits | None) -> Connector:
    options = XOptions.model_validate({"kind": "x", "token": x.TOKEN, "base_url": url, "allow_private": private})
    return XConnector("tweets", options, clock=clock, limits=limits)


def _open_x_mentions(url: str, private: bool, clock: Clock, limits: HttpLimits | None) -> Connector:
    settings = {"kind": "x", "token": x.TOKEN, "user_id": "4711", "base_url": url, "allow_private": private}
    return XConnector("own", XOptions.model_validate(settings), clock=clock, limits=limits)


def _open_reddit(url: str, private: bool, clock: Clock, limits: HttpLimits | None) -> Connector:
    settings = {
        "kind": "reddit",
        "client_id": reddit.CLIENT_ID,
        "client_secret": reddit.CLIENT_SECRET,
        "user_agent": reddit.USER_AGENT,
        "subreddits": ["lumo"],
        "base_url": url,
        "allow_private": private,
    }
    return RedditConnector("subs", RedditOptions.model_validate(settings), clock=clock, limits=limits)


def _set_strange(fake: Any) -> None:
    fake.strange = True


def _publish(fake: Any, text: str, at: datetime) -> str:
    return str(fake.publish(text, at))


def _publish_handle(fake: Any, text: str, at: datetime) -> str:
    return str(fake.publish(f"@lumo {text}", at))


def _submit(fake: Any, text: str, at: datetime) -> str:
    return str(fake.submit(text, at))


def _comment(fake: Any, text: str, at: datetime) -> str:
    under = fake.things[0].fullname if fake.things else fake.submit("lamps", at)
    return str(fake.comment(under, text, at))


SUBJECTS = [
    Subject("hackernews", FakeHackerNews, _open_hackernews, _publish, "lumo", _set_strange),
    Subject("rss", lambda _: FakeFeed(window=500), _open_rss, _publish, "", _set_strange),
    Subject("atom", lambda _: FakeFeed(window=500, atom=True), _open_rss, _publish, "", _set_strange),
    Subject("x", x.FakeX, _open_x, _publish, "lumo", _set_strange),
    Subject("x with post names", lambda clock: x.FakeX(clock, names="post"), _open_x, _publish, "lumo", _set_strange),
    Subject("x mentions", x.FakeX, _open_x_mentions, _publish_handle, "", _set_strange),
    Subject("reddit search", reddit.FakeReddit, _open_reddit, _submit, "lumo", _set_strange, 1),
    Subject("reddit comments", reddit.FakeReddit, _open_reddit, _comment, "listing:comments", _set_strange, 1),
    Subject("reddit new", reddit.FakeReddit, _open_reddit, _submit, "listing:new", _set_strange, 1),
]
