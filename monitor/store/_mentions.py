"""How a mention is written: once, with versions for edits, readings for engagement, and nothing left after deletion."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.mention import Mention
from monitor.rules.history import copy_key
from monitor.store._erasure import erase_quotations, words_of
from monitor.store._incidents import forget_meanings
from monitor.store.connection import Connection, Row, dump, ms

_PURGES = (
    "purge_evidence",
    "purge_case_evidence",
    "purge_versions",
    "drop_follow",
    "reopen_messages",  # what is not sent yet is rendered anew, without the words
    "empty_dead_messages",
    "reopen_spike_messages",
)

Watches = Mapping[str, Sequence[str]]


class MentionWriter:
    """Writes the mentions of one page. Only inside `write()`."""

    def __init__(self, connection: Connection, source: str, now: datetime, history_before: datetime | None) -> None:
        self._connection = connection
        self._source = source
        self._now = ms(now)
        self._history_before = None if history_before is None else ms(history_before)

    def save(self, matched: Sequence[tuple[Mention, Watches]]) -> None:
        """Insert or update each mention in order, with its hits."""
        known = known_mentions(self._connection, (mention.key for mention, _ in matched))
        for mention, watches in matched:
            row = known.get(mention.key)
            if row is None:
                known[mention.key] = self._insert(mention, watches)
            elif row["deleted_at"] is None:
                self._update(row, mention, watches)

    def _insert(self, mention: Mention, watches: Watches) -> Row:
        row = {**_columns(mention), "source": self._source, "seen_at": self._now, "matched": int(bool(watches))}
        mention_id = self._connection.insert("insert_mention", **row)
        self._read_engagement(mention_id, mention)
        self._add_hits(mention_id, mention, watches)
        return {**row, "id": mention_id, "version": 1, "deleted_at": None}

    def _update(self, row: Row, mention: Mention, watches: Watches) -> None:
        update_known(self._connection, row, mention, self._now)
        if watches:
            self._connection.run("mark_matched", id=row["id"])
            self._add_hits(row["id"], mention, watches)

    def _read_engagement(self, mention_id: int, mention: Mention) -> None:
        add_reading(self._connection, mention_id, mention, self._now)

    def _add_hits(self, mention_id: int, mention: Mention, watches: Watches) -> None:
        old = self._history_before is not None and ms(mention.posted_at) < self._history_before
        for brand, names in watches.items():
            self._connection.run(
                "add_hit",
                brand=brand,
                mention_id=mention_id,
                watches=dump(sorted(names)),
                source=self._source,
                seen_at=self._now,
                backfilled=int(old),
            )


def known_mentions(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    """Return the stored rows of these (platform, native_id) keys."""
    rows = connection.rows("known_mentions", keys=dump(list(keys)))
    return {(row["platform"], row["native_id"]): row for row in rows}


def update_known(connection: Connection, row: Row, mention: Mention, now: int) -> bool:
    """Store new metrics and an edited text of a known mention; returns whether it has to be decided again."""
    metrics = {name: getattr(mention.metrics, name) for name in ("likes", "replies", "reposts", "views")}
    grown = any(value is not None and value != row[name] for name, value in metrics.items())
    edited = mention.text != row["text"]
    if grown:
        connection.run("update_metrics", id=row["id"], author_followers=mention.author.followers, **metrics)
        add_reading(connection, row["id"], mention, now)
    if edited:
        connection.run("keep_version", id=row["id"], now=now)
        connection.run("edit_mention", id=row["id"], text=mention.text, copy_key=copy_key(mention.text))
    if grown or edited:
        connection.run("renew_hits", mention_id=row["id"])
        row.update({name: value for name, value in metrics.items() if value is not None}, text=mention.text)
    return grown or edited


def add_reading(connection: Connection, mention_id: int, mention: Mention, now: int) -> None:
    """Keep one reading of the engagement, where the platform tells it."""
    if mention.metrics.engagement is not None:
        connection.run("add_reading", mention_id=mention_id, at=now, engagement=mention.metrics.engagement)


def purge(
    connection: Connection,
    source: str,
    platform: str,
    native_ids: Sequence[str],
    now: datetime,
    *,
    action: str = "deleted",
) -> None:
    """Remove text and identity of mentions that are deleted or past their time; times, decision and audit stay.

    A replayed file holds several platforms, so an id counts where its platform or its source is right.
    """
    if not native_ids:
        return
    for row in connection.rows("deleted_mentions", source=source, platform=platform, ids=dump(list(native_ids))):
        for case in connection.rows("cases_of_mention", id=row["id"]):
            entry = {"case_id": case["case_id"], "at": ms(now), "who": "monitor", "action": action}
            connection.run("add_audit", **entry, detail=dump({"post": f"{row['platform']}:{row['native_id']}"}))
        forget_meanings(connection, row["id"])
        words = words_of(connection, row["id"])
        for name in _PURGES:
            connection.run(name, id=row["id"])
        erase_quotations(connection, row["id"], words)
        connection.run("purge_mention", id=row["id"], now=ms(now))


def _columns(mention: Mention) -> dict[str, Any]:
    author, metrics = mention.author, mention.metrics
    return {
        "platform": mention.platform,
        "native_id": mention.native_id,
        "author": author.handle.casefold(),
        "author_handle": author.handle,
        "author_name": author.name,
        "author_followers": author.followers,
        "text": mention.text,
        "copy_key": copy_key(mention.text),
        "posted_at": ms(mention.posted_at),
        "permalink": mention.permalink,
        "lang": mention.lang,
        "parent_id": mention.parent_id,
        "thread_id": mention.thread_id,
        "likes": metrics.likes,
        "replies": metrics.replies,
        "reposts": metrics.reposts,
        "views": metrics.views,
        "repost_of": mention.repost_of,
        "rating": mention.rating,
    }
