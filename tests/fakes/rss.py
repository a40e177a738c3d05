"""A fake of a site with one feed: a short window of entries, validators, 304 and 410."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from tests.fakes.server import Call, FakeServer, Reply


@dataclass
class Entry:
    """One entry; without `posted_at` the feed gives no date, without `id` no guid."""

    title: str
    text: str
    link: str
    id: str | None
    posted_at: datetime | None


@dataclass
class FakeFeed(FakeServer):
    """The server shows the newest `window` entries; `strange` adds unknown elements and leaves out optional ones."""

    window: int = 20
    atom: bool = False
    strange: bool = False
    validators: bool = True
    gone: bool = False
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def feed_url(self) -> str:
        return f"{self.url}/feed.xml?kind=all"

    def publish(self, text: str, at: datetime | None, *, title: str = "A post", id: str | None = "") -> str:
        """Add an entry; return its id (the link where `id` is None)."""
        link = f"https://blog.example/{len(self.entries) + 1}"
        identity = f"tag:blog.example,2026:{len(self.entries) + 1}" if id == "" else id
        self.entries.append(Entry(title, text, link, identity, at))
        return identity or link

    def edit(self, native_id: str, text: str) -> None:
        next(entry for entry in self.entries if native_id in (entry.id, entry.link)).text = text

    def remove(self, native_id: str) -> None:
        self.entries = [entry for entry in self.entries if native_id not in (entry.id, entry.link)]

    def answer(self, call: Call) -> Reply:
        if call.path != "/feed.xml" or call.params != {"kind": "all"}:
            return Reply("<h1>not here</h1>", 404, content_type="text/html")
        if self.gone:
            return Reply("gone", 410, content_type="text/plain")
        shown = list(reversed(self.entries))[: self.window]
        body = (self._atom(shown) if self.atom else self._rss(shown)).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if self.validators and call.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        headers = {"ETag": etag, "Last-Modified": "Mon, 01 Jun 2026 10:00:00 GMT"} if self.validators else {}
        kind = "application/atom+xml" if self.atom else "application/rss+xml"
        return Reply(body, headers=headers, content_type=f"{kind}; charset=utf-8")

    def _rss(self, entries: list[Entry]) -> str:
        items = "".join(self._rss_item(entry) for entry in entries)
        language = "" if self.strange else "<language>en-gb</language>"
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title>{language}{items}</channel></rss>'

    def _rss_item(self, entry: Entry) -> str:
        guid = f"<guid>{escape(entry.id)}</guid>" if entry.id else ""
        date = f"<pubDate>{format_datetime(entry.posted_at)}</pubDate>" if entry.posted_at else ""
        extra = "<future:thing xmlns:future='urn:x'>1</future:thing>" if self.strange else "<author>ann</author>"
        return (
            f"<item>{guid}<title>{escape(entry.title)}</title><link>{entry.link}</link>{date}{extra}"
            f"<description>{escape(entry.text)}</description></item>"
        )

    def _atom(self, entries: list[Entry]) -> str:
        shown = "".join(
            f"<entry><id>{entry.id}</id><title>{escape(entry.title)}</title><link href='{entry.link}'/>"
            f"<updated>{(entry.posted_at or datetime.now(UTC)).isoformat()}</updated>"
            f"<content type='html'>{escape(entry.text)}</content></entry>"
            for entry in entries
        )
        return f"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>Blog</title>{shown}</feed>"


if __name__ == "__main__":
    from tests.fakes.serve import serve

    demo = FakeFeed()
    demo.publish("<p>The <b>lumo</b> lamp is dead again</p>", datetime.now(UTC))
    serve(demo)
