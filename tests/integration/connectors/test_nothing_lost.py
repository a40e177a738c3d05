"""The promise of polling: what was published is stored, once, whatever the platform does, and is read about once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.connector import Connector
from connectors.cursor import Cursor, Limits
from connectors.errors import BadAnswer, ConnectorError, RateLimited
from connectors.mention import Mention
from connectors.options import RedditOptions, XOptions
from connectors.reddit import RedditConnector
from connectors.walk import start_walk
from connectors.x import XConnector
from tests.fakes import reddit, x
from tests.fakes.server import Clock, Reply

EVENING = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
QUERY = "(lumo OR @lumo) -from:lumo"


@dataclass
class Poller:
    """Polls one connector as the daemon does: each page and the cursor after it are stored together, as JSON."""

    connector: Connector
    clock: Clock
    queries: list[str]
    page_cap: int
    crash_at: int | None = None
    posts: dict[tuple[str, str], Mention] = field(default_factory=dict)
    inserted: Counter[tuple[str, str]] = field(default_factory=Counter)
    cursor: dict[str, Any] = field(default_factory=dict)
    pages: int = 0
    gaps_seen: int = 0
    errors: list[ConnectorError] = field(default_factory=list)

    def poll(self) -> bool:
        """Make one poll; tell whether it was cut short."""
        limits = Limits.of(self.connector.traits, page_cap=self.page_cap, drain=True)
        queries = self.connector.queries(self.queries)
        walk = start_walk(Cursor.from_json(self.cursor), queries, limits, self.clock())
        while (request := walk.request) is not None:
            try:
                page = self.connector.fetch(request)
                walk = walk.take(page)
            except ConnectorError as error:
                self.errors.append(error)
                self.cursor = walk.failed(error).to_json()
                return True
            self.pages += 1
            if self.pages == self.crash_at:
                return True  # killed between the page and the commit: neither is stored
            for mention in page.mentions:
                self.inserted[mention.key] += mention.key not in self.posts
                self.posts[mention.key] = mention
            self.cursor = walk.cursor.to_json()
            self.gaps_seen = max(self.gaps_seen, len(walk.cursor.gaps))
        return False

    @property
    def ids(self) -> set[str]:
        return {native_id for _, native_id in self.posts}


@contextmanager
def opened_x(clock: Clock, **behaviour: Any) -> Iterator[tuple[x.FakeX, Poller]]:
    with x.FakeX(clock, **behaviour) as fake:
        options = XOptions(kind="x", token=x.TOKEN, base_url=fake.url, allow_private=True)
        connector = XConnector("x", options, clock=clock)
        yield fake, Poller(connector, clock, [QUERY], page_cap=5)
        connector.close()


@contextmanager
def opened_reddit(clock: Clock, **behaviour: Any) -> Iterator[tuple[reddit.FakeReddit, Poller]]:
    with reddit.FakeReddit(clock, **behaviour) as fake:
        options = RedditOptions(
            kind="reddit",
            client_id=reddit.CLIENT_ID,
            client_secret=reddit.CLIENT_SECRET,
            user_agent=reddit.USER_AGENT,
            subreddits=("lumo", "lumo_help"),
            base_url=fake.url,
            allow_private=True,
        )
        connector = RedditConnector("reddit", options, clock=clock)
        yield fake, Poller(connector, clock, ["lumo"], page_cap=6)
        connector.close()


def publish_on_x(fake: x.FakeX, clock: Clock, count: int, span: timedelta) -> list[str]:
    """Publish over the span before now, the newest some minutes before the search finds them."""
    ids = []
    for index in range(count):
        age = span * ((count - index) / count)
        late = timedelta(minutes=4) if age < timedelta(minutes=4) or index % 50 == 0 else timedelta(0)
        ids.append(fake.publish(f"lumo broke my day, part {index}", clock() - age, late=late))
    return ids


def test_x_loses_nothing_stores_nothing_twice_and_bills_little() -> None:
    """2,400 posts: late ones, repeated ones, edits, gaps behind the page cap, a 429 and a crash on the way."""
    clock = Clock(EVENING)
    with opened_x(clock, repeat_last=3) as (fake, poller):
        published = publish_on_x(fake, clock, 2200, timedelta(hours=20))
        edited = published[5:2100:50]
        for post_id in edited:
            fake.edit(post_id, "lumo broke my day, corrected", clock() - timedelta(hours=1))
        fake.fail_next(None, None, None, x.rate_limited(int(clock().timestamp()) + 60))
        poller.crash_at = 8
        while poller.poll() or Cursor.from_json(poller.cursor).gaps or not poller.cursor["watermark"]:
            clock.advance(minutes=1)
        published += publish_on_x(fake, clock, 200, timedelta(minutes=3))
        clock.advance(minutes=5)
        poller.poll()

    assert poller.ids == set(published)
    assert set(poller.inserted.values()) == {1}
    assert poller.gaps_seen > 0
    assert [type(error) for error in poller.errors] == [RateLimited]
    assert {poller.posts["x", post_id].text for post_id in edited} == {"lumo broke my day, corrected"}
    assert len(fake.returned) / len(published) <= 1.3


def test_reddit_loses_nothing_stores_nothing_twice_and_reads_little() -> None:
    """2,300 posts: search and two listings, late ones, repeated ones, edits, a page cap, a 429, a withdrawn token."""
    clock = Clock(EVENING)
    with opened_reddit(clock, repeat_last=3) as (fake, poller):
        published = []
        for index in range(950):
            at = clock() - timedelta(hours=20) * ((950 - index) / 950)
            late = timedelta(minutes=20) if index % 40 == 0 or index > 940 else timedelta(0)
            own = index % 50 == 0
            published.append(
                fake.submit(f"lumo, part {index}", at, subreddit="lumo" if own else "all_things", late=late)
            )
            under = published[-1] if own else next(one for one in published if one.startswith("t3_"))
            published.append(fake.comment(under, f"same here {index}", at, late=late))
        edited = published[7:1800:90]
        for name in edited:
            fake.edit(name, "lumo, corrected", clock() - timedelta(minutes=5))
        fake.fail_next(None, None, reddit.too_many(retry_after="30"))
        while poller.poll() or Cursor.from_json(poller.cursor).gaps or not poller.cursor["watermark"]:
            clock.advance(minutes=1)
        fake.revoke_tokens()
        for index in range(400):
            published.append(fake.comment(published[0], f"and here {index}", clock(), late=timedelta(minutes=5)))
            clock.advance(seconds=2)
        clock.advance(minutes=12)
        poller.poll()

    assert poller.ids == set(published)
    assert set(poller.inserted.values()) == {1}
    assert poller.gaps_seen > 0
    assert [type(error) for error in poller.errors] == [RateLimited]
    assert all("corrected" in poller.posts["reddit", name].text for name in edited)
    assert len(fake.returned) / len(published) <= 1.3


@pytest.mark.parametrize("endless", ["repeat", "turns", "fresh"])
def test_endless_paging_on_x_ends_soon_and_moves_no_cursor(endless: str) -> None:
    clock = Clock(EVENING)
    with opened_x(clock, endless=endless) as (fake, poller):
        publish_on_x(fake, clock, 300, timedelta(hours=2))
        poller.poll()

    assert len(poller.errors) == 1
    assert "endless" in type(poller.errors[0]).__name__.casefold()
    assert len(fake.returned) <= 500
    assert poller.cursor.get("watermark") is None


@pytest.mark.parametrize("endless", ["repeat", "turns"])
def test_endless_paging_on_reddit_ends_soon_and_moves_no_cursor(endless: str) -> None:
    clock = Clock(EVENING)
    with opened_reddit(clock, endless=endless) as (fake, poller):
        for index in range(300):
            fake.submit(f"lumo, part {index}", clock() - timedelta(minutes=index))
        poller.poll()

    assert len(poller.errors) == 1
    assert "endless" in type(poller.errors[0]).__name__.casefold()
    assert poller.cursor.get("watermark") is None


def test_a_source_that_was_down_for_nine_days_reads_what_the_search_still_reaches() -> None:
    clock = Clock(EVENING)
    with opened_x(clock) as (fake, poller):
        first = fake.publish("lumo is fine", clock() - timedelta(hours=1))
        poller.poll()
        clock.advance(days=9)
        lost = fake.publish("lumo, nobody saw this", clock() - timedelta(days=8))
        found = fake.publish("lumo, this one is in reach", clock() - timedelta(days=6, hours=23))
        poller.poll()

    assert poller.ids == {first, found}
    assert lost not in poller.ids
    assert not poller.errors


def test_a_failed_answer_in_the_middle_of_a_walk_loses_nothing() -> None:
    clock = Clock(EVENING)
    broken = Reply('{"data": [{"id": "1", "te', cut=12)
    with opened_x(clock) as (fake, poller):
        published = publish_on_x(fake, clock, 450, timedelta(hours=5))
        fake.fail_next(None, broken, None, Reply("<html>", 503, content_type="text/html"))
        for _ in range(4):
            poller.poll()
        clock.advance(minutes=5)
        poller.poll()

    assert poller.ids == set(published)
    assert len(poller.errors) == 2


def test_a_page_after_a_post_that_was_deleted_meanwhile_loses_nothing() -> None:
    clock = Clock(EVENING)
    with opened_reddit(clock) as (fake, poller):
        published = [fake.submit(f"lumo, part {index}", clock() - timedelta(minutes=index)) for index in range(500)]
        fake.fail_next(None, None, None, reddit.too_many(retry_after="30"))
        poller.poll()
        anchor = fake.calls[-1].params["after"]
        fake.remove(anchor)
        while poller.poll():
            clock.advance(minutes=1)

    assert poller.ids == set(published)
    assert [type(error) for error in poller.errors] == [RateLimited, BadAnswer]
