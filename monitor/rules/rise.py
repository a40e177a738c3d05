"""What a second decision on a post means for its case: who hears of a change in level, and which level holds."""

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain import Level, Status


class Audience(StrEnum):
    """Who hears of a change."""

    NOBODY = "nobody"
    ROUTES = "routes"
    """The receivers whose routes match, as for a new case."""

    OWNER = "owner"
    """The person who claimed or answered the case, besides the routes when the case became urgent."""


@dataclass(frozen=True, slots=True)
class Rise:
    """The level a case has after a second decision, and who is told of it."""

    level: Level
    audience: Audience

    @property
    def alerts(self) -> bool:
        """Whether anybody is told."""
        return self.audience is not Audience.NOBODY


def judge_rise(told: Level | None, old: Level, new: Level, status: Status) -> Rise:
    """Return what a new level changes for a case whose level was `old` and of which people were told at level `told`.

    A case that nobody knows of takes the new level, up or down. Once told or claimed it never falls silently: it keeps
    the worse level. A rise into an urgent level alerts once, since `told` is then that level; a rise of a claimed or
    answered case always tells its owner. Closed cases stay as they are.
    """
    if not status.open:
        return Rise(old, Audience.NOBODY)
    owned = status is not Status.NEW
    risen = new.rank < old.rank
    if not risen:
        held = old if owned or told is not None else new
        return Rise(held, Audience.ROUTES if _untold(told, held) and not owned else Audience.NOBODY)
    if owned:
        return Rise(new, Audience.OWNER)
    return Rise(new, Audience.ROUTES if _untold(told, new) else Audience.NOBODY)


def _untold(told: Level | None, level: Level) -> bool:
    return level.urgent and (told is None or level.rank < told.rank)
