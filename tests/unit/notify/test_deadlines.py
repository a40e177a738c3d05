from monitor.notify.receiver import DEADLINE_S
from monitor.notify.service import LIMITS, STEP_LIMITS
from monitor.steps.deliver import LEASE_S


def test_a_receiver_may_be_silent_as_long_as_a_send_may_last() -> None:
    assert LIMITS.read == LIMITS.total == DEADLINE_S >= 30
    assert STEP_LIMITS.read == STEP_LIMITS.total


def test_three_questions_for_one_message_end_within_one_deadline() -> None:
    assert 3 * STEP_LIMITS.total <= DEADLINE_S


def test_a_send_ends_well_before_its_message_may_be_claimed_again() -> None:
    assert 2 * DEADLINE_S <= LEASE_S
