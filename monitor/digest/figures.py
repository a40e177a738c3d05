"""What a digest is made of: counts of one window and of the one before, the usual, and what was not heard."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from monitor.config.events import events_of
from monitor.config.schema import Settings
from monitor.digest.missed import read_missed
from monitor.digest.usual import LOOK_BACK, Counts, Curve, Day, usual_of, weeks_before
from monitor.digest.words import WordCount, rising_words
from monitor.domain import DropRule, Kind, Level
from monitor.incident_view import view_incident
from monitor.rules.recall_estimate import RecallFigures
from monitor.store.digests import Praise, ToldIncident
from monitor.store.records import CaseView, SourceState, SourceStatus
from monitor.store.spikes import Spike
from monitor.store.store import Store

TOP_CASES = 20
"""Cases in a digest's JSON, and posts and incidents; the text shows the first few."""

_SHOWN, _WORDS = 3, 4
"""Incidents that are looked at closely, and words of each."""

_AHEAD = timedelta(days=1)
"""Planned events that begin so soon are told."""

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
class CauseCount:
    """A cause, how many cases of yesterday have it, and how many are usual; None has none, or is unknown."""

    cause: str | None
    count: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """A planned event of the brands of a digest that goes on or begins soon."""

    name: str
    brands: tuple[str, ...]
    since: datetime
    until: datetime
    factor: float


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom figures are gathered: the brands (none: all), the zone of its days, and what the config promises.

    `prices` is dollars a post by source, for all sources that are listened to; `skip_words` are the brands' own names;
    `promises` is the time for a first reply by level.
    """

    brands: tuple[str, ...] = ()
    zone: tzinfo = UTC
    prices: Mapping[str, float | None] = field(default_factory=dict)
    skip_words: tuple[str, ...] = ()
    promises: Mapping[Level, timedelta] = field(default_factory=dict)
    events: tuple[ToldEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class DigestFigures:
    """The figures of a window [since, until) beside the one before it, which is as long. Unknown is None.

    `replies` holds (seconds from the post to the first reply, whether it was in time) by level; `heard_since` says of
    each source when it was first read; `missed` what the recall sample of the last 28 days tells; `yesterday` is the
    local date before that of `until`.
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
    replies: Mapping[Level, Sequence[tuple[float, bool]]] = field(default_factory=dict)
    replies_before: Mapping[Level, Sequence[tuple[float, bool]]] = field(default_factory=dict)
    promises: Mapping[Level, timedelta] = field(default_factory=dict)
    top: Sequence[CaseView] = ()
    to_act_on: int = 0
    act_now: Sequence[CaseView] = ()
    next_at_risk: Sequence[CaseView] = ()
    incidents: Sequence[ToldIncident] = ()
    spikes: Sequence[Spike] = ()
    events: Sequence[ToldEvent] = ()
    yesterday: Day | None = None
    causes: Sequence[CauseCount] = ()
    curve: Curve | None = None
    praise: Sequence[Praise] = ()
    drops: Mapping[DropRule, int] = field(default_factory=dict)
    blind: Sequence[BlindWindow] = ()
    heard_since: Mapping[str, datetime | None] = field(default_factory=dict)
    spend: Sequence[Spend] = ()
    words: Sequence[WordCount] = ()
    missed: RecallFigures | None = None


def audience_of(
    settings: Settings, prices: Mapping[str, float | None], brands: Sequence[str], zone: tzinfo, now: datetime
) -> Audience:
    """Return for whom figures are gathered, as a config says it."""
    return Audience(
        brands=tuple(brands),
        zone=zone,
        prices=prices,
        skip_words=tuple(settings.brands),
        promises={level: settings.triage.sla.of(level) for level in Level},
        events=_events(settings, brands, now),
    )


def gather_figures(store: Store, since: datetime, until: datetime, audience: Audience) -> DigestFigures:
    """Read the figures of a window. Brands narrow cases and counts; sources and what they cost are shared."""
    before, brands = since - (until - since), audience.brands
    total, act_now = store.to_act_on(until, brands, TOP_CASES)
    counts = _counts(store, since, until, audience)
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
        replies=store.replies_by_level(since, until, brands),
        replies_before=store.replies_by_level(before, since, brands),
        promises=audience.promises,
        top=store.worst_urgent(until, brands, TOP_CASES),
        to_act_on=total,
        act_now=act_now,
        next_at_risk=store.next_at_risk(until, brands, TOP_CASES),
        incidents=_incidents(store, since, until, brands),
        spikes=store.spikes(since, brands),
        events=audience.events,
        yesterday=counts.day(_yesterday(until, audience.zone)),
        causes=_causes(store, until, audience, counts),
        curve=counts.curve(since, until),
        praise=store.praise_between(since, until, brands, TOP_CASES),
        drops=store.drops_by_rule(since, brands),
        blind=blind_windows(store, since, until, audience.prices),
        heard_since=heard_since(store, until, audience.prices),
        missed=read_missed(store, until, brands),
        spend=_spend(store, until, audience.prices),
        words=rising_words(
            store.complaint_texts(since, until, brands),
            store.complaint_texts(before, since, brands),
            skip=audience.skip_words,
        ),
    )


def _incidents(store: Store, since: datetime, until: datetime, brands: Sequence[str]) -> list[ToldIncident]:
    """Return incidents, the largest first; of those that are shown, what they are about is looked at closely."""
    found = store.incidents_to_tell(since, brands, TOP_CASES)
    return [_looked_at(store, told, until) for told in found[:_SHOWN]] + found[_SHOWN:]


def _looked_at(store: Store, told: ToldIncident, now: datetime) -> ToldIncident:
    """Return an incident with the words that are its own, and the case that says best what it is about."""
    incident = store.incident(told.id)
    if incident is None:
        return told
    view = view_incident(store, incident, now)
    return replace(told, words=view.words[:_WORDS], example=view.example or told.example)


def _events(settings: Settings, brands: Sequence[str], now: datetime) -> tuple[ToldEvent, ...]:
    """Return the events that go on or begin within a day, each once however many brands expect it."""
    zones = {name: brand.zone for name, brand in settings.brands.items() if not brands or name in brands}
    found: dict[tuple[str, datetime, datetime, float], list[str]] = {}
    for brand, expected in events_of(settings.events, zones).items():
        for event in expected:
            if event.since < now + _AHEAD and event.until > now:
                found.setdefault((event.name, event.since, event.until, event.factor), []).append(brand)
    return tuple(ToldEvent(key[0], tuple(names), *key[1:]) for key, names in found.items())


def _counts(store: Store, since: datetime, until: datetime, audience: Audience) -> Counts:
    first = [source.first_poll_at for source in store.sources(until) if source.first_poll_at is not None]
    start = min(since, until - 2 * _AHEAD) - LOOK_BACK
    return Counts(store.complaints_by_quarter(start, until, audience.brands), audience.zone, min(first, default=None))


def _yesterday(until: datetime, zone: tzinfo) -> date:
    return until.astimezone(zone).date() - _AHEAD


def _causes(store: Store, until: datetime, audience: Audience, counts: Counts) -> list[CauseCount]:
    """Return the causes of yesterday's cases, most first, beside what is usual on that weekday."""
    yesterday = _yesterday(until, audience.zone)
    weeks = [
        store.causes_between(*_bounds(day, audience.zone), audience.brands) if counts.of_day(day) is not None else None
        for day in weeks_before(yesterday)
    ]
    found = store.causes_between(*_bounds(yesterday, audience.zone), audience.brands)
    told = [
        CauseCount(cause, number, usual_of([None if week is None else week.get(cause, 0) for week in weeks]))
        for cause, number in found.items()
    ]
    return sorted(told, key=lambda entry: (entry.cause is None, -entry.count, entry.cause or ""))


def _bounds(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    start, end = (datetime.combine(found, time(), zone).astimezone(UTC) for found in (day, day + _AHEAD))
    return start, end


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
