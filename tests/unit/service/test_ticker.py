"""The ticker: it ticks, says what went wrong, and goes on after the wall clock was set back."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from monitor.service.ticker import Ticker
from monitor.service.wall import ClockWatch
from tests.unit.service.parts import NOON, until


class Counted:
    """Counts ticks, and lets a test wait for the next ones."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def __call__(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def hears_more(self, more: int = 1) -> bool:
        """Whether so many more ticks come, within ten seconds."""
        with self._changed:
            wanted = self.count + more
            return self._changed.wait_for(lambda: self.count >= wanted, 10)


@pytest.fixture
def ticks() -> Counted:
    return Counted()


@pytest.fixture
def ticker(ticks: Counted) -> Iterator[Ticker]:
    ticker = Ticker(ticks, every_s=0.05)
    yield ticker
    ticker.stop()


def test_ticks_again_and_again(ticker: Ticker, ticks: Counted) -> None:
    ticker.start()
    assert ticks.hears_more(3)
    assert ticker.age_s < 5
    assert ticker.troubles == 0


def test_ticks_on_after_the_clock_was_set_back_an_hour(ticker: Ticker, ticks: Counted) -> None:
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=True):
        ticker.start()
        assert ticks.hears_more()
    with time_machine.travel(now - timedelta(hours=1), tick=True):
        ticker.realign()
        assert ticks.hears_more(3)
    assert ticker.troubles == 0


def test_a_tick_that_fails_is_counted_and_the_next_one_comes() -> None:
    calls: list[int] = []

    def tick() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("broken")

    ticker = Ticker(tick, every_s=0.05)
    ticker.start()
    until(lambda: len(calls) >= 2 and ticker.troubles > 0)
    ticker.stop()
    assert ticker.troubles == 1


def test_a_ticker_that_never_started_can_be_stopped(ticker: Ticker, ticks: Counted) -> None:
    ticker.stop()
    assert ticks.count == 0


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(hours=8), timedelta(days=-20_000)])
def test_a_jump_of_the_wall_clock_is_noticed_once(jump: timedelta) -> None:
    wall = [NOON]
    watch = ClockWatch(lambda: wall[0])
    assert not watch.has_jumped()
    wall[0] += jump
    assert watch.has_jumped()
    assert not watch.has_jumped()
    assert watch.jumps == 1
