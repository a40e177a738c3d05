"""One RSS or Atom feed. A feed is a short window without a cursor: its entries are known by id and by what they say.

feedparser reads the bytes that our own client fetched; it never opens an address or a file itself.
"""

import calendar
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from time import struct_time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from connectors.answer import redacted
from connectors.clock import Clock, utc_now
from connectors.connector import Page, Request, Reread, Traits
from connectors.errors import BadAnswer, BadMention, BadSettings
from connectors.http import Answer, HttpLimits, open_client
from connectors.markup import plain_text
from connectors.mention import LINE_LIMIT, Author, Mention
from connectors.options import RssOptions

MOST_ENTRIES = 500
"""Entries read of one feed, and entries remembered: feeds hold ten to a hundred."""

LIMITS = HttpLimits(body=2_000_000, inflated=3_000_000)
"""Feeds are smaller than what JSON may take: a hostile one costs feedparser about eight seconds a megabyte."""

_ACCEPTED = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry: the mention, and the hash of its title and content by which an edit is seen."""

    mention: Mention
    content: str


class RssConnector:
    """Reads one feed; entries that are new or changed become mentions."""

    traits = Traits(overlap=timedelta(0), first_window=None, page_cap=1, ordered_by_time=False)

    def __init__(
        self, name: str, options: RssOptions, *, clock: Clock = utc_now, limits: HttpLimits | None = None
    ) -> None:
        self.name = name
        self.platform = options.platform
        self._clock = clock
        origin, self._path = _split(name, options.url)
        self._client = open_client(
            name,
            base_url=options.base_url or origin,
            allow_private=options.allow_private,
            headers={"accept": _ACCEPTED},
            limits=limits or LIMITS,
            clock=clock,
        )

    def queries(self, compiled: Sequence[str]) -> Sequence[str]:
        """Return the one query of a source that knows none."""
        return ("",)

    def fetch(self, request: Request) -> Page:
        """Return what is new in the feed since `state`; nothing where the server says that nothing changed."""
        headers = {
            header: request.state[key]
            for header, key in (("if-none-match", "etag"), ("if-modified-since", "last_modified"))
            if isinstance(request.state.get(key), str)
        }
        answer = self._client.get(self._path, headers=headers, accept=(304,))
        if answer.status == 304:
            return Page(state=request.state)
        known = _known(request.state)
        entries, skipped = self._entries(answer, known)
        if known and entries and not known.keys() & entries.keys():
            skipped.insert(0, f"{self.name}: no entry of the last poll is left in the feed; some may have been missed")
        fresh = tuple(entry.mention for key, entry in entries.items() if known.get(key, ("", 0))[0] != entry.content)
        return Page(mentions=fresh, state=_state(answer, known, entries), returned=len(entries), skipped=tuple(skipped))

    def reread(self, native_ids: Sequence[str]) -> Reread:
        """A feed tells nothing about single entries; never called."""
        raise BadSettings(self.name, f"a feed cannot be asked about {len(native_ids)} single entries")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _entries(self, answer: Answer, known: Mapping[str, tuple[str, int]]) -> tuple[dict[str, _Entry], list[str]]:
        feed = self._parsed(answer)
        entries: dict[str, _Entry] = {}
        skipped: list[str] = []
        for record in feed.entries[:MOST_ENTRIES]:
            try:
                entry = self._entry(record, feed.feed)
            except BadMention as error:
                skipped.append(f"{self.name}: {error.subject}: {error.cause}")
                continue
            key = entry.mention.native_id
            if key in known and _moment(record) is None:
                seen_at = datetime.fromtimestamp(known[key][1], UTC)
                entry = replace(entry, mention=replace(entry.mention, posted_at=seen_at))
            entries.setdefault(key, entry)
        return entries, skipped[:20]

    def _parsed(self, answer: Answer) -> Any:
        import feedparser  # noqa: PLC0415 - slow to import, and only feeds need it

        headers = {"content-type": answer.headers.get("content-type", ""), "content-location": answer.url}
        try:
            feed = feedparser.parse(
                BytesIO(answer.body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
            )
        except Exception as error:
            raise BadAnswer(self.name, f"the feed cannot be read ({type(error).__name__})") from error
        if not feed.entries and not feed.get("version"):
            start = answer.body[:200].lstrip().lower()
            page = start.startswith((b"<!doctype html", b"<html"))
            raise BadAnswer(self.name, "the answer is HTML, not a feed" if page else "the answer is not a feed")
        return feed

    def _entry(self, record: Any, feed: Any) -> _Entry:
        """Read one entry. Raises BadMention where it says nothing at all."""
        title, body = plain_text(_text(record.get("title"))), plain_text(_body(record))
        text = title if body == title else "\n\n".join(filter(None, (title, body)))
        if not text:
            raise BadMention("entry", "has neither a title nor a text")
        now = self._clock()
        posted_at = _moment(record)
        link = _text(record.get("link"))
        stamp = _text(record.get("published")) or _text(record.get("updated"))
        identity = _text(record.get("id")) or link or f"sha256:{_digest(title + stamp)}"
        author = _text(record.get("author")) or _text(feed.get("title")) or self.name
        mention = Mention(
            platform=self.platform,
            native_id=identity if len(identity) <= LINE_LIMIT else f"sha256:{_digest(identity)}",
            author=Author(redacted(author, (), 100)),
            text=text,
            posted_at=min(posted_at, now) if posted_at else now,
            permalink=link or None,
            lang=_text(_content(record).get("language")) or _text(feed.get("language")) or None,
        )
        return _Entry(mention.cleaned(), _digest(f"{title}\n{body}")[:16])


def _split(source: str, url: str) -> tuple[str, str]:
    """Return the origin of a feed's address, and the rest of it."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BadSettings(source, "the feed's address is no URL") from error
    if not parts.scheme or not parts.netloc:
        raise BadSettings(source, "the feed's address is no URL; it begins with https://")
    return f"{parts.scheme}://{parts.netloc}", urlunsplit(("", "", parts.path or "/", parts.query, ""))


def _known(state: Mapping[str, Any]) -> dict[str, tuple[str, int]]:
    """Return what is remembered of each entry: the hash of its content, and when it was posted, in unix seconds."""
    known = state.get("known")
    if not isinstance(known, dict):
        return {}
    return {key: (value[0], value[1]) for key, value in known.items() if isinstance(value, list) and len(value) == 2}


def _state(answer: Answer, known: Mapping[str, tuple[str, int]], entries: Mapping[str, _Entry]) -> dict[str, Any]:
    """Return what to remember: the entries of now, and of the past as many as there is room for."""
    now = {key: [entry.content, int(entry.mention.posted_at.timestamp())] for key, entry in entries.items()}
    past = {key: list(value) for key, value in known.items() if key not in now}
    room = max(0, MOST_ENTRIES - len(now))
    kept = dict(list(past.items())[:room])
    return {
        "etag": _validator(answer, "etag"),
        "last_modified": _validator(answer, "last-modified"),
        "known": {**now, **kept},
    }


def _validator(answer: Answer, name: str) -> str | None:
    value = answer.headers.get(name)
    return value if value and len(value) <= LINE_LIMIT and value.isascii() and value.isprintable() else None


def _moment(record: Any) -> datetime | None:
    for key in ("published_parsed", "updated_parsed"):
        parsed = record.get(key)
        if isinstance(parsed, struct_time):
            try:
                return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _content(record: Any) -> Mapping[str, Any]:
    content = record.get("content")
    return content[0] if isinstance(content, list) and content and isinstance(content[0], dict) else {}


def _body(record: Any) -> str:
    return _text(_content(record).get("value")) or _text(record.get("summary"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
