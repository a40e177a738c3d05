"""What a message says, in parts: each kind of receiver lays them out, and makes them harmless, in its own way.

The parts hold foreign text as it was written (bounded, and with control signs shown as codes): escaping belongs to the
place where it is shown, see `neutral.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Card:
    """One case in words. `head`, `quote`, `author` and `why` hold foreign text; `due` and the addresses are ours."""

    id: int
    level: str
    head: str
    quote: str
    author: str
    why: tuple[str, ...]
    due: str
    card_url: str | None = None
    post_url: str | None = None

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read a card that the outbox kept."""
        return cls(**{**record, "why": tuple(record["why"])})

    def lines(self, foreign: Callable[[str], str]) -> list[str]:
        """Return the card as lines of text, `foreign` having made harmless what people wrote."""
        found = [foreign(self.head), foreign(self.quote), f"by {foreign(self.author)}"]
        if self.why:
            found.append(f"why: {'; '.join(foreign(reason) for reason in self.why)}")
        found.append(self.due)
        found.append(f"card: {self.card_url}" if self.card_url else f"case {self.id}: {show_command(self.id)}")
        return [*found, f"post: {self.post_url}"] if self.post_url else found


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of a message about cases: a sentence of ours, the worst cases, further ones in a line each, the rest.

    `rest` holds foreign text; `left` says in our words how many more there are, "" where there are none.
    """

    cards: tuple[Card, ...]
    note: str = ""
    rest: tuple[str, ...] = ()
    left: str = ""

    @property
    def level(self) -> str:
        """The worst level, "" where there is no case."""
        return self.cards[0].level if self.cards else ""

    @classmethod
    def from_json(cls, record: Mapping[str, Any] | None) -> Self | None:
        """Read an outline that the outbox kept."""
        if record is None:
            return None
        cards = tuple(Card.from_json(card) for card in record["cards"])
        return cls(cards, record["note"], tuple(record["rest"]), record["left"])

    def text(self, foreign: Callable[[str], str]) -> str:
        """Return everything as text, without the subject."""
        parts = ["\n".join(card.lines(foreign)) for card in self.cards]
        if self.rest:
            parts.append("\n".join(foreign(line) for line in self.rest))
        return "\n\n".join([part for part in (self.note, *parts, self.left) if part])


def show_command(case_id: int) -> str:
    """Return the command that shows a case."""
    return f"complaint-monitor queue show {case_id}"
