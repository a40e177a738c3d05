"""Rematching: a changed watch is tried on the posts that no watch wanted before, as far as they are kept (48 h)."""

from datetime import datetime
from hashlib import sha256

from monitor.service.log import log
from monitor.steps.services import Services
from monitor.store.store import Store

_WATCHES = "watches"
_PAGE = 500


def rematch(store: Store, services: Services, now: datetime) -> int:
    """Match stored posts again where the watches changed since the last time; returns how many found a brand.

    The first watches of a store have nothing to look back on: its posts were all matched by them.
    """
    digest = _digest(services)
    before = store.meta(_WATCHES)
    if before == digest:
        return 0
    found = _rematch(store, services, now) if before is not None else 0
    store.set_meta(_WATCHES, digest)  # last: killed on the way, the next run looks at the rest
    if found:
        log.info("rematched", f"{found} stored posts match the changed watches", posts=found)
    return found


def _rematch(store: Store, services: Services, now: datetime) -> int:
    found = after = 0
    while page := store.unmatched(after, _PAGE):
        with store.write():
            for row, source, mention in page:
                if watches := dict(services.matcher.match(mention, source)):
                    store.add_hits(row, source, watches, now)
                    found += 1
        after = page[-1][0]
    return found


def _digest(services: Services) -> str:
    watches = {
        name: [brand.lists, *(watch.model_dump(mode="json") for watch in brand.watches)]
        for name, brand in sorted(services.settings.brands.items())
    }
    return sha256(repr(watches).encode()).hexdigest()
