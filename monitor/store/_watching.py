"""Threads of cases on SQLite: what is watched and when, what that cost, and who posed as us there."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from connectors.mention import Mention
from models.classifier import Verdict
from monitor.domain import Hit, Status
from monitor.rules.own_answers import ThreadPost
from monitor.rules.watching import GUARDED, WatchedCase
from monitor.store._base import Tables
from monitor.store._mentions import MentionWriter, Watches, purge
from monitor.store.connection import Connection, at, dump, maybe_at, ms
from monitor.store.watching import WatchedPlace


class WatchTables(Tables):
    """Threads of cases, what they cost, and the impostors that were found there."""

    def plan_watch(self, source: str, place: str, read_at: datetime, due_at: datetime) -> None:
        """Have a thread, or the own timeline, looked into; one that is planned already is looked into no later."""
        with self.write():
            self.connection.run("plan_watch", source=source, place=place, read_at=ms(read_at), due_at=ms(due_at))

    def sources_to_watch(self, now: datetime) -> list[str]:
        """Return the sources with threads that are due, or whose own timeline is."""
        return [row["source"] for row in self.connection.rows("sources_to_watch", now=ms(now))]

    def claim_watches(
        self, source: str, now: datetime, lease_s: int, limit: int, *, own: bool = False
    ) -> list[WatchedPlace]:
        """Take due threads of a source, those that waited longest first; with `own` its own timeline alone."""
        values = {"source": source, "now": ms(now), "lease": ms(now) + lease_s * 1000, "limit": limit, "own": int(own)}
        with self.write():
            rows = self.connection.rows("claim_watches", **values)
        return [WatchedPlace(**{**row, "read_at": at(row["read_at"])}) for row in rows]

    def save_watched(
        self,
        platform: str,
        due: Mapping[WatchedPlace, datetime | None],
        matched: Sequence[tuple[Mention, Watches]],
        gone: Sequence[str],
        now: datetime,
    ) -> None:
        """Store what a reading brought, with hits by brand and watches; `due` None ends the watching of a place."""
        with self.write():
            for place, due_at in due.items():
                self._end_reading(place, due_at, now)
            for source in {place.source for place in due}:
                MentionWriter(self.connection, source, now, None).save(matched)
                purge(self.connection, source, platform, gone, now)

    def _end_reading(self, place: WatchedPlace, due_at: datetime | None, now: datetime) -> None:
        key = {"source": place.source, "place": place.place, "fence": place.fence}
        if due_at is None:
            self.connection.run("end_watch", **key)
        else:
            self.connection.run("advance_watch", **key, due_at=ms(due_at), read_at=ms(now))

    def delay_watches(self, places: Sequence[WatchedPlace], due_at: datetime) -> None:
        """Try again later."""
        with self.write():
            for place in places:
                key = {"source": place.source, "place": place.place, "fence": place.fence}
                self.connection.run("delay_watch", **key, due_at=ms(due_at))

    def next_watch_due(self, names: Sequence[str]) -> datetime | None:
        """Return when the next place of these sources is due."""
        return maybe_at(self.connection.value("next_watch_due", names=dump(list(names))))

    def watched_cases(self, platform: str, thread_id: str, now: datetime) -> list[WatchedCase]:
        """Return the cases of a thread that are watched: open first, then resolved in the last seven days."""
        place = {"platform": platform, "thread_id": thread_id, "closed_after": ms(now - GUARDED)}
        return [
            WatchedCase(
                id=row["id"],
                brand=row["brand"],
                status=Status(row["status"]),
                clock_at=at(row["clock_at"]),
                closed_at=maybe_at(row["closed_at"]),
                customers=tuple(name for name in json.loads(row["customers"]) if name),
            )
            for row in self.connection.rows("watched_cases", **place)
        ]

    def cases_of_customer(self, hit: Hit, *, itself: bool) -> list[int]:
        """Return the open cases in a hit's thread that its author has posts in, `itself` with the hit or without."""
        mention = hit.mention
        place = {"platform": mention.platform, "thread_id": mention.thread_id, "brand": hit.brand}
        author = mention.author.handle.casefold()
        rows = self.connection.rows("cases_of_customer", **place, author=author, except_hit=0 if itself else hit.id)
        return [row["id"] for row in rows]

    def awaits_answers(self, platform: str) -> bool:
        """Whether any case of a platform is open."""
        return self.connection.row("awaits_answers", platform=platform) is not None

    def posts_of_thread(self, case_id: int, brand: str, platform: str, thread_id: str) -> list[ThreadPost]:
        """Return what is stored of a thread, as a case of it sees it: oldest first, the newest thousand."""
        place = {"case_id": case_id, "brand": brand, "platform": platform, "thread_id": thread_id}
        rows = self.connection.rows("posts_of_thread", **place)
        return [
            ThreadPost(
                native_id=row["native_id"],
                author=row["author"],
                handle=row["author_handle"],
                posted_at=at(row["posted_at"]),
                parent_id=row["parent_id"],
                in_case=bool(row["in_case"]),
                complains=bool(row["complains"]),
            )
            for row in rows[::-1]
        ]

    def customer_verdict(self, case_id: int, hit: Hit, until: datetime) -> Verdict | None:
        """Return what the model made of the last words in a case by the author of a hit, written until a time."""
        author = hit.mention.author.handle.casefold()
        values = {"case_id": case_id, "author": author, "until": ms(until), "hit_id": hit.id}
        stored = self.connection.value("customer_verdict", **values)
        return Verdict.from_json(json.loads(stored)) if stored else None

    def spend_posts(self, source: str, posts: int, now: datetime) -> None:
        """Count posts that a platform has billed against the day (UTC) of a source."""
        with self.write():
            self.connection.run("spend_posts", source=source, posts=posts, day=_day(now))

    def spent_posts(self, source: str, now: datetime) -> int:
        """Return how many posts a source has been given today (UTC), by polls and readings together."""
        return int(self.connection.value("spent_posts", source=source, day=_day(now)) or 0)

    def add_impostor(self, case_id: int, hit: Hit, now: datetime) -> bool:
        """Remember the author of a hit as one who poses as us; False where that was known of this case."""
        mention = hit.mention
        values = {"case_id": case_id, "brand": hit.brand, "platform": mention.platform, "mention_id": hit.mention_id}
        key = impostor_key(hit.brand, mention.platform, mention.author.handle)
        with self.write():
            handle = mention.author.handle
            return bool(self.connection.run("add_impostor", key=key, handle=handle, now=ms(now), **values))

    def clear_impostor(self, brand: str, platform: str, handle: str, who: str, now: datetime) -> bool:
        """Note that an account is no impostor; False where it was not taken for one."""
        key = impostor_key(brand, platform, handle)
        with self.write():
            return bool(self.connection.run("clear_impostor", key=key, who=who, now=ms(now)))

    def impostors(self, case_id: int | None = None) -> list[dict[str, Any]]:
        """Return those that are known, newest first, or those of a case; the handle is None once its post is gone."""
        if case_id is None:
            rows = self.connection.rows("all_impostors")
            return [{**row, "seen_at": at(row["seen_at"]), "cleared_at": maybe_at(row["cleared_at"])} for row in rows]
        rows = self.connection.rows("impostors_of_case", case_id=case_id)
        return [{**row, "seen_at": at(row["seen_at"])} for row in rows]


def impostor_key(brand: str, platform: str, handle: str) -> str:
    """Return what an impostor is known by: a digest, since the handle goes when its post is deleted."""
    name = f"{brand}\x1f{platform}\x1f{handle.removeprefix('@').casefold()}"
    return blake2b(name.encode("utf-8", "replace"), digest_size=16).hexdigest()


def is_guarded(connection: Connection, hit: Hit, now: datetime) -> bool:
    """Whether a hit stands in the thread of somebody else's case that is open, or resolved in the last seven days.

    Not by an account of which people said that it is no impostor.
    """
    mention = hit.mention
    if not mention.thread_id:
        return False
    place = {"platform": mention.platform, "thread_id": mention.thread_id, "brand": hit.brand}
    author = mention.author.handle.casefold()
    if connection.row("is_guarded", **place, author=author, closed_after=ms(now - GUARDED)) is None:
        return False
    key = impostor_key(hit.brand, mention.platform, mention.author.handle)
    return connection.row("cleared_impostor", key=key) is None


def is_known_impostor(connection: Connection, hit: Hit) -> bool:
    """Whether the author of a hit was found to pose as its brand, and nobody has said otherwise."""
    key = impostor_key(hit.brand, hit.mention.platform, hit.mention.author.handle)
    return connection.row("known_impostor", key=key) is not None


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
