from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.config.escalation import BeforeBreach, Escalation
from monitor.domain import Case, Level, Status
from monitor.rules.chain import ChainState, Progress, advance, follow, next_in_turn, steps_of
from monitor.rules.moves import MOVES, Action, Chain, move
from tests.builders import NOW, make_case, minutes
from tests.staff import make_chain, step

CRITICAL = make_chain(step("ana", wait=5), step("ben", wait=5), step("everyone"))
HIGH = make_chain(step(wait=10), step("on-shift"))
ESCALATION = Escalation(critical=CRITICAL, high=HIGH, before_breach=BeforeBreach(critical=minutes(2)))


def case(status: Status = Status.NEW, level: Level = Level.CRITICAL, due: float = 60) -> Case:
    return make_case(status, level, due_at=NOW + minutes(due))


def begun(level: Level = Level.CRITICAL) -> Progress:
    progress = follow(None, case(level=level), ESCALATION, NOW, begins=True)
    assert progress is not None
    return progress


def test_repetitions_are_written_out_and_waits_add_up() -> None:
    chain = make_chain(step(wait=1), step("ana", wait=2, repeat=2), step(wait=3), step("ben", wait=4), repeat=2)
    assert [(part.notify[0], part.after / minutes(1)) for part in steps_of(chain)] == [
        ("ana", 1), ("ana", 2), ("ben", 5), ("ana", 5), ("ana", 2), ("ben", 5),
    ]  # fmt: skip


def test_a_chain_begins_when_a_case_is_told_and_not_before() -> None:
    assert follow(None, case(), ESCALATION, NOW) is None
    assert begun() == Progress(1, Level.CRITICAL, ChainState.RUNNING, 0, NOW, warn_at=NOW + minutes(58))
    assert begun(Level.HIGH).due_at == NOW + minutes(10)


def test_a_level_without_a_chain_has_none() -> None:
    assert follow(None, case(level=Level.NORMAL), ESCALATION, NOW, begins=True) is None


def test_following_twice_changes_nothing() -> None:
    for status in Status:
        once = follow(begun(), case(status), ESCALATION, NOW + minutes(1))
        assert follow(once, case(status), ESCALATION, NOW + minutes(1)) == once


def test_the_next_step_is_counted_from_when_this_one_was_due() -> None:
    taken = advance(begun(), steps_of(CRITICAL), NOW + timedelta(seconds=50))
    assert (taken.step, taken.due_at) == (1, NOW + minutes(5))


def test_after_a_step_that_was_more_than_a_minute_late_the_wait_is_kept() -> None:
    assert advance(begun(), steps_of(CRITICAL), NOW + minutes(9)).due_at == NOW + minutes(14)


def test_after_the_last_step_a_chain_is_finished() -> None:
    last = replace(begun(), step=2)
    assert advance(last, steps_of(CRITICAL), NOW).state is ChainState.FINISHED


def test_a_claim_pauses_and_its_end_resumes_with_what_was_left() -> None:
    running = advance(begun(), steps_of(CRITICAL), NOW)
    paused = follow(running, case(Status.CLAIMED), ESCALATION, NOW + minutes(2))
    assert paused is not None
    assert (paused.state, paused.step, paused.due_at, paused.left) == (ChainState.PAUSED, 1, None, minutes(3))
    resumed = follow(paused, case(), ESCALATION, NOW + minutes(20))
    assert resumed is not None
    assert (resumed.state, resumed.step, resumed.due_at) == (ChainState.RUNNING, 1, NOW + minutes(23))


def test_claims_again_and_again_take_nothing_off_the_wait_and_add_nothing() -> None:
    progress: Progress | None = advance(begun(), steps_of(CRITICAL), NOW)
    for minute in range(2, 10, 2):
        progress = follow(progress, case(Status.CLAIMED), ESCALATION, NOW + minutes(minute))
        progress = follow(progress, case(), ESCALATION, NOW + minutes(minute + 1))
    assert progress is not None
    assert progress.due_at == NOW + minutes(9)


def test_a_rise_moves_to_the_higher_chain_from_its_first_step() -> None:
    risen = follow(begun(Level.HIGH), case(), ESCALATION, NOW + minutes(3))
    assert risen is not None
    assert (risen.run, risen.level, risen.step, risen.due_at) == (2, Level.CRITICAL, 0, NOW + minutes(3))


def test_a_rise_of_a_claimed_case_moves_up_and_stays_paused() -> None:
    risen = follow(begun(Level.HIGH), case(Status.CLAIMED), ESCALATION, NOW + minutes(3))
    assert risen is not None
    assert (risen.level, risen.state, risen.left) == (Level.CRITICAL, ChainState.PAUSED, timedelta(0))


def test_a_rise_to_a_level_without_a_chain_keeps_the_one_that_runs() -> None:
    only_high = Escalation(high=HIGH)
    progress = follow(None, case(level=Level.HIGH), only_high, NOW, begins=True)
    risen = follow(progress, case(), only_high, NOW + minutes(1))
    assert risen is not None
    assert (risen.run, risen.level, risen.due_at) == (1, Level.HIGH, NOW + minutes(10))


def test_an_answer_and_every_end_of_a_case_end_the_chain() -> None:
    for status in (Status.REPLIED, Status.RESOLVED, Status.DISMISSED):
        ended = follow(begun(), case(status), ESCALATION, NOW)
        assert ended is not None
        assert (ended.state, ended.due_at, ended.warn_at) == (ChainState.ENDED, None, None)


def test_a_case_that_is_open_again_begins_its_chain_anew() -> None:
    ended = follow(replace(begun(), step=2), case(Status.RESOLVED), ESCALATION, NOW)
    anew = follow(ended, case(), ESCALATION, NOW + minutes(90))
    assert anew is not None
    assert (anew.run, anew.step, anew.due_at, anew.state) == (2, 0, NOW + minutes(90), ChainState.RUNNING)


STANDS = {Status.NEW: ChainState.RUNNING, Status.CLAIMED: ChainState.PAUSED}


@pytest.mark.parametrize(
    ("action", "status"), [(action, status) for action, row in MOVES.items() for status in sorted(row.sources)]
)
def test_the_table_of_moves_says_what_becomes_of_the_chain(action: Action, status: Status) -> None:
    before = follow(replace(begun(), step=1), case(status), ESCALATION, NOW)
    after = follow(before, case(move(status, action)), ESCALATION, NOW + minutes(1))
    assert before is not None
    assert after is not None
    assert before.state is STANDS.get(status, ChainState.ENDED)
    match MOVES[action].chain:
        case Chain.STAYS | Chain.STEPS:
            assert (after.state, after.step, after.run) == (before.state, before.step, before.run)
        case Chain.PAUSES:
            assert (after.state, after.step) == (ChainState.PAUSED, 1)
        case Chain.RESUMES:
            assert (after.state, after.step, after.run) == (ChainState.RUNNING, 1, 1)
        case Chain.STARTS_OVER:
            assert (after.state, after.step, after.run) == (STANDS[move(status, action)], 0, 2)
        case Chain.ENDS:
            assert after.state is ChainState.ENDED


def test_a_snooze_stops_nothing() -> None:
    snoozed = replace(case(), snoozed_until=NOW + minutes(120))
    assert follow(begun(), snoozed, ESCALATION, NOW + minutes(1)) == begun()


def test_a_chain_that_left_the_config_ends() -> None:
    ended = follow(begun(), case(), Escalation(), NOW)
    assert ended is not None
    assert ended.state is ChainState.ENDED


def test_the_warning_stands_where_its_time_has_not_come_and_is_not_begun_late() -> None:
    late = follow(None, case(due=1), ESCALATION, NOW, begins=True)
    assert late is not None
    assert late.warn_at is None
    off = Escalation(critical=CRITICAL, before_breach=BeforeBreach(critical=timedelta(0)))
    never = follow(None, case(), off, NOW, begins=True)
    assert never is not None
    assert never.warn_at is None


def test_a_claim_does_not_stop_the_warning_and_an_earlier_due_time_hastens_it() -> None:
    claimed = follow(begun(), case(Status.CLAIMED), ESCALATION, NOW + minutes(5))
    assert claimed is not None
    assert claimed.warn_at == NOW + minutes(58)
    sooner = follow(claimed, case(Status.CLAIMED, due=30), ESCALATION, NOW + minutes(5))
    assert sooner is not None
    assert sooner.warn_at == NOW + minutes(28)
    at_once = follow(claimed, case(Status.CLAIMED, due=6), ESCALATION, NOW + minutes(5))
    assert at_once is not None
    assert at_once.warn_at == NOW + minutes(5)


def test_turns_go_round_in_a_chain_and_begin_with_who_waits_longest() -> None:
    last = {"ana": NOW, "ben": NOW - minutes(5)}
    assert next_in_turn(("ana", "ben"), (), last) == "ben"
    assert next_in_turn(("ana", "ben"), ("ben",), last) == "ana"
    assert next_in_turn(("ana", "ben", "cleo"), (), last) == "cleo"
    assert next_in_turn(("ana", "ben"), (), {}) == "ana"
    assert next_in_turn((), (), last) is None
