"""The re-scoring of open cases on SQLite."""

from collections.abc import Sequence
from datetime import datetime

from models.classifier import Verdict
from monitor.domain import Hit
from monitor.store._base import Tables
from monitor.store._hits import hit_of, verdict_of
from monitor.store.connection import dump, ms


class RescoreTables(Tables):
    """Posts of open cases that older rules have decided.

    They wait in a state of their own, so that triage never takes one for news: what a dead process left is decided
    here again, and told in the one list.
    """

    def claim_rescore(
        self, rules: str, now: datetime, lease_s: int, limit: int, *, tries: int
    ) -> list[tuple[Hit, Verdict | None]]:
        """Take posts of open cases that other rules than these have decided; one tried before comes alone."""
        times = {"now": ms(now), "lease": ms(now) + lease_s * 1000}
        with self.write():
            ids = self.connection.rows("claim_rescore", rules=rules, limit=limit, **times)
            ids = ids or self.connection.rows("claim_rescore_again", rules=rules, tries=tries, **times)
            rows = self.connection.rows("claimed_hits", ids=dump([row["id"] for row in ids]))
        return [(hit_of(row), verdict_of(row)) for row in rows]

    def fail_rescore(self, hit: Hit) -> None:
        """Give a post back after a failure; its old decision holds."""
        with self.write():
            self.connection.run("fail_rescore", id=hit.id, fence=hit.fence)

    def unclaim_rescore(self, hits: Sequence[Hit]) -> None:
        """Give posts back untried."""
        with self.write():
            self.connection.run_many("unclaim_rescore", [{"id": hit.id, "fence": hit.fence} for hit in hits])

    def waiting_rescores(self, rules: str, *, tries: int) -> int:
        """Return how many posts of open cases are still to be decided by these rules."""
        return int(self.connection.value("waiting_rescores", rules=rules, tries=tries))

    def hasten_messages(self, event: str, due_at: datetime) -> int:
        """Have the open messages of an event told at a time, where they would wait longer; returns how many."""
        with self.write():
            return self.connection.run("hasten_messages", event=event, due_at=ms(due_at))
