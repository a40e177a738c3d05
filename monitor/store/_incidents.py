"""Meanings of cases and incidents on SQLite."""

from typing import TYPE_CHECKING

from monitor.domain import Meaning
from monitor.store._base import Tables

if TYPE_CHECKING:
    from models.classifier import Embedding


class IncidentTables(Tables):
    """Meanings of cases, and incidents."""

    def keep_meaning(self, case_id: int, hit_id: int, meaning: Meaning) -> None:
        """Keep where the model points a post of a case, in the place of what was kept before."""
        values = {"hit_id": hit_id, "model": meaning.model, "vector": to_blob(meaning.vector)}
        with self.write():
            self.connection.run("keep_meaning", case_id=case_id, **values)

    def meaning_of_case(self, case_id: int) -> Meaning | None:
        """Return what is kept of a case, or None."""
        row = self.connection.row("meaning_of_case", case_id=case_id)
        return Meaning(row["model"], from_blob(row["vector"])) if row else None


def to_blob(vector: "Embedding") -> bytes:
    """Return a vector as the tables keep it: 16-bit floats, whose error is below 0.001."""
    blob: bytes = vector.astype("float16").tobytes()
    return blob


def from_blob(blob: bytes) -> "Embedding":
    """Return a kept vector."""
    import numpy as np  # noqa: PLC0415  (a tenth of a second that commands which only read do without)

    return np.frombuffer(blob, np.float16).astype(np.float32)
