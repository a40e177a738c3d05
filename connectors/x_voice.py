"""Answering on X as an account of ours, by its own keys. Apart from reading, whose bearer token cannot write.

X lets a program answer only whom the account was addressed by: a post that names it, or that answers one of its posts.
"""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

import requests
import tweepy

from connectors.answer import expect_object, parse_json, parse_reset, platform_detail, raise_for_status
from connectors.connector import Sent
from connectors.errors import (
    BadAnswer,
    BadSettings,
    Forbidden,
    PerhapsSent,
    RateLimited,
    SaidBefore,
    Unreachable,
)
from connectors.http import HttpLimits
from connectors.mention import Mention
from connectors.options import XOptions
from connectors.session import GuardedAdapter
from connectors.x_post import is_id

SIGNED_HOST = "https://api.twitter.com"
"""The signature of a request covers its host, so that it goes to the very host that tweepy signs for."""

LIMITS = HttpLimits(connect=4.0, read=8.0, total=10.0)
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}", re.ASCII)
_DUPLICATE = "duplicate content"


class XVoice:
    """One account that answers. `account` is None where the config gives none, and `refusal` says so."""

    def __init__(
        self, name: str, options: XOptions, *, clock: Callable[[], datetime], limits: HttpLimits | None
    ) -> None:
        self._name, self._clock = name, clock
        keys = (
            options.reply_consumer_key,
            options.reply_consumer_secret,
            options.reply_access_token,
            options.reply_access_secret,
        )
        self._keys = tuple(key.get_secret_value().strip() for key in keys if key is not None)
        self.account = (options.reply_as or "").strip().removeprefix("@") or None
        self.refusal = "the source names no account to answer as (`reply_as`)"
        if self.account is not None and not _HANDLE.fullmatch(self.account):
            raise BadSettings(name, "reply_as is no handle of X")
        if self.account is not None and (len(self._keys) != len(keys) or not all(self._keys)):
            raise BadSettings(
                name, "reply_as needs all four keys: reply_consumer_key, …_secret, reply_access_token, …_secret"
            )
        self._adapter = GuardedAdapter(
            name,
            hosts={SIGNED_HOST: options.base_url or SIGNED_HOST},
            allow_private=options.allow_private,
            limits=limits or LIMITS,
            clock=clock,
        )

    def may_reply(self, mention: Mention, *, to_ours: bool = False) -> str | None:
        """Return why X does not let a program answer this post, or None."""
        if self.account is None:
            return self.refusal
        if not is_id(mention.native_id) or mention.repost_of is not None:
            return "this is no post that X lets anybody answer"
        named = re.search(rf"(?<![\w@])@{re.escape(self.account)}(?!\w)", mention.text, re.IGNORECASE)
        if named or to_ours:
            return None
        return f"X lets a program answer only those who addressed the account: this post does not name @{self.account}"

    def reply(self, mention: Mention, text: str, key: str) -> Sent:
        """Post a reply once; what has no clear end raises PerhapsSent."""
        refusal = self.may_reply(mention, to_ours=True)
        if refusal is not None:
            raise BadSettings(self._name, refusal)
        client = self._open()
        try:
            response = client.create_tweet(text=text, in_reply_to_tweet_id=mention.native_id, user_auth=True)
            posted = self._posted(cast("requests.Response", response).content)
        except (Unreachable, BadAnswer) as error:
            raise PerhapsSent(self._name, f"reply {key} has no clear end: {error.cause}") from error
        except (tweepy.TweepyException, requests.RequestException) as error:
            raise PerhapsSent(self._name, f"reply {key} has no clear end ({type(error).__name__})") from None
        return Sent(posted, f"https://x.com/{self.account}/status/{posted}")

    def _posted(self, body: bytes) -> str:
        """Return the id of the new post; raises BadAnswer."""
        answer = expect_object(self._name, parse_json(self._name, body))
        posted = expect_object(self._name, answer.get("data"), "data").get("id")
        if not isinstance(posted, str) or not is_id(posted):
            raise BadAnswer(self._name, "the answer names no post")
        return posted

    def check_voice(self) -> str:
        """Return whose keys these are; raises ConnectorError where they are not of `reply_as`, or may only read."""
        if self.account is None:
            raise BadSettings(self._name, self.refusal)
        try:
            response = cast("requests.Response", self._open().get_me(user_auth=True))
        except (tweepy.TweepyException, requests.RequestException) as error:
            raise Unreachable(self._name, f"the account could not be asked for ({type(error).__name__})") from None
        found = expect_object(self._name, parse_json(self._name, response.content))
        username = expect_object(self._name, found.get("data"), "data").get("username")
        if not isinstance(username, str) or username.casefold() != self.account.casefold():
            raise BadSettings(self._name, f"the keys are those of another account than @{self.account}")
        if response.headers.get("x-access-level", "read-write") == "read":
            raise Forbidden(
                self._name, f"the keys of @{username} may only read", "give the app write access, then new keys"
            )
        return username

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()

    def _open(self) -> tweepy.Client:
        """Open tweepy behind the guard, with the keys of the account; it neither waits nor tries again."""
        logging.getLogger("tweepy.client").setLevel(logging.INFO)
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        keys: Mapping[str, Any] = dict(zip(names, self._keys, strict=True))
        client = tweepy.Client(**keys, return_type=requests.Response, wait_on_rate_limit=False)
        session = cast("requests.Session", client.session)
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", self._adapter)
        session.hooks["response"].append(self._judge)
        return client

    def _judge(self, response: requests.Response, **_: Any) -> None:
        """Raise what a failed answer means, before tweepy sees it."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        now, status = self._clock(), response.status_code
        if status == 429 and "retry-after" not in headers:
            cause = "the platform asks us to slow down (429)"
            raise RateLimited(self._name, cause, parse_reset(headers.get("x-rate-limit-reset"), now))
        if status == 403 and _DUPLICATE in (platform_detail(response.content) or "").casefold():
            raise SaidBefore(self._name, "X has these very words of the account already")
        raise_for_status(self._name, status, headers, now, body=response.content, secrets=self._keys)
