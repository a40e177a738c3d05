"""What is offered to a person who answers: a text, where it comes from, and what is still missing in it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class DraftSource(StrEnum):
    """Where the words of a draft come from."""

    INCIDENT = "incident"
    HOLDING = "holding"
    TEAM = "team"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Draft:
    """One text that is offered for a case; a person edits and sends it.

    `name` is incident:7, holding:safety, the name of the team's template, or shipped:delivery; `why` says in words why
    it is offered. `unfilled` names what the text leaves open, written as [order number]. `length` counts as the
    platform does, `limit` is the platform's (None: unknown). `text` is "" where `problem` says why there is none.
    """

    name: str
    source: DraftSource
    language: str
    text: str
    unfilled: tuple[str, ...]
    why: str
    length: int
    limit: int | None
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the draft as `queue draft --json` prints it."""
        return {**asdict(self), "unfilled": list(self.unfilled)}
