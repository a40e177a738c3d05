from pathlib import Path

import pytest

from monitor.domain import Level, Status
from monitor.rules.moves import MOVES, Action, Clock, MoveError, Owner, allowed_actions, move, table
from monitor.rules.rise import Audience, judge_rise


def test_the_reference_prints_the_table() -> None:
    assert table() in Path("docs/reference/clocks.md").read_text(encoding="utf-8")


def test_a_case_runs_from_new_to_resolved_and_back() -> None:
    status = Status.NEW
    for action in (Action.CLAIM, Action.REPLY, Action.RESOLVE, Action.REOPEN):
        status = move(status, action)
    assert status is Status.NEW


def test_an_illegal_move_names_what_is_possible() -> None:
    with pytest.raises(MoveError, match="possible: note, reopen"):
        move(Status.RESOLVED, Action.CLAIM)


@pytest.mark.parametrize("status", list(Status))
def test_each_state_leads_only_to_states_it_allows(status: Status) -> None:
    for action in Action:
        if action in allowed_actions(status):
            assert move(status, action) in Status
        else:
            with pytest.raises(MoveError):
                move(status, action)


def test_snoozing_stops_no_clock_and_only_replies_and_ends_do() -> None:
    assert MOVES[Action.SNOOZE].first_reply is Clock.RUNS_ON
    stopping = {action for action, row in MOVES.items() if row.first_reply is Clock.STOPS}
    ends = {Action.RESOLVE, Action.PRESUME, Action.DISMISS}
    assert stopping == {Action.REPLY, Action.HOLD, Action.FOLLOW_UP, Action.REOPEN, *ends}


def test_a_released_case_belongs_to_nobody() -> None:
    assert MOVES[Action.RELEASE].owner is Owner.NOBODY
    assert MOVES[Action.EXPIRE].to is Status.NEW


@pytest.mark.parametrize(
    ("told", "old", "new", "status", "level", "audience"),
    [
        (None, Level.NORMAL, Level.HIGH, Status.NEW, Level.HIGH, Audience.ROUTES),
        (Level.HIGH, Level.HIGH, Level.HIGH, Status.NEW, Level.HIGH, Audience.NOBODY),
        (Level.HIGH, Level.HIGH, Level.CRITICAL, Status.NEW, Level.CRITICAL, Audience.ROUTES),
        (Level.HIGH, Level.HIGH, Level.LOW, Status.NEW, Level.HIGH, Audience.NOBODY),
        (None, Level.NORMAL, Level.LOW, Status.NEW, Level.LOW, Audience.NOBODY),
        (None, Level.LOW, Level.NORMAL, Status.NEW, Level.NORMAL, Audience.NOBODY),
        (None, Level.NORMAL, Level.HIGH, Status.CLAIMED, Level.HIGH, Audience.OWNER),
        (None, Level.NORMAL, Level.LOW, Status.CLAIMED, Level.NORMAL, Audience.NOBODY),
        (None, Level.NORMAL, Level.CRITICAL, Status.RESOLVED, Level.NORMAL, Audience.NOBODY),
        (None, Level.HIGH, Level.HIGH, Status.NEW, Level.HIGH, Audience.ROUTES),
    ],
)
def test_who_hears_of_a_change_in_level(
    told: Level | None, old: Level, new: Level, status: Status, level: Level, audience: Audience
) -> None:
    rise = judge_rise(told, old, new, status)
    assert (rise.level, rise.audience) == (level, audience)
