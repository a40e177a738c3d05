"""Polling under whatever order of events: publish, be late, edit, delete, fail, poll, crash. Nothing may be lost."""

import json
from abc import abstractmethod
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from connectors.connector import Connector
from connectors.cursor import Cursor, Limits
from connectors.errors import ConnectorError
from connectors.options import RedditOptions, XOptions
from connectors.reddit import RedditConnector
from connectors.walk import start_walk
from connectors.x import XConnector
from tests.fakes import reddit, x
from tests.fakes.server import HTML_ERROR, HTML_PAGE, TRUNCATED_JSON, Clock, Reply

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
QUIET_POLLS = 10
"""Polls without a blind stretch after which all is taken to be read: late posts may wait in a stretch read again."""

FAULTS = [HTML_ERROR, HTML_PAGE, TRUNCATED_JSON, Reply({}), Reply([], cut=1), x.rate_limited(0), reddit.too_many()]


class Platform(RuleBasedStateMachine):
    """A fake, its connector, and the daemon's way of storing: a page and the cursor after it together, or neither."""

    fake: Any
    connector: Connector
    latest: timedelta
    """How late a post may be found, so that the overlap of the connector has to bring it."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(NOON)
        self.published: list[str] = []
        self.removed: set[str] = set()
        self.stored: dict[str, str] = {}
        self.cursor: dict[str, Any] = {}

    @abstractmethod
    def open(self) -> None:
        """Make the fake, and a connector to it."""

    @abstractmethod
    def publish(self, at: datetime, late: timedelta) -> str:
        """Publish a post of a time that is found so much later; returns its id."""

    @initialize()
    def begin(self) -> None:
        self.open()
        self.fake.start()

    @rule(count=st.integers(1, 12), age=st.integers(0, 100), late=st.integers(0, 100))
    def post(self, count: int, age: int, late: int) -> None:
        """Publish posts up to a minute and a half old that are found up to `latest` after they were written."""
        for index in range(count):
            at = self.clock() - timedelta(seconds=age + index)
            self.published.append(self.publish(at, self.latest * late / 100))

    @precondition(lambda self: self.published)
    @rule(pick=st.integers(0, 10**6))
    def edit(self, pick: int) -> None:
        self.fake.edit(self.published[pick % len(self.published)], "lumo, corrected", self.clock())

    @precondition(lambda self: self.published)
    @rule(pick=st.integers(0, 10**6))
    def remove(self, pick: int) -> None:
        chosen = self.published[pick % len(self.published)]
        self.removed.add(chosen)
        self.fake.remove(chosen)

    @rule(minutes=st.integers(1, 20))
    def wait(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @rule(before=st.integers(0, 4), fault=st.sampled_from(FAULTS))
    def fail(self, before: int, fault: Reply) -> None:
        self.fake.fail_next(*[None] * before, fault)

    @rule(crash_after=st.none() | st.integers(0, 6))
    def poll(self, crash_after: int | None) -> None:
        self.finishes_poll(crash_after)

    def finishes_poll(self, crash_after: int | None = None) -> bool:
        """Poll once, up to a crash between a page and its commit; tell whether the poll came to its end."""
        limits = Limits.of(self.connector.traits, page_cap=2)
        walk = start_walk(Cursor.from_json(self.cursor), self.connector.queries(["lumo"]), limits, self.clock())
        pages = 0
        while (request := walk.request) is not None:
            try:
                page = self.connector.fetch(request)
                walk = walk.take(page)
            except ConnectorError as error:
                self.cursor = walk.failed(error).to_json()
                return False
            if pages == crash_after:
                return False
            pages += 1
            self.stored |= {mention.native_id: mention.text for mention in page.mentions}
            self.cursor = json.loads(json.dumps(walk.cursor.to_json()))
        return True

    def teardown(self) -> None:
        if not hasattr(self, "fake"):
            return
        self.fake._planned.clear()
        self.clock.advance(minutes=25)
        quiet = 0
        for _ in range(100):
            blind = not self.finishes_poll() or any(not gap["again"] for gap in self.cursor["gaps"])
            quiet = 0 if blind else quiet + 1
            self.clock.advance(seconds=30)
            if quiet == QUIET_POLLS:
                break
        self.connector.close()
        self.fake.stop()
        assert quiet == QUIET_POLLS, "the source does not come to rest"
        assert set(self.stored) <= set(self.published)
        assert set(self.published) - set(self.stored) <= self.removed


class XPlatform(Platform):
    latest = timedelta(minutes=4)

    def open(self) -> None:
        self.fake = x.FakeX(self.clock, page_limit=5, repeat_last=1)
        options = XOptions(kind="x", token=x.TOKEN, base_url=self.fake.url, allow_private=True)
        self.connector = XConnector("x", options, clock=self.clock)

    def publish(self, at: datetime, late: timedelta) -> str:
        return str(self.fake.publish("lumo", at, late=late))


class RedditPlatform(Platform):
    latest = timedelta(minutes=20)

    def open(self) -> None:
        self.fake = reddit.FakeReddit(self.clock, page_limit=5, repeat_last=1)
        settings = {
            "kind": "reddit",
            "client_id": reddit.CLIENT_ID,
            "client_secret": reddit.CLIENT_SECRET,
            "user_agent": reddit.USER_AGENT,
            "subreddits": ["lumo"],
            "base_url": self.fake.url,
            "allow_private": True,
        }
        self.connector = RedditConnector("reddit", RedditOptions.model_validate(settings), clock=self.clock)

    def publish(self, at: datetime, late: timedelta) -> str:
        if len(self.published) % 2:
            return str(self.fake.comment(self.published[0], "me too", at, late=late))
        return str(self.fake.submit("lumo", at, late=late))


BUDGET = settings(
    max_examples=12,
    derandomize=True,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
    phases=[Phase.generate],
)
TestX = XPlatform.TestCase
TestX.settings = BUDGET
TestReddit = RedditPlatform.TestCase
TestReddit.settings = BUDGET
