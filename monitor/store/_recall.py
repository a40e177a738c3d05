"""The recall sample on SQLite."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from models.classifier import Verdict
from monitor.domain import DropRule, Hit
from monitor.rules.recall import Answer, Drawn, Drop, Stratum
from monitor.store._base import Tables
from monitor.store._hits import hit_of, verdict_of
from monitor.store.connection import Row, at, dump, maybe_at, ms
from monitor.store.records import Draw, RecallAnswer, SampledDrop
from monitor.store.statements import statement

_WANTED = "WHERE r.drawn_at > :since AND (:brands = '[]' OR s.brand IN (SELECT value FROM json_each(:brands)))"
_WAITING = "AND s.answer IS NULL AND m.id IS NOT NULL AND d.drop_rule IS NOT NULL"
_NEWEST = "ORDER BY r.until DESC, s.id LIMIT :limit"


class RecallTables(Tables):
    """Drops that a person looks at, and what was said of them."""

    def last_draw(self) -> Draw | None:
        """Return the last draw, or None."""
        row = self.connection.row("last_draw")
        return Draw(row["local_date"], at(row["since"]), at(row["until"]), at(row["drawn_at"])) if row else None

    def oldest_undecided(self) -> datetime | None:
        """Return when the oldest hit that was never decided was seen, or None."""
        return maybe_at(self.connection.value("oldest_undecided"))

    def drops_to_draw(self, since: datetime, until: datetime) -> list[Drop]:
        """Return the drops among the hits first seen in [since, until)."""
        rows = self.connection.rows("drops_to_draw", since=ms(since), until=ms(until))
        return [Drop(row["id"], row["brand"], row["source"], DropRule(row["drop_rule"]), row["complaint"])
                for row in rows]  # fmt: skip

    def save_draw(self, draw: Draw, frame: Sequence[Drop], drawn: Sequence[Drawn]) -> bool:
        """Keep a draw, in its order, with counts of what it was made from; False where that date has one already."""
        times = {"since": ms(draw.since), "until": ms(draw.until), "drawn_at": ms(draw.drawn_at)}
        with self.write():
            if not self.connection.run("add_draw", local_date=draw.local_date, **times):
                return False
            draw_id = self.connection.value("last_draw")
            counted = Counter((drop.brand, drop.stratum) for drop in frame)
            counts = [{"brand": brand, "stratum": kind, "drops": many} for (brand, kind), many in counted.items()]
            self.connection.run_many("add_recall_frame", [{"draw_id": draw_id, **count} for count in counts])
            self.connection.run_many("add_sampled", [{"draw_id": draw_id, **_columns(entry)} for entry in drawn])
            return True

    def samples(
        self, since: datetime, *, brands: Sequence[str] = (), waiting: bool = True, limit: int | None = None
    ) -> list[SampledDrop]:
        """Return what was drawn after a time, newest draw first; with `waiting` what still needs an answer alone."""
        sql = f"{statement('sampled_columns')} {_WANTED} {_WAITING if waiting else ''} {_NEWEST}"
        values = {"since": ms(since), "brands": dump(list(brands)), "limit": -1 if limit is None else limit}
        return [_sampled(row) for row in self.connection.query(sql, values)]

    def sample(self, sample_id: int) -> SampledDrop | None:
        """Return one drawn drop, or None."""
        rows = self.connection.query(f"{statement('sampled_columns')} WHERE s.id = :id", {"id": sample_id})
        return _sampled(rows[0]) if rows else None

    def waiting_samples(self, since: datetime, brands: Sequence[str] = ()) -> int:
        """Return how many drops drawn after a time need an answer."""
        return int(self.connection.value("count_waiting_samples", since=ms(since), brands=dump(list(brands))))

    def answer_sample(
        self, sample_id: int, answer: Answer, who: str, now: datetime, *, case_id: int | None = None
    ) -> None:
        """Keep an answer, in the place of an earlier one; `case_id` is the case that a miss became."""
        with self.write():
            self.connection.run("answer_sample", id=sample_id, answer=answer, who=who, now=ms(now), case_id=case_id)

    def recall_answers(self, since: datetime, brands: Sequence[str] = ()) -> list[RecallAnswer]:
        """Return the answers, yes and no, about drops drawn after a time, with the chance that each had."""
        rows = self.connection.rows("recall_answers", since=ms(since), brands=dump(list(brands)))
        return [_answer(row) for row in rows]

    def recall_frame(self, since: datetime, brands: Sequence[str] = ()) -> Mapping[Stratum, int]:
        """Return how many drops, by kind, the draws after a time were made from."""
        rows = self.connection.rows("recall_frame", since=ms(since), brands=dump(list(brands)))
        return {Stratum(row["stratum"]): row["drops"] for row in rows}

    def claim_this_hit(self, hit_id: int, now: datetime, lease_s: int) -> tuple[Hit, Verdict | None] | None:
        """Take a decided hit from whoever has it, with the verdict on its present text; None where it is gone."""
        with self.write():
            if not self.connection.run("claim_this_hit", id=hit_id, lease=ms(now) + lease_s * 1000):
                return None
            (row,) = self.connection.rows("claimed_hits", ids=dump([hit_id]))
        return hit_of(row), verdict_of(row)

    def renew_this_hit(self, hit_id: int) -> None:
        """Have a hit decided again."""
        with self.write():
            self.connection.run("renew_this_hit", id=hit_id)


def _columns(drawn: Drawn) -> Row:
    drop = drawn.drop
    return {
        "hit_id": drop.hit_id,
        "brand": drop.brand,
        "source": drop.source,
        "drop_rule": drop.rule,
        "stratum": drop.stratum,
        "complaint": drop.complaint,
        "probability": drawn.probability,
    }


def _sampled(row: Row) -> SampledDrop:
    times = {name: maybe_at(row[name]) for name in ("posted_at", "answered_at")}
    kinds = {"rule": DropRule(row["rule"]), "stratum": Stratum(row["stratum"])}
    return SampledDrop(**{**row, **times, **kinds, "answer": Answer(row["answer"]) if row["answer"] else None})


def _answer(row: Row) -> RecallAnswer:
    return RecallAnswer(
        hit_id=row["hit_id"],
        brand=row["brand"],
        source=row["source"],
        rule=DropRule(row["drop_rule"]),
        stratum=Stratum(row["stratum"]),
        complaint=row["complaint"],
        probability=row["probability"],
        missed=bool(row["missed"]),
        answered_at=at(row["answered_at"]),
    )
