"""The follow step: open cases and near-misses due → re-read → [metrics, edits, deletions → hit(new) again].

Posts of cases are read again for as long as their words are kept, so that a deletion is followed in the time that the
platform asks for. Threads of cases are looked into as well (`follow_threads.py`).
"""

from datetime import datetime, timedelta

from connectors.errors import ConnectorError, RateLimited
from monitor.service.log import log
from monitor.steps.backoff import backoff
from monitor.steps.follow_threads import posts_left, tomorrow, watch_threads
from monitor.steps.services import Done, Services, Source
from monitor.store.records import Followed
from monitor.store.store import Store

LEASE_S = 120

AFTER = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
"""When a post is read again, counted from its decision."""


def follow(store: Store, services: Services, now: datetime, limit: int = 100) -> Done:
    """Read due mentions again, one batch a source; what changed goes back to triage."""
    count = failed = 0
    for name in store.sources_to_follow(now):
        source = services.sources.get(name)
        if source is None or not source.connector.traits.can_reread:
            continue
        claimed = store.claim_follows(name, now, LEASE_S, min(limit, source.connector.traits.reread_batch))
        failed += not _reread(store, source, claimed, now)
        count += len(claimed)
    watched = watch_threads(store, services, now, limit)
    moments = (store.next_follow_due(_readable(services)), watched.next_due_at)
    next_due = min((moment for moment in moments if moment is not None), default=None)
    return Done(count + watched.count, next_due, failed + watched.failed)


def _reread(store: Store, source: Source, claimed: list[Followed], now: datetime) -> bool:
    if not claimed:
        return True
    traits, left = source.connector.traits, posts_left(store, source, now)
    if left is not None and left < len(claimed):
        store.delay_follows(claimed[left:], tomorrow(now))
        claimed = claimed[:left]
        if not claimed:
            return True
    try:
        reread = source.connector.reread([claim.native_id for claim in claimed])
    except ConnectorError as error:
        asked = error.retry_after if isinstance(error, RateLimited) else None
        store.delay_follows(claimed, now + (timedelta(hours=1) if error.permanent else backoff(3, asked=asked)))
        log.warning("follow_failed", str(error), source=source.name)
        return False
    store.spend_posts(source.name, reread.returned, now)
    due = {claim.mention_id: next_reading(claim.step, now, traits.recheck) for claim in claimed}
    again = {"recheck_at": now + traits.recheck if traits.recheck else None}
    store.save_reread(claimed, reread, due, now, **again, recheck_all=source.options.recheck == "all")
    return True


def next_reading(step: int, now: datetime, recheck: timedelta | None = None) -> datetime | None:
    """Return when the reading after number `step` (0 for the first) comes; None after the last.

    No post goes unread for longer than the platform's `recheck`.
    """
    if step + 1 >= len(AFTER):
        return None
    wait = AFTER[step + 1] - AFTER[step]
    return now + (wait if recheck is None else min(wait, recheck))


def _readable(services: Services) -> list[str]:
    return [name for name, source in services.sources.items() if source.connector.traits.can_reread]
