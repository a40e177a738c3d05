"""Small words of digests: counts, levels, and times as their reader says them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from monitor.domain import Level
from monitor.notify.text import moment


@dataclass(frozen=True, slots=True)
class Reader:
    """When and in which zone a digest is read."""

    now: datetime
    zone: tzinfo

    def moment(self, when: datetime) -> str:
        """Return a time as this reader says it."""
        return moment(when, self.now, self.zone)


def counted(many: int, word: str) -> str:
    """Return a count with its word: 1 post, 1,200 posts."""
    return f"{many:,} {word}{'' if many == 1 else 's'}"


def number(value: float) -> str:
    """Return a number with one digit behind the point, where it has one."""
    return f"{value:,.1f}".removesuffix(".0")


def by_level(levels: Mapping[Level, int]) -> str:
    """Return counts by level, the worst first: 2 critical, 5 high."""
    return ", ".join(f"{levels[level]:,} {level}" for level in Level if levels.get(level))
