"""What hooks need of a store: what has changed about cases, until it is passed on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class CaseChange:
    """One change of a case: where it stood, and where it stands since.

    `before` is None where the case was opened. `at`, `who` and `move` are None where the trail of the case has no line
    for it. States hold no words of posts.
    """

    id: int
    case_id: int
    brand: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    at: datetime | None
    who: str | None
    move: str | None


class ChangeStore(Protocol):
    """Changes of cases, kept in the transaction of the change; only while somebody follows them."""

    def follow_changes(self, wanted: bool) -> None:
        """Keep changes from now on, or keep none; what waits then is dropped."""
        ...

    def case_changes(self, limit: int) -> list[CaseChange]:
        """Return the changes that wait to be passed on, the oldest first."""
        ...

    def forget_case_changes(self, upto: int) -> None:
        """Drop the changes up to and with that number."""
        ...
