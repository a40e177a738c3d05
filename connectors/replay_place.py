"""Where a replay stands and when its posts happen: the source's state, and the clock of the film."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.errors import BadMention
from connectors.files import Identity
from connectors.mention import format_time, parse_time

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a file has been read; it travels as the source's `state`.

    `opened_at` is when this round began, `first` and `last` the times of the file's first and last line then, `size`
    how long the file was at the last look.
    """

    identity: Identity
    opened_at: datetime
    first: datetime | None = None
    last: datetime | None = None
    offset: int = 0
    line: int = 1
    round: int = 1
    size: int = 0

    def to_state(self) -> dict[str, Any]:
        """Return it as the state of the source."""
        return {
            "inode": self.identity.inode,
            "head_length": self.identity.head_length,
            "head": self.identity.head,
            "opened_at": format_time(self.opened_at),
            "first": format_time(self.first) if self.first else None,
            "last": format_time(self.last) if self.last else None,
            "offset": self.offset,
            "line": self.line,
            "round": self.round,
            "size": self.size,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Place":
        """Read what `to_state` wrote; raises KeyError, TypeError or BadMention for anything else."""
        return cls(
            Identity(state["inode"], state["head_length"], state["head"]),
            opened_at=parse_time(state["opened_at"]),
            first=parse_time(state["first"]) if state["first"] else None,
            last=parse_time(state["last"]) if state["last"] else None,
            offset=state["offset"],
            line=state["line"],
            round=state["round"],
            size=state["size"],
        )

    def visible_at(self, moment: datetime, pace: float) -> datetime:
        """Return when a line of `moment` becomes public: at once without a pace, else as compressed time passes."""
        if not pace or self.first is None:
            return _LONG_AGO
        try:
            return self.opened_at + (moment - self.first) / pace
        except OverflowError:
            return _NEVER

    def dated(self, moment: datetime, pace: float) -> datetime:
        """Return the time that `shift: now` gives to `moment`.

        Without a pace the file's last line is dated when the file was opened; with one, each line when it becomes
        public. Raises BadMention where that is no date.
        """
        try:
            if pace and self.first:
                return self.opened_at + (moment - self.first) / pace
            return moment + (self.opened_at - self.last) if self.last else moment
        except OverflowError as error:
            raise BadMention("posted_at", f"{moment.isoformat()} cannot be shifted") from error


def restored(state: Mapping[str, Any]) -> Place | None:
    """Return the place that a state describes, or None where it describes none."""
    try:
        return Place.from_state(state)
    except (KeyError, TypeError, BadMention):
        return None
