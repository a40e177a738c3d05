"""Canaries that must be acknowledged, and threads that receivers learn are over."""

import re

from monitor.config.receivers import PagerdutyReceiver, StdoutReceiver
from monitor.config.signs import Canary
from monitor.domain import Level, Status
from monitor.steps.deliver import deliver
from monitor.steps.sending import installation
from monitor.steps.signs import acknowledge, watch
from monitor.steps.telling import Event, tell
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes
from tests.services import make_services
from tests.unit.steps.test_fallback import OUT, House

HOOK = Canary(receiver="desk", every=minutes(60), within=minutes(10), acknowledge="hook")
DELIVERY = Canary(receiver="desk", every=minutes(60), within=minutes(10))


def test_a_canary_goes_the_whole_way_and_says_where_to_acknowledge_it() -> None:
    house = House(canary=HOOK)
    house.store.set_meta("web_address", "http://127.0.0.1:8787")
    watch(house.store, house.services, NOW)
    deliver(house.store, house.services, NOW)
    (message,) = house.desk.sent
    asked = message.payload["canary"]
    assert message.event == "canary"
    assert asked["acknowledge"] == f"http://127.0.0.1:8787/hooks/canary/{asked['id']}"
    assert re.search(r"POST \S+/hooks/canary/\d+\?token=\S+", message.text)
    assert asked["token"] not in str(house.store.connection.query("SELECT * FROM canaries", {}))
    assert not acknowledge(house.store, asked["id"], "guess", NOW)
    assert acknowledge(house.store, asked["id"], asked["token"], NOW)
    assert not acknowledge(house.store, asked["id"], asked["token"], NOW)


def test_a_canary_waits_for_an_address_where_it_can_be_acknowledged() -> None:
    house = House(canary=HOOK)
    assert watch(house.store, house.services, NOW).count == 0
    house.store.set_meta("web_address", "http://127.0.0.1:8787")
    assert watch(house.store, house.services, NOW).count == 1


def test_a_canary_that_nobody_acknowledges_is_told_to_the_fallback_once() -> None:
    house = House(canary=HOOK)
    house.store.set_meta("web_address", "http://127.0.0.1:8787")
    for minute in range(50):
        watch(house.store, house.services, NOW + minutes(minute))
        deliver(house.store, house.services, NOW + minutes(minute))
    (told,) = house.phone.sent
    assert told.event == "canary.missing"
    assert "test alert to desk was not acknowledged" in told.subject
    assert told.urgent


def test_the_receivers_yes_is_an_acknowledgement_where_the_config_says_so() -> None:
    house = House(canary=DELIVERY)
    for minute in range(50):
        watch(house.store, house.services, NOW + minutes(minute))
        deliver(house.store, house.services, NOW + minutes(minute))
    assert len(house.desk.sent) == 1
    assert house.phone.sent == []


def test_a_canary_that_is_not_even_taken_is_missing_too() -> None:
    house = House(*[OUT] * 100, canary=DELIVERY)
    for minute in range(20):
        watch(house.store, house.services, NOW + minutes(minute))
        deliver(house.store, house.services, NOW + minutes(minute))
    assert [message.event for message in house.phone.sent] == ["canary.missing"]


def test_canaries_fly_at_their_pace() -> None:
    house = House(canary=DELIVERY)
    for minute in range(0, 24 * 60, 5):
        watch(house.store, house.services, NOW + minutes(minute))
        deliver(house.store, house.services, NOW + minutes(minute))
    assert len(house.desk.sent) == 24


def test_an_alert_is_ended_where_its_last_case_was_closed() -> None:
    house = House(
        receivers={
            "desk": PagerdutyReceiver.model_validate({"kind": "pagerduty", "routing_key": "k"}),
            "phone": StdoutReceiver(kind="stdout"),
        }
    )
    case = house.complain()
    house.live(minutes(1))
    assert house.desk.sent[0].thread == f"{installation(house.store)}/case:{case}"
    house.store.update_case(case, status=Status.RESOLVED, closed_at=NOW)
    house.live(minutes(5))
    assert [message.event for message in house.desk.sent] == ["case.opened", "case.over"]
    assert house.desk.sent[1].thread == house.desk.sent[0].thread
    assert house.desk.sent[1].over


def test_an_alert_that_was_opened_again_is_ended_again() -> None:
    house = House(
        receivers={
            "desk": PagerdutyReceiver.model_validate({"kind": "pagerduty", "routing_key": "k"}),
            "phone": StdoutReceiver(kind="stdout"),
        }
    )
    case = house.complain()
    house.live(minutes(1))
    house.store.update_case(case, status=Status.RESOLVED, closed_at=NOW)
    house.live(minutes(5))
    house.store.update_case(case, status=Status.NEW, closed_at=None)
    tell(house.store, house.services.settings, case, Event.REOPENED, NOW + minutes(10), again=True)
    house.live(minutes(30))
    house.store.update_case(case, status=Status.RESOLVED, closed_at=NOW)
    house.live(minutes(40))
    events = [message.event for message in house.desk.sent]
    assert events == ["case.opened", "case.over", "case.reopened", "case.over"]


def test_a_receiver_of_words_alone_hears_of_no_end() -> None:
    house = House()
    house.store.update_case(house.complain(), status=Status.RESOLVED, closed_at=NOW)
    house.live(minutes(5))
    assert all(message.event != "case.over" for message in house.desk.sent)


def test_follow_ups_of_a_case_carry_the_name_that_the_receiver_gave_it() -> None:
    house = House()
    house.desk.remote = "CARE-1"
    case = house.complain(Level.CRITICAL)
    house.live(minutes(1))
    tell(house.store, house.services.settings, case, Event.ESCALATED, NOW + minutes(2), again=True)
    house.live(minutes(10))
    assert [message.remote for message in house.desk.sent] == ["", "CARE-1"]
    assert len({message.thread for message in house.desk.sent}) == 1


def test_two_stores_never_share_a_thread() -> None:
    stores = [SqliteStore(None), SqliteStore(None)]
    assert installation(stores[0]) != installation(stores[1])
    assert installation(stores[0]) == installation(stores[0])


def test_a_config_without_canary_flies_none() -> None:
    store = SqliteStore(None)
    assert watch(store, make_services(), NOW).count == 0
    assert store.last_canary("desk") is None
