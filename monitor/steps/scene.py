"""What a brand's complaints are judged against: its sources, its zone, its events, and the hours it learns from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from monitor.config.events import events_of
from monitor.config.schema import Brand, Settings
from monitor.rules.spikes import Expected, Scene
from monitor.rules.usual import TENS, Hour, Usual
from monitor.store.records import SourceStatus
from monitor.store.spikes import SpikeStore

_NONE = (0,) * TENS


def sources_of(brand: Brand, settings: Settings, known: Iterable[SourceStatus]) -> list[SourceStatus]:
    """Return the sources of the config that a brand listens to."""
    asked = {name for watch in brand.watches for name in watch.sources or settings.sources}
    return [source for source in known if source.name in asked and source.name in settings.sources]


def zone_of(brand: Brand) -> tzinfo:
    """Return the zone in which a brand has its days."""
    return ZoneInfo(brand.zone) if brand.zone else UTC


def scene_of(settings: Settings, brand: str, usual: Usual) -> Scene:
    """Return what a brand is judged against."""
    return Scene(usual, zone_of(settings.brands[brand]), planned(settings, brand), settings.spikes.bounds)


@dataclass(frozen=True, slots=True)
class EventCourse:
    """How an event went for a brand so far: complaints seen, and how many are usual in that time without it.

    `usual` is None while too little was heard to tell.
    """

    brand: str
    event: Expected
    seen: int
    usual: float | None

    @property
    def factor(self) -> float | None:
        """How many times the usual was seen; None where that is unknown, or nothing is usual."""
        return self.seen / self.usual if self.usual else None


def event_course(store: SpikeStore, settings: Settings, brand: str, event: Expected, now: datetime) -> EventCourse:
    """Return how an event of a brand went until now, or until it ended."""
    until = max(min(event.until, now), event.since)
    tens = store.tally_tens(brand, event.since, until, list(settings.sources))
    known = store.usual(brand)
    cold = known is None or known[1].cold
    usual = None if known is None or cold else known[1].expected(event.since, until, zone_of(settings.brands[brand]))
    return EventCourse(brand, event, sum(tally.complaints for tally in tens.values()), usual)


def planned(settings: Settings, brand: str) -> tuple[Expected, ...]:
    """Return the events that a brand expects."""
    return events_of(settings.events, {brand: settings.brands[brand].zone})[brand]


def hours_of(
    heard: Mapping[int, Hour], since: datetime, until: datetime, deaf: set[int], events: Sequence[Expected]
) -> list[Hour]:
    """Return the hours of [since, until) as they are learnt from; `deaf` ones, in hours since 1970, are left out.

    An hour without any post was heard all the same; what an event lets expect belongs to each of its hours.
    """
    factors: dict[int, float] = {}
    for event in events:
        first, last = event.since.timestamp() / 3600, event.until.timestamp() / 3600
        for hour in range(round(first), round(last)):
            factors[hour] = max(factors.get(hour, 0.0), event.factor)
    found = []
    for hour in range(-(-int(since.timestamp()) // 3600), int(until.timestamp()) // 3600):
        if hour not in deaf:
            known = heard.get(hour) or Hour(hour, 0, _NONE)
            found.append(replace(known, factor=factors[hour]) if hour in factors else known)
    return found
