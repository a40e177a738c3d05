"""What incidents need of a store: what posts mean, and which cases are about one fault."""

from typing import Protocol

from monitor.domain import Meaning


class IncidentStore(Protocol):
    """Meanings of cases, and incidents."""

    def keep_meaning(self, case_id: int, hit_id: int, meaning: Meaning) -> None:
        """Keep where the model points a post of a case, in the place of what was kept before."""
        ...

    def meaning_of_case(self, case_id: int) -> Meaning | None:
        """Return what is kept of a case, or None."""
        ...
