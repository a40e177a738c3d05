"""Reading one post of X."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadMention
from connectors.x_post import id_at, is_id, parse_faults, parse_post, parse_posts, parse_users

POST: dict[str, Any] = {
    "id": "1301573587187331074",
    "text": "@acme app is down",
    "author_id": "1234567890",
    "created_at": "2026-11-20T10:30:00.000Z",
}
USERS: dict[str, dict[str, Any]] = {"1234567890": {"id": "1234567890", "username": "dev", "name": "Dev"}}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "id", "text", "author_id", "created_at", "conversation_id", "lang", "referenced_tweets", "referenced_posts",
    "edit_history_tweet_ids", "edit_history_post_ids", "note_tweet", "note_post", "public_metrics",
]  # fmt: skip


@given(record=values | st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, values)), user=values)
def test_a_hostile_post_is_refused_as_a_bad_mention_or_read(record: object, user: object) -> None:
    users = parse_users({"includes": {"users": [user, {"id": "1", "username": user, "public_metrics": user}]}})

    read, refused = parse_posts([record, POST | record if isinstance(record, dict) else record], users)
    assert len(read) + len(refused) in {1, 2}  # one where both are versions of the same post


@given(answer=st.fixed_dictionaries({}, optional={"includes": values, "errors": values}))
def test_hostile_users_and_errors_are_passed_over(answer: dict[str, Any]) -> None:
    assert all(isinstance(user, dict) for user in parse_users(answer).values())
    assert all(isinstance(fault, bool) for fault in parse_faults(answer).values())


@given(seconds=st.integers(1_330_000_000, 3_150_000_000))
def test_an_id_of_a_moment_is_no_larger_than_any_id_given_in_it_and_larger_than_all_before(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert id_at(moment - timedelta(milliseconds=1)) < id_at(moment)
    assert is_id(str(id_at(moment)))


def test_the_id_of_a_known_post_fits_its_time() -> None:
    """The victory post of the 44th president, 6 November 2012, 11:16 pm in Washington."""
    known = datetime(2012, 11, 7, 4, 16, tzinfo=UTC)

    assert id_at(known) <= 266031293945503744 < id_at(known + timedelta(minutes=1))


def test_an_edit_does_not_move_the_time_of_a_post() -> None:
    posted = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    history = [str(id_at(posted)), str(id_at(posted + timedelta(minutes=20)))]
    edited = POST | {"id": history[1], "edit_history_post_ids": history, "created_at": "2026-11-20T10:20:00.000Z"}

    read = parse_post(edited, USERS)

    assert (read.mention.native_id, read.mention.posted_at) == (history[0], posted)
    assert (read.id, read.newest_id) == (history[1], history[1])


def test_an_edit_history_that_contradicts_the_time_is_not_believed() -> None:
    read = parse_post(POST | {"edit_history_tweet_ids": ["12", POST["id"]]}, USERS)

    assert read.mention.posted_at == datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


def test_without_a_time_the_id_tells_it() -> None:
    record = {name: value for name, value in POST.items() if name != "created_at"}

    assert parse_post(record, USERS).mention.posted_at.date() == datetime(2020, 9, 3, tzinfo=UTC).date()


def test_of_two_versions_in_one_answer_the_newer_one_counts_whatever_their_order() -> None:
    old = POST | {"id": "10", "text": "old", "edit_history_tweet_ids": ["10", "11"]}
    new = POST | {"id": "11", "text": "new", "edit_history_tweet_ids": ["10", "11"]}

    for records in ([old, new], [new, old]):
        posts, _ = parse_posts(records, USERS)
        assert [post.mention.text for post in posts.values()] == ["new"]


@pytest.mark.parametrize(("said", "kept"), [("de", "de"), ("und", None), ("zxx", None), ("qme", None), (None, None)])
def test_a_language_that_is_none_is_unknown(said: str | None, kept: str | None) -> None:
    assert parse_post(POST | {"lang": said}, USERS).mention.lang == kept


@pytest.mark.parametrize("username", ["a/../b", "<b>", "x" * 60, 7, None])
def test_a_strange_username_gets_no_say_in_the_link(username: object) -> None:
    users = {"1234567890": {"username": username}}

    assert parse_post(POST, users).mention.permalink == "https://x.com/i/web/status/1301573587187331074"


@pytest.mark.parametrize(
    "change",
    [{"id": None}, {"id": "1/2"}, {"id": "٣"}, {"id": True}, {"text": None}, {"author_id": None},
     {"created_at": "soon"}, {"edit_history_tweet_ids": ["x"]},
     {"referenced_tweets": [{"type": "replied_to", "id": None}]}],
)  # fmt: skip
def test_a_post_that_lacks_what_a_mention_needs_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadMention):
        parse_post(POST | change, {})


def test_ids_as_numbers_are_read_as_text() -> None:
    read = parse_post(POST | {"id": 2124820252062646273, "edit_history_tweet_ids": [2124820252062646273]}, USERS)

    assert read.mention.native_id == "2124820252062646273"


def test_counts_under_the_new_name_are_read_too() -> None:
    read = parse_post(POST | {"public_metrics": {"like_count": 1, "repost_count": 2}}, USERS)

    assert (read.mention.metrics.likes, read.mention.metrics.reposts, read.mention.metrics.views) == (1, 2, None)
