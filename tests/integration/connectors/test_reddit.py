"""The Reddit connector with the real praw against a fake of the API."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import praw
import prawcore
import pytest

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
from connectors.options import RedditOptions
from connectors.reddit import LISTING_COMMENTS, LISTING_NEW, RedditConnector
from tests.fakes.reddit import CLIENT_ID, CLIENT_SECRET, FORBIDDEN_HTML, USER_AGENT, FakeReddit, too_many
from tests.fakes.server import HANG, HTML_ERROR, HTML_PAGE, TRUNCATED_JSON, Clock, Reply

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR_AGO = NOW - timedelta(hours=1)
DAY_AGO = NOW - timedelta(hours=24)
Open = Callable[..., RedditConnector]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def fake(clock: Clock) -> Iterator[FakeReddit]:
    with FakeReddit(clock) as server:
        yield server


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever prawcore would like to wait for, it waits for nothing here."""

    def refuse(seconds: float) -> None:
        raise AssertionError(f"something sleeps for {seconds} s")

    monkeypatch.setattr(time, "sleep", refuse)


@pytest.fixture
def opened(fake: FakeReddit, clock: Clock) -> Iterator[Open]:
    connectors: list[RedditConnector] = []

    def opened(limits: HttpLimits | None = None, **options: Any) -> RedditConnector:
        settings = {
            "kind": "reddit",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "user_agent": USER_AGENT,
            "subreddits": ["lumo", "r/lumo_help"],
            "base_url": fake.url,
            "allow_private": True,
            **options,
        }
        options_read = RedditOptions.model_validate(settings)
        connectors.append(RedditConnector("our_reddit", options_read, clock=clock, limits=limits))
        return connectors[-1]

    yield opened
    for connector in connectors:
        connector.close()


def test_a_submission_and_its_comment_are_read_with_every_field(fake: FakeReddit, opened: Open) -> None:
    submission = fake.submit("Lumo broke", HOUR_AGO, text="It <b>hums</b> &amp; dies", author="bob")
    comment = fake.comment(submission, "mine too", HOUR_AGO + timedelta(minutes=1))
    answer = fake.comment(comment, "and mine", HOUR_AGO + timedelta(minutes=2))
    connector = opened()

    (found,) = connector.fetch(Request("lumo", since=DAY_AGO)).mentions
    listed = connector.fetch(Request(LISTING_COMMENTS, since=DAY_AGO)).mentions

    assert found.to_json() == {
        "platform": "reddit",
        "native_id": submission,
        "permalink": f"https://www.reddit.com/r/lumo/comments/{submission[3:]}/a_title/",
        "author": {"handle": "bob", "name": None, "followers": None},
        "text": "Lumo broke\n\nIt <b>hums</b> &amp; dies",
        "posted_at": "2026-11-23T11:00:00Z",
        "lang": None,
        "parent_id": None,
        "thread_id": submission,
        "metrics": {"likes": 3, "replies": 7, "reposts": None, "views": None},
        "repost_of": None,
        "rating": None,
    }
    assert [(one.native_id, one.text, one.parent_id, one.thread_id) for one in listed] == [
        (answer, "and mine", comment, submission),
        (comment, "mine too", submission, submission),
    ]
    assert listed[1].permalink == f"https://www.reddit.com/r/lumo/comments/{submission[3:]}/a_title/{comment[3:]}/"


def test_one_poll_asks_the_searches_and_the_listings_of_the_subreddits(opened: Open) -> None:
    compiled = ["lumo", '"lumo app"']

    assert opened().queries(compiled) == ("lumo", '"lumo app"', LISTING_COMMENTS, LISTING_NEW)
    assert opened(subreddits=()).queries(compiled) == ("lumo", '"lumo app"')
    assert opened(search=False).queries(compiled) == (LISTING_COMMENTS, LISTING_NEW)
    assert not opened(search=False).traits.takes_query


def test_searches_go_everywhere_and_listings_to_the_subreddits_of_the_source(fake: FakeReddit, opened: Open) -> None:
    away = fake.submit("lumo, elsewhere", HOUR_AGO, subreddit="gadgets")
    home = fake.submit("no brand in this one", HOUR_AGO, subreddit="lumo_help")
    connector = opened()

    pages = {query: connector.fetch(Request(query, since=DAY_AGO)) for query in connector.queries(["lumo"])}

    ids = {query: [mention.native_id for mention in page.mentions] for query, page in pages.items()}
    assert ids == {"lumo": [away], LISTING_COMMENTS: [], LISTING_NEW: [home]}
    assert [call.path for call in fake.calls[1:]] == [
        "/r/all/search/",
        "/r/lumo+lumo_help/comments/",
        "/r/lumo+lumo_help/new",
    ]
    assert fake.calls[1].params.items() >= {"q": "lumo", "sort": "new", "t": "week", "type": "link"}.items()


@pytest.mark.parametrize(
    ("since", "span"),
    [(HOUR_AGO, "day"), (NOW - timedelta(days=3), "week"), (NOW - timedelta(days=20), "month"), (None, "all")],
)
def test_a_search_spans_what_is_asked_for_with_room(
    fake: FakeReddit, opened: Open, since: datetime | None, span: str
) -> None:
    opened().fetch(Request("lumo", since=since))

    assert fake.calls[-1].params["t"] == span


@pytest.mark.parametrize("query", ["lumo", LISTING_NEW])
def test_pages_are_followed_until_they_lie_before_the_start(fake: FakeReddit, opened: Open, query: str) -> None:
    wanted = {fake.submit(f"lumo {index}", NOW - timedelta(minutes=index)) for index in range(1, 131)}
    for index in range(131, 400):
        fake.submit(f"lumo {index}", NOW - timedelta(minutes=index))
    connector, token = opened(), None
    found: set[str] = set()
    pages = 0

    while not pages or token:
        page = connector.fetch(Request(query, since=NOW - timedelta(minutes=130), token=token))
        found |= {mention.native_id for mention in page.mentions}
        token = page.next_token
        pages += 1

    assert found >= wanted
    assert pages == 2
    assert all("before" not in call.params for call in fake.calls)


def test_a_post_out_of_order_does_not_end_the_walk(fake: FakeReddit, opened: Open) -> None:
    old = {"name": "t3_old", "author": "a", "title": "old", "created_utc": (NOW - timedelta(days=9)).timestamp()}
    new = {"name": "t3_new", "author": "a", "title": "new", "created_utc": HOUR_AGO.timestamp()}
    children = [{"kind": "t3", "data": record} for record in (new, new, new, old)]
    connector = opened()
    connector.fetch(Request("lumo"))
    fake.fail_next(Reply({"kind": "Listing", "data": {"after": "t3_old", "children": children}}))

    assert connector.fetch(Request("lumo", since=DAY_AGO)).next_token == "t3_old"


def test_where_a_listing_ends_before_the_start_is_told(fake: FakeReddit, opened: Open) -> None:
    for index in range(1005):
        fake.submit("lumo", NOW - timedelta(seconds=index))
    connector, token = opened(), None
    skipped: tuple[str, ...] = ()
    pages = 0

    while not pages or token:
        page = connector.fetch(Request(LISTING_NEW, since=DAY_AGO, token=token))
        token, skipped = page.next_token, skipped + page.skipped
        pages += 1

    assert pages == 10
    assert skipped == ("posts before 2026-11-23T11:43:21Z: the platform lists no more",)


@pytest.mark.parametrize("query", ["lumo", LISTING_NEW])
def test_a_short_listing_that_simply_ends_is_complete(fake: FakeReddit, opened: Open, query: str) -> None:
    fake.submit("lumo", HOUR_AGO)

    assert opened().fetch(Request(query, since=DAY_AGO)).skipped == ()


@pytest.mark.parametrize("how", ["deleted", "removed"])
def test_what_was_deleted_or_removed_is_reported_as_such(fake: FakeReddit, opened: Open, how: str) -> None:
    kept = fake.submit("lumo", HOUR_AGO)
    gone = [fake.submit("lumo", HOUR_AGO), fake.comment(kept, "lumo", HOUR_AGO)]
    vanished = fake.comment(kept, "lumo", HOUR_AGO)
    for name in gone:
        fake.remove(name, how)
    fake.remove(vanished, "vanished")
    connector = opened()

    submissions = connector.fetch(Request(LISTING_NEW, since=DAY_AGO))
    comments = connector.fetch(Request(LISTING_COMMENTS, since=DAY_AGO))
    reread = connector.reread([kept, *gone, vanished, "not-a-name"])

    assert [mention.native_id for mention in submissions.mentions] == [kept]
    assert (submissions.deleted, comments.deleted) == ((gone[0],), (gone[1],))
    assert [mention.native_id for mention in reread.mentions] == [kept]
    assert set(reread.gone) == {*gone, vanished}


def test_a_reread_brings_edits_and_counts_in_batches_of_a_hundred(fake: FakeReddit, opened: Open) -> None:
    names = [fake.submit(f"lumo {index}", HOUR_AGO) for index in range(130)]
    fake.edit(names[0], "corrected", NOW)
    fake.find(names[1]).score = 5000
    fake.find(names[2]).score = -12

    reread = opened().reread(names)

    assert [mention.native_id for mention in reread.mentions] == names
    assert reread.mentions[0].text == "lumo 0\n\ncorrected"
    assert [mention.metrics.likes for mention in reread.mentions[:3]] == [3, 5000, 0]
    assert [len(call.params["id"].split(",")) for call in fake.calls[1:]] == [100, 30]


def test_a_child_that_cannot_be_read_is_skipped_and_is_not_gone(fake: FakeReddit, opened: Open) -> None:
    broken = {"kind": "t3", "data": {"name": "t3_broken", "author": "a", "title": ["x"], "created_utc": 1.0}}
    connector = opened()
    connector.fetch(Request("lumo"))
    fake.fail_next(
        Reply({"data": {"after": None, "children": [None, {"kind": "more"}, broken]}}),
        Reply({"data": {"after": None, "children": [broken]}}),
    )

    page = connector.fetch(Request("lumo"))
    reread = connector.reread(["t3_broken"])

    assert (page.mentions, page.returned, len(page.skipped)) == ((), 3, 3)
    assert (reread.mentions, reread.gone) == ((), ())


def test_one_token_serves_many_calls_and_a_withdrawn_one_is_renewed(fake: FakeReddit, opened: Open) -> None:
    connector = opened()
    for _ in range(3):
        connector.fetch(Request("lumo"))
    fake.revoke_tokens()
    connector.fetch(Request("lumo"))

    assert len(fake.tokens) == 2


def test_wrong_credentials_are_told_after_one_try(fake: FakeReddit, opened: Open) -> None:
    with pytest.raises(Unauthorized):
        opened(client_secret="wrong").fetch(Request("lumo"))

    assert len(fake.calls) == 1


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (Reply({"error": "invalid_grant", "error_description": f"no {CLIENT_SECRET}"}), Unauthorized),
        (Reply({}), BadAnswer),
        (Reply([]), BadAnswer),
        (Reply("null"), BadAnswer),
        (Reply('"text"'), BadAnswer),
        (Reply(b""), BadAnswer),
        (Reply({"access_token": "t", "expires_in": "soon", "scope": "*"}), BadAnswer),
        (Reply({"access_token": "t", "expires_in": 60, "scope": None}), BadAnswer),
        (Reply({"access_token": "t\n", "expires_in": 60, "scope": "*"}), BadSettings),
        (Reply({"access_token": "€", "expires_in": 60, "scope": "*"}), BadSettings),
        (HTML_PAGE, BadAnswer),
        (HTML_ERROR, Unreachable),
        (too_many(), RateLimited),
    ],
)
def test_a_bad_answer_with_the_token_is_a_connector_error(
    fake: FakeReddit, opened: Open, token: Reply, expected: type[ConnectorError]
) -> None:
    fake.fail_next(token)

    with pytest.raises(expected) as raised:
        opened().fetch(Request("lumo"))

    assert CLIENT_SECRET not in str(raised.value)


def _listing(**data: object) -> Reply:
    return Reply({"kind": "Listing", "data": data})


FAILURES = {
    "bad query": (Reply({"message": "Bad Request", "error": 400}, 400), BadQuery),
    "no credits": (Reply({"message": "Payment Required"}, 402), PaymentRequired),
    "forbidden": (FORBIDDEN_HTML, Forbidden),
    "no such subreddit": (Reply({"message": "Not Found", "error": 404}, 404), BadAnswer),
    "query too long": (Reply(b"", 414), BadQuery),
    "slow down": (too_many(), RateLimited),
    "html error": (HTML_ERROR, Unreachable),
    "cloudflare": (Reply("error code: 522", 522), Unreachable),
    "insufficient scope": (Reply({}, 403, {"www-authenticate": 'Bearer error="insufficient_scope"'}), Forbidden),
    "scope of no kind": (Reply({}, 403, {"www-authenticate": "Bearer"}), Forbidden),
    "special": (Reply("<html>", 415), BadAnswer),
    "html page": (HTML_PAGE, BadAnswer),
    "truncated": (TRUNCATED_JSON, BadAnswer),
    "cut off": (Reply({"kind": "Listing"}, cut=9), BadAnswer),
    "no body": (Reply(b""), BadAnswer),
    "no content": (Reply(b"", 204), BadAnswer),
    "null": (Reply("null"), BadAnswer),
    "list": (Reply([]), BadAnswer),
    "nothing": (Reply({}), BadAnswer),
    "children null": (_listing(after=None, children=None), BadAnswer),
    "children of another type": (_listing(after=None, children={"a": 1}), BadAnswer),
    "after of another type": (_listing(after=7, children=[]), BadAnswer),
    "after that is no name": (_listing(after="t3_a&limit=9", children=[]), BadAnswer),
    "NaN": (Reply('{"data": NaN}'), BadAnswer),
    "monstrous number": (Reply('{"data": ' + "9" * 5000 + "}"), BadAnswer),
    "nested": (Reply('{"data": ' + "[" * 200_000), BadAnswer),
    "large": (Reply(b'{"data": "' + b"x" * 5_100_000 + b'"}'), BadAnswer),
    "too many posts": (_listing(after=None, children=[{}] * 501), BadAnswer),
    "redirect elsewhere": (Reply(b"", 302, {"Location": "http://127.0.0.2:9/"}), AddressRefused),
    "redirect to nowhere": (Reply(b"", 302), AddressRefused),
    "silence": (HANG, Unreachable),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_every_failure_of_the_platform_is_a_connector_error(fake: FakeReddit, opened: Open, failure: str) -> None:
    reply, expected = FAILURES[failure]
    connector = opened(limits=HttpLimits(read=0.2) if failure == "silence" else None)
    connector.fetch(Request("lumo"))

    for call in (lambda: connector.fetch(Request("lumo", since=HOUR_AGO)), lambda: connector.reread(["t3_a"])):
        fake.fail_next(reply)
        with pytest.raises(ConnectorError) as raised:
            call()
        assert type(raised.value) is expected
        assert raised.value.subject == "our_reddit"


@pytest.mark.parametrize("error", [praw.exceptions.PRAWException("x"), prawcore.exceptions.PrawcoreException("x")])
def test_what_praw_itself_raises_is_translated(opened: Open, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(praw.Reddit, "request", fail)

    with pytest.raises(BadAnswer):
        opened().fetch(Request("lumo"))


def test_a_dead_host_is_unreachable_at_once(opened: Open) -> None:
    with pytest.raises(Unreachable):
        opened(base_url="http://127.0.0.1:1").fetch(Request("lumo"))


def test_a_private_host_is_refused_unless_allowed(fake: FakeReddit, opened: Open) -> None:
    with pytest.raises(AddressRefused):
        opened(allow_private=False).fetch(Request("lumo"))

    assert fake.calls == []


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("30", timedelta(seconds=30)),
        ("999999999", timedelta(minutes=15)),
        ("0", timedelta(seconds=1)),
        ("-5", None),
        ("abc", None),
        ("٣", None),
        ("Mon, 23 Nov 2026 12:02:00 GMT", timedelta(minutes=2)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(minutes=15)),
    ],
)
def test_the_wait_after_a_429_is_kept_within_bounds(
    fake: FakeReddit, opened: Open, retry_after: str, wait: timedelta | None
) -> None:
    connector = opened()
    connector.fetch(Request("lumo"))
    fake.fail_next(too_many(retry_after=retry_after.encode().decode("latin-1")))

    with pytest.raises(RateLimited) as raised:
        connector.fetch(Request("lumo"))

    assert raised.value.retry_after == wait


@pytest.mark.parametrize(
    ("reset", "wait"),
    [("120", timedelta(minutes=2)), ("31536000", timedelta(minutes=15)), ("soon", timedelta(minutes=15))],
)
def test_a_used_up_quota_pauses_the_source_without_a_sleep_and_ends(
    fake: FakeReddit, opened: Open, clock: Clock, reset: str, wait: timedelta
) -> None:
    connector = opened()
    fake.remaining, fake.reset = "0.0", reset
    connector.fetch(Request("lumo"))
    asked = len(fake.calls)

    with pytest.raises(RateLimited) as raised:
        connector.fetch(Request("lumo"))
    assert (raised.value.retry_after, len(fake.calls)) == (wait, asked)

    fake.remaining = "598.0"
    clock.advance(minutes=15)
    connector.fetch(Request("lumo"))
    assert len(fake.calls) == asked + 1


@pytest.mark.parametrize("remaining", [None, "nan", "-1", "many", "1e999", "3"])
def test_strange_pace_headers_neither_pause_nor_break_anything(
    fake: FakeReddit, opened: Open, remaining: str | None
) -> None:
    fake.remaining, fake.reset = remaining, "99999999999999999999"
    connector = opened()

    for _ in range(3):
        assert connector.fetch(Request("lumo")).returned == 0


def test_a_pause_does_not_outlast_a_clock_that_was_set_back(fake: FakeReddit, opened: Open, clock: Clock) -> None:
    connector = opened()
    fake.remaining = "0"
    connector.fetch(Request("lumo"))
    clock.advance(hours=-2)

    assert connector.fetch(Request("lumo")).returned == 0


@pytest.mark.parametrize(
    "options",
    [
        {"subreddits": ["no spaces"]},
        {"subreddits": ["../api/v1/me"]},
        {"subreddits": [], "search": False},
        {"user_agent": "linux:lumo:1\r\nX-Evil: 1"},
    ],
)
def test_settings_that_cannot_work_are_told(opened: Open, options: dict[str, Any]) -> None:
    with pytest.raises(BadSettings):
        opened(**options).fetch(Request("lumo"))


def test_a_praw_file_in_the_working_directory_changes_nothing(
    fake: FakeReddit, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "praw.ini").write_text("[DEFAULT]\nusername=mallory\npassword=x\nrefresh_token=y\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("praw_username", "mallory")
    monkeypatch.setattr(praw.config.Config, "CONFIG", None)

    opened().fetch(Request("lumo"))

    assert fake.calls[0].form == {"grant_type": "client_credentials"}


def test_secrets_show_nowhere(fake: FakeReddit, opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    connector = opened()
    connector.fetch(Request("lumo"))
    echoed = f"{CLIENT_SECRET} {fake.tokens[0]} may not do this"
    fake.fail_next(Reply({"message": echoed}, 403))

    with pytest.raises(Forbidden) as raised:
        connector.reread(["t3_a"])

    assert "may not do this" in str(raised.value)
    for shown in (str(raised.value), repr(raised.value), repr(connector), repr(connector.traits), caplog.text):
        assert CLIENT_SECRET not in shown
        assert fake.tokens[0] not in shown


def test_an_empty_page_after_a_post_that_is_still_there_is_the_end(fake: FakeReddit, opened: Open) -> None:
    last = fake.submit("lumo", HOUR_AGO)

    page = opened().fetch(Request("lumo", since=DAY_AGO, token=last))

    assert (page.mentions, page.next_token) == ((), None)


def test_what_is_said_of_a_record_that_cannot_be_read_is_short(fake: FakeReddit, opened: Open) -> None:
    child = {"kind": "t3", "data": {"name": "t3_a", "author": "a", "title": "x", "created_utc": "9" * 100_000}}
    fake.fail_next(None, Reply({"kind": "Listing", "data": {"after": None, "children": [child]}}))

    (reason,) = opened().fetch(Request("lumo")).skipped

    assert len(reason) <= 200


def test_the_walk_goes_on_after_a_post_that_is_still_there(fake: FakeReddit, opened: Open) -> None:
    names = [fake.submit("lumo", HOUR_AGO - timedelta(minutes=index)) for index in range(120)]
    for name in names[95:100]:
        fake.remove(name)
    connector = opened()

    first = connector.fetch(Request("lumo", since=DAY_AGO))
    second = connector.fetch(Request("lumo", since=DAY_AGO, token=first.next_token))

    assert first.next_token == names[94]
    assert {mention.native_id for mention in first.mentions + second.mentions} == {*names[:95], *names[100:]}
