"""Reading one child of a listing of Reddit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadMention
from connectors.reddit_post import is_fullname, parse_child

SUBMISSION: dict[str, Any] = {"name": "t3_abc", "author": "bob", "title": "Acme broke", "created_utc": 1_700_000_000.0}
COMMENT: dict[str, Any] = {"name": "t1_abc", "author": "eve", "body": "mine too", "created_utc": 1_700_000_000.0}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "id", "name", "author", "title", "selftext", "body", "created_utc", "permalink", "link_id", "parent_id", "score",
    "num_comments", "num_crossposts", "removed_by_category", "subreddit_subscribers",
]  # fmt: skip


@given(
    kind=st.sampled_from(["t1", "t3", "more", None]),
    record=st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, values)),
)
def test_a_hostile_child_is_refused_as_a_bad_mention_or_read(kind: str | None, record: dict[str, Any]) -> None:
    for data in (record, SUBMISSION | record, COMMENT | record):
        try:
            post = parse_child({"kind": kind, "data": data})
        except BadMention:
            continue
        assert is_fullname(post.fullname)


@given(child=values)
def test_what_is_no_child_is_refused(child: object) -> None:
    with pytest.raises(BadMention):
        parse_child(child)


def test_the_members_of_a_subreddit_are_no_followers() -> None:
    mention = parse_child({"kind": "t3", "data": SUBMISSION | {"subreddit_subscribers": 50_000}}).mention

    assert mention is not None
    assert mention.author.followers is None


@pytest.mark.parametrize(
    "change",
    [
        {"author": "[deleted]"},
        {"author": None},
        {"selftext": "[deleted]"},
        {"selftext": "[removed]"},
        {"selftext": "[ Removed by Reddit ]"},
        {"removed_by_category": "moderator"},
    ],
)
def test_content_that_was_taken_away_leaves_no_mention(change: dict[str, Any]) -> None:
    post = parse_child({"kind": "t3", "data": SUBMISSION | change})

    assert (post.fullname, post.mention) == ("t3_abc", None)


def test_a_comment_that_quotes_the_word_deleted_stays() -> None:
    mention = parse_child({"kind": "t1", "data": COMMENT | {"body": "they said [deleted] and laughed"}}).mention

    assert mention is not None


@pytest.mark.parametrize(
    "permalink", ["//evil.example/x", "https://evil.example/", "/r/a b", "/r/\\evil", 7, None, "/x"]
)
def test_a_strange_permalink_gives_no_link(permalink: object) -> None:
    mention = parse_child({"kind": "t3", "data": SUBMISSION | {"permalink": permalink}}).mention

    assert mention is not None
    assert mention.permalink is None


@pytest.mark.parametrize(("score", "likes"), [(7, 7), (-3, 0), (None, None), ("many", None)])
def test_votes_below_none_count_as_none(score: object, likes: int | None) -> None:
    mention = parse_child({"kind": "t1", "data": COMMENT | {"score": score}}).mention

    assert mention is not None
    assert mention.metrics.likes == likes


def test_a_child_without_a_name_gets_it_from_its_kind_and_id() -> None:
    record = {name: value for name, value in COMMENT.items() if name != "name"} | {"id": "xyz"}

    assert parse_child({"kind": "t1", "data": record}).fullname == "t1_xyz"
