"""The timed steps of a case: what happens by itself, and when the next of them comes. Pure.

new      ── due time passes ──▶ overdue: told once more where no chain goes on (`chain.py`), stays new
claimed  ── half of the rest passes ──▶ ping the one who claimed
claimed  ── the rest passes without a reply ──▶ released: back to new
replied  ── 72 h of silence ──▶ resolved (presumed)
snoozed  ── its time ends ──▶ back in its place; a running clock never stopped
"""

from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain import Case, Status

SILENCE = timedelta(hours=72)
"""Quiet after our reply from which a case is taken to be resolved."""


class Timer(StrEnum):
    """A timed step; the value is its action in the audit trail."""

    OVERDUE = "overdue"
    PING = "claim-ping"
    RELEASE = "claim-released"
    PRESUME = "presumed-resolved"
    UNSNOOZE = "snooze-ended"


def timers(case: Case) -> dict[Timer, datetime]:
    """Return the timed steps that are still to come for a case, each with its time."""
    answered = case.answered_at or case.replied_at
    wanted = {
        Timer.UNSNOOZE: case.snoozed_until if case.status.open else None,
        Timer.OVERDUE: case.due_at if _unanswered(case) and case.escalation_step == 0 else None,
        Timer.PING: case.ping_at if case.status is Status.CLAIMED else None,
        Timer.RELEASE: case.release_at if case.status is Status.CLAIMED else None,
        Timer.PRESUME: answered + SILENCE if case.status is Status.REPLIED and answered else None,
    }
    return {timer: moment for timer, moment in wanted.items() if moment is not None}


def next_timer(case: Case) -> datetime | None:
    """Return when the next timed step of a case comes, or None."""
    return min(timers(case).values(), default=None)


def timers_due(case: Case, now: datetime) -> tuple[Timer, ...]:
    """Return the timed steps whose time has come, in the order of their times."""
    due = [(moment, timer) for timer, moment in timers(case).items() if moment <= now]
    return tuple(timer for _, timer in sorted(due))


def _unanswered(case: Case) -> bool:
    return case.status in {Status.NEW, Status.CLAIMED}
