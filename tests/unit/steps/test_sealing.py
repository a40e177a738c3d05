from datetime import time, timedelta

import pytest

from monitor.config.hours import Window
from monitor.config.receivers import StdoutReceiver
from monitor.config.routes import Route
from monitor.domain import Level, Severity, Status
from monitor.notify.receiver import Message
from monitor.rules.alerting import LOOK_AGAIN
from monitor.steps.telling import Event, recipients
from tests.alerts import AlertDesk
from tests.builders import NOW, minutes, store_case
from tests.services import make_settings

# NOW is a Wednesday, twelve o'clock in UTC
AWAKE, ASLEEP = (
    StdoutReceiver(kind="stdout"),
    StdoutReceiver(kind="stdout", hours=(Window(start=time(14), end=time(20)),)),
)
WAKES = NOW + minutes(120)
REPEAT = Route(to=("desk",)).repeat_interval


def events(messages: list[Message]) -> list[tuple[str, int]]:
    return [(message.event, message.payload["count"]) for message in messages]


def test_what_a_silence_held_back_is_told_when_it_ends() -> None:
    desk = AlertDesk()
    desk.silence(NOW + minutes(20), brand=["lumo"])
    desk.case()
    for minute in range(1, 20):
        desk.deliver(NOW + minutes(minute))
    assert desk.heard() == []
    desk.deliver(NOW + minutes(20))
    assert events(desk.heard()) == [("case.opened", 1)]


def test_what_was_answered_or_closed_during_a_silence_is_not_told() -> None:
    desk = AlertDesk()
    desk.silence(NOW + minutes(20), brand=["lumo"])
    closed, left = desk.case(), desk.case()
    desk.deliver(NOW + minutes(1))
    desk.store.update_case(closed, status=Status.DISMISSED)
    desk.deliver(NOW + minutes(20))
    assert [message.payload["case"]["id"] for message in desk.heard()] == [left]


def test_a_silence_does_not_mute_a_grave_case_that_it_does_not_name() -> None:
    desk = AlertDesk()
    desk.silence(NOW + minutes(20), brand=["lumo"], level=["critical"])
    desk.case(Level.CRITICAL, Severity.SAFETY)
    desk.case(Level.CRITICAL, Severity.MONEY)
    desk.deliver(NOW)
    assert events(desk.heard()) == [("case.opened", 1)]


def test_quiet_hours_hold_back_until_they_end_and_grave_cases_pass_them() -> None:
    desk = AlertDesk(receivers={"desk": ASLEEP})
    desk.case()
    desk.case(Level.HIGH, Severity.LEGAL)
    for minute in range(0, 120, 5):
        desk.deliver(NOW + minutes(minute))
    assert [message.payload["case"]["severity"] for message in desk.heard()] == [["legal"]]
    assert desk.store.next_message_due() == WAKES
    desk.deliver(WAKES)
    assert events(desk.heard()) == [("case.opened", 1), ("case.opened", 1)]


def test_an_urgent_case_that_nobody_may_be_told_of_goes_to_the_fallback() -> None:
    people = {"desk": ASLEEP, "duty": AWAKE}
    desk = AlertDesk("desk", "duty", receivers=people, fallback=("duty",))
    desk.case()
    for minute in range(1, 130):
        desk.deliver(NOW + minutes(minute))
    assert (len(desk.heard("duty")), len(desk.heard("desk"))) == (1, 1)


def test_the_fallback_hears_what_quiet_hours_caught_in_an_open_message() -> None:
    people = {"desk": StdoutReceiver(kind="stdout", quiet=(Window(start=time(12, 0), end=time(14)),)), "duty": AWAKE}
    desk = AlertDesk("desk", "duty", receivers=people, fallback=("duty",))
    early = NOW - timedelta(seconds=5)
    desk.case(now=early)
    desk.deliver(NOW + minutes(1))
    desk.deliver(NOW + minutes(2))
    assert (len(desk.heard("duty")), len(desk.heard("desk"))) == (1, 0)


def test_the_fallback_stays_out_where_somebody_may_be_told_and_comes_in_where_no_route_is() -> None:
    desk = AlertDesk("desk", "duty", receivers={"desk": AWAKE, "duty": AWAKE}, fallback=("duty",))
    (view,) = desk.store.case_views([desk.case()])
    assert list(recipients(desk.settings, view, NOW)) == ["desk"]
    nowhere = make_settings(receivers={"duty": AWAKE}, routes=(), fallback=("duty",))
    assert list(recipients(nowhere, view, NOW)) == ["duty"]


def test_a_fallback_in_its_own_quiet_hours_is_told_where_nobody_else_may_be() -> None:
    desk = AlertDesk("desk", "duty", receivers={"desk": ASLEEP, "duty": ASLEEP}, fallback=("duty",))
    desk.case()
    desk.deliver(NOW + minutes(1))
    assert len(desk.heard("duty")) == 1


def test_an_urgent_case_that_nobody_takes_is_told_again_after_the_repeat_interval_and_not_before() -> None:
    desk = AlertDesk()
    desk.case()
    for minute in range(0, 480, 2):
        desk.deliver(NOW + minutes(minute))
        assert len(desk.heard()) == (0 if minute < 1 else 1 if minute <= 242 else 2)
    assert events(desk.heard()) == [("case.opened", 1), ("case.repeated", 1)]


@pytest.mark.parametrize("status", [Status.CLAIMED, Status.REPLIED, Status.RESOLVED])
def test_a_case_that_somebody_took_is_not_told_again(status: Status) -> None:
    desk = AlertDesk()
    case_id = desk.case()
    desk.deliver(NOW + minutes(1))
    desk.store.update_case(case_id, status=status)
    desk.deliver(NOW + minutes(2) + REPEAT)
    desk.deliver(NOW + minutes(9) + REPEAT)
    assert len(desk.heard()) == 1


def test_a_snoozed_case_is_told_again_when_its_snooze_ends() -> None:
    desk = AlertDesk()
    case_id, until = desk.case(), NOW + REPEAT + minutes(60)
    desk.deliver(NOW + minutes(1))
    desk.store.update_case(case_id, snoozed_until=until)
    for minute in range(0, 60, 5):
        desk.deliver(NOW + REPEAT + minutes(minute))
    assert len(desk.heard()) == 1
    desk.deliver(until)
    desk.deliver(until + minutes(1))
    assert events(desk.heard()) == [("case.opened", 1), ("case.repeated", 1)]


@pytest.mark.parametrize(
    ("event", "again", "times"),
    [
        (Event.OPENED, True, 1),
        (Event.RAISED, True, 1),
        (Event.REOPENED, True, 2),
        (Event.IMPOSTOR, True, 2),
        (Event.ESCALATED, True, 2),
    ],
)
def test_the_same_level_is_told_once_within_the_repeat_interval_but_for_steps(
    event: Event, again: bool, times: int
) -> None:
    desk = AlertDesk()
    case_id = desk.case()
    desk.deliver(NOW + minutes(1))
    desk.tell(case_id, event, NOW + minutes(30), again=again)
    desk.deliver(NOW + minutes(40))
    assert len(desk.heard()) == times


def test_a_rise_is_told_at_once_within_the_repeat_interval() -> None:
    desk = AlertDesk()
    case_id = desk.case()
    desk.deliver(NOW + minutes(1))
    desk.store.update_case(case_id, level=Level.CRITICAL)
    desk.tell(case_id, Event.RAISED, NOW + minutes(2))
    desk.deliver(NOW + minutes(2))
    assert events(desk.heard()) == [("case.opened", 1), ("case.raised", 1)]


def test_what_is_open_in_a_group_leaves_as_one_message() -> None:
    desk = AlertDesk()
    told, fresh = desk.case(), desk.case()
    desk.deliver(NOW + minutes(1))
    desk.tell(told, Event.ESCALATED, NOW + minutes(20), again=True)
    desk.store.update_case(fresh, told_level=None)
    desk.case(now=NOW + minutes(20))
    desk.deliver(NOW + minutes(21))
    message = desk.heard()[-1]
    assert (message.event, message.payload["count"]) == ("case.opened", 2)
    assert message.payload["events"] == {"case.opened": 1, "case.escalated": 1}
    assert "1 new, 1 escalated" in message.text


def test_a_case_of_an_incident_that_the_receiver_heard_of_is_left_out_and_comes_back_when_it_leaves() -> None:
    desk = AlertDesk("desk", "boss", receivers={"desk": AWAKE, "boss": AWAKE}, routes=(Route(to=("desk", "boss")),))
    case_id = desk.case()
    desk.store.connection.query("UPDATE cases SET incident_id = 7", {})
    desk.store.record_subject("incident:7", "desk", Level.HIGH, NOW)
    desk.deliver(NOW + minutes(1))
    assert (len(desk.heard()), len(desk.heard("boss"))) == (0, 1)
    desk.store.update_case(case_id, incident_id=None)
    desk.deliver(NOW + minutes(1) + LOOK_AGAIN)
    assert len(desk.heard()) == 1


def test_grave_cases_and_worse_levels_pass_the_incident_that_was_told() -> None:
    desk = AlertDesk()
    desk.case(Level.CRITICAL, Severity.SAFETY)
    desk.case(Level.CRITICAL)
    desk.case(Level.HIGH)
    desk.store.connection.query("UPDATE cases SET incident_id = 7", {})
    desk.store.record_subject("incident:7", "desk", Level.HIGH, NOW)
    desk.deliver(NOW + minutes(1))
    assert [message.payload["case"]["level"] for message in desk.heard()] == ["critical", "critical"]


def test_what_is_held_back_does_not_look_late() -> None:
    desk = AlertDesk(receivers={"desk": ASLEEP})
    desk.case()
    desk.deliver(NOW + minutes(1))
    assert desk.store.waits()["oldest_urgent_at"] is None


def test_a_message_names_only_the_cases_that_it_tells() -> None:
    desk = AlertDesk()
    desk.silence(NOW + minutes(90), case=["1"])
    desk.case()
    told = desk.case()
    desk.deliver(NOW + minutes(1))
    rows = desk.store.connection.query(
        "SELECT o.state, c.case_id FROM outbox AS o JOIN outbox_cases AS c ON c.outbox_id = o.id ORDER BY o.id", {}
    )
    assert rows == [{"state": "sent", "case_id": told}, {"state": "open", "case_id": 1}]


def test_a_case_opened_by_the_builders_is_told_as_well() -> None:
    desk = AlertDesk()
    desk.tell(store_case(desk.store))
    desk.deliver(NOW + minutes(1))
    assert events(desk.heard()) == [("case.opened", 1)]
