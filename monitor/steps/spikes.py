"""The spikes step: counts by minute ─▶ judged against what is usual ─▶ [spike, outbox].

    no open spike ── a rise ──▶ opened, explained, told once
    open          ── goes on ──▶ kept up to date; told again where it doubled or became critical
    open          ── back to what is usual ──▶ over, told once

Counts are of `posted_at`: what a source brings late counts in its own time. What is usual is learnt anew each hour,
from hours that were heard, past spikes left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.config.schema import Brand, Settings
from monitor.domain import Level
from monitor.rules.spikes import REACH, Alarm, Scene, Tally, is_over, judge
from monitor.rules.usual import LOOK_BACK, Usual, learn_usual, taking_part
from monitor.service.log import log
from monitor.steps.scene import hours_of, planned, scene_of, sources_of, zone_of
from monitor.steps.services import Done, Services
from monitor.steps.spike_words import explain
from monitor.steps.telling import Topic, tell_topic
from monitor.store.records import SourceState, SourceStatus
from monitor.store.spikes import Course, Explained, Spike, SpikePost
from monitor.store.store import Store

OPENED, UPDATED, OVER = "spike.opened", "spike.updated", "spike.over"

EVERY = timedelta(seconds=20)
"""How often brands are looked at; the step is woken more often than that."""

_LOOKED = "spikes_looked_at"
_RELEARN = timedelta(hours=1)
_RATE = timedelta(minutes=20)
"""The last minutes that tell how many complaints come an hour."""

_SHORTEST = timedelta(minutes=15)
_AGAIN = timedelta(minutes=20)
"""The least time between two messages about a spike that has doubled."""

_OVERDUE = timedelta(minutes=15)
_LONG_BLIND = timedelta(hours=6)
"""A source that was read so long ago keeps no spike open."""

_BLIND_MINUTES = 10
_REMEMBERED = timedelta(hours=24)
"""How much of a spike is left out of what is usual; what lasts longer becomes the usual."""

_READ, _COMPARED = 300, 500
"""Complaints of a spike that are read for its words, and complaints of the weeks before that they are compared with."""


def spikes(store: Store, services: Services, now: datetime, limit: int = 1) -> Done:
    """Look at every brand, at most every 20 seconds; learn anew what is usual for up to `limit` of them."""
    settings = services.settings
    if not settings.spikes.enabled or not settings.brands:
        return Done(0)
    last = store.meta(_LOOKED)
    if last is not None and timedelta() <= now - datetime.fromisoformat(last) < EVERY:
        return Done(0, datetime.fromisoformat(last) + EVERY)
    store.set_meta(_LOOKED, now.isoformat())
    sources = store.sources(now)
    count = 0
    for name, brand in settings.brands.items():
        look = _Look(store, settings, name, sources_of(brand, settings, sources), now)
        limit -= look.learn(limit)
        count += look.judge()
    _end_unknown(store, settings, now)
    return Done(count, now + EVERY)


@dataclass(slots=True)
class _Look:
    """One look at one brand."""

    store: Store
    settings: Settings
    brand: str
    sources: Sequence[SourceStatus]
    now: datetime

    def learn(self, limit: int) -> int:
        """Learn what is usual where that is older than an hour; returns how much of the limit that took."""
        known = self.store.usual(self.brand)
        fresh = known is not None and timedelta() <= self.now - known[0] < _RELEARN
        if fresh or limit <= 0:
            return 0
        self.store.keep_usual(self.brand, self._learnt(), self.now)
        return 1

    def judge(self) -> int:
        """Open, follow or end the spike of the brand; returns 1 where there is one."""
        known = self.store.usual(self.brand)
        names, _ = self._heard
        if known is None or not names:
            return 0
        scene = scene_of(self.settings, self.brand, known[1])
        current = next(iter(self.store.spikes(self.now, [self.brand], open_only=True)), None)
        reach = self.now - REACH if current is None else min(self.now - REACH, current.since)
        tallies = self.store.tallies(self.brand, reach, self.now + timedelta(minutes=1), names)
        alarm = judge(tallies, scene, self.now)
        if current is not None:
            self._follow(current, tallies, scene, alarm)
        elif alarm is not None:
            self._open(alarm, tallies, scene)
        return int(current is not None or alarm is not None)

    @property
    def _heard(self) -> tuple[tuple[str, ...], datetime | None]:
        return taking_part({source.name: source.first_poll_at for source in self.sources}, self.now)

    def _learnt(self) -> Usual:
        zone = zone_of(self.settings.brands[self.brand])
        names, first = self._heard
        if first is None:
            return learn_usual((), zone)
        since = max(first, self.now - LOOK_BACK)
        heard = self.store.tally_hours(self.brand, since, self.now, names)
        events = planned(self.settings, self.brand)
        return learn_usual(hours_of(heard, since, self.now, self._deaf(names, since), events), zone)

    def _deaf(self, names: Sequence[str], since: datetime) -> set[int]:
        """Return the hours that are left out: of spikes, and those in which a source heard little."""
        found: set[int] = set()
        for spike in self.store.spikes(since, [self.brand]):
            found.update(_hours(spike.since, min(spike.ended_at or self.now, spike.since + _REMEMBERED), 0))
        for window in self.store.blind_windows(since):
            if window["source"] in names:
                found.update(_hours(max(window["since"], since), window["until"], _BLIND_MINUTES))
        return found

    def _open(self, alarm: Alarm, tallies: Mapping[int, Tally], scene: Scene) -> None:
        level = Level.CRITICAL if alarm.excess >= scene.bounds.critical else Level.HIGH
        course = _course(level, alarm.since, tallies, scene, self.now)
        event = next((event.name for event in scene.events if event.since <= self.now < event.until), None)
        posts, explained = self._explained(alarm.since)
        with self.store.write():
            spike_id = self.store.open_spike(self.brand, alarm, course, event, self.now)
            if spike_id is None:
                return
            self.store.explain_spike(spike_id, explained)
            self._tell(spike_id, OPENED, course, posts, rose=False)
        log.info("spike_opened", f"{self.brand}: {alarm.seen} complaints in {alarm.minutes} min, "
                 f"{alarm.expected:.1f} are usual", brand=self.brand, spike=spike_id)  # fmt: skip

    def _follow(self, spike: Spike, tallies: Mapping[int, Tally], scene: Scene, alarm: Alarm | None) -> None:
        critical = alarm is not None and alarm.excess >= scene.bounds.critical
        level = Level.CRITICAL if critical else spike.level
        course = _course(level, spike.since, tallies, scene, self.now)
        if alarm is None and self._is_over(spike, tallies, scene):
            self._end(spike, course)
            return
        rose = level is not spike.level
        again = course.per_hour >= 2 * spike.told_per_hour and self.now - spike.told_at >= _AGAIN
        posts, explained = self._explained(spike.since) if rose or again else ((), Explained())
        with self.store.write():
            self.store.update_spike(spike.id, course, self.now)
            if rose or again:
                self.store.explain_spike(spike.id, explained)
                self._tell(spike.id, UPDATED, course, posts, rose=rose)

    def _end(self, spike: Spike, course: Course) -> None:
        posts = self.store.spike_posts(spike.id) or self.store.complaints_since(self.brand, spike.since, 3)
        with self.store.write():
            self.store.update_spike(spike.id, course, self.now)
            if self.store.end_spike(spike.id, self.now):
                self._tell(spike.id, OVER, course, posts, rose=False)
        log.info("spike_over", f"{self.brand}: complaints are back to what is usual", brand=self.brand, spike=spike.id)

    def _is_over(self, spike: Spike, tallies: Mapping[int, Tally], scene: Scene) -> bool:
        """Whether complaints are back to what is usual, heard by every source: a blind one is no fall."""
        if self.now - spike.opened_at < _SHORTEST or any(map(self._is_blind, self.sources)):
            return False
        busy = scene.expected(self.now - _RATE, self.now) >= 3
        return is_over(tallies, scene, self.now, _RATE if busy else timedelta(hours=1))

    def _is_blind(self, source: SourceStatus) -> bool:
        if source.ok_at is None or self.now - source.ok_at > _LONG_BLIND:
            return False
        return source.state in {SourceState.FAILING, SourceState.STOPPED} or source.due_at < self.now - _OVERDUE

    def _explained(self, since: datetime) -> tuple[Sequence[SpikePost], Explained]:
        posts = self.store.complaints_since(self.brand, since, _READ)
        before = self.store.complaints_before(self.brand, since - LOOK_BACK, since, _COMPARED)
        return posts, explain(posts, before, names_of(self.brand, self.settings.brands[self.brand]))

    def _tell(self, spike_id: int, event: str, course: Course, posts: Sequence[SpikePost], *, rose: bool) -> None:
        """Tell whoever hears of the brand's cases of this level."""
        ids = list(dict.fromkeys(post.case_id for post in posts if post.case_id is not None))[:20]
        views = [replace(view, level=course.level) for view in self.store.case_views(ids)]
        topic = Topic(f"spike:{spike_id}", self.brand, course.level, course.seen, views, rose)
        tell_topic(self.store, self.settings, topic, event, self.now)
        self.store.note_spike_told(spike_id, self.now)


def names_of(name: str, brand: Brand) -> set[str]:
    """Return a brand's own names: words that explain nothing."""
    handles = [handle for voices in brand.handles.values() for handle in voices]
    return {part for word in (name, *handles) for part in (word, *word.replace("_", " ").replace("-", " ").split())}


def _course(level: Level, since: datetime, tallies: Mapping[int, Tally], scene: Scene, now: datetime) -> Course:
    first, last = int(since.timestamp()) // 60, int(now.timestamp()) // 60
    seen = sum(tally.complaints for minute, tally in tallies.items() if first <= minute <= last)
    minutes = min(max(last - first + 1, 1), int(_RATE.total_seconds()) // 60)
    recent = sum(tally.complaints for minute, tally in tallies.items() if last - minutes < minute <= last)
    return Course(level, seen, scene.expected(since, max(now, since + timedelta(minutes=1))), recent * 60 / minutes)


def _hours(since: datetime, until: datetime, least: int) -> Iterable[int]:
    """Return the hours since 1970 that a window covers for more than `least` minutes."""
    start, end = since.timestamp() / 60, until.timestamp() / 60
    for hour in range(int(start // 60), int(end // 60) + 1):
        if min(end, hour * 60 + 60) - max(start, hour * 60) > least:
            yield hour


def _end_unknown(store: Store, settings: Settings, now: datetime) -> None:
    """End what is open of brands that left the config: nobody listens for them any more."""
    for spike in store.spikes(now, open_only=True):
        if spike.brand not in settings.brands:
            store.end_spike(spike.id, now)
