"""What a digest is made of: counts of one window and of the one before, and what was not heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.digest.words import WordCount, rising_words
from monitor.domain import DropRule, Kind, Level
from monitor.store.records import CaseView, SourceState
from monitor.store.store import Store

TOP_CASES = 20
"""Cases in a digest's JSON; the text shows the first five."""


@dataclass(frozen=True, slots=True)
class BlindWindow:
    """A time in which a source heard nothing, or not everything; `until` None goes on."""

    source: str
    state: str
    since: datetime
    until: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Spend:
    """What a source returned today, and its price in US dollars, None where reading is free."""

    source: str
    posts: int
    dollars: float | None


@dataclass(frozen=True, slots=True)
class DigestFigures:
    """The figures of a window [since, until) beside the one before it, which is as long. Unknown is None.

    `first_replies` holds (seconds from the post to the first reply, whether it was in time).
    """

    since: datetime
    until: datetime
    open_by_level: Mapping[Level, int] = field(default_factory=dict)
    late_by_level: Mapping[Level, int] = field(default_factory=dict)
    at_risk: int = 0
    opened: Mapping[Kind, int] = field(default_factory=dict)
    opened_before: Mapping[Kind, int] = field(default_factory=dict)
    mentions: int = 0
    mentions_before: int = 0
    first_replies: Sequence[tuple[float, bool]] = ()
    first_replies_before: Sequence[tuple[float, bool]] = ()
    top: Sequence[CaseView] = ()
    drops: Mapping[DropRule, int] = field(default_factory=dict)
    blind: Sequence[BlindWindow] = ()
    spend: Sequence[Spend] = ()
    words: Sequence[WordCount] = ()


def gather_figures(
    store: Store,
    since: datetime,
    until: datetime,
    *,
    prices: Mapping[str, float | None] | None = None,
    skip_words: Sequence[str] = (),
    brands: Sequence[str] = (),
) -> DigestFigures:
    """Read the figures of a window. `prices` is dollars a post by source; `skip_words` are the brands' own names.

    `brands` narrows the cases that are shown; counts are those of the whole store.
    """
    before = since - (until - since)
    queue = [case for case in store.queue(until) if not brands or case.brand in brands]
    return DigestFigures(
        since=since,
        until=until,
        open_by_level=store.open_by_level(),
        late_by_level=store.late_by_level(until),
        at_risk=store.at_risk(until),
        opened=store.opened_between(since, until),
        opened_before=store.opened_between(before, since),
        mentions=store.mentions_between(since, until),
        mentions_before=store.mentions_between(before, since),
        first_replies=store.first_reply_waits(since, until),
        first_replies_before=store.first_reply_waits(before, since),
        top=[case for case in queue if case.level.urgent][:TOP_CASES],
        drops=store.drops_by_rule(since),
        blind=_blind(store, since, until),
        spend=_spend(store, until, prices or {}),
        words=rising_words(store.complaint_texts(since, until), store.complaint_texts(before, since), skip=skip_words),
    )


def _blind(store: Store, since: datetime, now: datetime) -> list[BlindWindow]:
    """Return recorded windows, and sources that are silent right now."""
    found = [BlindWindow(**window) for window in store.blind_windows(since)]
    silent = [source for source in store.sources(now) if source.state in {SourceState.STOPPED, SourceState.FAILING}]
    now_deaf = [BlindWindow(source.name, source.state, source.ok_at or since, None, source.reason) for source in silent]
    return now_deaf + found


def _spend(store: Store, now: datetime, prices: Mapping[str, float | None]) -> list[Spend]:
    found = []
    for source in store.sources(now):
        price = prices.get(source.name)
        if price is not None and source.returned_today:
            found.append(Spend(source.name, source.returned_today, round(source.returned_today * price, 2)))
    return found
