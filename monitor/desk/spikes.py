"""Spikes at the desk: what rose lately, and the last day of each brand beside what is usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.config.schema import Settings
from monitor.rules.usual import COLD, taking_part
from monitor.steps.scene import scene_of, sources_of
from monitor.store.records import stamp
from monitor.store.spikes import Spike, SpikePost
from monitor.store.store import Store

STEP = timedelta(minutes=30)
"""How much time one column of a day stands for."""

COLUMNS = 48


@dataclass(frozen=True, slots=True)
class SpikeFile:
    """A spike with the posts that explain it."""

    spike: Spike
    posts: tuple[SpikePost, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the spike as `spikes --json` prints it."""
        return {**self.spike.to_json(), "posts": [post.to_json() for post in self.posts]}


@dataclass(frozen=True, slots=True)
class BrandDay:
    """Complaints of a brand's last 24 hours by half hours, oldest first, and how many are usual.

    `usual` is None while too little was heard to tell; `judged_from` says from when on rises are looked for, None where
    no source was heard yet.
    """

    brand: str
    since: datetime
    seen: tuple[int, ...]
    usual: tuple[float, ...] | None
    judged_from: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Return the day for machines; unknown is null."""
        usual = None if self.usual is None else [round(value, 2) for value in self.usual]
        return {
            "brand": self.brand,
            "since": stamp(self.since),
            "step_s": int(STEP.total_seconds()),
            "seen": list(self.seen),
            "usual": usual,
            "judged_from": stamp(self.judged_from),
        }


def recent_spikes(store: Store, since: datetime, brands: Sequence[str] = ()) -> list[SpikeFile]:
    """Return the spikes that were open since a time, the newest first; of all brands where none is named."""
    return [SpikeFile(spike, tuple(store.spike_posts(spike.id))) for spike in store.spikes(since, brands)]


def brand_day(store: Store, settings: Settings, brand: str, now: datetime) -> BrandDay:
    """Return the last 24 hours of a brand beside what is usual; the running half hour is the last one."""
    sources = sources_of(settings.brands[brand], settings, store.sources(now))
    first_polls = {source.name: source.first_poll_at for source in sources}
    names, _ = taking_part(first_polls, now)
    step = int(STEP.total_seconds())
    last = datetime.fromtimestamp((int(now.timestamp()) // step + 1) * step, UTC)
    since = last - COLUMNS * STEP
    tens = store.tally_tens(brand, since, last, names or list(first_polls))
    seen = [0] * COLUMNS
    for ten, tally in tens.items():
        seen[(ten * 600 - int(since.timestamp())) // step] += tally.complaints
    heard = [first for first in first_polls.values() if first is not None]
    return BrandDay(
        brand=brand,
        since=since,
        seen=tuple(seen),
        usual=_usual(store, settings, brand, since),
        judged_from=min(heard) + COLD if heard else None,
    )


def _usual(store: Store, settings: Settings, brand: str, since: datetime) -> tuple[float, ...] | None:
    known = store.usual(brand)
    if known is None or known[1].cold:
        return None
    scene = scene_of(settings, brand, known[1])
    return tuple(scene.expected(since + at * STEP, since + (at + 1) * STEP) for at in range(COLUMNS))
