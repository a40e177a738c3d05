"""Answering directly, with the real tweepy and praw against fakes: once, as the right account, never by guessing."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.connector import Replier
from connectors.errors import (
    BadSettings,
    ConnectorError,
    Forbidden,
    PaymentRequired,
    PerhapsSent,
    RateLimited,
    SaidBefore,
    Unauthorized,
)
from connectors.http import HttpLimits
from connectors.mention import Author, Mention
from connectors.options import RedditOptions, XOptions
from connectors.reddit import RedditConnector
from connectors.registry import KINDS, open_connector, options_type
from connectors.x import XConnector
from tests.fakes import reddit as fake_reddit
from tests.fakes import x as fake_x
from tests.fakes.reddit import OWN, FakeReddit, too_many
from tests.fakes.server import HANG, HTML_ERROR, TRUNCATED_JSON, Clock, Reply
from tests.fakes.x import CLIENT_FORBIDDEN, CREDITS_DEPLETED, FakeX, rate_limited

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WORDS = "We are sorry. Which lamp is it?"
QUICK = HttpLimits(connect=0.5, read=0.3, total=0.5)


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(seconds: float) -> None:
        raise AssertionError(f"something sleeps for {seconds} s")

    monkeypatch.setattr(time, "sleep", refuse)


OPENED: list[XConnector | RedditConnector] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture
def x() -> Iterator[FakeX]:
    with FakeX(Clock(NOW)) as server:
        yield server


@pytest.fixture
def reddit() -> Iterator[FakeReddit]:
    with FakeReddit(Clock(NOW)) as server:
        yield server


def open_x(fake: FakeX, limits: HttpLimits | None = None, **options: Any) -> XConnector:
    given = {"reply_as": "lumo", **fake_x.KEYS, **options}
    read = XOptions(kind="x", token=fake_x.TOKEN, base_url=fake.url, allow_private=True, **given)
    connector = XConnector("birds", read, clock=Clock(NOW), limits=limits)
    OPENED.append(connector)
    return connector


def open_reddit(fake: FakeReddit, limits: HttpLimits | None = None, **options: Any) -> RedditConnector:
    given = {"reply_as": OWN, "reply_approved": True, "reply_password": fake_reddit.PASSWORD, **options}
    read = RedditOptions(
        kind="reddit", client_id=fake_reddit.CLIENT_ID, client_secret=fake_reddit.CLIENT_SECRET,
        user_agent=fake_reddit.USER_AGENT, base_url=fake.url, allow_private=True, **given,
    )  # fmt: skip
    connector = RedditConnector("reddit", read, clock=Clock(NOW), limits=limits)
    OPENED.append(connector)
    return connector


def post(platform: str, native_id: str, text: str = "@Lumo my lamp is dead") -> Mention:
    return Mention(platform, native_id, Author("kim"), text, NOW - timedelta(hours=1))


def x_post(fake: FakeX) -> Mention:
    return post("x", fake.publish("@lumo my lamp is dead", NOW - timedelta(hours=1)))


def reddit_post(fake: FakeReddit) -> Mention:
    return post("reddit", fake.submit("My lamp is dead", NOW - timedelta(hours=1)))


def test_a_reply_stands_below_the_post_on_x(x: FakeX) -> None:
    mention = x_post(x)
    sent = open_x(x).reply(mention, WORDS, "1:1")
    (said,) = x.own_replies()
    assert (said.newest.text, said.reply_to) == (WORDS, mention.native_id)
    assert sent.native_id == said.id
    assert sent.permalink == f"https://x.com/lumo/status/{said.id}"
    assert [call.path for call in x.calls] == ["/2/tweets"]


def test_a_reply_stands_below_the_post_on_reddit(reddit: FakeReddit) -> None:
    mention = reddit_post(reddit)
    sent = open_reddit(reddit).reply(mention, WORDS, "1:1")
    (said,) = reddit.own_comments()
    assert (said.text, said.parent) == (WORDS, mention.native_id)
    assert (sent.native_id, sent.permalink) == (
        said.fullname, f"https://www.reddit.com/r/lumo/comments/{mention.native_id[3:]}/a_title/{said.fullname[3:]}/"
    )  # fmt: skip
    comment = post("reddit", reddit.comment(mention.native_id, "And mine", NOW))
    token = open_reddit(reddit, reply_password=None, reply_refresh_token=fake_reddit.REFRESH_TOKEN)
    token.reply(comment, "Yours as well?", "2:1")
    assert reddit.own_comments()[1].parent == comment.native_id


@pytest.mark.parametrize(
    ("text", "to_ours", "allowed"),
    [
        ("@lumo my lamp is dead", False, True),
        ("hey (@LUMO): dead", False, True),
        ("lumo lamp is dead", False, False),
        ("@lumos is dead", False, False),
        ("mail me@lumo", False, False),
        ("it still is", True, True),
    ],
)
def test_x_is_answered_only_where_the_author_addressed_the_account(
    x: FakeX, text: str, to_ours: bool, allowed: bool
) -> None:
    reason = open_x(x).may_reply(post("x", "1", text), to_ours=to_ours)
    assert (reason is None) is allowed
    assert allowed or "only those who addressed the account" in str(reason)


def test_nothing_goes_out_below_a_repost_or_an_unapproved_app(x: FakeX, reddit: FakeReddit) -> None:
    repost = replace(x_post(x), repost_of="5")
    with pytest.raises(BadSettings, match="no post that X lets anybody answer"):
        open_x(x).reply(repost, WORDS, "1:1")
    unapproved = open_reddit(reddit, reply_approved=False)
    assert unapproved.traits.replies_as is None
    assert "approved apps alone" in unapproved.traits.no_replies
    with pytest.raises(BadSettings, match="approved apps alone"):
        unapproved.reply(reddit_post(reddit), WORDS, "1:1")
    assert (x.own_replies(), reddit.own_comments(), reddit.calls) == ([], [], [])


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (CLIENT_FORBIDDEN, Forbidden),
        (CREDITS_DEPLETED, PaymentRequired),
        (rate_limited(int(NOW.timestamp()) + 60), RateLimited),
    ],
)
def test_a_refusal_of_x_says_that_nothing_was_posted_and_is_not_tried_again(
    x: FakeX, reply: Reply, error: type[ConnectorError]
) -> None:
    mention = x_post(x)
    x.fail_next(reply)
    with pytest.raises(error):
        open_x(x).reply(mention, WORDS, "1:1")
    assert (x.own_replies(), len(x.calls)) == ([], 1)


@pytest.mark.parametrize("reply", [HTML_ERROR, TRUNCATED_JSON, HANG, Reply({"data": {}}, 201), Reply("", 201)])
def test_what_fails_after_the_post_was_made_is_perhaps_sent_on_both(x: FakeX, reddit: FakeReddit, reply: Reply) -> None:
    x.after_post = reddit.after_post = reply
    with pytest.raises(PerhapsSent, match="reply 1:1 has no clear end"):
        open_x(x, QUICK).reply(x_post(x), WORDS, "1:1")
    with pytest.raises(PerhapsSent, match="reply 2:1 has no clear end"):
        open_reddit(reddit, QUICK).reply(reddit_post(reddit), WORDS, "2:1")
    assert (len(x.own_replies()), len(reddit.own_comments())) == (1, 1)
    assert [call.method for call in x.calls] == ["POST"]
    assert [call.path for call in reddit.calls].count("/api/comment/") == 1


def test_the_same_words_twice_are_refused_by_x_itself(x: FakeX) -> None:
    mention = x_post(x)
    open_x(x).reply(mention, WORDS, "1:1")
    with pytest.raises(SaidBefore):
        open_x(x).reply(mention, WORDS, "1:2")
    assert len(x.own_replies()) == 1


def test_reddit_refuses_in_its_own_words_and_nothing_waits(reddit: FakeReddit) -> None:
    mention = reddit_post(reddit)
    reddit.refusal = ("RATELIMIT", "you are doing that too much. Take a break for 1 second.", "ratelimit")
    with pytest.raises(Forbidden, match="doing that too much"):
        open_reddit(reddit).reply(mention, WORDS, "1:1")
    reddit.refusal = None
    reddit.fail_next(None, None, too_many(retry_after="9"))
    with pytest.raises(RateLimited):
        open_reddit(reddit).reply(mention, WORDS, "1:1")
    assert reddit.own_comments() == []


def test_reddit_is_given_no_comment_where_the_login_fails_or_is_of_another(reddit: FakeReddit) -> None:
    mention = reddit_post(reddit)
    with pytest.raises(Unauthorized):
        open_reddit(reddit, reply_password="wrong").reply(mention, WORDS, "1:1")
    other = open_reddit(reddit, reply_as="somebody", reply_password=None, reply_refresh_token=fake_reddit.REFRESH_TOKEN)
    with pytest.raises(BadSettings, match="another account than u/somebody"):
        other.reply(mention, WORDS, "1:1")
    assert reddit.own_comments() == []


def test_credentials_are_verified_without_posting(x: FakeX, reddit: FakeReddit) -> None:
    assert open_x(x).check_voice() == "lumo"
    assert open_reddit(reddit).check_voice() == OWN
    x.access, reddit.scope = "read", "read identity"
    with pytest.raises(Forbidden, match="may only read"):
        open_x(x).check_voice()
    with pytest.raises(Forbidden, match="lacks the scope submit"):
        open_reddit(reddit).check_voice()
    with pytest.raises(BadSettings, match="another account than @other"):
        open_x(x, reply_as="other").check_voice()
    assert (x.own_replies(), reddit.own_comments()) == ([], [])


def test_no_secret_stands_in_an_error(x: FakeX) -> None:
    said = " ".join(fake_x.KEYS.values())
    x.fail_next(fake_x.problem(403, "Forbidden", f"not with {said}"))
    with pytest.raises(Forbidden) as error:
        open_x(x).reply(x_post(x), WORDS, "1:1")
    assert not any(secret in str(error.value) for secret in fake_x.KEYS.values())


def test_half_a_set_of_keys_is_refused_at_once(x: FakeX, reddit: FakeReddit) -> None:
    with pytest.raises(BadSettings, match="all four keys"):
        open_x(x, reply_access_secret=None)
    with pytest.raises(BadSettings, match="either reply_password or reply_refresh_token"):
        open_reddit(reddit, reply_password=None)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_without_an_account_says_why_it_sends_nothing(kind: str) -> None:
    needed = {"path": "builtin:lumo", "token": "t", "client_id": "i", "client_secret": "s", "user_agent": "u",
              "url": "https://lumo.example/feed"}  # fmt: skip
    model = options_type(kind)
    options = model(kind=kind, **{name: value for name, value in needed.items() if name in model.model_fields})
    try:
        connector = open_connector("one", options)
    except ConnectorError:
        assert kind == "csv"
        return
    connector.close()
    assert connector.traits.replies_as is None
    assert connector.traits.no_replies
    assert isinstance(connector, Replier) is (kind in {"x", "reddit"})
