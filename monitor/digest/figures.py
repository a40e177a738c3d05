"""What a digest is made of: counts of one window and of the one before, and what was not heard."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.digest.missed import read_missed
from monitor.digest.words import WordCount, rising_words
from monitor.domain import DropRule, Kind, Level
from monitor.rules.recall_estimate import RecallFigures
from monitor.store.records import CaseView, SourceState, SourceStatus
from monitor.store.store import Store

TOP_CASES = 20
"""Cases in a digest's JSON; the text shows the first five."""

_OVERDUE = timedelta(minutes=15)
"""A source that is due for so long is read by nobody."""


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

    `first_replies` holds (seconds from the post to the first reply, whether it was in time); `heard_since` says of each
    source when it was first read; `missed` what the recall sample of the last 28 days tells.
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
    heard_since: Mapping[str, datetime | None] = field(default_factory=dict)
    spend: Sequence[Spend] = ()
    words: Sequence[WordCount] = ()
    missed: RecallFigures | None = None


def gather_figures(
    store: Store,
    since: datetime,
    until: datetime,
    *,
    prices: Mapping[str, float | None],
    skip_words: Sequence[str] = (),
    brands: Sequence[str] = (),
) -> DigestFigures:
    """Read the figures of a window. `prices` is dollars a post by source, for all sources that are listened to.

    `skip_words` are the brands' own names. `brands` narrows cases and counts to these; sources and what they cost are
    shared.
    """
    before = since - (until - since)
    queue = [case for case in store.queue(until) if not brands or case.brand in brands]
    return DigestFigures(
        since=since,
        until=until,
        open_by_level=store.open_by_level(brands),
        late_by_level=store.late_by_level(until, brands),
        at_risk=store.at_risk(until, brands),
        opened=store.opened_between(since, until, brands),
        opened_before=store.opened_between(before, since, brands),
        mentions=store.mentions_between(since, until, brands),
        mentions_before=store.mentions_between(before, since, brands),
        first_replies=store.first_reply_waits(since, until, brands),
        first_replies_before=store.first_reply_waits(before, since, brands),
        top=[case for case in queue if case.level.urgent][:TOP_CASES],
        drops=store.drops_by_rule(since, brands),
        blind=blind_windows(store, since, until, prices),
        heard_since=heard_since(store, until, prices),
        missed=read_missed(store, until, brands),
        spend=_spend(store, until, prices),
        words=rising_words(
            store.complaint_texts(since, until, brands), store.complaint_texts(before, since, brands), skip=skip_words
        ),
    )


def heard_since(store: Store, now: datetime, names: Collection[str]) -> dict[str, datetime | None]:
    """Return when each of these sources was first read; None was never."""
    first = {source.name: source.first_poll_at for source in store.sources(now)}
    return {name: first.get(name) for name in names}


def blind_windows(store: Store, since: datetime, now: datetime, names: Collection[str]) -> list[BlindWindow]:
    """Return recorded windows, sources that are silent right now, and those of `names` that nobody reads."""
    found = [_deaf_now(source, since, now, wanted=source.name in names) for source in store.sources(now)]
    deaf = {window.source: window for window in found if window is not None}
    recorded = [BlindWindow(**window) for window in store.blind_windows(since)]
    told = [window for window in recorded if window.source not in deaf or window.since < deaf[window.source].since]
    return [*deaf.values(), *told]


def _deaf_now(source: SourceStatus, since: datetime, now: datetime, *, wanted: bool) -> BlindWindow | None:
    if source.state in {SourceState.STOPPED, SourceState.FAILING}:
        return BlindWindow(source.name, source.state, source.ok_at or since, None, source.reason)
    if wanted and source.polled_at and source.due_at < now - _OVERDUE:
        return BlindWindow(source.name, "not read", source.polled_at, None, "no daemon has read it since")
    return None


def _spend(store: Store, now: datetime, prices: Mapping[str, float | None]) -> list[Spend]:
    found = []
    for source in store.sources(now):
        price = prices.get(source.name)
        if price is not None and source.returned_today:
            found.append(Spend(source.name, source.returned_today, round(source.returned_today * price, 2)))
    return found
