"""What every connector owes its caller, whatever the platform does: a page or one of our errors, in bounded time."""

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, timedelta
from typing import Any

import pytest

from connectors.connector import Connector, Request
from connectors.cursor import Cursor, Limits
from connectors.errors import (
    AddressRefused,
    BadAnswer,
    BadQuery,
    ConnectorError,
    Forbidden,
    PaymentRequired,
    RateLimited,
    SourceGone,
    Unauthorized,
    Unreachable,
)
from connectors.http import HttpLimits
from connectors.mention import Mention
from connectors.walk import start_walk
from tests.contract.connector_subjects import NOW, SUBJECTS, Subject
from tests.fakes.server import HANG, HTML_ERROR, HTML_PAGE, TRUNCATED_JSON, Clock, FakeServer, Reply

DEEP = Reply("[" * 200_000)
NOT_A_NUMBER = Reply('{"hits": NaN, "data": NaN}')
MONSTROUS_NUMBER = Reply('{"hits": [' + "9" * 5_000 + "]}")
OUT_OF_RANGE = Reply('{"hits": 1e999, "data": 1e999}')
BOMB = Reply(gzip.compress(b" " * 40_000_000), headers={"Content-Encoding": "gzip"})
FALSE_GZIP = Reply(b"this is not packed", headers={"Content-Encoding": "gzip"})
TOO_LARGE = Reply(b" " * 5_000_001)
CUT = Reply('{"data": []}' + " " * 1_000, cut=500)
BYTES = Reply(b"\xff\xfe\x00\x01")
METADATA = Reply(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"})
BY_NUMBER = Reply(status=307, headers={"Location": "http://2130706433/"})
OTHER_SCHEME = Reply(status=302, headers={"Location": "file:///etc/passwd"})
WITH_USER = Reply(status=301, headers={"Location": "http://user:secret@127.0.0.1/"})

FAULTS: dict[str, tuple[Reply, type[ConnectorError]]] = {
    "400": (Reply({"message": "bad"}, 400), BadQuery),
    "401": (Reply({"message": "no"}, 401), Unauthorized),
    "402": (Reply({"title": "CreditsDepleted"}, 402), PaymentRequired),
    "403": (Reply("<h1>whoa there</h1>", 403, content_type="text/html"), Forbidden),
    "410": (Reply("gone", 410), SourceGone),
    "418": (Reply("teapot", 418), BadAnswer),
    "500": (Reply("", 500), Unreachable),
    "502 in HTML": (HTML_ERROR, Unreachable),
    "HTML for data": (HTML_PAGE, BadAnswer),
    "truncated JSON": (TRUNCATED_JSON, BadAnswer),
    "empty body": (Reply(b""), BadAnswer),
    "deep JSON": (DEEP, BadAnswer),
    "NaN": (NOT_A_NUMBER, BadAnswer),
    "5,000 digits": (MONSTROUS_NUMBER, BadAnswer),
    "1e999": (OUT_OF_RANGE, BadAnswer),
    "array for object": (Reply([1, 2]), BadAnswer),
    "null": (Reply("null"), BadAnswer),
    "wrong types": (Reply({"hits": "many", "data": 7, "kind": 3}), BadAnswer),
    "no UTF-8": (BYTES, BadAnswer),
    "gzip bomb": (BOMB, BadAnswer),
    "false gzip": (FALSE_GZIP, BadAnswer),
    "too large": (TOO_LARGE, BadAnswer),
    "cut off": (CUT, BadAnswer),
    "hang": (HANG, Unreachable),
    "redirect to metadata": (METADATA, AddressRefused),
    "redirect by number": (BY_NUMBER, AddressRefused),
    "redirect to a file": (OTHER_SCHEME, AddressRefused),
    "redirect with user": (WITH_USER, AddressRefused),
}
RETRY_AFTER: dict[str, timedelta | None] = {
    "7": timedelta(seconds=7),
    "0": timedelta(seconds=1),
    "999999999": timedelta(minutes=15),
    "1000000000000000000000000": None,
    "-5": None,
    "abc": None,
    "1e9": None,
    "7.5": None,
    "Mon, 01 Jun 2026 12:00:30 GMT": timedelta(seconds=30),
    "Mon, 01 Jun 2026 11:00:00 GMT": timedelta(seconds=1),
    "Fri, 31 Dec 9999 23:59:59 GMT": timedelta(minutes=15),
    "Mon, 99 Jun 2026 12:00:30 GMT": None,
    "": None,
}
HASTE = HttpLimits(connect=2.0, read=0.3, total=0.6)


@pytest.fixture(params=SUBJECTS, ids=lambda subject: subject.name)
def subject(request: pytest.FixtureRequest) -> Subject:
    chosen: Subject = request.param
    return chosen


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def fake(subject: Subject, clock: Clock) -> Iterator[Any]:
    with subject.fake(clock) as running:
        yield running


@pytest.fixture
def connector(subject: Subject, fake: FakeServer, clock: Clock) -> Iterator[Connector]:
    opened = subject.on(fake, clock)
    yield opened
    opened.close()


def ask(subject: Subject, **bounds: Any) -> Request:
    return Request(subject.query, **bounds)


def walk_through(connector: Connector, subject: Subject, clock: Clock) -> tuple[list[Mention], Cursor]:
    """Read everything that one poll of the source reads."""
    walk = start_walk(Cursor(), [subject.query], Limits.of(connector.traits, drain=True), clock())
    mentions: list[Mention] = []
    while (request := walk.request) is not None:
        page = connector.fetch(request)
        mentions += page.mentions
        walk = walk.take(page)
    return mentions, Cursor.from_json(json.loads(json.dumps(walk.cursor.to_json())))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_platform_is_one_of_our_errors(subject: Subject, fake: Any, clock: Clock, fault: str) -> None:
    reply, expected = FAULTS[fault]
    limits = HASTE if fault == "hang" else None
    fake.fail_next(*[None] * subject.warm_up, *[reply] * 5)
    with closing(subject.on(fake, clock, limits=limits)) as connector, pytest.raises(expected) as raised:
        connector.fetch(ask(subject, since=NOW - timedelta(hours=1)))
    assert len(str(raised.value)) < 600
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("value", RETRY_AFTER)
def test_the_wait_that_a_429_asks_for_is_read_strictly_and_clamped(
    subject: Subject, fake: Any, connector: Connector, value: str
) -> None:
    reply = Reply({"message": "slow down"}, 429, {"Retry-After": value})
    fake.fail_next(*[None] * subject.warm_up, *[reply] * 5)
    with pytest.raises(RateLimited) as raised:
        connector.fetch(ask(subject))
    assert raised.value.retry_after == RETRY_AFTER[value]


def test_a_dead_host_is_unreachable(subject: Subject, clock: Clock) -> None:
    with subject.fake(clock) as stopped:
        address = stopped.url
    with closing(subject.open(address, True, clock, None)) as connector, pytest.raises(Unreachable):
        connector.fetch(ask(subject))


def test_loopback_is_refused_unless_it_was_allowed(subject: Subject, fake: Any, clock: Clock) -> None:
    with closing(subject.on(fake, clock, private=False)) as connector, pytest.raises(AddressRefused):
        connector.fetch(ask(subject))
    assert fake.calls == []


def test_an_empty_platform_gives_an_empty_page(subject: Subject, connector: Connector) -> None:
    page = connector.fetch(ask(subject))
    assert (page.mentions, page.deleted, page.next_token, page.skipped) == ((), (), None, ())


def test_everything_published_is_returned_once_with_text_ids_and_utc_times(
    subject: Subject, fake: Any, connector: Connector, clock: Clock
) -> None:
    published = {
        subject.publish(fake, f"lumo number {number}", NOW - timedelta(minutes=number)) for number in range(230, 0, -1)
    }
    mentions, _ = walk_through(connector, subject, clock)
    assert {mention.native_id for mention in mentions} == published
    assert all(type(mention.native_id) is str for mention in mentions)
    assert all(mention.posted_at.tzinfo is UTC for mention in mentions)
    assert all(mention.platform == connector.platform or connector.platform == "rss" for mention in mentions)
    assert all(mention.permalink and mention.permalink.startswith("http") for mention in mentions)


def test_ids_of_a_page_are_unique_and_its_state_and_token_can_be_stored(
    subject: Subject, fake: Any, connector: Connector
) -> None:
    for number in range(130):
        subject.publish(fake, f"lumo number {number}", NOW - timedelta(minutes=number))
    page = connector.fetch(ask(subject, since=NOW - timedelta(hours=24)))
    ids = [mention.native_id for mention in page.mentions]
    assert len(ids) == len(set(ids)) > 0
    assert json.loads(json.dumps(dict(page.state))) == dict(page.state)
    assert page.next_token is None or len(page.next_token) < 4_000


def test_unknown_keys_are_ignored_and_optional_ones_may_be_missing(
    subject: Subject, fake: Any, connector: Connector
) -> None:
    subject.strange(fake)
    native_id = subject.publish(fake, "the lumo lamp 💡 is dead", NOW - timedelta(minutes=5))
    (mention,) = connector.fetch(ask(subject)).mentions
    assert mention.native_id == native_id
    assert "the lumo lamp 💡 is dead" in mention.text


def test_a_source_recovers_after_a_fault(subject: Subject, fake: Any, connector: Connector) -> None:
    native_id = subject.publish(fake, "lumo is back", NOW - timedelta(minutes=5))
    fake.fail_next(*[None] * subject.warm_up, *[HTML_ERROR] * 5)
    with pytest.raises(Unreachable):
        connector.fetch(ask(subject))
    fake._planned.clear()
    assert [mention.native_id for mention in connector.fetch(ask(subject)).mentions] == [native_id]
