"""X: recent search, or the owner's mentions, by the API v2 through tweepy.

Since August 2026 the API's description says `post` where it said `tweet`; answers are read under either name. Edits
have ids of their own, so a post is known by the first id of its edit history. tweepy neither waits nor pages here, and
it sees no failed answer: each is judged as it arrives.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

import requests
import tweepy

from connectors.answer import expect_list, expect_object, parse_json, parse_reset, raise_for_status
from connectors.clock import utc_now
from connectors.connector import Page, Request, Reread, Sent, Traits, Watched
from connectors.errors import BadAnswer, BadSettings, RateLimited, Unreachable
from connectors.http import HttpLimits
from connectors.mention import Mention, format_time
from connectors.options import XOptions
from connectors.session import GuardedAdapter
from connectors.x_post import XPost, id_at, is_id, parse_faults, parse_posts, parse_users
from connectors.x_voice import XVoice

HOST = "https://api.x.com"
_HOST_OF_TWEEPY = "https://api.twitter.com"

SEARCH_REACH = timedelta(days=6, hours=23, minutes=50)
"""How far back a search is asked to look; the platform refuses more than seven days."""

ID_REACH = timedelta(days=6, hours=20)
"""`since_id` is refused beyond seven days, so that an older start is given as a time."""

_SETTLING = timedelta(seconds=30)
"""X ends a search this long before now by itself; a later end is refused."""

_LEAST, _BATCH, _MOST = 10, 100, 500
_QUERY_LIMIT = 512
"""Characters that a query of the self-serve plans may have."""

_WATCH_PAGES = 5
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,15}", re.ASCII)
_FIELDS: dict[str, Any] = {
    "tweet_fields": [
        "created_at", "author_id", "conversation_id", "in_reply_to_user_id", "referenced_tweets", "lang",
        "public_metrics", "edit_history_tweet_ids", "edit_controls", "possibly_sensitive", "note_tweet",
    ],
    "expansions": ["author_id"],
    "user_fields": ["username", "name", "verified", "public_metrics", "created_at"],
}  # fmt: skip


class XConnector:
    """One X account's view: recent search of the given queries, or with `user_id` the mentions of that account."""

    platform = "x"

    def __init__(
        self,
        name: str,
        options: XOptions,
        *,
        clock: Callable[[], datetime] = utc_now,
        limits: HttpLimits | None = None,
    ) -> None:
        self._name = name
        self._token = options.token.get_secret_value().strip()
        self._user_id = options.user_id
        self._clock = clock
        if self._user_id is not None and not is_id(self._user_id):
            raise BadSettings(name, "user_id must be the number of the account, not its handle")
        if not self._token.isascii() or not self._token.isprintable() or not self._token:
            raise BadSettings(name, "the token is empty or holds characters that no bearer token has")
        self._adapter = GuardedAdapter(
            name,
            hosts={_HOST_OF_TWEEPY: options.base_url or HOST},
            allow_private=options.allow_private,
            limits=limits,
            clock=clock,
        )
        self._voice = XVoice(name, options, clock=clock, limits=limits)
        owned = self._user_id is not None
        self.traits = Traits(
            overlap=timedelta(minutes=5),
            lag=timedelta(seconds=60),
            page_cap=5,
            least_page=_LEAST,
            takes_query=not owned,
            can_reread=True,
            reread_batch=_BATCH,
            price_per_post=0.001 if owned else 0.005,
            watches_threads=True,
            threads_per_call=12,
            recheck=timedelta(hours=20),
            replies_as=self._voice.account,
            no_replies=self._voice.refusal,
        )

    def queries(self, compiled: Sequence[str]) -> Sequence[str]:
        """Return the compiled queries; the mentions of an account are one listing without any."""
        return tuple(compiled) if self._user_id is None else ("",)

    def fetch(self, request: Request) -> Page:
        """Return one page of search, or of mentions; raises ConnectorError."""
        now = self._clock()
        window = _window(request, now, limited=self._user_id is None)
        skipped = _unreachable_span(request, now) if self._user_id is None else ()
        if window is None:
            return Page(skipped=skipped)
        if self._user_id is None:
            call, arguments = self._client.search_recent_tweets, {"query": request.query, "next_token": request.token}
        else:
            call, arguments = self._client.get_users_mentions, {"id": self._user_id, "pagination_token": request.token}
        size = min(max(request.most or _BATCH, _LEAST), _BATCH)
        answer = self._ask(call, **arguments, **window, max_results=size, **_FIELDS)
        return self._page(answer, skipped)

    def reread(self, native_ids: Sequence[str]) -> Reread:
        """Return the newest versions of these posts; what was deleted, or is hidden now, is gone.

        An old id brings the old text, so that edited posts are looked up once more by their newest id.
        """
        posts, gone = self._lookup([one for one in native_ids if is_id(one)])
        edited = [post.newest_id for post in posts.values() if post.newest_id != post.id]
        returned = len(posts) + len(edited)
        posts |= self._lookup(edited)[0]
        return Reread(tuple(post.mention for post in posts.values()), tuple(gone), returned)

    def read_threads(self, thread_ids: Sequence[str], since: datetime, most: int | None = None) -> Watched:
        """Return the posts of these conversations since a time: one search for as many as a query holds."""
        places = [f"conversation_id:{one}" for one in dict.fromkeys(thread_ids) if is_id(one)]
        return self._watch(places, "", since, most)

    def read_voices(self, handles: Sequence[str], since: datetime, most: int | None = None) -> Watched:
        """Return the replies of these accounts since a time; what answers nobody is left unbought."""
        bare = (handle.removeprefix("@") for handle in handles)
        places = [f"from:{one}" for one in dict.fromkeys(bare) if _HANDLE.fullmatch(one)]
        return self._watch(places, " is:reply", since, most)

    def may_reply(self, mention: Mention, *, to_ours: bool = False) -> str | None:
        """Return why X does not let a program answer this post, or None."""
        return self._voice.may_reply(mention, to_ours=to_ours)

    def reply(self, mention: Mention, text: str, key: str) -> Sent:
        """Post a reply once; raises ConnectorError, PerhapsSent where it may stand there all the same."""
        return self._voice.reply(mention, text, key)

    def check_voice(self) -> str:
        """Return whose keys answer, having seen that they may write; nothing is posted."""
        return self._voice.check_voice()

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()
        self._voice.close()

    def _watch(self, places: Sequence[str], suffix: str, since: datetime, most: int | None) -> Watched:
        """Search places, as many as a query holds at once, each query page by page."""
        found: dict[str, Mention] = {}
        returned, whole = 0, True
        for query in _joined(places, suffix):
            token: str | None = None
            for _ in range(_WATCH_PAGES):
                left = None if most is None else most - returned
                if left is not None and left <= 0:
                    return Watched(_by_time(found), returned=returned, whole=False)
                page = self._search(Request(query, since=since, token=token, most=left))
                found |= {mention.native_id: mention for mention in page.mentions}
                returned, token = returned + page.returned, page.next_token
                if token is None:
                    break
            whole = whole and token is None
        return Watched(_by_time(found), returned=returned, whole=whole)

    def _search(self, request: Request) -> Page:
        """Return one page of recent search, also where the source reads the mentions of an account."""
        window = _window(request, self._clock(), limited=True)
        if window is None:
            return Page()
        size = min(max(request.most or _BATCH, _LEAST), _BATCH)
        asked = {"query": request.query, "next_token": request.token}
        return self._page(
            self._ask(self._client.search_recent_tweets, **asked, **window, max_results=size, **_FIELDS), ()
        )

    def _page(self, answer: Mapping[str, Any], skipped: tuple[str, ...]) -> Page:
        records = self._records(answer)
        token = expect_object(self._name, answer.get("meta") or {}, "meta").get("next_token")
        if token is not None and not isinstance(token, str):
            raise BadAnswer(self._name, "next_token is not text")
        posts, unread = parse_posts(records, parse_users(answer))
        mentions = tuple(post.mention for post in posts.values())
        return Page(mentions, next_token=token or None, returned=len(records), skipped=skipped + unread)

    def _records(self, answer: Mapping[str, Any]) -> list[Any]:
        """Return the posts of an answer; an empty result has no `data`, but its `meta` says so."""
        meta = answer.get("meta")
        if answer.get("data") is None and isinstance(meta, dict) and meta.get("result_count") == 0:
            return []
        return self._bounded(answer.get("data"))

    def _bounded(self, data: object) -> list[Any]:
        records = expect_list(self._name, data, "data")
        if len(records) > _MOST:
            raise BadAnswer(self._name, f"the answer holds {len(records)} posts where {_BATCH} were asked for")
        return records

    def _lookup(self, ids: Sequence[str]) -> tuple[dict[str, XPost], list[str]]:
        """Return (posts by native id, asked ids that are gone)."""
        found: dict[str, XPost] = {}
        gone: list[str] = []
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            answer = self._ask(self._client.get_tweets, ids=list(batch), **_FIELDS)
            faults = parse_faults(answer)
            records = [] if answer.get("data") is None else self._bounded(answer["data"])
            if not records and not faults:
                raise BadAnswer(self._name, "the answer holds neither posts nor the reasons why not")
            found |= parse_posts(records, parse_users(answer))[0]
            present = {str(record.get("id")) for record in records if isinstance(record, dict)}
            gone += [one for one in batch if one not in present and faults.get(one, True)]
        return found, gone

    def _ask(self, call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        """Make one call of tweepy and return the JSON object it brought; only ConnectorError comes out."""
        try:
            response = call(**{name: value for name, value in arguments.items() if value is not None})
        except tweepy.TweepyException as error:
            raise BadAnswer(self._name, f"tweepy gave up ({type(error).__name__})") from None
        except requests.RequestException as error:
            raise Unreachable(self._name, f"the request could not be made ({type(error).__name__})") from None
        return expect_object(self._name, parse_json(self._name, response.content))

    @cached_property
    def _client(self) -> tweepy.Client:
        """Open tweepy behind the guard. At DEBUG it would log the bearer token, so that its logger stays at INFO."""
        logging.getLogger("tweepy.client").setLevel(logging.INFO)
        client = tweepy.Client(self._token, return_type=requests.Response, wait_on_rate_limit=False)
        session = cast("requests.Session", client.session)
        session.trust_env = False
        session.adapters.clear()
        session.mount("https://", self._adapter)
        session.hooks["response"].append(self._judge)
        return client

    def _judge(self, response: requests.Response, **_: Any) -> None:
        """Raise what a failed answer means, before tweepy sees it. X gives the end of a wait in unix seconds."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        now = self._clock()
        if response.status_code == 429 and "retry-after" not in headers:
            cause = "the platform asks us to slow down (429)"
            raise RateLimited(self._name, cause, parse_reset(headers.get("x-rate-limit-reset"), now))
        raise_for_status(self._name, response.status_code, headers, now, body=response.content, secrets=(self._token,))


def _joined(places: Sequence[str], suffix: str) -> list[str]:
    """Return as few queries as hold these places, each within the length that a query may have."""
    queries: list[list[str]] = []
    for place in places:
        if queries and len(" OR ".join([*queries[-1], place])) + len(suffix) + 2 <= _QUERY_LIMIT:
            queries[-1].append(place)
        else:
            queries.append([place])
    return [f"({' OR '.join(query)}){suffix}" for query in queries]


def _by_time(found: Mapping[str, Mention]) -> tuple[Mention, ...]:
    return tuple(sorted(found.values(), key=lambda mention: mention.posted_at))


def _window(request: Request, now: datetime, *, limited: bool) -> dict[str, Any] | None:
    """Return the parameters that bound a request, ids or times but never both; None where nothing can be reached."""
    since, until = request.since, request.until
    if until is not None and until >= now - _SETTLING:
        until = None
    if not limited or since is None or since >= now - ID_REACH:
        # `since_id` is exclusive and so is `until_id`; both ends of the span belong to it
        return {
            "since_id": str(id_at(since) - 1) if since and id_at(since) > 0 else None,
            "until_id": str(id_at(until + timedelta(milliseconds=1))) if until else None,
        }
    start = max(since, now - SEARCH_REACH)
    if until is not None and until <= start:
        return None
    return {"start_time": start, "end_time": until + timedelta(seconds=1) if until else None}


def _unreachable_span(request: Request, now: datetime) -> tuple[str, ...]:
    """Say once a walk which part of it the search no longer reaches."""
    reach = now - SEARCH_REACH
    if request.token is not None or request.since is None or request.since >= reach:
        return ()
    end = min(request.until or reach, reach)
    return (f"posts from {format_time(request.since)} to {format_time(end)}: older than the search reaches",)
