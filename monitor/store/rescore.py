"""What the re-scoring of open cases needs of a store: see `store.py` for threads and times."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from models.classifier import Verdict
from monitor.domain import Hit


class RescoreStore(Protocol):
    """Posts of open cases that older rules have decided. Copies are left alone: they raise nothing."""

    def claim_rescore(
        self, rules: str, now: datetime, lease_s: int, limit: int, *, tries: int
    ) -> list[tuple[Hit, Verdict | None]]:
        """Take posts of open cases that other rules than these have decided, in order.

        One that was tried by these rules before comes alone, and never again after `tries`.
        """
        ...

    def fail_rescore(self, hit: Hit) -> None:
        """Give a post back after a failure; its old decision holds."""
        ...

    def unclaim_rescore(self, hits: Sequence[Hit]) -> None:
        """Give posts back untried, as where the model is down."""
        ...

    def waiting_rescores(self, rules: str, *, tries: int) -> int:
        """Return how many posts of open cases are still to be decided by these rules."""
        ...

    def hasten_messages(self, event: str, due_at: datetime) -> int:
        """Have the open messages of an event told at a time, where they would wait longer; returns how many."""
        ...
