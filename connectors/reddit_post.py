"""One submission or comment of Reddit as JSON, read as a mention."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.errors import BadMention
from connectors.mention import Mention, parse_mention, parse_time

SITE = "https://www.reddit.com"
_FULLNAME = re.compile(r"t[13]_[0-9a-z]{1,13}", re.ASCII)
_PERMALINK = re.compile(r"/(?:r|user|comments)/[^\s\\]{1,1000}")
_EMPTIED = {"[deleted]", "[removed]", "[ removed by reddit ]"}


@dataclass(frozen=True, slots=True)
class RedditPost:
    """A post as read; `mention` is None where it was deleted by its author or removed by a moderator."""

    fullname: str
    posted_at: datetime
    mention: Mention | None


def is_fullname(value: object) -> bool:
    """Tell whether a value names a submission (`t3_…`) or a comment (`t1_…`)."""
    return isinstance(value, str) and _FULLNAME.fullmatch(value) is not None


def parse_child(child: object) -> RedditPost:
    """Read one child of a listing; raises BadMention."""
    kind = child.get("kind") if isinstance(child, dict) else None
    record = child.get("data") if isinstance(child, dict) else None
    if kind not in ("t1", "t3") or not isinstance(record, dict):
        raise BadMention("child", "is neither a submission nor a comment")
    fullname = record.get("name") or f"{kind}_{record.get('id')}"
    if not is_fullname(fullname):
        raise BadMention("name", "is no name of a submission or a comment")
    posted_at = parse_time(record.get("created_utc"))
    return RedditPost(fullname, posted_at, None if _is_gone(record) else _mention(record, fullname, posted_at))


def _is_gone(record: Mapping[str, Any]) -> bool:
    """Tell whether the content or its author was taken away: both have to be forgotten then."""
    text = record.get("body", record.get("selftext"))
    emptied = isinstance(text, str) and text.strip().casefold() in _EMPTIED
    return emptied or bool(record.get("removed_by_category")) or record.get("author") in (None, "[deleted]")


def _mention(record: Mapping[str, Any], fullname: str, posted_at: datetime) -> Mention:
    """Return the mention. The members of a subreddit are no followers of the author, so that reach stays unknown."""
    comment = fullname.startswith("t1_")
    return parse_mention(
        {
            "platform": "reddit",
            "native_id": fullname,
            "permalink": _permalink(record.get("permalink")),
            "author": {"handle": record.get("author")},
            "text": record.get("body") if comment else _submission_text(record),
            "posted_at": posted_at.isoformat(),
            "parent_id": record.get("parent_id") if comment else None,
            "thread_id": record.get("link_id") if comment else fullname,
            "metrics": {
                "likes": _score(record.get("score")),
                "replies": record.get("num_comments"),
                "reposts": record.get("num_crossposts"),
            },
        }
    )


def _submission_text(record: Mapping[str, Any]) -> object:
    title, text = record.get("title"), record.get("selftext")
    if not isinstance(title, str):
        return title
    return f"{title}\n\n{text}" if isinstance(text, str) and text else title


def _score(value: object) -> object:
    """Return the votes for a post less those against it, at least 0; None where they are hidden."""
    return max(value, 0) if isinstance(value, int | float) else None


def _permalink(path: object) -> str | None:
    return SITE + path if isinstance(path, str) and _PERMALINK.fullmatch(path) else None
