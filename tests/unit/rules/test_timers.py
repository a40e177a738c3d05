from monitor.domain import Status
from monitor.rules.timers import SILENCE, Timer, next_timer, timers, timers_due
from tests.builders import NOW, make_case, minutes


def test_a_new_case_waits_for_its_due_time() -> None:
    assert timers(make_case()) == {Timer.OVERDUE: NOW + minutes(60)}


def test_a_case_that_was_told_overdue_is_not_told_again() -> None:
    assert next_timer(make_case(escalation_step=1)) is None


def test_a_claim_pings_then_releases_while_the_due_time_goes_on() -> None:
    case = make_case(Status.CLAIMED, ping_at=NOW + minutes(30), release_at=NOW + minutes(60))
    assert timers_due(case, NOW + minutes(30)) == (Timer.PING,)
    assert set(timers_due(case, NOW + minutes(60))) == {Timer.PING, Timer.RELEASE, Timer.OVERDUE}


def test_a_reply_stops_the_clock_and_silence_resolves_the_case() -> None:
    case = make_case(Status.REPLIED, replied_at=NOW)
    assert timers(case) == {Timer.PRESUME: NOW + SILENCE}


def test_a_snooze_never_stops_a_running_clock() -> None:
    case = make_case(snoozed_until=NOW + minutes(120))
    assert next_timer(case) == NOW + minutes(60)


def test_a_closed_case_has_no_timers() -> None:
    for status in (Status.RESOLVED, Status.DISMISSED):
        assert next_timer(make_case(status, snoozed_until=NOW, replied_at=NOW)) is None
