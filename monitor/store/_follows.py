"""Following on SQLite: which mentions are read again, and what the reading changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.connector import Reread
from monitor.domain import Hit
from monitor.store._base import Tables
from monitor.store._mentions import add_reading, known_mentions, purge, update_known
from monitor.store.connection import dump, maybe_at, ms
from monitor.store.records import Followed


class FollowTables(Tables):
    """Mentions that are read again."""

    def plan_follow(self, hit: Hit, due_at: datetime, priority: float) -> None:
        """Have the mention of a hit read again."""
        with self.write():
            values = {"mention_id": hit.mention_id, "source": hit.source, "due_at": ms(due_at), "priority": priority}
            self.connection.run("plan_follow", **values)

    def sources_to_follow(self, now: datetime) -> list[str]:
        """Return the sources with mentions that are due."""
        return [row["source"] for row in self.connection.rows("sources_to_follow", now=ms(now))]

    def claim_follows(self, source: str, now: datetime, lease_s: int, limit: int) -> list[Followed]:
        """Take due mentions of one source, the most important first."""
        with self.write():
            lease = ms(now) + lease_s * 1000
            claims = self.connection.rows("claim_follows", source=source, now=ms(now), lease=lease, limit=limit)
            ids = dump([row["mention_id"] for row in claims])
            keys = {row["mention_id"]: row for row in self.connection.rows("followed_mentions", ids=ids)}
        return [Followed(**{**keys[row["mention_id"]], **row}, source=source) for row in claims]

    def save_reread(
        self,
        followed: Sequence[Followed],
        reread: Reread,
        due: Mapping[int, datetime | None],
        now: datetime,
        *,
        recheck_at: datetime | None = None,
        recheck_all: bool = False,
    ) -> None:
        """Store what a reading showed; what changed is decided again, `due` None ends the following.

        With `recheck_at` posts of cases, or with `recheck_all` all of them, are read once more then instead.
        """
        with self.write():
            for claim in followed:
                self._advance(claim, due[claim.mention_id], recheck_at, everything=recheck_all)
            known = known_mentions(self.connection, (mention.key for mention in reread.mentions))
            for mention in reread.mentions:
                row = known.get(mention.key)
                if row is None or row["deleted_at"] is not None:
                    continue
                self.connection.run("mark_live", id=row["id"], now=ms(now))
                if not update_known(self.connection, row, mention, ms(now)):
                    add_reading(self.connection, row["id"], mention, ms(now))
            for source, platform in {(claim.source, claim.platform) for claim in followed}:
                purge(self.connection, source, platform, reread.gone, now)

    def delay_follows(self, followed: Sequence[Followed], due_at: datetime) -> None:
        """Try again later."""
        with self.write():
            for claim in followed:
                values = {"mention_id": claim.mention_id, "fence": claim.fence, "due_at": ms(due_at)}
                self.connection.run("delay_follow", **values)

    def next_follow_due(self, names: Sequence[str]) -> datetime | None:
        """Return when the next mention of these sources is due."""
        return maybe_at(self.connection.value("next_follow_due", names=dump(list(names))))

    def _advance(
        self, claim: Followed, due_at: datetime | None, recheck_at: datetime | None, *, everything: bool
    ) -> None:
        key = {"mention_id": claim.mention_id, "fence": claim.fence}
        if due_at is not None:
            self.connection.run("advance_follow", **key, due_at=ms(due_at))
            return
        again = {"due_at": ms(recheck_at), "all": int(everything)} if recheck_at else None
        if again is None or not self.connection.run("keep_following", **key, **again):
            self.connection.run("end_follow", **key)
