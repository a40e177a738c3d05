"""Hits on SQLite: claims with lease and fence, history, decisions, explanations."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.mention import Author, Mention, Metrics
from models.classifier import Verdict
from monitor.domain import Decision, History, Hit, Kind, Level, Severity
from monitor.rules.history import COPY_LENGTH, COPY_WINDOW, OUTAGE_WINDOW, REPEAT_WINDOW, velocity
from monitor.store._base import Tables
from monitor.store._spikes import count_post
from monitor.store._watching import is_guarded, is_known_impostor
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.records import Explanation


class HitTables(Tables):
    """Hits on their way to a decision."""

    def claim_hits(self, now: datetime, lease_s: int, limit: int) -> list[tuple[Hit, Verdict | None]]:
        """Take hits in order, one alone where it was tried before; with the stored verdict of an unchanged text."""
        lease = ms(now) + lease_s * 1000
        with self.write():
            # what a dead process left comes first, so that posts are decided in their order all the same; what failed
            # comes last, so that it holds up nobody
            ids = self.connection.rows("claim_interrupted", lease=lease)
            ids = ids or self.connection.rows("claim_hits", lease=lease, limit=limit)
            ids = ids or self.connection.rows("claim_retry", lease=lease, now=ms(now))
            rows = self.connection.rows("claimed_hits", ids=dump([row["id"] for row in ids]))
        return [(hit_of(row), verdict_of(row)) for row in rows]

    def history(self, hit: Hit, now: datetime, own: Sequence[str]) -> History:
        """Return what is known about the author and thread of a hit at this moment."""
        case = self.connection.row("open_case_of_key", join_key=hit.join_key)
        copies, copy_of = self._copies(hit, now)
        return History(
            open_case=case["id"] if case else None,
            open_level=Level(case["level"]) if case else None,
            open_kind=Kind(case["kind"]) if case else None,
            complaints_30d=self._complaints(hit, now),
            copies=copies,
            copy_of=copy_of,
            velocity=self._velocity(hit),
            own_reply_before=self._own_reply(hit, own),
            outages=self._outages(hit),
            found_missed=self.connection.row("is_found_miss", hit_id=hit.id) is not None,
            guarded=is_guarded(self.connection, hit, now),
            known_impostor=is_known_impostor(self.connection, hit),
        )

    def save_decision(
        self, hit: Hit, decision: Decision, verdict: Verdict | None, history: History, rules: str, now: datetime
    ) -> bool:
        """Keep a decision and finish its hit."""
        with self.write():
            if not self.connection.run("finish_hit", id=hit.id, fence=hit.fence):
                return False
            count_post(self.connection, hit, decision)
            self.connection.run(
                "save_decision",
                hit_id=hit.id,
                drop_rule=decision.drop,
                kind=decision.kind,
                level=decision.level,
                score=decision.score,
                complaint=verdict.complaint if verdict else None,
                body=dump(decision.to_json()),
                verdict=dump(verdict.to_record()) if verdict else None,
                history=dump(history.to_json()),
                model=verdict.model if verdict else None,
                rules=rules,
                mention_version=hit.version,
                outage_at=ms(hit.mention.posted_at) if Severity.OUTAGE in decision.severity else None,
                decided_at=ms(now),
            )
            return True

    def fail_hit(self, hit: Hit, error: str, *, tries: int) -> bool:
        """Give a hit back after a failure; parked, with the error, once it was tried `tries` times."""
        with self.write():
            return bool(self.connection.run("fail_hit", id=hit.id, fence=hit.fence, error=error[:1000], most=tries))

    def unclaim_hits(self, hits: Sequence[Hit]) -> None:
        """Give hits back untried, as at a shutdown."""
        with self.write():
            self.connection.run_many("unclaim_hit", [{"id": hit.id, "fence": hit.fence} for hit in hits])

    def unmatched(self, after: int, limit: int) -> list[tuple[int, str, Mention]]:
        """Return (row, source, mention) of stored mentions that no watch matched, in order, beyond the row `after`."""
        rows = self.connection.rows("unmatched_mentions", after=after, limit=limit)
        return [(row["mention_id"], row["source"], mention_of(row)) for row in rows]

    def add_hits(self, mention_id: int, source: str, watches: Mapping[str, Sequence[str]], now: datetime) -> None:
        """Make hits of a stored mention for brands that want it now."""
        with self.write():
            self.connection.run("mark_matched", id=mention_id)
            for brand, names in watches.items():
                row = {"brand": brand, "mention_id": mention_id, "watches": dump(sorted(names)), "source": source}
                self.connection.run("add_hit", **row, seen_at=ms(now), backfilled=0)

    def waiting_hits(self) -> int:
        """Return how many hits wait for a decision."""
        return int(self.connection.value("waiting_hits"))

    def explain(self, key: str) -> list[Explanation]:
        """Return what is stored about a permalink, native id, `platform:id` or case id, one a brand."""
        mention_id = self.connection.value("find_mention", key=key)
        if mention_id is None and key.isascii() and key.isdecimal() and len(key) < 16:
            mention_id = self.connection.value("mention_of_case", id=int(key))
        return [_explanation(row) for row in self.connection.rows("explained_by_mention", mention_id=mention_id)]

    def _copies(self, hit: Hit, now: datetime) -> tuple[int, int | None]:
        if hit.mention.repost_of:
            place = {"platform": hit.mention.platform, "native_id": hit.mention.repost_of, "brand": hit.brand}
            return 0, self.connection.value("reposted_case", **place)
        if len(hit.mention.text) < COPY_LENGTH:
            return 0, None
        key = self.connection.value("copy_key_of", mention_id=hit.mention_id)
        if key is None:
            return 0, None
        values = {"copy_key": key, "brand": hit.brand, "mention_id": hit.mention_id}
        row = self.connection.row("copies_of_text", **values, since=ms(now - COPY_WINDOW)) or {"copies": 0}
        return row["copies"], self.connection.value("copied_case", **values) if row["copies"] else None

    def _complaints(self, hit: Hit, now: datetime) -> int:
        author = {"platform": hit.mention.platform, "author": hit.mention.author.handle.casefold()}
        since = ms(now - REPEAT_WINDOW)
        return int(
            self.connection.value(
                "complaints_of_author", **author, brand=hit.brand, since=since, mention_id=hit.mention_id
            )
        )

    def _velocity(self, hit: Hit) -> float | None:
        readings = self.connection.rows("readings_of", mention_id=hit.mention_id)
        return velocity([(row["at"], row["engagement"]) for row in readings])

    def _outages(self, hit: Hit) -> int:
        posted = hit.mention.posted_at
        window = {"since": ms(posted - OUTAGE_WINDOW), "until": ms(posted)}
        author = hit.mention.author.handle.casefold()
        return int(self.connection.value("outages_before", **window, brand=hit.brand, author=author))

    def _own_reply(self, hit: Hit, own: Sequence[str]) -> bool:
        if not hit.mention.thread_id or not own:
            return False
        place = {"platform": hit.mention.platform, "thread_id": hit.mention.thread_id}
        handles = dump([handle.casefold() for handle in own])
        return self.connection.row("own_reply_in_thread", **place, own=handles) is not None


def hit_of(row: Row) -> Hit:
    """Return the hit of a row of `claimed_hits`."""
    return Hit(
        id=row["id"],
        brand=row["brand"],
        watches=tuple(json.loads(row["watches"])),
        mention=mention_of(row),
        source=row["source"],
        seen_at=at(row["seen_at"]),
        version=row["version"],
        backfilled=bool(row["backfilled"]),
        attempts=row["attempts"],
        fence=row["fence"],
        mention_id=row["mention_id"],
    )


def mention_of(row: Row) -> Mention:
    return Mention(
        platform=row["platform"],
        native_id=row["native_id"],
        author=Author(row["author_handle"], row["author_name"], row["author_followers"]),
        text=row["text"],
        posted_at=at(row["posted_at"]),
        permalink=row["permalink"],
        lang=row["lang"],
        parent_id=row["parent_id"],
        thread_id=row["thread_id"],
        metrics=Metrics(row["likes"], row["replies"], row["reposts"], row["views"]),
        repost_of=row["repost_of"],
        rating=row["rating"],
    )


def verdict_of(row: Row) -> Verdict | None:
    """Return the verdict of a row of `claimed_hits`; None where its text has changed since."""
    return Verdict.from_json(json.loads(row["verdict"])) if row["verdict"] else None


def _explanation(row: Row) -> Explanation:
    def load(name: str) -> dict[str, Any] | None:
        return json.loads(row[name]) if row[name] else None

    times = {"posted_at": at(row["posted_at"]), "seen_at": at(row["seen_at"])}
    bodies = {name: load(name) for name in ("decision", "verdict", "history")}
    decided_at = maybe_at(row["decided_at"])
    return Explanation(**{**row, **times, **bodies, "brand": row["brand"] or "", "decided_at": decided_at,
                          "source": row["source"] or ""})  # fmt: skip
