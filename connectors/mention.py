"""The mention: one public post or comment, as every connector returns it.

All texts are cleaned here, at intake, so that nothing behind this module ever meets a NUL, a lone surrogate or a
post of a megabyte. Unknown is `None`, never 0.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from connectors.errors import BadMention

TEXT_LIMIT = 10_000
"""Code points kept of a post: more than any platform we read allows in a post that people write by hand."""

MARK_LIMIT = 8
"""Combining marks kept per base character; eight suffice for every living script, zalgo uses dozens."""

LINE_LIMIT = 300
"""Code points kept of a handle, a name, an id or a language tag."""

LINK_LIMIT = 2_000

_FORBIDDEN = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_TOO_MANY_MARKS = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{9,}"
)


def clean_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` fit to store: at most `limit` code points, forbidden ones as U+FFFD, at most eight marks a base."""
    text = text[: limit * 2]
    if not text.isascii():
        text = _TOO_MANY_MARKS.sub(lambda run: run[0][:MARK_LIMIT], text)
        text = unicodedata.normalize("NFC", text[:limit])
    return _FORBIDDEN.sub("\ufffd", text)[:limit]


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a mention; `followers` is None where the platform does not tell."""

    handle: str
    name: str | None = None
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Public counters of a mention at the time it was read; None where the platform does not tell."""

    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    views: int | None = None

    def cleaned(self) -> Self:
        """Return the counters with what is no count as unknown."""
        return type(self)(_count(self.likes), _count(self.replies), _count(self.reposts), _count(self.views))

    @property
    def engagement(self) -> int | None:
        """Likes, replies and reposts together, or None where not one of them is known."""
        known = [count for count in (self.likes, self.replies, self.reposts) if count is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Mention:
    """One public post or comment. `posted_at` is aware UTC, as the platform gave it; ids are text."""

    platform: str
    native_id: str
    author: Author
    text: str
    posted_at: datetime
    permalink: str | None = None
    lang: str | None = None
    parent_id: str | None = None
    thread_id: str | None = None
    metrics: Metrics = Metrics()
    repost_of: str | None = None
    rating: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes a mention one: (platform, native_id)."""
        return (self.platform, self.native_id)

    def cleaned(self) -> Self:
        """Return the mention with every text bounded and stripped of what cannot be stored."""
        return replace(
            self,
            platform=clean_text(self.platform, LINE_LIMIT),
            native_id=clean_text(self.native_id, LINE_LIMIT),
            author=Author(_line(self.author.handle) or "", _line(self.author.name), _count(self.author.followers)),
            text=clean_text(self.text),
            permalink=_link(self.permalink),
            lang=_line(self.lang),
            parent_id=_line(self.parent_id),
            thread_id=_line(self.thread_id),
            repost_of=_line(self.repost_of),
            metrics=self.metrics.cleaned(),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the mention in the replay format: the same keys, times as ISO 8601 with `Z`."""
        return {**asdict(self), "posted_at": format_time(self.posted_at)}


def parse_mention(record: Mapping[str, Any]) -> Mention:
    """Read a mention from its JSON form; unknown keys are ignored.

    Raises BadMention naming the first key that is missing or of the wrong type.
    """
    author = record.get("author")
    if not isinstance(author, Mapping):
        raise BadMention("author", "must be an object with at least a handle")
    if record.get("native_id") == "":
        raise BadMention("native_id", "is empty")
    metrics = record["metrics"] if isinstance(record.get("metrics"), Mapping) else {}
    return Mention(
        platform=_text(record, "platform"),
        native_id=_text(record, "native_id"),
        author=Author(_text(author, "handle"), _optional(author, "name"), _count(author.get("followers"))),
        text=_text(record, "text"),
        posted_at=parse_time(record.get("posted_at")),
        permalink=_optional(record, "permalink"),
        lang=_optional(record, "lang"),
        parent_id=_optional(record, "parent_id"),
        thread_id=_optional(record, "thread_id"),
        metrics=Metrics(*(_count(metrics.get(name)) for name in ("likes", "replies", "reposts", "views"))),
        repost_of=_optional(record, "repost_of"),
        rating=_rating(record.get("rating")),
    ).cleaned()


def parse_time(value: object) -> datetime:
    """Read ISO 8601 text, or unix seconds, as aware UTC; a time without a zone is taken as UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadMention("posted_at", f"{str(value)[:60]!r} is no time") from error
    raise BadMention("posted_at", f"{json.dumps(value, default=str)[:60]} is no time; give ISO 8601 with a zone")


def format_time(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC with `Z`, in milliseconds where it has any."""
    return moment.astimezone(UTC).isoformat(timespec="auto" if moment.microsecond else "seconds").replace("+00:00", "Z")


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise BadMention(key, "is missing" if value is None else f"must be text, not {type(value).__name__}")
    return value


def _optional(record: Mapping[str, Any], key: str) -> str | None:
    return None if record.get(key) is None else _text(record, key)


def _line(value: str | None) -> str | None:
    return clean_text(value, LINE_LIMIT) if value is not None else None


def _link(value: str | None) -> str | None:
    if value is None or not value.startswith(("https://", "http://")) or len(value) > LINK_LIMIT:
        return None
    return clean_text(value, LINK_LIMIT)


def _rating(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1000 <= value <= 1000:
        return None
    return float(value)


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**62:
        return None
    return int(value)
