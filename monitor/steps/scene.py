"""What a brand's complaints are judged against: its sources, its zone, its events, and the hours it learns from."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from monitor.config.events import events_of
from monitor.config.schema import Brand, Settings
from monitor.rules.spikes import Scene, Tally
from monitor.rules.usual import TENS, Hour, Usual
from monitor.store.records import SourceStatus


def sources_of(brand: Brand, settings: Settings, known: Iterable[SourceStatus]) -> list[SourceStatus]:
    """Return the sources of the config that a brand listens to."""
    asked = {name for watch in brand.watches for name in watch.sources or settings.sources}
    return [source for source in known if source.name in asked and source.name in settings.sources]


def zone_of(brand: Brand) -> tzinfo:
    """Return the zone in which a brand has its days."""
    return ZoneInfo(brand.zone) if brand.zone else UTC


def scene_of(settings: Settings, brand: str, usual: Usual) -> Scene:
    """Return what a brand is judged against."""
    zones = {brand: settings.brands[brand].zone}
    events = events_of(settings.events, zones)[brand]
    return Scene(usual, zone_of(settings.brands[brand]), events, settings.spikes.bounds)


def hours_of(tens: Mapping[int, Tally], since: datetime, until: datetime, deaf: set[int], scene: Scene) -> list[Hour]:
    """Return the hours of [since, until) as they are learnt from; `deaf` ones, in hours since 1970, are left out."""
    found = []
    for hour in range(-(-int(since.timestamp()) // 3600), int(until.timestamp()) // 3600):
        if hour in deaf:
            continue
        parts = [tens.get(hour * TENS + part, Tally()) for part in range(TENS)]
        factor = scene.factor(datetime.fromtimestamp(hour * 3600 + 1800, UTC))
        found.append(Hour(hour, sum(part.posts for part in parts), tuple(part.complaints for part in parts), factor))
    return found
