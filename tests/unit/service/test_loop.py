"""One loop: it works while there is work, waits, survives whatever its step raises, and ends after a turn."""

import logging
import threading
from collections.abc import Iterator

import pytest

from monitor.errors import StoreError
from monitor.service import loop as loop_module
from monitor.service.loop import Job, Loop
from monitor.steps.services import Done, Services
from monitor.store.sqlite import SqliteStore
from tests.unit.service.parts import NOON, Recorded, make_services, until

SERVICES = make_services()


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    store = SqliteStore(None)
    yield store
    store.close()


def turning(store: SqliteStore, step: Recorded, woken: list[str] | None = None, **job: object) -> Loop:
    heard = woken if woken is not None else []
    loop = Loop(Job("triage", step, **job), store, lambda: SERVICES, lambda: NOON, heard.append)  # type: ignore[arg-type]
    loop.start()
    return loop


def ended(loop: Loop) -> None:
    loop.stop()
    assert loop.join(10)


def test_turns_again_at_once_while_there_is_work(store: SqliteStore) -> None:
    step = Recorded(Done(3), Done(2), Done(0))
    loop = turning(store, step)
    step.wait_for(3)
    ended(loop)
    assert len(step.calls) == 3


def test_waits_to_be_woken_once_there_is_none(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "LONGEST_WAIT_S", 3600.0)
    step = Recorded()
    loop = turning(store, step)
    step.wait_for(1)
    loop.wake()
    step.wait_for(2)
    ended(loop)
    assert len(step.calls) == 2


def test_a_lost_wake_up_costs_a_bounded_wait(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "LONGEST_WAIT_S", 0.01)
    step = Recorded()
    loop = turning(store, step)
    step.wait_for(3)
    ended(loop)
    assert loop.state.turns >= 3


def test_what_is_due_but_not_ours_is_not_asked_for_without_pause(store: SqliteStore) -> None:
    step = Recorded(then=Done(0, next_due_at=NOON))
    loop = turning(store, step)
    step.wait_for(2)
    ended(loop)
    assert len(step.calls) < 5


def test_wakes_others_only_after_work(store: SqliteStore) -> None:
    woken: list[str] = []
    step = Recorded(Done(0), Done(1), Done(0))
    loop = turning(store, step, woken, wakes=("deliver", "follow"))
    step.wait_for(1)
    loop.wake()
    step.wait_for(3)
    ended(loop)
    assert woken == ["deliver", "follow"]


class TestFailure:
    @pytest.fixture(autouse=True)
    def short_backoff(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loop_module, "backoff", lambda failures, longest: longest * 0)

    def test_goes_on_after_an_unforeseen_error(self, store: SqliteStore, caplog: pytest.LogCaptureFixture) -> None:
        step = Recorded(KeyError("hostile"), KeyError("hostile"), Done(1), Done(0))
        loop = turning(store, step)
        step.wait_for(4)
        ended(loop)
        assert loop.state.errors == 2
        assert loop.state.failure is None
        broken = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert len(broken) == 1, "the same failure is logged once"
        assert broken[0].exc_info is not None

    def test_shows_its_failure_until_a_turn_goes_well(self, store: SqliteStore) -> None:
        gate = threading.Event()

        def step(_: object, __: Services, ___: object) -> Done:
            if not gate.is_set():
                raise ValueError("no such column")
            return Done(0)

        loop = Loop(Job("triage", step), store, lambda: SERVICES, lambda: NOON, lambda _: None)
        loop.start()
        until(lambda: loop.state.failure is not None)
        assert loop.state.failure == "ValueError: no such column"
        gate.set()
        until(lambda: loop.state.failure is None)
        ended(loop)
        assert loop.state.failure is None

    def test_a_locked_store_is_waited_for_without_a_traceback(
        self, store: SqliteStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        step = Recorded(StoreError("monitor.db", "database is locked", permanent=False), Done(0))
        loop = turning(store, step)
        step.wait_for(2)
        ended(loop)
        (waiting,) = [record for record in caplog.records if record.levelno == logging.WARNING]
        assert "database is locked" in waiting.getMessage()
        assert waiting.exc_info is None

    def test_a_wake_up_does_not_cut_a_back_off_short(self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(loop_module, "backoff", lambda failures, longest: longest)
        step = Recorded(ValueError("broken"))
        loop = turning(store, step)
        step.wait_for(1)
        until(lambda: loop.state.failure is not None)
        loop.wake()
        ended(loop)
        assert len(step.calls) == 1


def test_stops_after_the_turn_that_is_going_on(store: SqliteStore) -> None:
    begun, gate = threading.Event(), threading.Event()

    def step(_: object, __: Services, ___: object) -> Done:
        begun.set()
        gate.wait(10)
        return Done(1)

    loop = Loop(Job("triage", step, deadline_s=0.0), store, lambda: SERVICES, lambda: NOON, lambda _: None)
    loop.start()
    assert begun.wait(10)
    assert loop.state.stuck
    assert uses(loop, SERVICES)
    loop.stop()
    assert not loop.join(0.01)
    gate.set()
    assert loop.join(10)
    assert not uses(loop, SERVICES)
    assert loop.state.turns == 1


def uses(loop: Loop, services: Services) -> bool:
    return loop.in_use is services
