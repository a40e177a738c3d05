"""How soon somebody may try to log in again."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.access.throttle import WINDOW, wait_until
from tests.builders import NOW

FREE = 5


def after(*seconds: float) -> list[datetime]:
    return [NOW + timedelta(seconds=second) for second in seconds]


def test_the_first_tries_are_free() -> None:
    assert wait_until([], NOW, free=FREE) is None
    assert wait_until(after(0, 1, 2, 3), NOW + timedelta(seconds=3), free=FREE) is None


def test_each_further_try_doubles_the_wait() -> None:
    now = NOW + timedelta(seconds=10)
    waits = [wait_until(after(*range(count)), now, free=FREE) for count in (5, 6, 7)]
    assert waits == [NOW + timedelta(seconds=4 + 15), NOW + timedelta(seconds=5 + 30), NOW + timedelta(seconds=6 + 60)]


def test_nobody_waits_longer_than_a_quarter_of_an_hour() -> None:
    many = after(*range(200))
    assert wait_until(many, many[-1], free=FREE) == many[-1] + WINDOW


def test_old_tries_do_not_count() -> None:
    assert wait_until(after(*range(FREE)), NOW + WINDOW + timedelta(seconds=5), free=FREE) is None


@given(st.lists(st.floats(0, 900), max_size=60), st.floats(900, 4000))
def test_waiting_always_helps(seconds: list[float], present: float) -> None:
    tries, now = after(*sorted(seconds)), NOW + timedelta(seconds=present)
    until = wait_until(tries, now, free=FREE)
    assert until is None or (now < until <= now + WINDOW and wait_until(tries, until, free=FREE) is None)


def test_a_guesser_gets_a_few_guesses_in_a_quarter_of_an_hour() -> None:
    tries: list[datetime] = []
    now = NOW
    while now < NOW + timedelta(days=1):
        until = wait_until(tries, now, free=FREE)
        if until is None:
            tries.append(now)
        now = max(now + timedelta(seconds=1), until or now)
    assert len(tries) < 11 * 96
    assert max(sum(1 for at in tries if begin < at <= begin + WINDOW) for begin in tries) <= 11
