"""Watching: threads of cases and the own timeline → [our answers, the customer's words, impostors → hit(new)].

    case opens or is joined ──▶ the thread is planned        thread due ──▶ read ──▶ hits of our own accounts, of the
    and the own timeline                                     case's customers and of look-alikes ──▶ triage

What a reading brings is decided like every other post; other people's posts that no watch matches are not kept. Every
post that the platform bills counts against the budget of the source.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from connectors.connector import Watched, Watcher
from connectors.errors import ConnectorError, RateLimited
from connectors.mention import Mention
from monitor.domain import Hit
from monitor.rules.folded import fold_mention
from monitor.rules.impostor_reply import find_impostor_reply
from monitor.rules.watching import FIRST, OWN_EVERY, WatchedCase, next_look
from monitor.service.log import log
from monitor.steps.backoff import backoff
from monitor.steps.services import Done, Services, Source
from monitor.store.store import Store
from monitor.store.watching import OWN_TIMELINE, WatchedPlace

LEASE_S = 300
CALLS = 4
"""Calls of one turn: few enough that a turn ends well within the time of a graceful stop."""

THREAD = "(thread)"
"""The watch of a post that none of the config's watches matched: it was found in the thread of a case."""

Matched = list[tuple[Mention, dict[str, Sequence[str]]]]


def plan_watching(store: Store, services: Services, hit: Hit, now: datetime) -> None:
    """Have the thread of a case, and what our accounts write, looked into from now on; where the platform allows it."""
    source = _watcher_of(services, hit)
    if source is None or hit.mention.thread_id is None:
        return
    since = min(hit.mention.posted_at, now)
    store.plan_watch(source.name, hit.mention.thread_id, since, now + FIRST)
    if _own_handles(services, source):
        store.plan_watch(source.name, OWN_TIMELINE, since, now + OWN_EVERY)


def watch_threads(store: Store, services: Services, now: datetime, limit: int = 100) -> Done:
    """Read the own timelines and threads that are due; what they bring goes to triage."""
    count = failed = 0
    for name in store.sources_to_watch(now):
        source = services.sources.get(name)
        if source is None or not source.connector.traits.watches_threads:
            continue
        for own in (True, False):
            most = 1 if own else min(limit, CALLS * source.connector.traits.threads_per_call)
            claimed = store.claim_watches(name, now, LEASE_S, most, own=own)
            failed += sum(not _read(store, services, source, part, now) for part in _parts(claimed, source))
            count += len(claimed)
    return Done(count, store.next_watch_due(_watching(services)), failed)


def posts_left(store: Store, source: Source, now: datetime) -> int | None:
    """Return how many posts a source may still be given today (UTC); None where it has no budget."""
    budget = source.options.posts_per_day
    return None if budget is None else max(budget - store.spent_posts(source.name, now), 0)


def tomorrow(now: datetime) -> datetime:
    """Return the next midnight in UTC, when budgets begin anew."""
    return datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)


def _read(store: Store, services: Services, source: Source, places: Sequence[WatchedPlace], now: datetime) -> bool:
    left = posts_left(store, source, now)
    if left == 0:
        store.delay_watches(places, tomorrow(now))
        return True
    try:
        watched = _ask(services, source, places, left)
    except ConnectorError as error:
        asked = error.retry_after if isinstance(error, RateLimited) else None
        store.delay_watches(places, now + (timedelta(hours=1) if error.permanent else backoff(3, asked=asked)))
        log.warning("watch_failed", str(error), source=source.name)
        return False
    if not watched.whole:
        log.warning("thread_cut", f"{source.name}: more was written in a thread than one reading takes",
                    source=source.name)  # fmt: skip
    store.spend_posts(source.name, watched.returned, now)
    matched = _wanted(store, services, source, watched, now)
    due = {place: _next_look(store, source, place, now) for place in places}
    store.save_watched(source.connector.platform, due, matched, watched.gone, now)
    return True


def _ask(services: Services, source: Source, places: Sequence[WatchedPlace], left: int | None) -> Watched:
    connector = source.connector
    if not isinstance(connector, Watcher):
        return Watched()
    since = min(place.read_at for place in places) - connector.traits.overlap
    if places[0].place == OWN_TIMELINE:
        return connector.read_voices(_own_handles(services, source), since, left)
    return connector.read_threads([place.place for place in places], since, left)


def _wanted(store: Store, services: Services, source: Source, watched: Watched, now: datetime) -> Matched:
    """Return what is kept of a reading, with the brands and watches that it is a hit of."""
    found: Matched = []
    cases: dict[str, list[WatchedCase]] = {}
    for mention in watched.mentions:
        thread = mention.thread_id or ""
        if thread not in cases:
            cases[thread] = store.watched_cases(mention.platform, thread, now)
        hits: dict[str, Sequence[str]] = dict(services.matcher.match(mention, source.name))
        for case in cases[thread]:
            if case.brand not in hits and _concerns(services, mention, case):
                hits[case.brand] = (THREAD,)
        if hits:
            found.append((mention, hits))
    return found


def _concerns(services: Services, mention: Mention, case: WatchedCase) -> bool:
    """Whether a post in the thread of a case is by an account of ours, by its customer, or by one who plays us."""
    brand = services.rules.of(case.brand)
    author = mention.author.handle.removeprefix("@").casefold()
    if brand.is_own(mention.platform, author) or author in case.customers:
        return True
    return find_impostor_reply(mention, fold_mention(mention), brand) is not None


def _next_look(store: Store, source: Source, place: WatchedPlace, now: datetime) -> datetime | None:
    platform = source.connector.platform
    if place.place == OWN_TIMELINE:
        return now + OWN_EVERY if store.awaits_answers(platform) else None
    return next_look(store.watched_cases(platform, place.place, now), now)


def _watcher_of(services: Services, hit: Hit) -> Source | None:
    """Return the source that can look into the thread of a hit: the one that found it, else another of its platform."""
    found = services.sources.get(hit.source)
    others = (source for _, source in sorted(services.sources.items()))
    able = (source for source in (found, *others) if source and source.connector.traits.watches_threads)
    return next((source for source in able if source.connector.platform == hit.mention.platform), None)


def _own_handles(services: Services, source: Source) -> list[str]:
    platform = source.connector.platform
    brands = services.settings.brands.values()
    return list(dict.fromkeys(handle for brand in brands for handle in brand.handles.get(platform, ())))


def _parts(places: Sequence[WatchedPlace], source: Source) -> Iterator[Sequence[WatchedPlace]]:
    size = source.connector.traits.threads_per_call
    for start in range(0, len(places), size):
        yield places[start : start + size]


def _watching(services: Services) -> list[str]:
    return [name for name, source in services.sources.items() if source.connector.traits.watches_threads]
