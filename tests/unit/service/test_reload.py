"""A reload: whole or not at all; what is thrown away is closed once nobody uses it."""

import os
import signal
import threading

import pytest

from models.errors import ModelError
from monitor.config.problem import Problem
from monitor.config.schema import Brand, Settings
from monitor.errors import ConfigError, StoreError
from monitor.service.reload import Serving
from monitor.service.signals import Order, Orders, signals_to
from monitor.steps.services import Services
from tests.unit.service.parts import NOON, make_services


class Closable:
    """A receiver that knows whether it was closed."""

    name = "desk"

    def __init__(self) -> None:
        self.closed = 0
        self.sent: list[object] = []

    def send(self, message: object) -> None:
        self.sent.append(message)

    def close(self) -> None:
        self.closed += 1


PROBLEMS = [Problem("config.yaml", line, 1, f"sources.s{line}", "unknown kind") for line in range(1, 6)]
REFUSALS = {
    "a bad config": (ConfigError("config.yaml", PROBLEMS), "config.yaml:1:1: sources.s1: unknown kind; "),
    "a model that cannot be loaded": (ModelError("complaint-minilm", "no weights"), "complaint-minilm: no weights"),
    "a store that is locked": (StoreError("monitor.db", "locked"), "monitor.db: locked"),
    "a reader that breaks": (RecursionError("too deep"), "RecursionError: too deep"),
}


@pytest.mark.parametrize(("error", "reason"), REFUSALS.values(), ids=REFUSALS.keys())
def test_keeps_the_old_services_and_the_reason(error: Exception, reason: str) -> None:
    old = make_services()

    def build() -> Services:
        raise error

    serving = Serving(old, build, NOON)
    assert not serving.reload(NOON)
    assert serving.services() is old
    assert serving.last.reason is not None
    assert serving.last.reason.startswith(reason)


def test_names_the_first_problems_and_counts_the_rest() -> None:
    def build() -> Services:
        raise ConfigError("config.yaml", PROBLEMS)

    serving = Serving(make_services(), build, NOON)
    serving.reload(NOON)
    assert serving.last.reason is not None
    assert serving.last.reason.endswith("and 2 more problems")


def test_a_good_config_after_a_bad_one_clears_the_reason() -> None:
    answers: list[Services | Exception] = [ConfigError("config.yaml", PROBLEMS), make_services()]

    def build() -> Services:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    serving = Serving(make_services(), build, NOON)
    assert [serving.reload(NOON), serving.reload(NOON)] == [False, True]
    assert serving.last.accepted


def test_a_config_that_lost_all_its_brands_is_taken_for_half_written() -> None:
    heard = make_services(Settings(brands={"lumo": Brand()}))
    serving = Serving(heard, make_services, NOON)
    assert not serving.reload(NOON)
    assert serving.services() is heard


def test_old_connections_are_closed_when_no_turn_uses_them_and_kept_ones_stay_open() -> None:
    kept, gone = Closable(), Closable()
    old, new = make_services(receivers={"a": kept, "b": gone}), make_services(receivers={"a": kept})
    serving = Serving(old, lambda: new, NOON)
    serving.reload(NOON)
    serving.close_retired(lambda services: services is old)
    serving.close_retired(lambda services: services is old)
    assert (kept.closed, gone.closed) == (0, 0)
    serving.close_retired(lambda _: False)
    assert (kept.closed, gone.closed) == (0, 1)
    serving.close()
    assert (kept.closed, gone.closed) == (1, 1)


def test_a_storm_of_hangups_is_one_reload() -> None:
    orders = Orders()
    with signals_to(orders):
        for _ in range(1000):
            os.kill(os.getpid(), signal.SIGHUP)
        assert orders.wait(5) == {Order.RELOAD}
        assert orders.wait(0.01) == set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_end_is_an_order_to_stop(number: signal.Signals) -> None:
    orders = Orders()
    before = signal.getsignal(number)
    with signals_to(orders):
        os.kill(os.getpid(), number)
        assert orders.wait(5) == {Order.STOP}
    assert signal.getsignal(number) is before


def test_orders_from_another_thread_end_the_wait() -> None:
    orders = Orders()
    threading.Timer(0.01, orders.give, (Order.STOP,)).start()
    assert orders.wait(10) == {Order.STOP}
