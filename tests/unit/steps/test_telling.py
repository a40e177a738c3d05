from monitor.config.routes import Route
from monitor.domain import Level
from monitor.steps.telling import CRITICAL_INTERVAL, Event, message_due, tell
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.services import make_settings

ROUTE = Route(to=("desk",))


def test_a_critical_case_is_told_at_once_then_once_a_minute() -> None:
    assert message_due(ROUTE, Level.CRITICAL, None, NOW) == NOW
    assert message_due(ROUTE, Level.CRITICAL, NOW, NOW) == NOW + CRITICAL_INTERVAL
    assert message_due(ROUTE, Level.CRITICAL, NOW - minutes(5), NOW) == NOW


def test_other_cases_wait_for_company_and_for_the_interval_of_their_group() -> None:
    assert message_due(ROUTE, Level.HIGH, None, NOW) == NOW + ROUTE.group_wait
    assert message_due(ROUTE, Level.HIGH, NOW, NOW) == NOW + ROUTE.group_interval
    assert message_due(ROUTE, Level.HIGH, NOW - minutes(60), NOW) == NOW + ROUTE.group_wait


def test_the_same_level_is_told_once_and_a_rise_again() -> None:
    store, settings = SqliteStore(None), make_settings()
    case_id = store_case(store, Level.HIGH)
    tell(store, settings, case_id, Event.OPENED, NOW)
    tell(store, settings, case_id, Event.RAISED, NOW)
    store.update_case(case_id, level=Level.CRITICAL)
    tell(store, settings, case_id, Event.RAISED, NOW)
    messages = store.messages_to_seal(NOW + minutes(1), 10)
    assert sorted(message.event for message in messages) == ["case.opened", "case.raised"]


def test_what_is_not_urgent_or_has_no_route_is_told_to_nobody() -> None:
    store = SqliteStore(None)
    normal, high = store_case(store, Level.NORMAL), store_case(store, Level.HIGH)
    tell(store, make_settings(), normal, Event.OPENED, NOW)
    tell(store, make_settings(routes=(Route(level=(Level.CRITICAL,), to=("desk",)),)), high, Event.OPENED, NOW)
    assert store.messages_to_seal(NOW + minutes(60), 10) == []


def test_a_receiver_on_two_routes_is_told_once() -> None:
    store = SqliteStore(None)
    case_id = store_case(store, Level.HIGH)
    tell(store, make_settings(routes=(ROUTE, ROUTE)), case_id, Event.OPENED, NOW)
    (message,) = store.messages_to_seal(NOW + minutes(1), 10)
    assert [view.id for view in message.cases] == [case_id]
