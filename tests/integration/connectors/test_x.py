"""The X connector with the real tweepy against a fake of the API."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import tweepy

from connectors.connector import Request
from connectors.errors import (
    AddressRefused,
    BadAnswer,
    BadQuery,
    BadSettings,
    ConnectorError,
    Forbidden,
    PaymentRequired,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from connectors.http import HttpLimits
from connectors.options import XOptions
from connectors.x import XConnector
from tests.fakes.server import HANG, HTML_ERROR, HTML_PAGE, TRUNCATED_JSON, Clock, Reply
from tests.fakes.x import CLIENT_FORBIDDEN, CREDITS_DEPLETED, TOKEN, Account, FakeX, problem, rate_limited

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR_AGO = NOW - timedelta(hours=1)
QUERY = "lumo OR @lumo"
Open = Callable[..., XConnector]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def fake(clock: Clock) -> Iterator[FakeX]:
    with FakeX(clock) as server:
        yield server


@pytest.fixture
def opened(fake: FakeX, clock: Clock) -> Iterator[Open]:
    connectors: list[XConnector] = []

    def opened(token: str = TOKEN, limits: HttpLimits | None = None, **options: Any) -> XConnector:
        settings = {"kind": "x", "token": token, "base_url": fake.url, "allow_private": True, **options}
        connectors.append(XConnector("our_x", XOptions.model_validate(settings), clock=clock, limits=limits))
        return connectors[-1]

    yield opened
    for connector in connectors:
        connector.close()


@pytest.mark.parametrize("names", ["tweet", "post"])
def test_reads_every_field_under_either_naming(fake: FakeX, opened: Open, names: str) -> None:
    fake.names = names
    author = Account("77", "ann_b", "Ann", followers=5)
    root = fake.publish("lumo is down &amp; out", HOUR_AGO, author=author, likes=4)
    reply = fake.publish("@lumo " + "why? " * 100, HOUR_AGO + timedelta(minutes=1), reply_to=root, long_text=True)
    repost = fake.publish("RT @ann_b: lumo is down", HOUR_AGO + timedelta(minutes=2), repost_of=root)

    page = opened().fetch(Request(QUERY, since=NOW - timedelta(hours=24)))

    third, second, first = page.mentions
    assert first.to_json() == {
        "platform": "x",
        "native_id": root,
        "permalink": f"https://x.com/ann_b/status/{root}",
        "author": {"handle": "ann_b", "name": "Ann", "followers": 5},
        "text": "lumo is down & out",
        "posted_at": "2026-11-23T11:00:00Z",
        "lang": "en",
        "parent_id": None,
        "thread_id": root,
        "metrics": {"likes": 4, "replies": 2, "reposts": 0, "views": 90},
        "repost_of": None,
        "rating": None,
    }
    assert (second.native_id, second.parent_id, second.thread_id) == (reply, root, root)
    assert second.text == "@lumo " + "why? " * 100
    assert (third.native_id, third.repost_of) == (repost, root)
    assert (page.returned, page.next_token, page.skipped) == (3, None, ())


def test_an_empty_result_is_an_empty_page(opened: Open) -> None:
    page = opened().fetch(Request(QUERY, since=HOUR_AGO))

    assert (page.mentions, page.next_token, page.returned) == ((), None, 0)


def test_an_edited_post_keeps_its_id_and_time_and_shows_its_newest_text(fake: FakeX, opened: Open) -> None:
    post_id = fake.publish("lumo is great", HOUR_AGO)
    fake.edit(post_id, "lumo is broken", HOUR_AGO + timedelta(minutes=20))

    (mention,) = opened().fetch(Request(QUERY, since=HOUR_AGO)).mentions

    assert (mention.native_id, mention.text, mention.posted_at) == (post_id, "lumo is broken", HOUR_AGO)


def test_the_start_is_sent_as_an_id_so_that_no_post_of_that_moment_is_missed(fake: FakeX, opened: Open) -> None:
    exact = fake.publish("lumo, right now", HOUR_AGO)
    fake.publish("lumo, too early", HOUR_AGO - timedelta(milliseconds=1))

    page = opened().fetch(Request(QUERY, since=HOUR_AGO))

    assert [mention.native_id for mention in page.mentions] == [exact]
    assert "start_time" not in fake.calls[-1].params
    assert fake.calls[-1].params["max_results"] == "100"


def test_an_old_start_is_sent_as_a_time_and_never_with_an_id(fake: FakeX, opened: Open) -> None:
    reached = fake.publish("lumo, days ago", NOW - timedelta(days=6, hours=22))

    page = opened().fetch(Request(QUERY, since=NOW - timedelta(days=6, hours=23)))

    assert [mention.native_id for mention in page.mentions] == [reached]
    assert fake.calls[-1].params["start_time"] == "2026-11-16T13:00:00Z"
    assert "since_id" not in fake.calls[-1].params
    assert page.skipped == ()


def test_what_is_older_than_the_search_reaches_is_told_and_not_asked_for(fake: FakeX, opened: Open) -> None:
    connector = opened()
    beyond, reach = NOW - timedelta(days=9), NOW - timedelta(days=8)

    asked = connector.fetch(Request(QUERY, since=beyond))
    not_asked = connector.fetch(Request(QUERY, since=beyond, until=reach))

    assert len(fake.calls) == 1
    assert asked.skipped == ("posts from 2026-11-14T12:00:00Z to 2026-11-16T12:10:00Z: older than the search reaches",)
    assert not_asked.skipped == (
        "posts from 2026-11-14T12:00:00Z to 2026-11-15T12:00:00Z: older than the search reaches",
    )


@pytest.mark.parametrize("since", [HOUR_AGO - timedelta(hours=2), NOW - timedelta(days=6, hours=22)])
def test_a_gap_is_read_between_its_ends(fake: FakeX, opened: Open, since: datetime) -> None:
    inside = fake.publish("lumo, inside", HOUR_AGO - timedelta(minutes=1))
    at_the_end = fake.publish("lumo, at the end", HOUR_AGO)
    fake.publish("lumo, later", HOUR_AGO + timedelta(minutes=1))

    page = opened().fetch(Request(QUERY, since=since, until=HOUR_AGO))

    assert {mention.native_id for mention in page.mentions} == {inside, at_the_end}


def test_pages_are_followed_by_their_token(fake: FakeX, opened: Open) -> None:
    published = {fake.publish(f"lumo {index}", HOUR_AGO + timedelta(seconds=index)) for index in range(230)}
    connector, token = opened(), None
    found: set[str] = set()
    sizes: list[int] = []

    while not sizes or token:
        page = connector.fetch(Request(QUERY, since=NOW - timedelta(hours=2), token=token))
        found |= {mention.native_id for mention in page.mentions}
        token = page.next_token
        sizes.append(page.returned)

    assert (found, sizes) == (published, [100, 100, 30])
    assert len({call.params["since_id"] for call in fake.calls}) == 1


def test_mentions_of_an_account_are_listed_without_a_query(fake: FakeX, opened: Open) -> None:
    published = {fake.publish(f"@lumo {index}", HOUR_AGO + timedelta(seconds=index)) for index in range(120)}
    fake.publish("lumo without the handle", HOUR_AGO)
    connector = opened(user_id="4711")
    queries = connector.queries(["lumo"])
    first = connector.fetch(Request(queries[0], since=HOUR_AGO))
    second = connector.fetch(Request(queries[0], since=HOUR_AGO, token=first.next_token))

    assert queries == ("",)
    assert {mention.native_id for mention in first.mentions + second.mentions} == published
    assert {call.path for call in fake.calls} == {"/2/users/4711/mentions"}
    assert connector.traits.price_per_post == 0.001
    assert not connector.traits.takes_query


def test_search_asks_the_compiled_queries_word_for_word(fake: FakeX, opened: Open) -> None:
    query = '(lumo OR @lumo OR "lumo app") -from:lumo -is:retweet lang:en'
    connector = opened()

    assert connector.queries([query]) == (query,)
    connector.fetch(Request(query, since=HOUR_AGO))
    assert fake.calls[-1].params["query"] == query


def test_a_reread_brings_new_texts_and_counts_and_tells_what_is_gone(fake: FakeX, opened: Open) -> None:
    kept, edited, deleted, hidden = (fake.publish(f"lumo {index}", HOUR_AGO) for index in range(4))
    fake.like(kept, 5000)
    fake.edit(edited, "lumo, corrected", NOW)
    fake.remove(deleted)
    fake.remove(hidden, "protected")

    reread = opened().reread([kept, edited, deleted, hidden, "not-an-id"])

    assert {mention.native_id: mention.text for mention in reread.mentions} == {
        kept: "lumo 0",
        edited: "lumo, corrected",
    }
    assert reread.mentions[0].metrics.likes == 5000
    assert set(reread.gone) == {deleted, hidden}


def test_a_reread_goes_in_batches_of_a_hundred(fake: FakeX, opened: Open) -> None:
    published = [fake.publish("lumo", HOUR_AGO) for _ in range(150)]

    reread = opened().reread(published)

    assert [mention.native_id for mention in reread.mentions] == published
    assert [len(call.params["ids"].split(",")) for call in fake.calls] == [100, 50]


def test_a_post_that_the_platform_cannot_show_for_the_moment_is_not_gone(fake: FakeX, opened: Open) -> None:
    fault = {"resource_id": "1", "title": "Service Unavailable", "type": "about:blank"}
    fake.fail_next(Reply({"errors": [fault]}))

    reread = opened().reread(["1"])

    assert (reread.mentions, reread.gone) == ((), ())


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": []}, {"data": "none"}, {"meta": {"result_count": 0}}])
def test_an_answer_without_posts_and_errors_deletes_nothing(fake: FakeX, opened: Open, body: object) -> None:
    fake.fail_next(Reply(body))

    with pytest.raises(BadAnswer):
        opened().reread(["1"])


def test_a_post_that_cannot_be_read_is_skipped_and_the_others_are_kept(fake: FakeX, opened: Open) -> None:
    good = {"id": "2124820252062646273", "text": "lumo", "author_id": "7", "created_at": "2026-11-23T11:00:00.000Z"}
    bad: list[object] = [
        None,
        7,
        "text",
        {},
        {**good, "id": "../../x"},
        {**good, "text": ["lumo"]},
        {**good, "created_at": 9e99},
    ]
    fake.fail_next(Reply({"data": [*bad, good], "meta": {"result_count": 8}, "errors": [{"title": "Partial"}]}))

    page = opened().fetch(Request(QUERY, since=HOUR_AGO))

    (mention,) = page.mentions
    assert (mention.native_id, mention.author.handle, mention.author.followers) == (good["id"], "7", None)
    assert mention.permalink == f"https://x.com/i/web/status/{good['id']}"
    assert (page.returned, len(page.skipped)) == (8, 7)


def _nested() -> str:
    return '{"data": ' + "[" * 200_000


FAILURES = {
    "bad query": (problem(400, "Invalid Request", "one or more parameters"), BadQuery),
    "wrong token": (problem(401, "Unauthorized", "Unauthorized"), Unauthorized),
    "no credits": (CREDITS_DEPLETED, PaymentRequired),
    "not enrolled": (CLIENT_FORBIDDEN, Forbidden),
    "no such route": (problem(404, "Not Found", "no route"), BadAnswer),
    "rate limit": (rate_limited(0), RateLimited),
    "html error": (HTML_ERROR, Unreachable),
    "json error": (Reply({"errors": ["over capacity"]}, 503), Unreachable),
    "error that is a list": (Reply(["no"], 403), Forbidden),
    "error with errors of no kind": (Reply({"errors": None, "error": "x"}, 402), PaymentRequired),
    "nested error": (Reply(_nested(), 400), BadQuery),
    "html page": (HTML_PAGE, BadAnswer),
    "truncated": (TRUNCATED_JSON, BadAnswer),
    "cut off": (Reply({"data": [], "meta": {"result_count": 0}}, cut=9), BadAnswer),
    "no body": (Reply(b""), BadAnswer),
    "null": (Reply("null"), BadAnswer),
    "list": (Reply([]), BadAnswer),
    "nothing": (Reply({}), BadAnswer),
    "data null": (Reply({"data": None}), BadAnswer),
    "data of another type": (Reply({"data": {"id": "1"}, "meta": {}}), BadAnswer),
    "meta of another type": (Reply({"data": [], "meta": [1]}), BadAnswer),
    "token of another type": (Reply({"data": [], "meta": {"next_token": 7}}), BadAnswer),
    "NaN": (Reply('{"data": NaN}'), BadAnswer),
    "monstrous number": (Reply('{"data": ' + "9" * 5000 + "}"), BadAnswer),
    "nested": (Reply(_nested()), BadAnswer),
    "not utf-8": (Reply(b'{"data": "\xff\xfe"}'), BadAnswer),
    "large": (Reply(b'{"data": "' + b"x" * 5_100_000 + b'"}'), BadAnswer),
    "too many posts": (Reply({"data": [{}] * 501, "meta": {}}), BadAnswer),
    "redirect elsewhere": (Reply(b"", 302, {"Location": "http://127.0.0.2:9/"}), AddressRefused),
    "silence": (HANG, Unreachable),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_of_the_platform_is_a_connector_error(fake: FakeX, opened: Open, failure: str) -> None:
    reply, expected = FAILURES[failure]
    connector = opened(limits=HttpLimits(read=0.2) if failure == "silence" else None)

    for call in (lambda: connector.fetch(Request(QUERY, since=HOUR_AGO)), lambda: connector.reread(["1"])):
        fake.fail_next(reply)
        with pytest.raises(ConnectorError) as raised:
            call()
        assert type(raised.value) is expected
        assert raised.value.subject == "our_x"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (tweepy.TweepyException("gave up"), BadAnswer),
        (requests.ConnectionError(f"Bearer {TOKEN}"), Unreachable),
        (requests.exceptions.InvalidHeader(f"Bearer {TOKEN}"), Unreachable),
    ],
)
def test_what_tweepy_itself_raises_is_translated(
    opened: Open, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: type[ConnectorError]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(tweepy.Client, "request", fail)

    with pytest.raises(expected) as raised:
        opened().fetch(Request(QUERY, since=HOUR_AGO))

    assert TOKEN not in str(raised.value)


def test_a_dead_host_is_unreachable(opened: Open) -> None:
    with pytest.raises(Unreachable):
        opened(base_url="http://127.0.0.1:1").fetch(Request(QUERY))


def test_a_private_host_is_refused_unless_allowed(fake: FakeX, opened: Open) -> None:
    with pytest.raises(AddressRefused):
        opened(allow_private=False).fetch(Request(QUERY))

    assert fake.calls == []


@pytest.mark.parametrize(
    ("reset", "wait"),
    [
        (int(NOW.timestamp()) + 60, timedelta(seconds=60)),
        (int(NOW.timestamp()) + 365 * 86400, timedelta(minutes=15)),
        (int(NOW.timestamp()) - 5, timedelta(seconds=1)),
        (10**17, timedelta(minutes=15)),
        ("abc", None),
        ("-5", None),
        ("1.5", None),
    ],
)
def test_the_wait_after_a_rate_limit_is_kept_within_bounds(
    fake: FakeX, opened: Open, reset: object, wait: timedelta | None
) -> None:
    fake.fail_next(rate_limited(reset))

    with pytest.raises(RateLimited) as raised:
        opened().fetch(Request(QUERY, since=HOUR_AGO))

    assert raised.value.retry_after == wait


@pytest.mark.parametrize("user_id", ["lumo", "12/../..", "", "٣"])
def test_a_user_id_that_is_no_number_is_a_bad_setting(opened: Open, user_id: str) -> None:
    with pytest.raises(BadSettings, match="user_id must be the number"):
        opened(user_id=user_id)


@pytest.mark.parametrize("token", ["", "  \n", "se\ncret", "sécret"])
def test_a_token_that_no_header_can_carry_is_a_bad_setting_that_does_not_show_it(opened: Open, token: str) -> None:
    with pytest.raises(BadSettings) as raised:
        opened(token=token)

    assert "cret" not in str(raised.value)


def test_a_token_read_from_a_file_may_end_in_a_newline(fake: FakeX, opened: Open) -> None:
    assert opened(token=f"{TOKEN}\n").fetch(Request(QUERY, since=HOUR_AGO)).returned == 0


def test_the_token_shows_nowhere(fake: FakeX, opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    connector = opened()
    fake.publish("lumo", HOUR_AGO)
    fake.fail_next(None, problem(403, "Forbidden", f"token {TOKEN} may not do this"))

    connector.fetch(Request(QUERY, since=HOUR_AGO))
    with pytest.raises(Forbidden) as raised:
        connector.reread(["1"])

    assert "may not do this" in str(raised.value)
    for shown in (str(raised.value), repr(raised.value), repr(connector), repr(connector.traits), caplog.text):
        assert TOKEN not in shown
