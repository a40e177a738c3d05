"""What the detector of spikes needs of a store: counts by minute, what is usual, spikes and what explains them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from monitor.domain import Level
from monitor.rules.spikes import Alarm, Series, Tally
from monitor.rules.usual import Hour, Usual
from monitor.store.records import stamp


class SpikeState(StrEnum):
    """Whether a spike goes on."""

    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class SpikeWord:
    """A word that stands in more complaints than usual: in how many of the spike, and of those before it."""

    word: str
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class Explained:
    """What explains a spike: words, posts (by hit, the best first), shares of platforms and causes."""

    words: Sequence[SpikeWord] = ()
    posts: Sequence[int] = ()
    platforms: Mapping[str, float] = field(default_factory=dict)
    causes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpikePost:
    """A complaint as far as it explains a spike; `case_id`, `cause` and `level` are None while it is in no case."""

    hit_id: int
    case_id: int | None
    platform: str
    author: str
    followers: int | None
    text: str
    permalink: str | None
    posted_at: datetime
    cause: str | None
    level: Level | None

    def to_json(self) -> dict[str, Any]:
        """Return the post for machines."""
        plain = {name: getattr(self, name) for name in SpikePost.__dataclass_fields__ if name != "hit_id"}
        return {**plain, "posted_at": stamp(self.posted_at)}


@dataclass(frozen=True, slots=True)
class Spike:
    """A rise of a brand's complaints. `seen` and `expected` are complaints since it began, until it ended.

    `per_hour` is the rate of the last minutes, `peak` the most it was, `told_per_hour` what was last told of it;
    `event` names the planned event that it fell into.
    """

    id: int
    brand: str
    state: SpikeState
    level: Level
    series: Series
    minutes: int
    since: datetime
    opened_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    seen: int
    expected: float
    per_hour: float
    peak: float
    event: str | None
    told_per_hour: float
    told_at: datetime
    words: tuple[SpikeWord, ...] = ()
    platforms: Mapping[str, float] | None = None
    causes: Mapping[str, float] | None = None

    @property
    def factor(self) -> float:
        """How many times the usual was seen; where next to nothing is usual, as if half a complaint were."""
        return self.seen / max(self.expected, 0.5)

    def to_json(self) -> dict[str, Any]:
        """Return the spike as `spikes --json` prints it; times are ISO 8601 in UTC."""
        return {
            "id": self.id,
            "brand": self.brand,
            "state": self.state,
            "level": self.level,
            "series": self.series,
            "since": stamp(self.since),
            "found_at": stamp(self.opened_at),
            "ended_at": stamp(self.ended_at),
            "seen": self.seen,
            "expected": round(self.expected, 1),
            "factor": round(self.factor, 1),
            "per_hour": round(self.per_hour),
            "peak_per_hour": round(self.peak),
            "event": self.event,
            "words": [{"word": word.word, "count": word.count, "before": word.before} for word in self.words],
            "platforms": dict(self.platforms or {}),
            "causes": dict(self.causes or {}),
        }


@dataclass(frozen=True, slots=True)
class Course:
    """How a spike goes: its level, complaints seen and expected since it began, and the rate of the last minutes."""

    level: Level
    seen: int
    expected: float
    per_hour: float


class SpikeStore(Protocol):
    """Counts by minute, what is usual, and spikes."""

    def tallies(self, brand: str, since: datetime, until: datetime, sources: Sequence[str]) -> dict[int, Tally]:
        """Return what these sources brought by minute since 1970, of posts in [since, until), to the minute."""
        ...

    def tally_tens(self, brand: str, since: datetime, until: datetime, sources: Sequence[str]) -> dict[int, Tally]:
        """Return the same by ten minutes since 1970."""
        ...

    def tally_hours(self, brand: str, since: datetime, until: datetime, sources: Sequence[str]) -> dict[int, Hour]:
        """Return the same by hours since 1970; hours without any post are left out, and no event is known."""
        ...

    def forget_tallies(self, before: datetime) -> int:
        """Forget the counts of minutes before a time; returns how many rows that were."""
        ...

    def usual(self, brand: str) -> tuple[datetime, Usual] | None:
        """Return what is usual for a brand, and when it was learnt; None where it never was."""
        ...

    def keep_usual(self, brand: str, usual: Usual, now: datetime) -> None:
        """Keep what is usual for a brand."""
        ...

    def open_spike(self, brand: str, alarm: Alarm, course: Course, event: str | None, now: datetime) -> int | None:
        """Open a spike; returns its id, None where the brand has an open one."""
        ...

    def update_spike(self, spike_id: int, course: Course, now: datetime) -> None:
        """Keep an open spike up to date."""
        ...

    def end_spike(self, spike_id: int, now: datetime) -> bool:
        """End a spike; False where it was over already."""
        ...

    def note_spike_told(self, spike_id: int, now: datetime) -> None:
        """Remember that people are told of a spike as it is now."""
        ...

    def explain_spike(self, spike_id: int, explained: Explained) -> None:
        """Keep what explains a spike, in the place of what did."""
        ...

    def spike(self, spike_id: int) -> Spike | None:
        """Return a spike."""
        ...

    def spikes(self, since: datetime, brands: Sequence[str] = (), *, open_only: bool = False) -> list[Spike]:
        """Return spikes that were open at or after a time, the newest first; of all brands where none is named."""
        ...

    def spike_posts(self, spike_id: int) -> list[SpikePost]:
        """Return the posts that explain a spike, the best first; deleted ones are left out."""
        ...

    def complaints_since(self, brand: str, since: datetime, limit: int) -> list[SpikePost]:
        """Return complaints posted and decided since a time, the newest first."""
        ...

    def complaints_before(self, brand: str, since: datetime, until: datetime, limit: int) -> list[SpikePost]:
        """Return the worst posts of cases of complaint opened in a time, the newest first."""
        ...
