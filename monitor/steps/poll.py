"""The poll step: source due → pages → match watches → [mentions, hits(new), drops(no-watch), cursor].

Each page and the cursor behind it are stored in one transaction, so a crash re-reads and the unique key absorbs it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.connector import Page
from connectors.cursor import Cursor, Limits
from connectors.errors import ConnectorError, RateLimited
from connectors.mention import Mention
from connectors.walk import Walk, start_walk
from monitor.service.log import log
from monitor.steps.backoff import backoff
from monitor.steps.services import Done, Services, Source
from monitor.store.records import SourceClaim
from monitor.store.store import Store

LEASE_S = 300
"""A poll has a total deadline per request of 30 s and few requests; five minutes are a dead poller's."""

_FAR = datetime(9999, 1, 1, tzinfo=UTC)


class BudgetSpent(ConnectorError):
    """The source's own budget of posts a day is used up."""

    next_step = "it goes on tomorrow (UTC); raise posts_per_day to hear more"


@dataclass(frozen=True, slots=True)
class _Poll:
    """One poll of one source."""

    store: Store
    services: Services
    source: Source
    claim: SourceClaim
    now: datetime

    def walk(self, *, drain: bool) -> tuple[Walk, int] | None:
        """Fetch and store page after page; returns the walk and how many posts it returned.

        None where the claim was lost on the way. Raises ConnectorError.
        """
        cursor = Cursor.from_json(self.claim.cursor)
        traits = self.source.connector.traits
        options = self.source.options
        limits = Limits.of(traits, page_cap=options.page_cap, drain=drain, backfill=options.backfill)
        walk = start_walk(cursor, self.source.queries, limits, self.now)
        returned = self.claim.returned_today
        while (request := walk.request) is not None:
            self._check_budget(returned)
            try:
                page = self.source.connector.fetch(request)
                walk = walk.take(page)
            except ConnectorError as error:
                self._keep(Page(), walk.failed(error))
                judged = walk.judged(error)
                raise judged from (None if judged is error else error)
            returned += page.returned
            if not self._keep(page, walk.cursor):
                return None
        return walk, returned - self.claim.returned_today

    def _keep(self, page: Page, cursor: Cursor) -> bool:
        matched = [(mention, self._match(mention)) for mention in page.mentions]
        for reason in page.skipped:
            log.warning("record_skipped", f"{self.source.name}: {reason}", source=self.source.name)
        return self.store.save_page(
            self.claim,
            matched,
            page.deleted,
            cursor.to_json(),
            self.now,
            platform=self.source.connector.platform,
            returned=page.returned,
            skipped=len(page.skipped),
        )

    def _match(self, mention: Mention) -> dict[str, tuple[str, ...]]:
        return dict(self.services.matcher.match(mention, self.source.name))

    def _check_budget(self, returned: int) -> None:
        budget = self.source.options.posts_per_day
        if budget is not None and returned >= budget:
            raise BudgetSpent(self.source.name, f"the budget of {budget} posts a day is used up")


def poll(store: Store, services: Services, now: datetime, limit: int = 1) -> Done:
    """Poll up to `limit` due sources. A source that fails stops alone, with its reason."""
    names = list(services.sources)
    count = failed = 0
    while count < limit and (claim := store.claim_source(names, now, LEASE_S)) is not None:
        failed += not _poll_source(store, services, claim, now, drain=False)
        count += 1
    return Done(count, store.next_source_due(names), failed)


def poll_all(store: Store, services: Services, now: datetime) -> Done:
    """Poll every source once, due or not, and drain its gaps; a source in back-off is left, and counts as failed."""
    count = failed = 0
    for name in services.sources:
        held = store.is_held_back(name, now)
        claim = None if held else store.claim_source([name], now, LEASE_S, due=_FAR)
        failed += claim is None or not _poll_source(store, services, claim, now, drain=True)
        count += 1
    return Done(count, None, failed)


def _poll_source(store: Store, services: Services, claim: SourceClaim, now: datetime, *, drain: bool) -> bool:
    source = services.sources[claim.name]
    try:
        finished = _Poll(store, services, source, claim, now).walk(drain=drain)
    except ConnectorError as error:
        _fail(store, claim, error, now)
        return False
    if finished is not None and store.finish_poll(claim, now + source.options.every, now):
        walk, returned = finished
        _record_coverage(store, claim, walk)
        if returned:
            log.info("poll_done", f"{claim.name}: {returned} posts read", source=claim.name, posts=returned)
    return True


def _fail(store: Store, claim: SourceClaim, error: ConnectorError, now: datetime) -> None:
    due_at = _retry_at(error, claim, now)
    stop = error.permanent
    if store.fail_poll(claim, str(error), due_at, now, stop=stop):
        store.add_coverage(claim.name, "blind", now, now, error.cause)
        log.warning("poll_failed", str(error), source=claim.name, stopped=stop)


def _retry_at(error: ConnectorError, claim: SourceClaim, now: datetime) -> datetime:
    if isinstance(error, BudgetSpent):
        return datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    asked = error.retry_after if isinstance(error, RateLimited) else None
    return now + backoff(claim.failures + 1, asked=asked)


def _record_coverage(store: Store, claim: SourceClaim, walk: Walk) -> None:
    if walk.covered and walk.covered.since:
        store.add_coverage(claim.name, "covered", walk.covered.since, walk.covered.until, None)
    known = {(gap.query, gap.until) for gap in Cursor.from_json(claim.cursor).gaps}
    for gap in walk.cursor.gaps:
        if (gap.query, gap.until) not in known and not gap.again and gap.since and gap.until:
            store.add_coverage(claim.name, "gap", gap.since, gap.until, "page cap")
