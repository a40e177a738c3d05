from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.connector import Request
from connectors.errors import BadAnswer, EndlessPaging, RateLimited
from connectors.hackernews import HackerNewsConnector
from connectors.options import HackerNewsOptions
from tests.fakes.hackernews import FakeHackerNews
from tests.fakes.server import HTML_PAGE, Clock, Reply
from tests.integration.connectors.reading import NOW, read

MINUTE = timedelta(minutes=1)
QUERY = ("lumo",)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def fake(clock: Clock) -> Iterator[FakeHackerNews]:
    with FakeHackerNews(clock) as running:
        yield running


@pytest.fixture
def connector(fake: FakeHackerNews, clock: Clock) -> Iterator[HackerNewsConnector]:
    options = HackerNewsOptions(kind="hackernews", base_url=fake.url, allow_private=True)
    opened = HackerNewsConnector("news", options, clock=clock)
    yield opened
    opened.close()


def test_a_story_and_a_comment_become_mentions(fake: FakeHackerNews, connector: HackerNewsConnector) -> None:
    story = fake.publish("<p>It&#x27;s <i>dead</i>", NOW - 9 * MINUTE, title="Lumo lamp &amp; hub", points=7)
    comment = fake.publish("lumo &gt; nothing<p>second", NOW - 5 * MINUTE, author="dang", parent=story)
    second, first = read(connector, queries=QUERY).mentions
    assert (first.native_id, first.text, first.thread_id) == (story, "Lumo lamp & hub\n\nIt's dead", story)
    assert (first.metrics.likes, first.metrics.replies, first.lang) == (7, 0, None)
    assert (second.native_id, second.parent_id, second.thread_id) == (comment, story, story)
    assert (second.text, second.author.handle) == ("lumo > nothing\n\nsecond", "dang")
    assert second.permalink == f"https://news.ycombinator.com/item?id={comment}"
    assert second.posted_at == NOW - 5 * MINUTE


def test_the_query_and_the_bounds_are_sent_as_algolia_reads_them(
    fake: FakeHackerNews, connector: HackerNewsConnector
) -> None:
    connector.fetch(Request('"lumo hub"', since=NOW - 90 * MINUTE, until=NOW))
    (call,) = fake.calls
    assert call.path == "/api/v1/search_by_date"
    assert call.params["query"] == '"lumo hub"'
    assert call.params["tags"] == "(story,comment)"
    seconds = int(NOW.timestamp())
    assert call.params["numericFilters"] == f"created_at_i>={seconds - 5_400},created_at_i<{seconds}"


def test_2_000_posts_with_late_ones_and_a_429_are_stored_once_and_read_little_more(
    fake: FakeHackerNews, connector: HackerNewsConnector, clock: Clock
) -> None:
    published = set()
    for number in range(2_000):
        at = NOW - timedelta(seconds=40 * number // 4 * 4)
        late = timedelta(minutes=30) if number < 60 and number % 3 == 0 else timedelta(0)
        published.add(fake.publish(f"lumo number {number}", at, late=late))
    walk = read(connector, queries=QUERY, drain=True, now=NOW)
    fake.fail_next(Reply({}, 429, {"Retry-After": "30"}))
    with pytest.raises(RateLimited) as raised:
        read(connector, walk.cursor, queries=QUERY, now=clock())
    assert raised.value.retry_after == timedelta(seconds=30)
    clock.advance(minutes=35)
    again = read(connector, walk.cursor, queries=QUERY, drain=True, now=clock())
    assert {*walk.ids, *again.ids} == published
    assert len(fake.returned) / len(published) <= 1.3


def test_more_hits_than_a_query_reaches_are_read_all_the_same(
    fake: FakeHackerNews, connector: HackerNewsConnector
) -> None:
    published = {fake.publish("lumo", NOW - timedelta(seconds=number)) for number in range(2_500)}
    reading = read(connector, queries=QUERY, drain=True)
    assert set(reading.ids) == published


def test_hundreds_of_posts_in_one_second_are_all_read(fake: FakeHackerNews, connector: HackerNewsConnector) -> None:
    published = {fake.publish("lumo", NOW - MINUTE) for _ in range(350)}
    published |= {fake.publish("lumo", NOW - 2 * MINUTE) for _ in range(50)}
    assert set(read(connector, queries=QUERY).ids) == published


def test_the_page_cap_leaves_a_gap_and_the_next_polls_drain_it(
    fake: FakeHackerNews, connector: HackerNewsConnector
) -> None:
    connector.traits = replace(connector.traits, page_cap=2)
    published = {fake.publish("lumo", NOW - timedelta(seconds=10 * number)) for number in range(800)}
    reading = read(connector, queries=QUERY)
    assert len(reading.cursor.gaps) == 1
    stored = set(reading.ids)
    for _ in range(6):
        reading = read(connector, reading.cursor, queries=QUERY)
        stored |= set(reading.ids)
    assert all(gap.again for gap in reading.cursor.gaps)
    assert len(reading.cursor.gaps) <= 2
    assert stored == published


def test_endless_paging_stops_and_the_cursor_has_not_moved(
    fake: FakeHackerNews, connector: HackerNewsConnector
) -> None:
    fake.publish("lumo", NOW - 50 * MINUTE)
    before = read(connector, queries=QUERY).cursor
    fake.endless = True
    calls = len(fake.calls)
    with pytest.raises(EndlessPaging):
        read(connector, before, queries=QUERY)
    assert len(fake.calls) - calls <= 4


def test_reread_sees_edits_points_replies_and_deletions(fake: FakeHackerNews, connector: HackerNewsConnector) -> None:
    story = fake.publish("lumo broke", NOW - 9 * MINUTE, title="Lumo", points=1)
    reply = fake.publish("same here", NOW - 8 * MINUTE, parent=story)
    fake.publish("and here", NOW - 7 * MINUTE, parent=reply)
    lost = fake.publish("lumo", NOW - 6 * MINUTE)
    fake.edit(story, "lumo broke, edit: fixed")
    fake.things[int(story)].points = 500
    fake.remove(lost)
    answer = connector.reread([story, lost, reply])
    assert answer.gone == (lost,)
    assert [mention.native_id for mention in answer.mentions] == [story, reply]
    assert answer.mentions[0].text == "Lumo\n\nlumo broke, edit: fixed"
    assert (answer.mentions[0].metrics.likes, answer.mentions[0].metrics.replies) == (500, 2)
    assert (answer.mentions[1].parent_id, answer.mentions[1].thread_id) == (story, story)


def test_reread_gives_what_fetch_gave_where_nothing_changed(
    fake: FakeHackerNews, connector: HackerNewsConnector
) -> None:
    story = fake.publish("lumo broke<p>again", NOW - 9 * MINUTE, title="Lumo", points=3)
    (fetched,) = read(connector, queries=QUERY).mentions
    assert connector.reread([story]).mentions == (fetched,)


def test_an_id_that_is_no_number_asks_for_no_address(fake: FakeHackerNews, connector: HackerNewsConnector) -> None:
    assert connector.reread(["../../secret", "١"]).gone == ("../../secret", "١")
    assert fake.calls == []


def test_an_item_without_author_is_gone_and_one_without_sense_is_a_bad_answer(
    fake: FakeHackerNews, connector: HackerNewsConnector
) -> None:
    fake.fail_next(Reply({"id": 1, "author": None, "text": None}))
    assert connector.reread(["1"]).gone == ("1",)
    for reply in (HTML_PAGE, Reply([]), Reply({"id": 1, "author": "pg", "created_at_i": "never"})):
        fake.fail_next(reply)
        with pytest.raises(BadAnswer):
            connector.reread(["1"])


def test_hits_that_make_no_sense_are_skipped_one_by_one(fake: FakeHackerNews, connector: HackerNewsConnector) -> None:
    good = {"objectID": 2**63, "author": "pg", "comment_text": "lumo", "created_at_i": int(NOW.timestamp())}
    bad = [7, None, {}, {**good, "objectID": None}, {**good, "author": 5}, {**good, "created_at_i": 1e300}]
    bad += [{**good, "created_at_i": [1]}, {**good, "objectID": ""}]
    odd = {**good, "objectID": "9", "points": "many", "num_comments": -3, "comment_text": ["x"], "parent_id": {}}
    fake.fail_next(Reply({"hits": [*bad, good, odd], "nbPages": "lots"}))
    page = connector.fetch(Request("lumo"))
    assert [mention.native_id for mention in page.mentions] == ["9223372036854775808", "9"]
    assert page.mentions[1].metrics.engagement is None
    assert len(page.skipped) == len(bad)


@pytest.mark.parametrize("token", ["", "x", "1.x", "-5.0", "1", "٣.0", "9" * 40 + ".0"])
def test_a_token_that_is_not_ours_is_refused(connector: HackerNewsConnector, token: str) -> None:
    if token:
        with pytest.raises(BadAnswer):
            connector.fetch(Request("lumo", token=token))
    else:
        assert connector.fetch(Request("lumo", token=token)).mentions == ()
