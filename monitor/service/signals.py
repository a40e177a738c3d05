"""Signals as orders: SIGTERM and SIGINT stop the daemon, SIGHUP has it read its config again.

SIGHUP has an older meaning, that the terminal is gone; then a daemon that was started in it stops too.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from queue import Empty, SimpleQueue
from types import FrameType


class Order(StrEnum):
    """What the daemon is told to do."""

    STOP = "stop"
    RELOAD = "reload"


_ORDERS = {signal.SIGTERM: Order.STOP, signal.SIGINT: Order.STOP, signal.SIGHUP: Order.RELOAD}


_STDIN = 0


class Orders:
    """Where orders wait for the supervising thread.

    SimpleQueue alone may be filled by a signal that hits its reader: an Event or a Queue would wait for a lock that
    the interrupted thread itself holds.
    """

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Order] = SimpleQueue()

    def give(self, order: Order) -> None:
        """Leave an order."""
        self._waiting.put(order)

    def wait(self, timeout_s: float) -> set[Order]:
        """Return the orders that came, as soon as there is one; a storm of equal ones is one."""
        found: set[Order] = set()
        try:
            found.add(self._waiting.get(timeout=timeout_s))
            while True:
                found.add(self._waiting.get_nowait())
        except Empty:
            return found


@contextmanager
def signals_to(orders: Orders) -> Iterator[None]:
    """Turn signals into orders while the block runs; outside the main thread, where Python takes none, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    attached = os.isatty(_STDIN)

    def receive(number: int, _: FrameType | None) -> None:
        hung_up = number == signal.SIGHUP and attached and _terminal_is_gone()
        orders.give(Order.STOP if hung_up else _ORDERS[signal.Signals(number)])

    before = {number: signal.signal(number, receive) for number in _ORDERS}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _terminal_is_gone() -> bool:
    try:
        os.tcgetpgrp(_STDIN)
    except OSError:
        return True
    return False
