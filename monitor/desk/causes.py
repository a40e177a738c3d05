"""What a person says of causes: that one was fixed, so that reports can tell whether it comes back."""

from datetime import date
from zoneinfo import ZoneInfo

from monitor.desk.turn import Turn
from monitor.errors import MonitorError, MoveRefused
from monitor.store.report import CauseFix


def fix_cause(turn: Turn, brand: str, cause: str, fixed_on: date | None, note: str) -> CauseFix:
    """Keep that a cause of a brand was fixed, on a date of the brand (none: today).

    Raises MonitorError for what is unknown or lies ahead, MoveRefused where the date has a fix of it already.
    """
    check_cause(turn, brand, cause)
    today = turn.now.astimezone(ZoneInfo(turn.settings.brands[brand].zone or "UTC")).date()
    day = fixed_on or today
    if day > today:
        raise MonitorError(f"date {day}", "lies ahead", "tag a fix once it is there")
    fix = CauseFix(brand, cause, day, note, turn.who, turn.now)
    if not turn.store.add_cause_fix(fix):
        raise MoveRefused(f"cause {cause}", f"has a fix on {day} already", "`report unfix` takes it back")
    return fix


def unfix_cause(turn: Turn, brand: str, cause: str, fixed_on: date) -> None:
    """Take a fix back. Raises MonitorError where there is none."""
    if not turn.store.drop_cause_fix(brand, cause, fixed_on):
        raise MonitorError(f"cause {cause[:64]}", f"has no fix on {fixed_on}", "see `complaint-monitor report fixes`")


def check_cause(turn: Turn, brand: str, cause: str) -> None:
    """Raise MonitorError for a brand or a cause that the config does not have."""
    if brand not in turn.settings.brands:
        known = ", ".join(turn.settings.brands) or "none"
        raise MonitorError(f"brand {brand[:64]!r}", "is unknown", f"say {known}")
    causes = turn.settings.cause_names(brand)
    if cause not in causes:
        raise MonitorError(f"cause {cause[:64]!r}", "is none", f"say {', '.join(causes)}")
