"""The daemon over fake steps: what it starts, watches over, swaps and ends."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from monitor.config.problem import Problem
from monitor.errors import ConfigError, MonitorError, StoreError
from monitor.service import daemon as daemon_module
from monitor.service import web_keeper
from monitor.service.daemon import Daemon, Outfit
from monitor.service.notify import Notifier
from monitor.steps.services import Done, Services
from monitor.steps.signs import WEB_META
from monitor.store.sqlite import SqliteStore
from tests.services import FakeReceiver
from tests.unit.service.parts import NOON, Recorded, make_services, make_steps, until


class Heard(Notifier):
    """A notifier that keeps what it would have said."""

    def __init__(self, watchdog_s: float | None = None) -> None:
        super().__init__("@unused", watchdog_s)
        self.lines: list[str] = []

    def _send(self, *lines: str) -> None:
        self.lines += lines


class Beside:
    """A companion, or a web server, that notes when it ran."""

    def __init__(self, *failures: MonitorError) -> None:
        self.said: list[str] = []
        self._failures = list(failures)

    def start(self) -> str:
        if self._failures:
            raise self._failures.pop(0)
        self.said.append("start")
        return "http://127.0.0.1:4711"

    def stop(self) -> None:
        self.said.append("stop")


class Mute:
    """A store that answers nothing."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def waits(self) -> object:
        raise self._error


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    store = SqliteStore(None)
    yield store
    store.close()


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon_module, "SUPERVISE_S", 0.01)
    monkeypatch.setattr(web_keeper, "RETRY_S", 0.01)


@contextmanager
def working(daemon: Daemon) -> Iterator[list[bool]]:
    """Run a daemon in a thread; the list holds what `run` returned."""
    ends: list[bool] = []
    thread = threading.Thread(target=lambda: ends.append(daemon.run()))
    thread.start()
    try:
        yield ends
    finally:
        daemon.stop()
        thread.join(20)
        assert not thread.is_alive()


def never() -> Services:
    raise AssertionError("nobody asked for a reload")


def test_tells_ready_works_and_stops(store: SqliteStore) -> None:
    notifier, beside, poll = Heard(), Beside(), Recorded()
    outfit = Outfit(notifier=notifier, companions=(beside,))
    with working(Daemon(store, make_services(), never, make_steps(poll=poll), outfit)) as ends:
        poll.wait_for(4)
    assert ends == [True]
    assert notifier.lines[0] == "READY=1"
    assert "STOPPING=1" in notifier.lines
    assert beside.said == ["start", "stop"]


def test_what_a_dead_process_held_is_free_again(store: SqliteStore) -> None:
    store.register_sources({"x": "x"})
    assert store.claim_source(["x"], NOON, 300)
    poll = Recorded()
    with working(Daemon(store, make_services(), never, make_steps(poll=poll))):
        poll.wait_for(1)
        assert store.claim_source(["x"], NOON, 300)


def test_each_receiver_is_served_by_a_loop_of_its_own(store: SqliteStore) -> None:
    gate = threading.Event()
    served = Recorded()

    def deliver(store: SqliteStore, services: Services, now: object, limit: int, receivers: tuple[str, ...]) -> Done:
        if receivers == ("slow",):
            gate.wait(20)
            return Done(0)
        return served(store, services, NOON, receivers)

    services = make_services(receivers={"slow": FakeReceiver(), "desk": FakeReceiver()})
    daemon = Daemon(store, services, never, make_steps(deliver=deliver))
    with working(daemon):
        served.wait_for(1)
        daemon.wake()
        served.wait_for(2)
        gate.set()
    assert {call[-1] for call in served.calls} == {("desk",)}


def test_a_finished_poll_wakes_triage_and_a_decision_wakes_delivery(store: SqliteStore) -> None:
    polled = threading.Event()
    triage, deliver = Recorded(Done(0), Done(1), Done(0)), Recorded()

    def poll(*_: object) -> Done:
        if polled.is_set() or triage.calls == [] or deliver.calls == []:
            return Done(0, next_due_at=NOON)
        polled.set()
        return Done(1)

    services = make_services(receivers={"desk": FakeReceiver()})
    with working(Daemon(store, services, never, make_steps(poll=poll, triage=triage, deliver=deliver))):
        assert polled.wait(10)
        triage.wait_for(3, within_s=4)
        deliver.wait_for(2, within_s=4)
    assert len(deliver.calls) >= 2


def test_a_reload_is_in_force_at_the_next_turn_and_brings_its_receivers(store: SqliteStore) -> None:
    old, new = make_services(receivers={"a": FakeReceiver()}), make_services(receivers={"b": FakeReceiver()})
    notifier, deliver = Heard(), Recorded()
    daemon = Daemon(store, old, lambda: new, make_steps(deliver=deliver), Outfit(notifier=notifier))
    with working(daemon):
        deliver.wait_for(1)
        daemon.reload()
        until(lambda: any(call[-1] == ("b",) for call in deliver.calls))
        assert daemon.services is new
        assert [loop.name for loop in daemon.figures().machinery.loops if "deliver" in loop.name] == ["deliver:b"]
    assert "RELOADING=1" in notifier.lines
    assert notifier.lines.count("READY=1") == 2


def test_a_refused_reload_keeps_the_old_services_and_shows_why(store: SqliteStore) -> None:
    def build() -> Services:
        raise ConfigError("config.yaml", [Problem("config.yaml", 3, 1, "brand", "unknown key")])

    notifier, old = Heard(), make_services()
    daemon = Daemon(store, old, build, make_steps(), Outfit(notifier=notifier))
    with working(daemon):
        daemon.reload()
        until(lambda: not daemon.health().ok)
        assert daemon.services is old
        assert "config.yaml:3:1: brand: unknown key" in daemon.health().reasons[0]
        assert b"complaint_monitor_last_reload_accepted 0.0" in daemon.metrics()
        until(lambda: any(line.startswith("STATUS=red: the last reload was refused") for line in notifier.lines))


class TestWatchdog:
    def test_is_fed_while_every_loop_turns(self, store: SqliteStore) -> None:
        notifier = Heard(watchdog_s=0.3)
        daemon = Daemon(store, make_services(), never, make_steps(), Outfit(notifier=notifier))
        with working(daemon):
            until(lambda: notifier.lines.count("WATCHDOG=1") >= 3)
            assert daemon.health().ok

    def test_starves_while_a_loop_is_stuck_and_is_fed_again_after(
        self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gate, notifier, states = threading.Event(), Heard(watchdog_s=0.06), "monitor.service.loop.LoopState.stuck"
        monkeypatch.setattr(states, property(lambda loop: loop.name == "triage" and loop.turns == 0))

        def triage(*_: object) -> Done:
            gate.wait(20)
            return Done(0)

        daemon = Daemon(store, make_services(), never, make_steps(triage=triage), Outfit(notifier=notifier))
        with working(daemon):
            until(lambda: any("triage has not turned" in reason for reason in daemon.health().reasons))
            assert "WATCHDOG=1" not in notifier.lines
            gate.set()
            until(lambda: "WATCHDOG=1" in notifier.lines)

    @pytest.mark.parametrize("error", [StoreError("monitor.db", "disk I/O error"), KeyError("hits")])
    def test_starves_while_the_store_does_not_answer(self, store: SqliteStore, error: Exception) -> None:
        notifier, poll = Heard(watchdog_s=0.06), Recorded()
        outfit = Outfit(notifier=notifier, reader=Mute(error))  # type: ignore[arg-type]
        daemon = Daemon(store, make_services(), never, make_steps(poll=poll), outfit)
        with working(daemon):
            until(lambda: any(line.startswith("STATUS=red: the store does not answer") for line in notifier.lines))
            poll.wait_for(4)
            daemon.wake()
            poll.wait_for(8)
        assert "WATCHDOG=1" not in notifier.lines


def test_a_turn_that_outlives_the_stop_is_left_behind_and_its_claims_are_given_back(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon_module, "STOP_S", 0.05)
    store.register_sources({"x": "x"})
    gate, claimed = threading.Event(), threading.Event()

    def poll(*_: object) -> Done:
        if store.claim_source(["x"], NOON, 300):
            claimed.set()
            gate.wait(20)
        return Done(0)

    left: list[str] = []
    outfit = Outfit(leave=lambda: left.append("left"))
    with working(Daemon(store, make_services(), never, make_steps(poll=poll), outfit)) as ends:
        assert claimed.wait(10)
    assert (ends, left) == ([False], ["left"])
    assert store.claim_source(["x"], NOON, 300)
    gate.set()


def test_a_jump_of_the_clock_has_everything_looked_at_again(store: SqliteStore) -> None:
    wall, poll = [NOON], Recorded()
    daemon = Daemon(store, make_services(), never, make_steps(poll=poll), Outfit(clock=lambda: wall[0]))
    with working(daemon):
        poll.wait_for(4)
        wall[0] = wall[0].replace(year=1970)
        poll.wait_for(8, within_s=4)
        until(lambda: b"complaint_monitor_clock_jumps_total 0.0" not in daemon.metrics())
        assert b"complaint_monitor_clock_jumps_total 1.0" in daemon.metrics()


class TestWeb:
    def test_where_it_listens_is_remembered(self, store: SqliteStore) -> None:
        server = Beside()
        daemon = Daemon(store, make_services(), never, make_steps(), Outfit(web=give(server)))
        with working(daemon):
            until(lambda: store.meta(WEB_META) == "http://127.0.0.1:4711")
        assert server.said == ["start", "stop"]

    def test_an_address_in_use_stops_nothing_and_is_tried_again(self, store: SqliteStore) -> None:
        taken = MonitorError("web.listen 127.0.0.1:8787", "address already in use")
        server, poll = Beside(taken, taken), Recorded()
        daemon = Daemon(store, make_services(), never, make_steps(poll=poll), Outfit(web=give(server)))
        with working(daemon):
            poll.wait_for(1)
            until(lambda: server.said == ["start"])
        assert server.said == ["start", "stop"]


def give(server: Beside) -> Callable[[Daemon], Beside]:
    return lambda _: server
