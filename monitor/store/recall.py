"""What the recall sample needs of a store: see `store.py` for threads and times."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from models.classifier import Verdict
from monitor.domain import Hit
from monitor.rules.recall import Answer, Drawn, Drop, Stratum
from monitor.store.records import Draw, RecallAnswer, SampledDrop


class RecallStore(Protocol):
    """Drops that a person looks at, and what was said of them. No words of a post are kept with them."""

    def last_draw(self) -> Draw | None:
        """Return the last draw, or None."""
        ...

    def oldest_undecided(self) -> datetime | None:
        """Return when the oldest hit that was never decided was seen, or None."""
        ...

    def drops_to_draw(self, since: datetime, until: datetime) -> list[Drop]:
        """Return the drops among the hits first seen in [since, until)."""
        ...

    def save_draw(self, draw: Draw, frame: Sequence[Drop], drawn: Sequence[Drawn]) -> bool:
        """Keep a draw, in its order, with counts of what it was made from; False where that date has one already."""
        ...

    def samples(
        self, since: datetime, *, brands: Sequence[str] = (), waiting: bool = True, limit: int | None = None
    ) -> list[SampledDrop]:
        """Return what was drawn after a time, newest draw first; with `waiting` what still needs an answer alone."""
        ...

    def sample(self, sample_id: int) -> SampledDrop | None:
        """Return one drawn drop, or None."""
        ...

    def waiting_samples(self, since: datetime, brands: Sequence[str] = ()) -> int:
        """Return how many drops drawn after a time need an answer."""
        ...

    def answer_sample(
        self, sample_id: int, answer: Answer, who: str, now: datetime, *, case_id: int | None = None
    ) -> None:
        """Keep an answer, in the place of an earlier one; `case_id` is the case that a miss became."""
        ...

    def recall_answers(self, since: datetime, brands: Sequence[str] = ()) -> list[RecallAnswer]:
        """Return the answers, yes and no, about drops drawn after a time, with the chance that each had."""
        ...

    def recall_frame(self, since: datetime, brands: Sequence[str] = ()) -> Mapping[Stratum, int]:
        """Return how many drops, by kind, the draws after a time were made from."""
        ...

    def claim_this_hit(self, hit_id: int, now: datetime, lease_s: int) -> tuple[Hit, Verdict | None] | None:
        """Take a decided hit from whoever has it, with the verdict on its present text; None where it is gone."""
        ...

    def renew_this_hit(self, hit_id: int) -> None:
        """Have a hit decided again."""
        ...
