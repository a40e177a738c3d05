"""Which column of an export holds what: the config's map first, then the names that other tools use."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.errors import BadMention, BadSettings
from connectors.mention import Author, Mention, Metrics, parse_time

ALIASES: dict[str, tuple[str, ...]] = {
    "native_id": ("id", "post id", "mention id", "message id", "tweet id", "resource id", "guid"),
    "platform": ("network", "source", "channel", "content source name", "social network"),
    "permalink": ("url", "link", "post url", "mention url"),
    "author": ("handle", "username", "screen name", "user", "author handle", "from"),
    "author_name": ("name", "full name", "display name", "author name"),
    "followers": ("follower count", "author followers", "reach"),
    "text": ("message", "content", "body", "full text", "snippet", "mention", "post"),
    "title": ("subject", "headline"),
    "posted_at": ("date", "time", "created at", "created", "published", "timestamp", "date utc", "datetime"),
    "lang": ("language",),
    "parent_id": ("in reply to", "reply to"),
    "thread_id": ("conversation id", "thread"),
    "likes": ("like count", "favorites", "favourites", "score", "upvotes"),
    "replies": ("reply count", "comments", "comment count"),
    "reposts": ("retweets", "shares", "share count", "retweet count"),
    "views": ("impressions", "view count"),
    "rating": ("stars", "star rating"),
    "repost_of": (),
}
"""Our names, and what other tools call them; compared without case, `_`, `-` and `.`."""

_COUNT = re.compile(r"[0-9]{1,3}(?:[,. '\u00a0\u202f][0-9]{3})+|[0-9]{1,15}(?:\.0+)?", re.ASCII)
_UNIX = re.compile(r"[0-9]{9,10}(?:\.[0-9]+)?|[0-9]{12,13}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each of our names stands in a row, and how its times are written."""

    places: Mapping[str, int]
    platform: str
    time_format: str | None
    zone: ZoneInfo

    def mention(self, row: Sequence[str]) -> Mention:
        """Read one row. Raises BadMention naming the column."""
        text = "\n\n".join(filter(None, (self._cell(row, "title"), self._cell(row, "text"))))
        if not text:
            raise BadMention("text", "is empty")
        native_id = self._cell(row, "native_id") or f"row-{_digest(row)}"
        handle = self._cell(row, "author") or self._cell(row, "author_name")
        return Mention(
            platform=(self._cell(row, "platform") or self.platform).lower(),
            native_id=native_id,
            author=Author(
                (handle or f"unknown-{native_id[:16]}").removeprefix("@"),
                self._cell(row, "author_name"),
                _count(self._cell(row, "followers")),
            ),
            text=text,
            posted_at=self._moment(self._cell(row, "posted_at")),
            permalink=self._cell(row, "permalink"),
            lang=self._cell(row, "lang"),
            parent_id=self._cell(row, "parent_id"),
            thread_id=self._cell(row, "thread_id"),
            metrics=Metrics(*(_count(self._cell(row, name)) for name in ("likes", "replies", "reposts", "views"))),
            repost_of=self._cell(row, "repost_of"),
            rating=_rating(self._cell(row, "rating")),
        ).cleaned()

    def _cell(self, row: Sequence[str], name: str) -> str | None:
        place = self.places.get(name)
        return (row[place].strip() or None) if place is not None and place < len(row) else None

    def _moment(self, text: str | None) -> datetime:
        if text is None:
            raise BadMention("posted_at", "is empty")
        try:
            if self.time_format:
                moment = datetime.strptime(text, self.time_format)  # noqa: DTZ007 - the zone follows below
            elif _UNIX.fullmatch(text):
                return parse_time(float(text) / (1000 if len(text) >= 12 and "." not in text else 1))
            else:
                moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            wanted = self.time_format or "ISO 8601; set time_format"
            raise BadMention("posted_at", f"{text[:60]!r} is not written as {wanted}") from error


def find_columns(source: str, header: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Return the place of each of our names in `header`; `given` maps our names to the file's.

    Raises BadSettings where a name is not ours, a mapped column is not there, or text or time cannot be found.
    """
    places = {_folded(name): place for place, name in reversed(list(enumerate(header)))}
    found: dict[str, int] = {}
    for ours, theirs in given.items():
        name = _our_name(source, ours)
        if _folded(theirs) not in places:
            raise BadSettings(source, f"there is no column {theirs!r}; the file has {_listed(header)}")
        found[name] = places[_folded(theirs)]
    taken = set(found.values())
    for ours, aliases in ALIASES.items():
        candidates = (places[_folded(name)] for name in (ours, *aliases) if _folded(name) in places)
        place = next((place for place in candidates if place not in taken), None)
        if ours not in found and place is not None:
            found[ours] = place
            taken.add(place)
    for ours in ("text", "posted_at"):
        if ours not in found:
            raise BadSettings(source, f"no column is known to be {ours}; name it under columns: {_listed(header)}")
    return found


def _our_name(source: str, name: str) -> str:
    alias = {"author.handle": "author", "author.name": "author_name", "author.followers": "followers"}
    ours = alias.get(name, name.removeprefix("metrics."))
    if ours not in ALIASES:
        raise BadSettings(source, f"columns: {name!r} is none of our names: {', '.join(ALIASES)}")
    return ours


def _folded(name: str) -> str:
    return " ".join(re.sub(r"[_\-.]", " ", name).casefold().split())


def _listed(header: Sequence[str]) -> str:
    return ", ".join(repr(name[:40]) for name in header[:20])


def _count(text: str | None) -> int | None:
    if text is None or not _COUNT.fullmatch(text):
        return None
    return int(re.sub(r"[^0-9]", "", text.split(".0")[0] if text.endswith(".0") else text))


def _rating(text: str | None) -> float | None:
    try:
        rating = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return rating if 0 <= rating <= 1000 else None


def _digest(row: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(row).encode("utf-8", "surrogatepass")).hexdigest()
