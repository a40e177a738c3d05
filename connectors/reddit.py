"""Reddit: search of submissions, and listings of subreddits, by the OAuth API through praw.

The search knows submissions alone, so that comments are listed and matched by the caller. Listings are read newest
first and without `before`, which answers oddly once its post is deleted. prawcore never waits here: its pace headers
are taken away before it sees them, and a used-up quota ends the call as RateLimited.
"""

import configparser
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import praw
import prawcore
import requests

from connectors.answer import LONGEST_WAIT, expect_list, expect_object, parse_retry_after, raise_for_status, redacted
from connectors.clock import utc_now
from connectors.connector import Page, Request, Reread, Sent, Traits, Watched
from connectors.errors import BadAnswer, BadMention, BadSettings, ConnectorError, RateLimited, Unauthorized, Unreachable
from connectors.http import HttpLimits
from connectors.mention import Mention, format_time
from connectors.options import RedditOptions
from connectors.reddit_post import RedditPost, is_fullname, parse_child
from connectors.reddit_tree import read_tree
from connectors.reddit_voice import RedditVoice
from connectors.session import GuardedAdapter

LISTING_COMMENTS = "listing:comments"
LISTING_NEW = "listing:new"
"""What `queries` adds for the subreddits of a source: their comments and their submissions, whatever they say."""

_SITE, _API = "https://www.reddit.com", "https://oauth.reddit.com"
_BATCH, _MOST = 100, 500
_NEARLY_FULL = 90
"""Posts on the last page of a search from which on it ended at the depth of listings (about 1,000), not at its end."""

_DEPTH, _MORE, _VOICE_PAGES = 10, 300, 5
"""How deep a tree of comments is read, how many that it leaves out are looked up, and how many pages of an account."""

_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{3,20}", re.ASCII)
_SUBREDDIT = re.compile(r"[A-Za-z0-9_]{2,30}", re.ASCII)
_PACE_HEADERS = ("x-ratelimit-used", "x-ratelimit-remaining", "x-ratelimit-reset")
_REMAINING = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
_SPANS = (("day", timedelta(hours=23)), ("week", timedelta(days=6)), ("month", timedelta(days=27)))


class RedditConnector:
    """One approved app's view of Reddit: searches of everything, listings of the subreddits it was given."""

    platform = "reddit"

    def __init__(
        self,
        name: str,
        options: RedditOptions,
        *,
        clock: Callable[[], datetime] = utc_now,
        limits: HttpLimits | None = None,
    ) -> None:
        self._name = name
        self._options = options
        self._clock = clock
        self._subreddits = "+".join(_subreddit(name, one) for one in options.subreddits)
        if not options.search and not self._subreddits:
            raise BadSettings(name, "neither search nor subreddits are wanted, so that there is nothing to read")
        self._lock = Lock()
        self._client: praw.Reddit | None = None
        self._paused_until: datetime | None = None
        self._voice = RedditVoice(name, options, clock=clock, limits=limits)
        base = options.base_url
        self._adapter = GuardedAdapter(
            name,
            hosts={_SITE: base or _SITE, _API: base or _API},
            allow_private=options.allow_private,
            limits=limits,
            clock=clock,
        )
        self.traits = Traits(
            overlap=timedelta(minutes=60 if options.search else 15),
            lag=timedelta(minutes=2) if options.search else timedelta(seconds=30),
            sweep=timedelta(hours=24),
            page_cap=10,
            takes_query=options.search,
            can_reread=True,
            reread_batch=_BATCH,
            text_hours=48,
            watches_threads=True,
            threads_per_call=1,
            recheck=timedelta(hours=6),
            replies_as=self._voice.account,
            no_replies=self._voice.refusal,
        )

    def queries(self, compiled: Sequence[str]) -> Sequence[str]:
        """Return the searches, where they are wanted, and the listings of the subreddits."""
        searches = tuple(compiled) if self._options.search else ()
        return (*searches, LISTING_COMMENTS, LISTING_NEW) if self._subreddits else searches

    def fetch(self, request: Request) -> Page:
        """Return one page of a search or a listing; raises ConnectorError."""
        path, params = self._address(request)
        if request.token is not None:
            params["after"] = request.token
        after, children = self._listing(path, {**params, "limit": _BATCH})
        if request.token is not None and not children:
            self._check_place(request.token)
        posts, skipped = _read_all(children)
        past = _is_past(request.since, posts)
        if after is None and not past and posts and _is_cut(request, len(children)):
            oldest = min(post.posted_at for post in posts)
            skipped += (f"posts before {format_time(oldest)}: the platform lists no more",)
        return Page(
            mentions=tuple(post.mention for post in posts if post.mention is not None),
            deleted=tuple(post.fullname for post in posts if post.mention is None),
            next_token=None if past or after is None else _living_place(after, posts),
            returned=len(children),
            skipped=skipped,
        )

    def reread(self, native_ids: Sequence[str]) -> Reread:
        """Return these posts as they are now; those that vanished, were deleted or removed are gone."""
        asked = [one for one in dict.fromkeys(native_ids) if is_fullname(one)]
        posts: dict[str, RedditPost] = {}
        unread: set[str] = set()
        for start in range(0, len(asked), _BATCH):
            batch = asked[start : start + _BATCH]
            _, children = self._listing("api/info/", {"id": ",".join(batch)})
            posts |= {post.fullname: post for post in _read_all(children)[0]}
            unread |= {str(_field(child, "name")) for child in children}
        present = {name: post.mention for name, post in posts.items() if post.mention is not None}
        gone = [one for one in asked if one not in present and (one in posts or one not in unread)]
        return Reread(tuple(present.values()), tuple(gone), len(unread))

    def read_threads(self, thread_ids: Sequence[str], since: datetime, most: int | None = None) -> Watched:
        """Return the comments of these submissions since a time, and which of their comments are gone."""
        found: dict[str, RedditPost] = {}
        whole = True
        for thread in [one for one in dict.fromkeys(thread_ids) if is_fullname(one) and one.startswith("t3_")]:
            params = {"sort": "new", "limit": _MOST, "depth": _DEPTH}
            answer = self._get(f"comments/{thread.removeprefix('t3_')}/", params)
            tree = read_tree(expect_list(self._name, answer))
            if not tree.posts:
                raise BadAnswer(self._name, "the answer holds no posts of the thread")
            found |= {post.fullname: post for post in tree.posts}
            more, rest = self._more(tree.unread)
            found |= {post.fullname: post for post in more}
            whole = whole and rest
        return _watched(found, since, whole=whole)

    def read_voices(self, handles: Sequence[str], since: datetime, most: int | None = None) -> Watched:
        """Return the comments of these accounts since a time."""
        found: dict[str, RedditPost] = {}
        whole = True
        for handle in dict.fromkeys(one.removeprefix("u/") for one in handles):
            if _ACCOUNT.fullmatch(handle):
                posts, ended = self._comments_of(handle, since)
                found |= {post.fullname: post for post in posts}
                whole = whole and ended
        return _watched(found, since, whole=whole)

    def _comments_of(self, handle: str, since: datetime) -> tuple[list[RedditPost], bool]:
        """Return (an account's comments, whether they reach back to `since`)."""
        posts: list[RedditPost] = []
        after = None
        for _ in range(_VOICE_PAGES):
            params = {"sort": "new", "limit": _BATCH, **({"after": after} if after else {})}
            after, children = self._listing(f"user/{handle}/comments/", params)
            page = _read_all(children)[0]
            posts += page
            if after is None or _is_past(since, page):
                return posts, True
        return posts, False

    def _more(self, names: Sequence[str]) -> tuple[list[RedditPost], bool]:
        """Return (comments that a tree left out, whether that are all of them)."""
        posts: list[RedditPost] = []
        for start in range(0, min(len(names), _MORE), _BATCH):
            _, children = self._listing("api/info/", {"id": ",".join(names[start : start + _BATCH])})
            posts += _read_all(children)[0]
        return posts, len(names) <= _MORE

    def may_reply(self, mention: Mention, *, to_ours: bool = False) -> str | None:
        """Return why this post cannot be answered from here, or None."""
        return self._voice.may_reply(mention, to_ours=to_ours)

    def reply(self, mention: Mention, text: str, key: str) -> Sent:
        """Post a comment once; raises ConnectorError, PerhapsSent where it may stand there all the same."""
        return self._voice.reply(mention, text, key)

    def check_voice(self) -> str:
        """Return whose account answers, having seen that it may comment; nothing is posted."""
        return self._voice.check_voice()

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()
        self._voice.close()

    def _check_place(self, anchor: str) -> None:
        """Raise BadAnswer where the post that an empty page comes after is gone: what follows it cannot be found so."""
        if anchor in self.reread([anchor]).gone:
            raise BadAnswer(self._name, "the post that the page comes after is gone, and with it the place")

    def _address(self, request: Request) -> tuple[str, dict[str, Any]]:
        """Return the path and the parameters of what a request asks for."""
        if request.query == LISTING_COMMENTS:
            return f"r/{self._subreddits}/comments/", {}
        if request.query == LISTING_NEW:
            return f"r/{self._subreddits}/new", {}
        span = _span(request.since, self._clock())
        return "r/all/search/", {"q": request.query, "sort": "new", "t": span, "type": "link"}

    def _listing(self, path: str, params: Mapping[str, Any]) -> tuple[str | None, list[Any]]:
        """Return (the name of the post that the next page comes after, the children) of a listing."""
        answer = expect_object(self._name, self._get(path, params))
        body = expect_object(self._name, answer.get("data"), "data")
        after = body.get("after")
        if after is not None and not is_fullname(after):
            raise BadAnswer(self._name, "after is not the name of a post")
        children = expect_list(self._name, body.get("children"), "children")
        if len(children) > _MOST:
            raise BadAnswer(self._name, f"the answer holds {len(children)} posts where {_BATCH} were asked for")
        return after, children

    def _get(self, path: str, params: Mapping[str, Any]) -> object:
        """Make one call; where the token was withdrawn before its time, once more with a new one."""
        with self._lock:
            self._heed_pause()
            had_token = self._client is not None
            try:
                return self._ask(path, params)
            except Unauthorized:
                self._client = None
                if not had_token:
                    raise
                return self._ask(path, params)

    def _ask(self, path: str, params: Mapping[str, Any]) -> object:
        """Make one call of praw; only ConnectorError comes out."""
        try:
            self._client = self._client or self._open()
            return self._client.request(method="GET", path=path, params=dict(params))
        except prawcore.exceptions.RequestException as error:
            raise _unwrapped(self._name, error.original_exception) from None
        except prawcore.exceptions.OAuthException as error:
            cause = redacted(str(error), self._secrets())
            raise Unauthorized(self._name, f"the platform gives no token: {cause}") from None
        except (prawcore.exceptions.PrawcoreException, praw.exceptions.PRAWException) as error:
            raise BadAnswer(self._name, f"praw gave up ({type(error).__name__})") from None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            # prawcore takes the answer with a token as it comes: a field that is missing or of another type ends here
            raise BadAnswer(self._name, f"the token is not as documented ({type(error).__name__})") from None

    def _open(self) -> praw.Reddit:
        """Open praw behind the guard. All of its settings are given, so that no praw.ini nor environment adds any."""
        session = requests.Session()
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", self._adapter)
        session.hooks["response"].append(self._judge)
        try:
            return praw.Reddit(
                "DEFAULT",
                requestor_kwargs={"session": session},
                client_id=self._options.client_id.get_secret_value().strip(),
                client_secret=self._options.client_secret.get_secret_value().strip(),
                user_agent=self._options.user_agent,
                reddit_url=_SITE,
                oauth_url=_API,
                username=None,
                password=None,
                refresh_token=None,
                redirect_uri=None,
                check_for_updates=False,
                check_for_async=False,
            )
        except (prawcore.exceptions.PrawcoreException, praw.exceptions.PRAWException, configparser.Error) as error:
            cause = redacted(str(error), self._secrets())
            raise BadSettings(self._name, f"praw refuses the settings: {cause}") from None

    def _judge(self, response: requests.Response, **_: Any) -> None:
        """Raise what a failed answer means, before prawcore sees it; note the quota and hide it from prawcore."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        now = self._clock()
        reset = parse_retry_after(headers.get("x-ratelimit-reset", "").partition(".")[0], now)
        remaining = headers.get("x-ratelimit-remaining", "")
        if _REMAINING.fullmatch(remaining) and float(remaining) < 1:
            self._paused_until = now + (reset or LONGEST_WAIT)
        for name in _PACE_HEADERS:
            response.headers.pop(name, None)
        if response.status_code == 429 and "retry-after" not in headers:
            raise RateLimited(self._name, "the platform asks us to slow down (429)", reset)
        sent = str(response.request.headers.get("Authorization", "")).rpartition(" ")[2]
        secrets = (*self._secrets(), sent)
        raise_for_status(self._name, response.status_code, headers, now, body=response.content, secrets=secrets)

    def _heed_pause(self) -> None:
        """Raise RateLimited while the quota is used up; a clock that went back lengthens no pause."""
        left = self._paused_until - self._clock() if self._paused_until else timedelta(0)
        if timedelta(0) < left <= LONGEST_WAIT:
            raise RateLimited(self._name, "the platform's quota is used up for now", left)
        self._paused_until = None

    def _secrets(self) -> tuple[str, str]:
        return (self._options.client_secret.get_secret_value().strip(), self._options.client_id.get_secret_value())


def _watched(found: Mapping[str, RedditPost], since: datetime, *, whole: bool) -> Watched:
    """Return what was written since a time, oldest first, and what is gone, whenever it was written.

    A tree is given whole each time and costs nothing, so that only what is new counts as returned.
    """
    mentions: list[Mention] = [post.mention for post in found.values() if post.mention and post.posted_at >= since]
    gone = tuple(post.fullname for post in found.values() if post.mention is None)
    return Watched(tuple(sorted(mentions, key=lambda one: one.posted_at)), gone, len(mentions), whole)


def _subreddit(source: str, name: str) -> str:
    bare = name.strip().removeprefix("/").removeprefix("r/").removesuffix("/")
    if not _SUBREDDIT.fullmatch(bare):
        raise BadSettings(source, f"{name[:40]!r} is no name of a subreddit")
    return bare


def _span(since: datetime | None, now: datetime) -> str:
    """Return the shortest span of time that the search knows and that reaches back to `since`, with room."""
    if since is None:
        return "all"
    return next((name for name, span in _SPANS if now - since <= span), "all")


def _read_all(children: Sequence[Any]) -> tuple[list[RedditPost], tuple[str, ...]]:
    """Return (the posts of a listing, why others could not be read)."""
    posts: list[RedditPost] = []
    skipped: list[str] = []
    for child in children:
        try:
            posts.append(parse_child(child))
        except BadMention as error:
            skipped.append(redacted(str(error), ()))
    return posts, tuple(skipped)


def _is_past(since: datetime | None, posts: Sequence[RedditPost]) -> bool:
    """Tell whether a page lies before `since`: its later half does, so that one post out of order ends nothing."""
    return since is not None and bool(posts) and all(post.posted_at < since for post in posts[len(posts) // 2 :])


def _living_place(after: str, posts: Sequence[RedditPost]) -> str:
    """Return the name to go on after: that of a post still there, since a page after one that is gone may be empty."""
    names = [post.fullname for post in posts]
    upto = posts[: names.index(after) + 1] if after in names else ()
    return next((post.fullname for post in reversed(upto) if post.mention is not None), after)


def _is_cut(request: Request, posts: int) -> bool:
    """Tell whether a last page that does not reach `since` ends at the depth of the listing rather than with its posts.

    A search is bounded by its span. A listing is not: one of several pages would reach back, were it not cut.
    """
    if request.query in (LISTING_COMMENTS, LISTING_NEW):
        return request.token is not None or posts >= _NEARLY_FULL
    return posts >= _NEARLY_FULL


def _field(child: object, key: str) -> object:
    record = child.get("data") if isinstance(child, dict) else None
    return record.get(key) if isinstance(record, dict) else None


def _unwrapped(source: str, error: Exception) -> ConnectorError:
    """Return what lies behind prawcore's wrapper: our own error, or one of writing the request down."""
    if isinstance(error, ConnectorError):
        return error
    if isinstance(error, ValueError):
        return BadSettings(source, f"the request cannot be written down ({type(error).__name__})")
    return Unreachable(source, f"the request could not be made ({type(error).__name__})")
