"""The promise of alerts, over random days: nothing urgent is left untold, and nothing is told twice.

Cases come up, rise, are edited, claimed and let go; silences begin and end, receivers have hours, the clock jumps as a
suspended machine's does. Deliver turns every ten seconds of that clock, as the daemon's loops do.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config.hours import Window
from monitor.config.receivers import StdoutReceiver
from monitor.config.routes import Route
from monitor.domain import Level, Severity, Status
from monitor.rules.alerting import is_silenced
from monitor.rules.hours import is_active
from monitor.steps.facts import facts_of
from monitor.steps.telling import CRITICAL_INTERVAL, Event
from monitor.store.records import CaseView
from tests.alerts import AlertDesk
from tests.builders import NOW

SECOND = timedelta(seconds=1)
TURN = 10 * SECOND
SLACK = 30 * SECOND
REPEAT = timedelta(minutes=40)
NAMES = ("desk", "boss", "duty")

windows = st.builds(
    Window,
    start=st.sampled_from([0, 11, 12, 13]).map(lambda hour: NOW.time().replace(hour=hour)),
    end=st.sampled_from([12, 13, 14, 15]).map(lambda hour: NOW.time().replace(hour=hour, minute=20)),
)
people = st.just(StdoutReceiver(kind="stdout")) | st.builds(
    lambda hours, quiet: StdoutReceiver(kind="stdout", hours=tuple(hours), quiet=tuple(quiet)),
    st.lists(windows, max_size=1),
    st.lists(windows, max_size=1),
)
classes = st.sampled_from([Severity.MONEY, Severity.MONEY, Severity.OUTAGE, Severity.SAFETY, Severity.LEGAL])
opened = st.tuples(st.just("open"), st.sampled_from([Level.HIGH, Level.CRITICAL, Level.NORMAL]), classes)
steps = st.one_of(
    opened,
    opened,
    st.tuples(st.sampled_from(["raise", "claim", "release", "close", "edit"]), st.integers(0, 5)),
    st.tuples(
        st.just("silence"),
        st.sampled_from([{"brand": ["lumo"]}, {"level": ["high"]}, {"severity": ["safety"]}, {"case": ["1"]}]),
        st.integers(1, 30),
    ),
    st.tuples(st.just("unsilence"), st.integers(0, 3)),
    st.tuples(st.just("jump"), st.integers(1, 90)),
)
days = st.lists(st.tuples(st.integers(0, 25), steps), min_size=2, max_size=14)


@dataclass
class Day:
    """One random day: what is done, and what each receiver was told, with the watch that is kept over it."""

    desk: AlertDesk
    route: Route
    now: datetime = NOW
    cases: list[int] = field(default_factory=list)
    silences: list[int] = field(default_factory=list)
    heard: dict[tuple[str, int], list[tuple[datetime, Level]]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    due_since: dict[tuple[str, int], datetime] = field(default_factory=dict)
    last: dict[tuple[str, bool], datetime] = field(default_factory=dict)

    def run(self, turns: int) -> None:
        """Let the clock go on, deliver turning."""
        for _ in range(turns):
            self.desk.deliver(self.now)
            self._listen()
            self._watch()
            self.now += TURN

    def do(self, step: tuple[Any, ...]) -> None:
        """Do one thing."""
        name, *values = step
        store = self.desk.store
        match name:
            case "open":
                self.cases.append(self.desk.case(values[0], values[1], now=self.now))
            case "silence":
                until = self.now + timedelta(minutes=values[1])
                self.silences.append(store.add_silence(values[0], "kim", "drill", self.now, until))
            case "unsilence" if self.silences:
                with store.write():
                    store.end_silence(self.silences[values[0] % len(self.silences)], self.now)
                    store.wake_held(self.now)
            case "jump":
                self.now += timedelta(minutes=values[0])
                self.due_since.clear()  # a machine that slept could tell nobody
            case _ if self.cases:
                self._move(name, self.cases[values[0] % len(self.cases)])

    def _move(self, name: str, case_id: int) -> None:
        store, (view,) = self.desk.store, self.desk.store.case_views([case_id])
        match name:
            case "raise" if view.status.open and view.level.rank:
                store.update_case(case_id, level=tuple(Level)[view.level.rank - 1])
                self.desk.tell(case_id, Event.RAISED, self.now)
            case "edit":
                self.desk.tell(case_id, Event.RAISED, self.now, again=True)
            case "claim" if view.status is Status.NEW:
                store.update_case(case_id, status=Status.CLAIMED, claimed_by="kim")
            case "release" if view.status is Status.CLAIMED:
                store.update_case(case_id, status=Status.NEW, claimed_by=None)
                self.desk.tell(case_id, Event.RELEASED, self.now, again=True)
            case "close" if view.status.open:
                store.update_case(case_id, status=Status.RESOLVED)

    def _listen(self) -> None:
        """Take down what was told this turn, and fail where it had been told already."""
        for name in NAMES:
            messages = self.desk.heard(name)
            for message in messages[self.seen.get(name, 0) :]:
                grave = any(Severity(severity).grave for severity in message.payload["case"]["severity"])
                self.last[name, grave] = self.now
                for case in message.payload["cases"]:
                    self._told(name, case, message.payload.get("events", {message.event: 1}))
            self.seen[name] = len(messages)

    def _told(self, name: str, case: Mapping[str, Any], events: Collection[str]) -> None:
        told, level = self.heard.setdefault((name, case["id"]), []), Level(case["level"])
        if Event.RELEASED not in events:
            again = [entry for entry in told if entry[1].rank <= level.rank and entry[0] + REPEAT > self.now]
            assert again == [], f"{name} was told of case {case['id']} twice: {again}, then {events} at {self.now}"
        told.append((self.now, level))

    def _watch(self) -> None:
        """Fail where somebody should have heard of a case by now."""
        silences = self.desk.store.active_silences(self.now)
        for view in self.desk.store.case_views(self.cases):
            facts = facts_of(self.desk.settings, view)
            silenced = any(is_silenced(facts, silence["matchers"]) for silence in silences)
            active = [name for name in self._names(bool(facts.grave)) if self._may(name, bool(facts.grave))]
            for name in NAMES:
                key = (name, view.id)
                waiting = view.level.urgent and view.status is Status.NEW and not silenced and name in active
                if not waiting or self._knows(name, view):
                    self.due_since.pop(key, None)
                    continue
                since = self.due_since.setdefault(key, self.now)
                assert self.now <= self._latest(name, view, since), f"{name} hears nothing of case {view.id}: {since}"

    def _names(self, grave: bool) -> list[str]:
        """Return the receivers of the route, or the fallback where none of them may be told."""
        usual = [name for name in self.route.to if self._may(name, grave)]
        return usual or ["duty"]

    def _may(self, name: str, grave: bool) -> bool:
        return grave or is_active(self.desk.settings.receivers[name], self.now)

    def _knows(self, name: str, view: CaseView) -> bool:
        """Whether a receiver heard of a case at its level; the fallback need not where somebody else did."""
        names = NAMES if name == "duty" else (name,)
        told = [level for other in names for _, level in self.heard.get((other, view.id), ())]
        return any(level.rank <= view.level.rank for level in told)

    def _latest(self, name: str, view: CaseView, since: datetime) -> datetime:
        """Return when a receiver must have heard: after the wait, or the least time between messages of its group."""
        grave = any(severity.grave for severity in view.severity)
        before = self.last.get((name, grave))
        pace = CRITICAL_INTERVAL if grave or view.level is Level.CRITICAL else self.route.group_interval
        after = since if before is None else max(since, before + pace - self.route.group_wait)
        return after + self.route.group_wait + SLACK


def assert_the_promise_holds(day: list[tuple[int, Any]], receivers: dict[str, StdoutReceiver], route: Route) -> None:
    people = {**receivers, "duty": StdoutReceiver(kind="stdout")}
    desk = AlertDesk(*NAMES, receivers=people, routes=(route,), fallback=("duty",))
    random_day = Day(desk, route)
    for turns, step in day:
        random_day.do(step)
        random_day.run(turns)
    random_day.run(100)


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(days, st.fixed_dictionaries({"desk": people, "boss": people}), st.sampled_from([15, 60, 300]))
def test_nothing_urgent_is_left_untold_and_nothing_is_told_twice(
    day: list[tuple[int, Any]], receivers: dict[str, StdoutReceiver], interval: int
) -> None:
    """With an interval no longer than the wait, every case is told within `group_wait` and half a minute."""
    route = Route(to=("desk", "boss"), group_interval=interval * SECOND, repeat_interval=REPEAT)
    assert_the_promise_holds(day, receivers, route)
