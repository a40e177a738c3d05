"""What platforms are asked for, and what it brought so far: posts a day, the share that is kept, and the cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.rules.dialects import DIALECTS
from monitor.steps.services import Source
from monitor.store.records import SourceStatus

SPAN = timedelta(hours=48)
"""How far back posts are counted: those that no watch matched are kept no longer."""

_LEAST_SPAN = timedelta(hours=6)
_DAY = timedelta(days=1)
_DAYS_A_MONTH = 30


class Flows(Protocol):
    """The part of a store that is read here."""

    def sources(self, now: datetime) -> Sequence[SourceStatus]:
        """Return every source."""
        ...

    def posts_of_source(self, source: str, since: datetime, until: datetime) -> tuple[int, int]:
        """Return (posts that a source brought, those that a watch matched)."""
        ...


@dataclass(frozen=True, slots=True)
class Flow:
    """What a source brought in a time; rates are None where it brought nothing that could be told apart from chance."""

    fetched: int
    kept: int
    span: timedelta

    @property
    def posts_a_day(self) -> float:
        """Posts that the platform returned, a day."""
        return self.fetched / (self.span / _DAY)

    @property
    def share_kept(self) -> float | None:
        """Share of them that a watch matched; None where there were none."""
        return self.kept / self.fetched if self.fetched else None


@dataclass(frozen=True, slots=True)
class Search:
    """What one source asks its platform for. `flow` is None where nobody knows yet; `price` None where it is free."""

    source: str
    queries: tuple[str, ...]
    price: float | None
    most_a_day: int | None
    flow: Flow | None

    @property
    def usd_a_month(self) -> float | None:
        """Expected cost in US dollars; None where it is unknown or nothing is paid."""
        known = self.price is not None and self.flow is not None
        return self.price * self.flow.posts_a_day * _DAYS_A_MONTH if known and self.price and self.flow else None

    @property
    def most_usd_a_month(self) -> float | None:
        """Cost at the limit that the config sets; None where there is none or nothing is paid."""
        return self.price * self.most_a_day * _DAYS_A_MONTH if self.price and self.most_a_day else None

    def words(self) -> str:
        """Say in one line what is expected of it. What is unknown is called so."""
        parts = [self._flow_words()]
        if self.most_a_day:
            most = f", ${self.most_usd_a_month:,.2f} a month" if self.most_usd_a_month else ""
            parts.append(f"at most {self.most_a_day:,} a day{most}")
        return "; ".join(parts)

    def _flow_words(self) -> str:
        free = self.price is None
        if self.flow is None:
            unknown = "posts a day and share kept" if free else "posts a day, share kept and cost a month"
            price = "free" if free else f"${self.price:g} a post"
            return f"{unknown}: unknown until it was read for {_hours(_LEAST_SPAN)}; {price}"
        share = self.flow.share_kept
        kept = f", {share:.0%} of them kept" if share is not None else ", share kept unknown"
        cost = ", free" if free else f", about ${self.usd_a_month or 0:,.2f} a month"
        return f"about {self.flow.posts_a_day:,.0f} posts a day over the last {_hours(self.flow.span)}{kept}{cost}"


def searches_of(sources: Mapping[str, Source], store: Flows | None, now: datetime) -> list[Search]:
    """Return what each source that searches is asked for; without a store what it brings is unknown."""
    known = {status.name: status for status in store.sources(now)} if store else {}
    return [
        Search(
            source=name,
            queries=tuple(source.queries),
            price=source.connector.traits.price_per_post,
            most_a_day=source.options.posts_per_day,
            flow=_flow(store, known.get(name), now) if store else None,
        )
        for name, source in sources.items()
        if source.options.kind in DIALECTS
    ]


def _flow(store: Flows, status: SourceStatus | None, now: datetime) -> Flow | None:
    """Count what was posted and read since the first poll; posts from before it came all at once."""
    if status is None or status.first_poll_at is None or status.ok_at is None:
        return None
    since = max(status.first_poll_at, now - SPAN)
    span = status.ok_at - since
    return Flow(*store.posts_of_source(status.name, since, status.ok_at), span) if span >= _LEAST_SPAN else None


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.0f} h"
