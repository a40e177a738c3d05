"""The sample step: drops ─▶ [draw, sample]. Once a local day a few drops are drawn for a person to look at.

Each drop is drawn from once, whenever it was first seen; what is decided again later stays where it was counted.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from monitor.config.schema import Settings
from monitor.rules.recall import draw
from monitor.service.log import log
from monitor.steps.digest import first_run_at
from monitor.steps.services import Done, Services
from monitor.store.records import Draw
from monitor.store.store import Store

_SETTLED = timedelta(minutes=10)
"""A poll stores what it saw when it began, so that a moment must pass before all that was seen until then is there."""

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def sample(store: Store, services: Services, now: datetime, limit: int = 1, *, at_once: bool = False) -> Done:
    """Draw the sample of a local day, if there is none of it yet and anything to draw from; `limit` 0 draws nothing.

    On the first day it waits until there are enough drops. With `at_once` it waits for nothing, as a run that ends.
    """
    wanted, last = services.settings.recall.per_day, store.last_draw()
    today = now.astimezone(zone_of(services.settings)).date().isoformat()
    if not limit or not wanted or (last is not None and last.local_date >= today):
        return Done(0)
    since, until = last.until if last else _FIRST, _until(store, now, at_once=at_once)
    drops = store.drops_to_draw(since, until) if until > since else []
    least = 1 if at_once or last is not None or not _is_first_day(store, services, now) else wanted
    if len(drops) < least:
        return Done(0)
    drawn = draw(drops, wanted, f"{today}/{len(drops)}")
    if not store.save_draw(Draw(today, since, until, now), drops, drawn):
        return Done(0)
    log.info("sample_drawn", f"{len(drawn)} of {len(drops)} drops wait for a look", drawn=len(drawn), drops=len(drops))
    return Done(len(drawn))


def zone_of(settings: Settings) -> tzinfo:
    """Return the zone whose days count: that of the sample, else of the first brand that has one, else UTC."""
    named = [settings.recall.zone, *(brand.zone for brand in settings.brands.values())]
    return next((ZoneInfo(name) for name in named if name), UTC)


def _until(store: Store, now: datetime, *, at_once: bool) -> datetime:
    """Return the time before which everything that was seen has been decided."""
    undecided = store.oldest_undecided()
    settled = now + timedelta(milliseconds=1) if at_once else now - _SETTLED
    return min(settled, undecided) if undecided else settled


def _is_first_day(store: Store, services: Services, now: datetime) -> bool:
    zone = zone_of(services.settings)
    return first_run_at(store, now).astimezone(zone).date() == now.astimezone(zone).date()
