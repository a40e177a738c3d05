"""One post of X as JSON, read as a mention under the old field names (`tweet`) or the new ones (`post`)."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.answer import redacted
from connectors.errors import BadMention
from connectors.mention import Mention, parse_mention, parse_time

_EPOCH_MS = 1_288_834_974_657
"""The first millisecond of X's ids (a snowflake: milliseconds since then, shifted left by 22 bits)."""

_EDIT_WINDOW = timedelta(hours=1)
"""A post can be edited for 30 minutes; an edit history that spans much more is not believed."""

_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_USERNAME = re.compile(r"[A-Za-z0-9_]{1,50}", re.ASCII)
_NO_LANGUAGE = {"und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"}
"""What X says where it does not know, or where a post is nothing but handles, tags or media."""

_PASSING_FAULTS = ("unavailable", "capacity", "timeout", "disconnect", "internal", "disallowed-resource")


@dataclass(frozen=True, slots=True)
class XPost:
    """A post as read: `id` of the version that was read, `newest_id` of the version to read for the newest text."""

    mention: Mention
    id: str
    newest_id: str


def is_id(value: object) -> bool:
    """Tell whether a value is the id of a post or an account: digits alone."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def id_at(moment: datetime) -> int:
    """Return the smallest id that a post of this moment can have; at most 0 before X had such ids (November 2010)."""
    return (int(moment.timestamp() * 1000) - _EPOCH_MS) << 22


def parse_post(record: object, users: Mapping[str, Mapping[str, Any]]) -> XPost:
    """Read one post; `users` are those of the answer by id. Raises BadMention."""
    if not isinstance(record, dict):
        raise BadMention("post", "is no object")
    read_id = _id(record.get("id"))
    history = _history(record, read_id)
    author_id = record.get("author_id")
    user = users.get(str(author_id), {})
    username = user.get("username")
    references = _references(record)
    mention = parse_mention(
        {
            "platform": "x",
            "native_id": history[0],
            "permalink": _permalink(username, history[0]),
            "author": {
                "handle": username or author_id,
                "name": user.get("name"),
                "followers": _object(user, "public_metrics").get("followers_count"),
            },
            "text": _text(record),
            "posted_at": _posted_at(record, history).isoformat(),
            "lang": _language(record.get("lang")),
            "parent_id": references.get("replied_to"),
            "thread_id": record.get("conversation_id"),
            "repost_of": references.get("retweeted") or references.get("reposted"),
            "metrics": _metrics(_object(record, "public_metrics")),
        }
    )
    return XPost(mention, read_id, history[-1])


def parse_posts(
    records: Sequence[object], users: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, XPost], tuple[str, ...]]:
    """Return (posts by native id, why others could not be read); of two versions of a post the newer one counts."""
    posts: dict[str, XPost] = {}
    skipped: list[str] = []
    for record in records:
        try:
            post = parse_post(record, users)
        except BadMention as error:
            skipped.append(redacted(str(error), ()))
            continue
        known = posts.get(post.mention.native_id)
        if known is None or int(post.id) >= int(known.id):
            posts[post.mention.native_id] = post
    return posts, tuple(skipped)


def parse_users(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the authors that came with an answer, by id."""
    users = _object(answer, "includes").get("users")
    return {str(one.get("id")): one for one in users if isinstance(one, dict)} if isinstance(users, list) else {}


def parse_faults(answer: Mapping[str, Any]) -> dict[str, bool]:
    """Return, by the id of a post that an answer lacks, whether it is gone; else the platform failed for the moment."""
    errors = answer.get("errors")
    faults = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    return {str(one.get("resource_id") or one.get("value")): _is_final(one) for one in faults}


def _is_final(fault: Mapping[str, Any]) -> bool:
    words = f"{fault.get('type')} {fault.get('title')}".casefold()
    return not any(word in words for word in _PASSING_FAULTS)


def _id(value: object) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not is_id(text):
        raise BadMention("id", "is missing or no number")
    return text


def _history(record: Mapping[str, Any], read_id: str) -> list[str]:
    """Return the ids of all versions, oldest first."""
    ids = record.get("edit_history_tweet_ids") or record.get("edit_history_post_ids")
    return [_id(one) for one in ids] if isinstance(ids, list) and ids else [read_id]


def _references(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the posts that this one refers to, by the kind of reference."""
    references = record.get("referenced_tweets") or record.get("referenced_posts")
    known = [one for one in references if isinstance(one, dict)] if isinstance(references, list) else []
    return {str(one.get("type")): _id(one.get("id")) for one in known}


def _text(record: Mapping[str, Any]) -> object:
    """Return the whole text: that of a long post stands in its note. X escapes `&`, `<` and `>`."""
    note = _object(record, "note_tweet") or _object(record, "note_post")
    text = note.get("text") or record.get("text")
    return html.unescape(text) if isinstance(text, str) else text


def _posted_at(record: Mapping[str, Any], history: Sequence[str]) -> datetime:
    """Return when the first version was posted, so that an edit moves no clock."""
    first = _time_of(history[0])
    if record.get("created_at") is None:
        return first
    created = parse_time(record["created_at"])
    return first if len(history) > 1 and abs(created - first) <= _EDIT_WINDOW else created


def _time_of(post_id: str) -> datetime:
    return datetime.fromtimestamp(((int(post_id) >> 22) + _EPOCH_MS) / 1000, UTC)


def _language(tag: object) -> str | None:
    return tag if isinstance(tag, str) and tag not in _NO_LANGUAGE else None


def _permalink(username: object, post_id: str) -> str:
    known = isinstance(username, str) and _USERNAME.fullmatch(username)
    return f"https://x.com/{username if known else 'i/web'}/status/{post_id}"


def _metrics(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "likes": counts.get("like_count"),
        "replies": counts.get("reply_count"),
        "reposts": counts.get("retweet_count", counts.get("repost_count")),
        "views": counts.get("impression_count"),
    }


def _object(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = record.get(key)
    return value if isinstance(value, dict) else {}
