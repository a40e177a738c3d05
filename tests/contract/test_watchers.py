"""What every connector that watches threads owes its caller; on the fakes, with the real client libraries."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.connector import Connector, Watcher
from connectors.errors import BadAnswer, ConnectorError, RateLimited, Unauthorized, Unreachable
from tests.contract.connector_subjects import SUBJECTS, Subject
from tests.fakes.reddit import FakeReddit
from tests.fakes.server import HTML_ERROR, HTML_PAGE, TRUNCATED_JSON, Clock, Reply
from tests.fakes.x import Account, FakeX

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR_AGO = NOW - timedelta(hours=1)
KNOWN = {subject.name.removesuffix(" search"): subject for subject in SUBJECTS}


@dataclass(frozen=True)
class Place:
    """How a thread is begun and answered on one platform; `answer` takes the parent's id, a text, a time, an author."""

    begin: Callable[[Any, datetime], str]
    answer: Callable[[Any, str, str, datetime, str], str]


def _on_x(fake: FakeX, parent: str, text: str, at: datetime, author: str) -> str:
    return fake.publish(text, at, author=Account(f"{sum(author.encode())}", author, author), reply_to=parent)


PLACES = {
    "x": Place(lambda fake, at: str(fake.publish("@lumo broken", at)), _on_x),
    "reddit": Place(
        lambda fake, at: str(fake.submit("lumo broken", at)),
        lambda fake, parent, text, at, author: str(fake.comment(parent, text, at, author=author)),
    ),
}


@pytest.fixture(params=PLACES)
def subject(request: pytest.FixtureRequest) -> Subject:
    return KNOWN[request.param]


@pytest.fixture
def place(subject: Subject) -> Place:
    return PLACES[subject.name.partition(" ")[0]]


@pytest.fixture
def fake(subject: Subject) -> Iterator[Any]:
    with subject.fake(Clock(NOW)) as running:
        yield running


@pytest.fixture
def watcher(subject: Subject, fake: Any) -> Iterator[Watcher]:
    connector: Connector = subject.on(fake, Clock(NOW))
    with closing(connector):
        assert connector.traits.watches_threads
        assert isinstance(connector, Watcher)
        yield connector


def minutes_ago(number: float) -> datetime:
    return NOW - timedelta(minutes=number)


def test_every_answer_in_the_threads_is_returned_oldest_first(place: Place, fake: Any, watcher: Watcher) -> None:
    first, second = place.begin(fake, minutes_ago(50)), place.begin(fake, minutes_ago(49))
    one = place.answer(fake, first, "us too", minutes_ago(40), "bob")
    two = place.answer(fake, one, "we are on it", minutes_ago(30), "lumo")
    other = place.answer(fake, second, "same", minutes_ago(20), "eve")
    elsewhere = place.answer(fake, place.begin(fake, minutes_ago(48)), "not asked for", minutes_ago(10), "eve")

    found = watcher.read_threads([first, second], HOUR_AGO)

    ids = [mention.native_id for mention in found.mentions]
    assert [one for one in ids if one not in (first, second)] == [one, two, other]
    assert elsewhere not in ids
    assert {mention.thread_id for mention in found.mentions} == {first, second}
    assert found.whole
    assert found.returned >= 3


def test_what_was_written_before_the_time_is_left_out(place: Place, fake: Any, watcher: Watcher) -> None:
    thread = place.begin(fake, minutes_ago(300))
    place.answer(fake, thread, "long ago", minutes_ago(200), "bob")
    late = place.answer(fake, thread, "just now", minutes_ago(5), "bob")
    assert [one.native_id for one in watcher.read_threads([thread], HOUR_AGO).mentions] == [late]


def test_the_own_timeline_brings_what_our_accounts_answered(place: Place, fake: Any, watcher: Watcher) -> None:
    thread = place.begin(fake, minutes_ago(50))
    ours = place.answer(fake, thread, "sorry, we look into it", minutes_ago(9), "lumo")
    helped = place.answer(fake, thread, "please write to us", minutes_ago(8), "lumohelp")
    place.answer(fake, thread, "same here", minutes_ago(7), "bob")
    found = watcher.read_voices(["lumo", "lumohelp", "not a handle!"], HOUR_AGO)
    assert {one.native_id for one in found.mentions} == {ours, helped}
    assert {one.parent_id for one in found.mentions} == {thread}


def test_nothing_is_asked_where_no_id_is_the_platforms(fake: Any, watcher: Watcher) -> None:
    assert watcher.read_threads(["no thread of this platform", "../x"], HOUR_AGO).mentions == ()
    assert watcher.read_voices(["no handle at all"], HOUR_AGO).mentions == ()
    assert fake.calls == []


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply({"message": "no"}, 401), Unauthorized),
        (Reply({"message": "slow"}, 429, {"Retry-After": "9"}), RateLimited),
        (HTML_ERROR, Unreachable),
        (HTML_PAGE, BadAnswer),
        (TRUNCATED_JSON, BadAnswer),
        (Reply({"nothing": 1}), BadAnswer),
        (Reply([1, 2]), BadAnswer),
    ],
)
def test_a_fault_of_the_platform_is_one_of_our_errors(
    subject: Subject, place: Place, fake: Any, watcher: Watcher, reply: Reply, expected: type[ConnectorError]
) -> None:
    thread = place.begin(fake, minutes_ago(9))
    fake.fail_next(*[None] * subject.warm_up, *[reply] * 5)
    with pytest.raises(expected):
        watcher.read_threads([thread], HOUR_AGO)


def test_x_puts_as_many_threads_into_a_query_as_it_may_hold() -> None:
    with FakeX(Clock(NOW)) as fake, closing(KNOWN["x"].on(fake, Clock(NOW))) as connector:
        threads = [fake.publish("@lumo broken", minutes_ago(50)) for _ in range(30)]
        answers = {_on_x(fake, thread, "same", minutes_ago(9), "bob") for thread in threads}
        assert isinstance(connector, Watcher)
        found = connector.read_threads(threads, HOUR_AGO)
        assert answers <= {one.native_id for one in found.mentions}
        queries = [call.params["query"] for call in fake.calls]
        assert len(queries) == 3
        assert all(len(query) <= 512 for query in queries)


def test_x_buys_no_more_posts_than_it_may_and_says_so() -> None:
    with FakeX(Clock(NOW)) as fake, closing(KNOWN["x"].on(fake, Clock(NOW))) as connector:
        thread = fake.publish("@lumo broken", minutes_ago(50))
        for number in range(60):
            _on_x(fake, thread, "same", minutes_ago(40 - number / 2), "bob")
        assert isinstance(connector, Watcher)
        found = connector.read_threads([thread], HOUR_AGO, most=20)
        assert (found.returned, len(fake.returned), found.whole) == (20, 20, False)


def test_x_reads_threads_also_where_its_source_is_the_mentions_of_an_account() -> None:
    with FakeX(Clock(NOW)) as fake, closing(KNOWN["x mentions"].on(fake, Clock(NOW))) as connector:
        thread = fake.publish("@lumo broken", minutes_ago(50))
        answer = _on_x(fake, thread, "same", minutes_ago(9), "bob")
        assert isinstance(connector, Watcher)
        assert answer in [one.native_id for one in connector.read_threads([thread], HOUR_AGO).mentions]


def test_reddit_looks_up_the_comments_that_a_tree_only_counts_and_says_which_are_gone() -> None:
    with FakeReddit(Clock(NOW)) as fake, closing(KNOWN["reddit"].on(fake, Clock(NOW))) as connector:
        fake.tree_limit = 5
        thread = fake.submit("lumo broken", minutes_ago(50))
        comments = [fake.comment(thread, f"answer {number}", minutes_ago(40 - number)) for number in range(12)]
        fake.remove(comments[0])
        fake.remove(comments[11], "removed")
        assert isinstance(connector, Watcher)
        found = connector.read_threads([thread], HOUR_AGO)
        assert [one.native_id for one in found.mentions if one.native_id != thread] == comments[1:11]
        assert set(found.gone) == {comments[0], comments[11]}
        assert found.whole
