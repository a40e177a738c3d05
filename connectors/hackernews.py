"""Hacker News through Algolia's search: stories and comments, newest first, without credentials.

A query returns at most 1,000 hits however it is paged, so pages go by time: each begins where the last one ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from connectors.answer import expect_list, expect_object, parse_json
from connectors.clock import Clock, utc_now
from connectors.connector import Page, Request, Reread, Traits
from connectors.errors import BadAnswer, BadMention
from connectors.http import HttpLimits, open_client
from connectors.markup import plain_text
from connectors.mention import Author, Mention, Metrics, parse_time
from connectors.options import HackerNewsOptions

HOST = "https://hn.algolia.com"
PAGE_SIZE = 100
MOST_SKIPPED = 20


@dataclass(frozen=True, slots=True)
class _Bound:
    """A page token: hits up to this unix second, page `page` of them. Only a full second of hits has a second page."""

    second: int
    page: int = 0

    def __str__(self) -> str:
        return f"{self.second}.{self.page}"

    @classmethod
    def parse(cls, source: str, token: str) -> "_Bound":
        second, _, page = token.partition(".")
        if not (token.isascii() and second.isdecimal() and page.isdecimal() and len(token) < 30):
            raise BadAnswer(source, "the place kept for the next page is unreadable")
        return cls(int(second), int(page))


class HackerNewsConnector:
    """Searches stories and comments."""

    platform = "hackernews"
    traits = Traits(
        overlap=timedelta(minutes=60),
        lag=timedelta(minutes=5),
        first_window=timedelta(hours=24),
        sweep=timedelta(hours=48),
        page_cap=10,
        takes_query=True,
        can_reread=True,
        reread_batch=20,
    )

    def __init__(
        self, name: str, options: HackerNewsOptions, *, clock: Clock = utc_now, limits: HttpLimits | None = None
    ) -> None:
        self.name = name
        self._client = open_client(
            name,
            base_url=options.base_url or HOST,
            allow_private=options.allow_private,
            limits=limits,
            clock=clock,
        )

    def queries(self, compiled: Sequence[str]) -> Sequence[str]:
        """Return the compiled queries: each is a search of its own."""
        return tuple(compiled)

    def fetch(self, request: Request) -> Page:
        """Return one page of hits for the query, newest first."""
        bound = _Bound.parse(self.name, request.token) if request.token else None
        params: dict[str, Any] = {
            "query": request.query,
            "tags": "(story,comment)",
            "hitsPerPage": PAGE_SIZE,
            "page": bound.page if bound else 0,
            "typoTolerance": "false",
            "advancedSyntax": "true",
        }
        if filters := _time_filters(request, bound):
            params["numericFilters"] = ",".join(filters)
        answer = self._client.get_json("/api/v1/search_by_date", params)
        hits = expect_list(self.name, answer.get("hits"), "hits")
        return self._page(hits, answer, bound)

    def reread(self, native_ids: Sequence[str]) -> Reread:
        """Return stories and comments as they are now; what has lost its author and text is gone."""
        mentions, gone = [], []
        for native_id in native_ids:
            mention = self._reread_one(native_id)
            if mention is None:
                gone.append(native_id)
            else:
                mentions.append(mention)
        return Reread(tuple(mentions), tuple(gone))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _page(self, hits: list[Any], answer: Mapping[str, Any], bound: _Bound | None) -> Page:
        mentions: dict[str, Mention] = {}
        skipped: list[str] = []
        for hit in hits:
            try:
                mention = _read_hit(expect_object(self.name, hit, "a hit"))
            except (BadMention, BadAnswer) as error:
                skipped.append(f"{self.name}: {error.subject}: {error.cause}")
            else:
                mentions.setdefault(mention.native_id, mention)
        token = _next_token(list(mentions.values()), len(hits), answer, bound)
        return Page(
            mentions=tuple(mentions.values()),
            next_token=token,
            returned=len(hits),
            skipped=tuple(skipped[:MOST_SKIPPED]),
        )

    def _reread_one(self, native_id: str) -> Mention | None:
        if not (native_id.isascii() and native_id.isdecimal()):
            return None
        answer = self._client.get(f"/api/v1/items/{native_id}", accept=(404,), gone=())
        if answer.status == 404:
            return None
        record = expect_object(self.name, parse_json(self.name, answer.body))
        if record.get("author") is None:
            return None
        try:
            return _read_thing(record, native_id)
        except BadMention as error:
            raise BadAnswer(self.name, f"{native_id} {error.cause}") from error


def _time_filters(request: Request, bound: _Bound | None) -> list[str]:
    filters = []
    if request.since is not None:
        filters.append(f"created_at_i>={int(request.since.timestamp())}")
    if request.until is not None:
        filters.append(f"created_at_i<{ceil(request.until.timestamp())}")
    if bound is not None:
        filters.append(f"created_at_i<={bound.second}")
    return filters


def _next_token(mentions: list[Mention], hits: int, answer: Mapping[str, Any], bound: _Bound | None) -> str | None:
    """Return where the next page begins: at the oldest second of this one, which may hold more."""
    pages, page = answer.get("nbPages"), bound.page if bound else 0
    more = page + 1 < pages if isinstance(pages, int) else hits >= PAGE_SIZE
    if not more or not mentions:
        return None
    oldest = max(0, int(min(mention.posted_at for mention in mentions).timestamp()))
    if bound is not None and oldest >= bound.second:
        return str(_Bound(bound.second, page + 1))
    return str(_Bound(oldest))


def _read_hit(hit: Mapping[str, Any]) -> Mention:
    """Read one hit of the search; optional keys may be absent. Raises BadMention."""
    native_id = _id(hit.get("objectID"))
    if native_id is None:
        raise BadMention("objectID", "is missing")
    metrics = Metrics(likes=hit.get("points"), replies=hit.get("num_comments"))
    text = _joined(hit.get("title"), hit.get("story_text"), hit.get("comment_text"))
    thread_id = _id(hit.get("story_id")) or (native_id if hit.get("title") else None)
    return _mention(hit, native_id, text, metrics, thread_id)


def _read_thing(record: Mapping[str, Any], native_id: str) -> Mention:
    """Read one story or comment by its id; its replies come as a tree. Raises BadMention."""
    metrics = Metrics(likes=record.get("points"), replies=_count_replies(record))
    text = _joined(record.get("title"), record.get("text"))
    return _mention(record, native_id, text, metrics, _id(record.get("story_id")) or native_id)


def _mention(record: Mapping[str, Any], native_id: str, text: str, metrics: Metrics, thread_id: str | None) -> Mention:
    author = record.get("author")
    if not isinstance(author, str):
        raise BadMention("author", "is missing")
    seconds = record.get("created_at_i")
    return Mention(
        platform="hackernews",
        native_id=native_id,
        author=Author(author),
        text=text,
        posted_at=_whole_second(parse_time(seconds if seconds is not None else record.get("created_at"))),
        permalink=f"https://news.ycombinator.com/item?id={native_id}",
        parent_id=_id(record.get("parent_id")),
        thread_id=thread_id,
        metrics=metrics,
    ).cleaned()


def _whole_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _joined(*parts: object) -> str:
    return "\n\n".join(plain_text(part) for part in parts if isinstance(part, str) and part)


def _id(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def _count_replies(record: Mapping[str, Any]) -> int | None:
    """Count all replies below a story or comment, without recursion: the tree is the platform's."""
    children = record.get("children")
    if not isinstance(children, list):
        return None
    count, waiting = 0, list(children)
    while waiting:
        child = waiting.pop()
        if isinstance(child, dict):
            count += 1
            below = child.get("children")
            waiting += below if isinstance(below, list) else []
    return count
