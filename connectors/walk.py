"""The one way in which every source is read: a walk over its queries, newest page first, and then over its gaps.

    walk = start_walk(cursor, queries, limits, now)
    while (request := walk.request) is not None:
        try:
            page = connector.fetch(request)
            walk = walk.take(page)
        except ConnectorError as error:
            ...  # store walk.failed(error) as the cursor, mark the source, stop
        ...  # store page and walk.cursor in one transaction

The watermark moves once the pages of all queries are stored. A page cap leaves a gap, which later walks drain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors.connector import Page, Request
from connectors.cursor import Cursor, Gap, Limits, Pending, start_backfill
from connectors.errors import BadAnswer, BadQuery, ConnectorError, EndlessPaging

QUIET = timedelta(days=1)
"""The watermark of a source where nothing is posted follows the clock at this distance: platforms refuse old starts."""

MOST_DULL_PAGES = 2
"""Pages in a row without a new id after which paging is taken to be endless."""

LONGEST_TOKEN = 4_000
"""Characters of a page token: it is kept with the cursor."""

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Covered:
    """The stretch of platform time that a finished walk has read; `since` None is everything."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class _Trail:
    """What the current query has shown in this walk: its pages, tokens, ids, and pages in a row with nothing new."""

    pages: int = 0
    tokens: frozenset[str] = frozenset()
    seen: frozenset[tuple[str, str]] = frozenset()
    dull: int = 0


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk at the point where it stands.

    `cursor` is to be stored with the page just taken. `covered` is known once all queries are stored; `drained` lists
    the gaps closed on the way, `dropped` those whose query is no longer asked for. Still blind is `cursor.gaps`.
    """

    cursor: Cursor
    limits: Limits
    covered: Covered | None = None
    drained: tuple[Gap, ...] = ()
    dropped: tuple[Gap, ...] = ()
    gap_pages: int = 0
    gaps_left: int | None = None
    trail: _Trail = field(default_factory=_Trail)

    @property
    def request(self) -> Request | None:
        """The page to fetch next, or None where the walk is at its end."""
        state = self.cursor.state
        if (pending := self._pending) is not None:
            return Request(pending.query, since=pending.since, token=pending.token, state=state)
        if (gap := self._gap) is None:
            return None
        until = gap.asked_until if gap.token else gap.until
        return Request(gap.query, since=gap.since, until=until, token=gap.token, state=state)

    @property
    def _pending(self) -> Pending | None:
        return next((pending for pending in self.cursor.pending if not pending.done), None)

    @property
    def _gap(self) -> Gap | None:
        if not self.cursor.gaps or self.gaps_left == 0:
            return None
        spent = self.limits.gap_pages is not None and self.gap_pages >= self.limits.gap_pages
        return None if spent else self.cursor.gaps[0]

    def take(self, page: Page) -> "Walk":
        """Return the walk after `page`, the answer to `request`.

        Raises EndlessPaging where a token came again or pages hold nothing new; the walk itself stays as it was.
        """
        request = self.request
        if request is None:
            raise ValueError("the walk is at its end")
        trail = self._trail_after(request, page)
        if (pending := self._pending) is not None:
            return self._after_query(pending, page, trail)
        return self._after_gap(self.cursor.gaps[0], page, trail)

    def failed(self, error: ConnectorError) -> Cursor:
        """Return the cursor to store after `error`; the watermark has not moved.

        Where the place itself may be what is wrong (a stale token, endless paging) it is forgotten: the queries start
        afresh next time, a gap goes on by its times and lets the others go first.
        """
        if not isinstance(error, EndlessPaging | BadAnswer | BadQuery):
            return self.cursor if _begun(self.cursor) else self.cursor.restarted()
        if self._pending is not None or not self.cursor.gaps:
            return self.cursor.restarted()
        gap, *rest = self.cursor.gaps
        return replace(self.cursor, gaps=(*rest, replace(gap, token=None, asked_until=None)))

    def judged(self, error: ConnectorError) -> ConnectorError:
        """Return `error`, or BadAnswer where a refused query may be the fault of a kept place.

        A page token or the bounds of a gap can grow too old for the platform; that stops no source for good.
        """
        request = self.request
        kept = request is not None and (request.token is not None or self._pending is None)
        if isinstance(error, BadQuery) and kept:
            return BadAnswer(error.subject, f"{error.cause} (at a place kept from an earlier page)")
        return error

    def _trail_after(self, request: Request, page: Page) -> _Trail:
        subject = f"query {request.query[:60]!r}" if request.query else "paging"
        tokens = self.trail.tokens | ({request.token} if request.token else set())
        ids = frozenset(mention.key for mention in page.mentions) | {("", native_id) for native_id in page.deleted}
        dull = 0 if ids - self.trail.seen else self.trail.dull + 1
        if page.next_token is not None:
            if len(page.next_token) > LONGEST_TOKEN:
                raise BadAnswer(subject, f"a page token of {len(page.next_token):,} characters")
            if page.next_token in tokens:
                raise EndlessPaging(subject, "the platform gave the same page token twice")
            if self.limits.ordered_by_time and dull >= MOST_DULL_PAGES:
                raise EndlessPaging(subject, f"{dull} pages in a row held nothing new")
        seen = self.trail.seen | ids if self.limits.ordered_by_time else frozenset()
        return _Trail(self.trail.pages + 1, tokens, seen, dull)

    def _after_query(self, pending: Pending, page: Page, trail: _Trail) -> "Walk":
        seen = replace(pending.saw([mention.posted_at for mention in page.mentions]), token=page.next_token)
        cursor = replace(self.cursor, state=page.state or self.cursor.state)
        capped = self.limits.page_cap is not None and trail.pages >= self.limits.page_cap
        if page.next_token is None or self._past(pending.since, page):
            seen = replace(seen, done=True, token=None)
        elif capped:
            if self.limits.ordered_by_time:
                cursor = cursor.with_gap(_rest_of(seen, cursor))
            seen = replace(seen, done=True, token=None)
        rows = tuple(seen if entry.query == pending.query else entry for entry in cursor.pending)
        cursor = replace(cursor, pending=rows)
        trail = _Trail() if seen.done else trail
        if any(not entry.done for entry in rows):
            return replace(self, cursor=cursor, trail=trail)
        return replace(self, cursor=_finished(cursor, self.limits), covered=_covered(cursor), trail=trail)

    def _after_gap(self, gap: Gap, page: Page, trail: _Trail) -> "Walk":
        rest = self.cursor.gaps[1:]
        state = page.state or self.cursor.state
        pages = self.gap_pages + 1
        if page.next_token is None or self._past(gap.since, page):
            cursor = replace(self.cursor, gaps=rest, state=state)
            left = None if self.gaps_left is None else self.gaps_left - 1
            drained = (*self.drained, gap)
            return replace(self, cursor=cursor, drained=drained, gap_pages=pages, gaps_left=left, trail=_Trail())
        asked = gap.asked_until if gap.token else gap.until
        oldest = min((mention.posted_at for mention in page.mentions), default=None)
        until = min(oldest + _SECOND, gap.until) if oldest and gap.until else gap.until
        smaller = replace(gap, until=until, token=page.next_token, asked_until=asked)
        cursor = replace(self.cursor, gaps=(smaller, *rest), state=state)
        return replace(self, cursor=cursor, gap_pages=pages, trail=trail)

    def _past(self, since: datetime | None, page: Page) -> bool:
        """Whether the page lies before `since`: its later half does, so that one post out of order ends nothing."""
        if since is None or not page.mentions or not self.limits.ordered_by_time:
            return False
        return all(mention.posted_at < since for mention in page.mentions[len(page.mentions) // 2 :])


def start_walk(cursor: Cursor, queries: Sequence[str], limits: Limits, now: datetime) -> Walk:
    """Return a walk over `queries` (("",) for a source without queries), going on where an unfinished one stopped.

    Queries that are no longer asked for lose their place and their gaps. One that is asked for the first time begins at
    the watermark like the others; what it missed before is a gap.
    """
    asked = tuple(dict.fromkeys(queries))
    resumed = cursor.pending if _begun(cursor) else ()
    known = {pending.query: pending for pending in resumed if pending.query in asked}
    started = min(cursor.started or now, now) if known else now
    since = _since(cursor, limits, started)
    rows = tuple(known.get(query) or Pending(query, since) for query in asked)
    dropped = tuple(gap for gap in cursor.gaps if gap.query not in asked)
    gaps = tuple(gap for gap in cursor.gaps if gap.query in asked)
    fresh = _fresh(cursor, asked)
    cursor = replace(cursor, pending=rows, started=started, gaps=gaps, asked=asked)
    for query in fresh:
        if since is not None and since > started - limits.backfill:
            cursor = start_backfill(cursor, query, started - limits.backfill, since)
    left = None if limits.gap_pages is None else len(cursor.gaps)
    if rows and all(row.done for row in rows):
        return Walk(_finished(cursor, limits), limits, covered=_covered(cursor), dropped=dropped, gaps_left=left)
    return Walk(cursor, limits, dropped=dropped, gaps_left=left)


def _fresh(cursor: Cursor, asked: Sequence[str]) -> list[str]:
    """Return the queries that the walk before did not ask; none at the first walk, which has a window of its own."""
    return [query for query in asked if query not in cursor.asked] if cursor.asked and cursor.watermark else []


def _begun(cursor: Cursor) -> bool:
    """Whether at least one page of the unfinished walk is stored; else it may as well begin now."""
    return any(row.done or row.token or row.newest for row in cursor.pending)


def _rest_of(pending: Pending, cursor: Cursor) -> Gap:
    """Return what the page cap leaves of a query: below the watermark it is only read again."""
    until = pending.oldest + _SECOND if pending.oldest else cursor.started
    again = bool(pending.oldest and cursor.watermark and pending.oldest <= cursor.watermark)
    return Gap(pending.query, pending.since, until, pending.token, again=again)


def _since(cursor: Cursor, limits: Limits, now: datetime) -> datetime | None:
    """Return where the queries of a walk that starts at `now` end."""
    if not limits.ordered_by_time:
        return None
    if cursor.watermark is None:
        return now - limits.first_window if limits.first_window else None
    since = min(cursor.watermark, now) - limits.overlap
    return min(since, now - limits.sweep) if limits.sweep and cursor.swept_on != now.date() else since


def _finished(cursor: Cursor, limits: Limits) -> Cursor:
    """Return the cursor once all queries are stored: the watermark moves, never back and never past the start."""
    started = cursor.started
    if started is None or not limits.ordered_by_time:
        return cursor.restarted()
    newest = [min(pending.newest, started) for pending in cursor.pending if pending.newest]
    since = [pending.since for pending in cursor.pending if pending.since]
    first = since if cursor.watermark is None else []
    watermark = max(filter(None, [cursor.watermark, *newest, *first, started - max(QUIET, limits.overlap)]))
    swept = limits.sweep is not None and (first or min(since, default=started) <= started - limits.sweep)
    return replace(cursor.restarted(), watermark=watermark, swept_on=started.date() if swept else cursor.swept_on)


def _covered(cursor: Cursor) -> Covered | None:
    """Return the stretch that all queries of the finished walk have in common."""
    if cursor.started is None:
        return None
    since = [pending.since for pending in cursor.pending]
    return Covered(None if None in since else max(filter(None, since)), cursor.started)
