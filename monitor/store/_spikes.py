"""Spikes on SQLite."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from monitor.domain import Decision, DropRule, Hit, Kind, Level
from monitor.rules.spikes import Alarm, Series, Tally
from monitor.rules.usual import TENS, Hour, Usual
from monitor.store._base import Tables
from monitor.store.connection import Connection, Row, at, dump, maybe_at, ms
from monitor.store.spikes import Course, Explained, Spike, SpikePost, SpikeState, SpikeWord
from monitor.store.statements import statement

_MINUTE = 60_000


class SpikeTables(Tables):
    """Counts by minute, what is usual, and spikes."""

    def tallies(self, brand: str, since: datetime, until: datetime, sources: Sequence[str]) -> dict[int, Tally]:
        """Return what these sources brought by minute since 1970, of posts in [since, until), to the minute."""
        rows = self.connection.rows("tallies", **_span(brand, since, until, sources))
        return {row["minute"]: Tally(max(row["posts"], 0), max(row["complaints"], 0)) for row in rows}

    def tally_tens(self, brand: str, since: datetime, until: datetime, sources: Sequence[str]) -> dict[int, Tally]:
        """Return the same by ten minutes since 1970."""
        rows = self.connection.rows("tally_tens", **_span(brand, since, until, sources))
        return {row["ten"]: Tally(max(row["posts"], 0), max(row["complaints"], 0)) for row in rows}

    def tally_hours(self, brand: str, since: datetime, until: datetime, sources: Sequence[str]) -> dict[int, Hour]:
        """Return the same by hours since 1970; hours without any post are left out, and no event is known."""
        rows = self.connection.rows("tally_hours", **_span(brand, since, until, sources))
        return {row["hour"]: Hour(row["hour"], max(row["posts"], 0), _tens(row)) for row in rows}

    def forget_tallies(self, before: datetime) -> int:
        """Forget the counts of minutes before a time; returns how many rows that were."""
        minute = ms(before) // _MINUTE
        with self.write():
            brands = [row["brand"] for row in self.connection.rows("tallied_brands")]
            return sum(self.connection.run("forget_tallies", brand=brand, before=minute) for brand in brands)

    def usual(self, brand: str) -> tuple[datetime, Usual] | None:
        """Return what is usual for a brand, and when it was learnt; None where it never was."""
        row = self.connection.row("usual", brand=brand)
        return (at(row["learnt_at"]), Usual.from_json(json.loads(row["body"]))) if row else None

    def keep_usual(self, brand: str, usual: Usual, now: datetime) -> None:
        """Keep what is usual for a brand."""
        with self.write():
            self.connection.run("keep_usual", brand=brand, body=dump(usual.to_json()), now=ms(now))

    def open_spike(self, brand: str, alarm: Alarm, course: Course, event: str | None, now: datetime) -> int | None:
        """Open a spike; returns its id, None where the brand has an open one."""
        found = {"series": alarm.series, "minutes": alarm.minutes, "since": ms(alarm.since), "event": event}
        with self.write():
            value: int | None = self.connection.value("open_spike", brand=brand, **found, **asdict(course), now=ms(now))
        return value

    def update_spike(self, spike_id: int, course: Course, now: datetime) -> None:
        """Keep an open spike up to date."""
        with self.write():
            self.connection.run("update_spike", id=spike_id, **asdict(course), now=ms(now))

    def end_spike(self, spike_id: int, now: datetime) -> bool:
        """End a spike; False where it was over already."""
        with self.write():
            return bool(self.connection.run("end_spike", id=spike_id, now=ms(now)))

    def note_spike_told(self, spike_id: int, now: datetime) -> None:
        """Remember that people are told of a spike as it is now."""
        with self.write():
            self.connection.run("note_spike_told", id=spike_id, now=ms(now))

    def explain_spike(self, spike_id: int, explained: Explained) -> None:
        """Keep what explains a spike, in the place of what did."""
        with self.write():
            self.connection.run(
                "explain_spike",
                id=spike_id,
                words=dump([asdict(word) for word in explained.words]),
                platforms=dump(dict(explained.platforms)),
                causes=dump(dict(explained.causes)),
            )
            self.connection.run("clear_spike_posts", id=spike_id)
            places = [
                {"spike_id": spike_id, "place": place, "hit_id": hit} for place, hit in enumerate(explained.posts)
            ]
            self.connection.run_many("add_spike_post", places)

    def spike(self, spike_id: int) -> Spike | None:
        """Return a spike."""
        rows = self.connection.query(f"{statement('spike_columns')} WHERE id = :id", {"id": spike_id})
        return _spike(rows[0]) if rows else None

    def spikes(self, since: datetime, brands: Sequence[str] = (), *, open_only: bool = False) -> list[Spike]:
        """Return spikes that were open at or after a time, the newest first; of all brands where none is named."""
        where = "state = 'open'" if open_only else "(state = 'open' OR ended_at >= :since)"
        brand = "(:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))"
        sql = f"{statement('spike_columns')} WHERE {where} AND {brand} ORDER BY opened_at DESC, id DESC"
        return [_spike(row) for row in self.connection.query(sql, {"since": ms(since), "brands": dump(list(brands))})]

    def spike_posts(self, spike_id: int) -> list[SpikePost]:
        """Return the posts that explain a spike, the best first; deleted ones are left out."""
        return [_post(row) for row in self.connection.rows("posts_of_spike", id=spike_id)]

    def complaints_since(self, brand: str, since: datetime, limit: int) -> list[SpikePost]:
        """Return complaints posted and decided since a time, the newest first."""
        return [
            _post(row) for row in self.connection.rows("complaints_decided", brand=brand, since=ms(since), limit=limit)
        ]

    def complaints_before(self, brand: str, since: datetime, until: datetime, limit: int) -> list[SpikePost]:
        """Return the worst posts of cases of complaint opened in a time, the newest first."""
        span = {"since": ms(since), "until": ms(until)}
        return [_post(row) for row in self.connection.rows("complaints_before", brand=brand, **span, limit=limit)]


def count_post(connection: Connection, hit: Hit, decision: Decision) -> None:
    """Count a post in its minute, or count it otherwise where it was decided before. Only inside `write()`."""
    counts = decision.drop is None or decision.drop is DropRule.NOT_A_COMPLAINT
    complains = decision.drop is None and decision.kind is Kind.COMPLAINT
    connection.run("count_post", hit_id=hit.id, counts=int(counts), complains=int(complains))


def _span(brand: str, since: datetime, until: datetime, sources: Sequence[str]) -> Mapping[str, object]:
    span = {"since": ms(since) // _MINUTE, "until": -(-ms(until) // _MINUTE)}
    return {"brand": brand, **span, "sources": dump(list(sources))}


def _tens(row: Row) -> tuple[int, ...]:
    return tuple(max(row[f"ten_{part}"], 0) for part in range(TENS))


def _spike(row: Row) -> Spike:
    times = {name: at(row[name]) for name in ("since", "opened_at", "updated_at", "told_at")}
    plain = {name: json.loads(row[name]) for name in ("platforms", "causes")}
    kinds = {"state": SpikeState(row["state"]), "level": Level(row["level"]), "series": Series(row["series"])}
    words = tuple(SpikeWord(**word) for word in json.loads(row["words"]))
    return Spike(**{**row, **times, **plain, **kinds, "ended_at": maybe_at(row["ended_at"]), "words": words})


def _post(row: Row) -> SpikePost:
    level = Level(row["level"]) if row["level"] else None
    return SpikePost(**{**row, "posted_at": at(row["posted_at"]), "level": level})
