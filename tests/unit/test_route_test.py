from datetime import time

import pytest

from monitor.config.hours import Window
from monitor.config.receivers import StdoutReceiver
from monitor.config.routes import Route
from monitor.desk.routes import Plan, try_routes
from monitor.domain import Level, Severity
from monitor.errors import UnknownCase
from tests.alerts import AlertDesk
from tests.builders import NOW, minutes

LAW = Route.model_validate({"to": "desk", "routes": [{"severity": "legal", "to": "law"}]})
PEOPLE = {
    "desk": StdoutReceiver(kind="stdout", hours=(Window(start=time(8), end=time(14)),)),
    "law": StdoutReceiver(kind="stdout", enabled=False),
    "duty": StdoutReceiver(kind="stdout"),
}


@pytest.fixture
def desk() -> AlertDesk:
    return AlertDesk(*PEOPLE, receivers=PEOPLE, routes=(LAW,), fallback=("duty",))


def plans(desk: AlertDesk, case_id: int, hours: float = 0) -> list[tuple[str, str, str, str]]:
    found = try_routes(desk.store, desk.settings, case_id, NOW + minutes(60 * hours)).plans
    return [(plan.receiver, plan.outcome, plan.place, plan.why) for plan in found]


def plan(desk: AlertDesk, case_id: int, hours: float = 0) -> Plan:
    return try_routes(desk.store, desk.settings, case_id, NOW + minutes(60 * hours)).plans[0]


def test_a_case_is_told_after_the_wait_of_its_route(desk: AlertDesk) -> None:
    case_id = desk.case(told=False)
    assert plans(desk, case_id) == [("desk", "tell", "routes[0]", "after group_wait")]
    assert plan(desk, case_id).at == NOW + LAW.group_wait


def test_at_another_hour_the_fallback_is_told_and_the_desk_when_its_hours_begin(desk: AlertDesk) -> None:
    case_id = desk.case(told=False)
    assert plans(desk, case_id, hours=3) == [
        ("desk", "hold", "routes[0]", "quiet hours"),
        ("duty", "tell", "fallback", "no other receiver may be told now"),
    ]
    assert plan(desk, case_id, hours=3).at == NOW + minutes(20 * 60)


def test_what_was_told_is_not_told_and_says_when_it_was(desk: AlertDesk) -> None:
    case_id = desk.case()
    desk.deliver(NOW + minutes(1))
    found = plan(desk, case_id, hours=1)
    assert (found.outcome, found.at, found.why, found.told_at) == (
        "drop", None, "told at level high already", NOW + minutes(1),
    )  # fmt: skip


def test_a_silence_says_who_made_it_and_when_it_ends(desk: AlertDesk) -> None:
    case_id = desk.case(told=False)
    desk.silence(NOW + minutes(90), brand=["lumo"])
    assert plans(desk, case_id)[0] == ("desk", "hold", "routes[0]", "silence 1 by kim")
    assert plan(desk, case_id).at == NOW + minutes(90)


def test_a_receiver_that_is_switched_off_leaves_the_fallback(desk: AlertDesk) -> None:
    case_id = desk.case(Level.HIGH, Severity.LEGAL, told=False)
    assert plans(desk, case_id) == [
        ("law", "drop", "routes[0].routes[0]", "the receiver is switched off, or broken"),
        ("duty", "tell", "fallback", "legal is told at any hour"),
    ]


def test_a_case_that_is_not_urgent_has_no_receivers_and_nothing_is_changed(desk: AlertDesk) -> None:
    case_id = desk.case(Level.NORMAL, told=False)
    before = desk.store.totals(), desk.store.next_message_due()
    assert plans(desk, case_id) == []
    assert (desk.store.totals(), desk.store.next_message_due()) == before


def test_the_facts_that_routes_see_are_told_as_json(desk: AlertDesk) -> None:
    told = try_routes(desk.store, desk.settings, desk.case(told=False, followers=2_000), NOW).to_json()
    facts = {name: told["facts"][name] for name in ("brand", "level", "author", "language", "severity", "cause")}
    assert facts == {"brand": "lumo", "level": "high", "author": "medium", "language": "en", "severity": ["money"],
                     "cause": None}  # fmt: skip
    assert told["receivers"][0]["at"] == "2026-03-04T12:00:30.000Z"


def test_an_unknown_case_is_refused(desk: AlertDesk) -> None:
    with pytest.raises(UnknownCase, match="there is no such case"):
        try_routes(desk.store, desk.settings, 99, NOW)
