"""Where a source stands: the cursor, and the steps that change it. Pure and immutable; `connectors/walk.py` drives it.

The cursor is kept with the mentions, in one transaction a page. Whatever is killed in between is read again, and the
unique key of a mention absorbs it. All times are platform time, aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Self

from connectors.connector import Traits
from connectors.mention import format_time, parse_time

MOST_GAPS = 50
"""Gaps kept apart per query; past it the two oldest become one, which re-reads what lies between them."""

MOST_AGAIN = 2
"""Stretches of a query that are read again: one under way, one waiting."""


BACKFILL = timedelta(hours=24)
"""How far back a query that is new at a known source is read, unless the config says otherwise."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a walk goes.

    `page_cap` bounds the pages of one query in a walk (None: all), `gap_pages` the pages a walk spends on gaps (None:
    until they are drained; 0: leave them). `overlap` is re-read at every walk, `sweep` once a UTC day; `first_window`
    bounds the first walk, `backfill` what is read of a query that a known source is asked for the first time. A source
    not `ordered_by_time` is read from its own `state` alone.
    """

    page_cap: int | None = 10
    overlap: timedelta = timedelta(minutes=15)
    first_window: timedelta | None = timedelta(hours=24)
    sweep: timedelta | None = None
    ordered_by_time: bool = True
    gap_pages: int | None = 10
    backfill: timedelta = BACKFILL

    @classmethod
    def of(
        cls, traits: Traits, *, page_cap: int | None = None, drain: bool = False, backfill: timedelta | None = None
    ) -> Self:
        """Take the limits of a kind of source; `page_cap` and `backfill` are the config's, which go before others.

        A walk spends as many pages on gaps as on one query, or with `drain` as many as they take.
        """
        cap = page_cap or traits.page_cap
        return cls(
            page_cap=cap,
            overlap=traits.overlap,
            first_window=traits.first_window,
            sweep=traits.sweep,
            ordered_by_time=traits.ordered_by_time,
            gap_pages=None if drain else cap,
            backfill=BACKFILL if backfill is None else backfill,
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """How far one query of an unfinished walk has come.

    `since` is where it ends, `token` its next page, `newest` and `oldest` the times seen so far; `done` once its pages
    are stored, or handed over to a gap.
    """

    query: str
    since: datetime | None = None
    token: str | None = None
    newest: datetime | None = None
    oldest: datetime | None = None
    done: bool = False

    def saw(self, times: list[datetime]) -> Self:
        """Return it widened by the times of one page."""
        if not times:
            return self
        newest, oldest = max(times), min(times)
        return replace(
            self,
            newest=max(newest, self.newest) if self.newest else newest,
            oldest=min(oldest, self.oldest) if self.oldest else oldest,
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "query": self.query,
            "since": _written(self.since),
            "token": self.token,
            "newest": _written(self.newest),
            "oldest": _written(self.oldest),
            "done": self.done,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(
            record["query"],
            _read(record.get("since")),
            record.get("token"),
            _read(record.get("newest")),
            _read(record.get("oldest")),
            bool(record.get("done")),
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch [since, until) of one query that is not stored yet.

    `token` is the page to go on with, valid only together with `asked_until`, the bound its request had; platforms that
    know no `until` can drain a gap by token alone. `again` marks a stretch that was stored before and is only read once
    more for posts that show up late: it is no blind window.
    """

    query: str
    since: datetime | None
    until: datetime | None
    token: str | None = None
    asked_until: datetime | None = None
    again: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "query": self.query,
            "since": _written(self.since),
            "until": _written(self.until),
            "token": self.token,
            "asked_until": _written(self.asked_until),
            "again": self.again,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        since, until = _read(record.get("since")), _read(record.get("until"))
        asked_until = _read(record.get("asked_until"))
        return cls(record["query"], since, until, record.get("token"), asked_until, bool(record.get("again")))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a source stands.

    Everything posted before `watermark` is stored, but for `gaps` and for what the platform shows later than the
    overlap. `pending` holds the queries of a walk that began at `started` and is not finished; `swept_on` is the UTC
    date of the last daily sweep; `state` is the connector's own; `asked` are the queries of the walk before.
    """

    watermark: datetime | None = None
    started: datetime | None = None
    pending: tuple[Pending, ...] = ()
    gaps: tuple[Gap, ...] = ()
    swept_on: date | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    asked: tuple[str, ...] = field(default=(), compare=False)

    def with_gap(self, gap: Gap) -> Self:
        """Return the cursor with one more gap.

        Beyond MOST_GAPS of its query the two oldest are joined. Of the stretches that are read again only one waits
        behind the one being read; further ones are joined to it, or a poll that reads too little would pile them up.
        """
        same = [known for known in self.gaps if known.query == gap.query and known.again == gap.again]
        if gap.again and len(same) >= MOST_AGAIN:
            return replace(self, gaps=tuple(_joined(known, gap) if known is same[-1] else known for known in self.gaps))
        if len(same) < MOST_GAPS:
            return replace(self, gaps=(*self.gaps, gap))
        rest = tuple(known for known in self.gaps if known not in same[:2])
        return replace(self, gaps=(_joined(*same[:2]), *rest, gap))

    def restarted(self) -> Self:
        """Return the cursor without its unfinished walk: the next one begins afresh from the watermark."""
        return replace(self, pending=(), started=None)

    def to_json(self) -> dict[str, Any]:
        """Return the cursor as JSON, for the store."""
        return {
            "watermark": _written(self.watermark),
            "started": _written(self.started),
            "pending": [pending.to_json() for pending in self.pending],
            "gaps": [gap.to_json() for gap in self.gaps],
            "swept_on": self.swept_on.isoformat() if self.swept_on else None,
            "state": dict(self.state),
            "asked": list(self.asked),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; an empty object is the cursor of a source never polled."""
        swept_on = record.get("swept_on")
        return cls(
            watermark=_read(record.get("watermark")),
            started=_read(record.get("started")),
            pending=tuple(Pending.from_json(entry) for entry in record.get("pending") or ()),
            gaps=tuple(Gap.from_json(entry) for entry in record.get("gaps") or ()),
            swept_on=date.fromisoformat(swept_on) if swept_on else None,
            state=dict(record.get("state") or {}),
            asked=tuple(record.get("asked") or ()),
        )


def start_backfill(cursor: Cursor, query: str, since: datetime, until: datetime) -> Cursor:
    """Return the cursor with [since, until) of `query` still to be read: what a new or changed watch has missed."""
    return cursor.with_gap(Gap(query, since, until))


def _written(moment: datetime | None) -> str | None:
    return format_time(moment) if moment else None


def _read(text: str | None) -> datetime | None:
    return parse_time(text) if text else None


def _joined(first: Gap, second: Gap) -> Gap:
    since, until = _earlier(first.since, second.since), _later(first.until, second.until)
    return Gap(first.query, since, until, again=first.again)


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    return min(first, second) if first and second else None


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    return max(first, second) if first and second else None
