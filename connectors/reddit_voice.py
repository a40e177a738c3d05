"""Answering on Reddit as an account of ours, through an app that Reddit has approved for it.

The account is asked for its name first, so that whatever fails until then has certainly posted nothing.
"""

import configparser
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import praw
import prawcore
import requests

from connectors.answer import parse_retry_after, raise_for_status, redacted
from connectors.connector import Sent
from connectors.errors import (
    BadAnswer,
    BadSettings,
    ConnectorError,
    Forbidden,
    PerhapsSent,
    RateLimited,
    Unauthorized,
    Unreachable,
)
from connectors.http import HttpLimits
from connectors.mention import Mention
from connectors.options import RedditOptions
from connectors.reddit_post import is_fullname
from connectors.session import GuardedAdapter

_SITE, _API = "https://www.reddit.com", "https://oauth.reddit.com"
LIMITS = HttpLimits(connect=3.0, read=6.0, total=7.0)
"""Three calls make a reply: the token, the name of the account, the comment."""

_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{3,20}", re.ASCII)
_PACE_HEADERS = ("x-ratelimit-used", "x-ratelimit-remaining", "x-ratelimit-reset")


class RedditVoice:
    """One account that answers. `account` is None where nobody may answer as it, and `refusal` says why."""

    def __init__(
        self, name: str, options: RedditOptions, *, clock: Callable[[], datetime], limits: HttpLimits | None
    ) -> None:
        self._name, self._options, self._clock = name, options, clock
        wanted = (options.reply_as or "").strip().removeprefix("u/") or None
        self.refusal = "the source names no account to answer as (`reply_as`)"
        if wanted is not None and not _ACCOUNT.fullmatch(wanted):
            raise BadSettings(name, "reply_as is no account of Reddit")
        if wanted is not None and (options.reply_password is None) == (options.reply_refresh_token is None):
            raise BadSettings(name, "reply_as needs either reply_password or reply_refresh_token")
        if wanted is not None and not options.reply_approved:
            self.refusal = "Reddit lets approved apps alone answer: say `reply_approved: true` once yours is"
        self.account = wanted if options.reply_approved else None
        base = options.base_url
        self._adapter = GuardedAdapter(
            name,
            hosts={_SITE: base or _SITE, _API: base or _API},
            allow_private=options.allow_private,
            drop_headers=_PACE_HEADERS,
            limits=limits or LIMITS,
            clock=clock,
        )

    def may_reply(self, mention: Mention, *, to_ours: bool = False) -> str | None:
        """Return why this post cannot be answered from here, or None; Reddit asks for no address to the account."""
        if self.account is None:
            return self.refusal
        return None if is_fullname(mention.native_id) else "this is no post or comment of Reddit"

    def reply(self, mention: Mention, text: str, key: str) -> Sent:
        """Post a comment once; what has no clear end raises PerhapsSent."""
        refusal = self.may_reply(mention)
        if refusal is not None:
            raise BadSettings(self._name, refusal)
        client = self._open()
        self._logged_in(client)
        kind, _, short = mention.native_id.partition("_")
        try:
            thing: Any = client.comment(short) if kind == "t1" else client.submission(short)
            posted = thing.reply(text)
        except prawcore.exceptions.RequestException as error:
            raise self._ended(error.original_exception, key) from None
        except praw.exceptions.RedditAPIException as error:
            cause = redacted(str(error), self._secrets())
            raise Forbidden(
                self._name, f"the platform takes no such comment: {cause}", "read why, then decide"
            ) from None
        except (prawcore.exceptions.PrawcoreException, praw.exceptions.PRAWException) as error:
            raise PerhapsSent(self._name, f"reply {key} has no clear end ({type(error).__name__})") from None
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            # praw takes the answer as it comes: what is not as documented may stand there all the same
            raise PerhapsSent(self._name, f"reply {key} has no clear end ({type(error).__name__})") from None
        return self._sent(posted, key)

    def check_voice(self) -> str:
        """Return whose account this is; raises ConnectorError where it is not `reply_as`, or may not comment."""
        if self.account is None:
            raise BadSettings(self._name, self.refusal)
        client = self._open()
        name = self._logged_in(client)
        scopes = client.auth.scopes()
        if not {"*", "submit"} & set(scopes):
            raise Forbidden(self._name, f"the token of u/{name} lacks the scope submit", "make a token with it")
        return name

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()

    def _logged_in(self, client: praw.Reddit) -> str:
        """Return the name of the account, having seen that it is ours."""
        try:
            me = client.user.me()
            name = str(vars(me).get("name", "")) if me is not None else ""
        except prawcore.exceptions.RequestException as error:
            raise self._unwrapped(error.original_exception) from None
        except prawcore.exceptions.OAuthException as error:
            cause = redacted(str(error), self._secrets())
            raise Unauthorized(self._name, f"the platform gives no token: {cause}") from None
        except (prawcore.exceptions.PrawcoreException, praw.exceptions.PRAWException) as error:
            raise BadAnswer(self._name, f"praw gave up ({type(error).__name__})") from None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise BadAnswer(self._name, f"the token is not as documented ({type(error).__name__})") from None
        if self.account is None or name.casefold() != self.account.casefold():
            raise BadSettings(self._name, f"the credentials are those of another account than u/{self.account}")
        return name

    def _sent(self, posted: Any, key: str) -> Sent:
        """Read the new comment without a further call, which praw would make for what is missing."""
        known = vars(posted) if posted is not None else {}
        name, path = f"t1_{known.get('id')}", known.get("permalink")
        if not is_fullname(name):
            raise PerhapsSent(self._name, f"reply {key} has no clear end: the answer names no comment")
        sound = isinstance(path, str) and path.startswith("/r/") and path.isascii()
        return Sent(name, f"{_SITE}{path}" if sound else None)

    def _ended(self, error: Exception, key: str) -> ConnectorError:
        """Return what a failed call of the comment itself means."""
        known = self._unwrapped(error)
        if isinstance(known, Unreachable | BadAnswer):
            return PerhapsSent(self._name, f"reply {key} has no clear end: {known.cause}")
        return known

    def _unwrapped(self, error: Exception) -> ConnectorError:
        if isinstance(error, ConnectorError):
            return error
        return Unreachable(self._name, f"the request could not be made ({type(error).__name__})")

    def _open(self) -> praw.Reddit:
        """Open praw behind the guard as the account; it never waits, and tries no comment again."""
        session = requests.Session()
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", self._adapter)
        session.hooks["response"].append(self._judge)
        password, token = self._options.reply_password, self._options.reply_refresh_token
        try:
            return praw.Reddit(
                "DEFAULT",
                requestor_kwargs={"session": session},
                client_id=self._options.client_id.get_secret_value().strip(),
                client_secret=self._options.client_secret.get_secret_value().strip(),
                user_agent=self._options.user_agent,
                reddit_url=_SITE,
                oauth_url=_API,
                username=self.account if password else None,
                password=password.get_secret_value() if password else None,
                refresh_token=token.get_secret_value() if token else None,
                redirect_uri=None,
                ratelimit_seconds=-1,
                check_for_updates=False,
                check_for_async=False,
            )
        except (prawcore.exceptions.PrawcoreException, praw.exceptions.PRAWException, configparser.Error) as error:
            cause = redacted(str(error), self._secrets())
            raise BadSettings(self._name, f"praw refuses the settings: {cause}") from None

    def _judge(self, response: requests.Response, **_: Any) -> None:
        """Raise what a failed answer means, before prawcore sees it, which would try it again."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        now = self._clock()
        if response.status_code == 429 and "retry-after" not in headers:
            raise RateLimited(self._name, "the platform asks us to slow down (429)", parse_retry_after(None, now))
        sent = str(response.request.headers.get("Authorization", "")).rpartition(" ")[2]
        secrets = (*self._secrets(), sent)
        raise_for_status(self._name, response.status_code, headers, now, body=response.content, secrets=secrets)

    def _secrets(self) -> tuple[str, ...]:
        given = (self._options.client_secret, self._options.reply_password, self._options.reply_refresh_token)
        return tuple(one.get_secret_value().strip() for one in given if one is not None)
