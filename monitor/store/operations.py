"""What operations need of a store, beside what the steps need: see `store.py` for threads and times."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class OperationsStore(Protocol):
    """Silences, replays, erasure, exports and the health of the file."""

    def add_silence(
        self, matchers: Mapping[str, Sequence[str]], author: str, reason: str, starts_at: datetime, ends_at: datetime
    ) -> int:
        """Mute notifications that match until a time; returns the id of the silence."""
        ...

    def cases_by_cause(self, brand: str, since: datetime) -> dict[str, int]:
        """Return how many complaints of each cause a brand had since a time."""
        ...

    def end_silence(self, silence_id: int, now: datetime) -> bool:
        """End a silence now; False where none of that id is in force."""
        ...

    def silence_matchers(self, silence_id: int) -> dict[str, list[str]] | None:
        """Return what a silence matches, also one that is over; None where none has that id."""
        ...

    def replay_messages(self, message_id: int | None, now: datetime) -> int:
        """Have one message that was given up, or all of them, sent again; returns how many."""
        ...

    def replay_parked(self) -> int:
        """Have hits that were parked decided again; returns how many."""
        ...

    def open_case_of(self, join_key: str) -> int | None:
        """Return the open case that further posts of this key join, or None."""
        ...

    def forget_author(self, handle: str, platform: str | None, who: str, now: datetime) -> int:
        """Erase the words of an author from every table; returns how many posts that were."""
        ...

    def forget_mention(self, platform: str, native_id: str, who: str, now: datetime) -> None:
        """Erase one post from every table."""
        ...

    def export_mentions(self) -> Iterator[dict[str, Any]]:
        """Return every stored mention in the order of its arrival, read in portions."""
        ...

    def export_case_ids(self) -> Iterator[list[int]]:
        """Return the ids of all cases, open and closed, in portions."""
        ...

    def count_cases(self) -> int:
        """Return how many cases there are, open and closed."""
        ...

    def check_file(self) -> str | None:
        """Return what is wrong with the file, or None."""
        ...

    def missing_migrations(self) -> tuple[list[str], list[str]]:
        """Return (migrations the file lacks, migrations that this version does not know)."""
        ...
