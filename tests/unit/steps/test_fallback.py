"""Whom an urgent message reaches where its own receiver cannot be reached."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.receivers import StdoutReceiver
from monitor.config.routes import Route
from monitor.domain import Level
from monitor.errors import SendError, SendReason
from monitor.steps.deliver import deliver
from monitor.steps.fallback import PATIENCE
from monitor.steps.services import Services
from monitor.steps.signs import watch
from monitor.steps.telling import Event, tell
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.services import FakeReceiver, make_services

OUT = SendError("desk", "the webhook answered 503", reason=SendReason.SERVER, permanent=False)
NO = SendError("desk", "the webhook answered 401", reason=SendReason.AUTH, permanent=True)
START = NOW + minutes(1)


class House:
    """A desk that may be down, and a phone as its fallback."""

    def __init__(self, *errors: SendError, **settings: object) -> None:
        self.store = SqliteStore(None)
        self.desk, self.phone = FakeReceiver(*errors), FakeReceiver()
        kinds = {name: StdoutReceiver(kind="stdout") for name in ("desk", "phone")}
        values = {"receivers": kinds, "routes": (Route(to=("desk",)),), "fallback": ("phone",), **settings}
        services = make_services(receiver=self.desk, **values)
        self.services = Services(
            **{
                **{name: getattr(services, name) for name in Services.__dataclass_fields__},
                "receivers": {"desk": self.desk, "phone": self.phone},
            }
        )

    def complain(self, level: Level = Level.HIGH) -> int:
        case = store_case(self.store, level)
        tell(self.store, self.services.settings, case, Event.OPENED, NOW)
        return case

    def live(self, until: timedelta, step: timedelta = timedelta(seconds=20)) -> None:
        now = START
        while now <= START + until:
            deliver(self.store, self.services, now)
            watch(self.store, self.services, now)
            now += step


def test_a_receiver_that_is_down_for_five_minutes_has_the_fallback_told_once_and_why() -> None:
    house = House(*[OUT] * 100)
    case = house.complain()
    house.live(PATIENCE - timedelta(seconds=30))
    assert house.phone.sent == []
    house.live(minutes(30))
    (message,) = house.phone.sent
    assert message.payload["case"]["id"] == case
    assert "receiver desk has not taken this for 5 minutes" in message.text
    assert "503" in message.text


def test_what_gathered_meanwhile_is_told_together_and_still_reaches_the_receiver() -> None:
    house = House(*[OUT] * 8)
    cases = [house.complain() for _ in range(3)]
    house.live(minutes(7))
    assert [message.payload["count"] for message in house.phone.sent] == [3]
    house.live(minutes(60))
    assert {case["id"] for message in house.desk.sent for case in message.payload["cases"]} == set(cases)
    assert len(house.phone.sent) == 1


def test_a_refusal_for_good_is_dead_at_once_told_to_the_fallback_at_once_and_can_be_replayed() -> None:
    house = House(NO)
    house.complain()
    deliver(house.store, house.services, START)
    watch(house.store, house.services, START)
    deliver(house.store, house.services, START)
    assert [message["error"] for message in house.store.dead_messages()] == [str(NO)]
    assert "receiver desk refuses this" in house.phone.sent[0].text
    assert house.store.replay_messages(None, START) == 1
    house.live(minutes(10))
    assert len(house.desk.sent) == len(house.phone.sent) == 1


@pytest.mark.parametrize("errors", [[], [OUT] * 2])
def test_a_receiver_that_is_back_within_five_minutes_needs_no_fallback(errors: list[SendError]) -> None:
    house = House(*errors)
    house.complain()
    house.live(minutes(20))
    assert len(house.desk.sent) == 1
    assert house.phone.sent == []


def test_a_fallback_that_took_a_message_about_the_case_is_not_told_twice() -> None:
    house = House(*[OUT] * 100, routes=(Route(to=("desk", "phone")),))
    house.complain()
    house.live(minutes(30))
    assert len(house.phone.sent) == 1
    assert "in its place" not in house.phone.sent[0].text


def test_a_fallback_that_fails_itself_is_not_told_of_its_own_failure() -> None:
    house = House(*[OUT] * 200)
    house.phone.errors = [OUT] * 200
    house.complain()
    house.live(minutes(60), timedelta(minutes=1))
    assert len(house.store.connection.query("SELECT id FROM outbox WHERE receiver = 'phone'", {})) == 1


def test_without_a_fallback_nothing_is_made_up() -> None:
    house = House(*[OUT] * 200, fallback=())
    house.complain()
    house.live(minutes(30), timedelta(minutes=1))
    assert house.phone.sent == []


def test_cases_that_fail_one_after_the_other_make_one_message_a_minute_at_most() -> None:
    house = House(*[NO] * 100)
    sent_at = []
    for second in range(0, 300, 5):
        now = START + timedelta(seconds=second)
        case = store_case(house.store, Level.CRITICAL, now=now)
        tell(house.store, house.services.settings, case, Event.OPENED, now)
        deliver(house.store, house.services, now)
        watch(house.store, house.services, now)
        before = len(house.phone.sent)
        deliver(house.store, house.services, now)
        sent_at += [second] * (len(house.phone.sent) - before)
    assert len(sent_at) <= 6


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.sampled_from([OUT, OUT, OUT, NO]), max_size=12),
    st.lists(st.integers(0, 20), min_size=1, max_size=5),
)
def test_somebody_hears_of_every_case_in_time_and_the_fallback_once(
    errors: list[SendError], minutes_of_cases: list[int]
) -> None:
    house = House(*errors)
    opened: dict[int, datetime] = {}
    heard: dict[int, datetime] = {}
    for tick in range(0, 45 * 60, 20):
        now = START + timedelta(seconds=tick)
        for _ in range(minutes_of_cases.count(tick // 60) if tick % 60 == 0 else 0):
            case = store_case(house.store, now=now)
            opened[case] = now
            tell(house.store, house.services.settings, case, Event.OPENED, now)
        deliver(house.store, house.services, now)
        watch(house.store, house.services, now)
        for message in [*house.desk.sent, *house.phone.sent]:
            for told in message.payload["cases"]:
                heard.setdefault(told["id"], now)
    assert set(heard) == set(opened)
    latest = timedelta(seconds=30) + PATIENCE + minutes(5) + minutes(2)
    assert all(heard[case] - opened[case] <= latest for case in opened)
    phoned = [told["id"] for message in house.phone.sent for told in message.payload["cases"]]
    assert len(phoned) == len(set(phoned))
