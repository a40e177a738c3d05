"""Alerting: whether a receiver is told of a case when its message is sealed, later, or not at all. Pure.

    closed? told already?                                        ──▶ not told
    silenced? in an incident that was told of? in quiet hours?   ──▶ held back, and looked at again
    anything else                                                ──▶ told

Grave cases pass incidents and quiet hours; a silence mutes them only where it names their class, or the case itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from monitor.domain import Level, Severity
from monitor.rules.routes import Facts

LOOK_AGAIN = timedelta(minutes=15)
"""What is held back is looked at again so soon: somebody may have ended the silence or changed the hours."""

QUIET = "quiet hours"
"""Why a case is held back that only the hour keeps from a receiver."""

MATCHER_KEYS = ("brand", "level", "platform", "kind", "cause", "severity", "case", "incident")
"""What a silence can match by."""


class Outcome(StrEnum):
    """What becomes of a case in a message."""

    TELL = "tell"
    HOLD = "hold"
    DROP = "drop"


class News(StrEnum):
    """Why a case is in a message, as far as that changes who hears of it."""

    FIRST = "first"
    """It opened, rose, or was judged anew: told unless that was told before."""

    REPEAT = "repeat"
    """It was told long ago, and nobody has taken it."""

    STEP = "step"
    """A step of its own, such as a due time that passed: told each time."""

    AGAIN = "again"
    """It opened again, or somebody plays the brand: told each time, whatever incident it belongs to."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes of a case in a message, and why.

    `until` is when something that is held back is looked at again, `over_at` when what holds it back ends (None where
    nobody knows).
    """

    outcome: Outcome
    reason: str = ""
    until: datetime | None = None
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """What a receiver was last told of a case, and when."""

    level: Level
    cause: str | None
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds for one receiver and one case at the moment of sealing.

    `told` is what the receiver was told of the case; `incident_told` the level at which it was told of the case's
    incident; `active_at` when it may next be told (None: never); `silences` those in force, `taken` whether somebody
    has the case, `snoozed_until` when its snooze ends.
    """

    now: datetime
    news: News
    open: bool
    taken: bool
    active_at: datetime | None
    repeat_interval: timedelta
    told: Telling | None = None
    incident_told: Level | None = None
    silences: Sequence[Mapping[str, Any]] = ()
    snoozed_until: datetime | None = None


def judge(facts: Facts, situation: Situation) -> Judgement:
    """Return what becomes of a case in a message to one receiver."""
    settled = _settled(facts, situation)
    if settled:
        return Judgement(Outcome.DROP, settled)
    silence = next((silence for silence in situation.silences if is_silenced(facts, silence["matchers"])), None)
    if silence is not None:
        return _hold(situation.now, silence["ends_at"], f"silence {silence['id']} by {silence['author']}")
    if facts.grave:
        return Judgement(Outcome.TELL, f"{facts.grave[0]} is told at any hour")
    if _is_inhibited(facts, situation):
        return _hold(situation.now, None, f"incident {facts.incident} was told")
    if situation.active_at is None or situation.active_at > situation.now:
        return _hold(situation.now, situation.active_at, QUIET)
    return Judgement(Outcome.TELL)


def is_silenced(facts: Facts, matchers: Mapping[str, Any]) -> bool:
    """Whether every matcher of a silence names this case by one of its values.

    A grave case is silenced only by what names each of its grave classes, or the case itself.
    """
    values: dict[str, set[str]] = {
        "brand": {facts.brand},
        "level": {facts.level.value},
        "platform": {facts.platform},
        "kind": {facts.kind.value},
        "cause": {facts.cause or "unknown"},
        "severity": {severity.value for severity in facts.severity},
        "case": {str(facts.case)},
        "incident": {str(facts.incident)},
    }
    if not all(values.get(name, set()) & {str(wanted) for wanted in listed} for name, listed in matchers.items()):
        return False
    return "case" in matchers or names_all(facts.grave, matchers.get("severity", ()))


def names_all(grave: Sequence[Severity], listed: Sequence[str]) -> bool:
    """Whether a silence names each of these grave classes."""
    return all(severity.value in listed for severity in grave)


def _settled(facts: Facts, situation: Situation) -> str:
    """Return why a case needs no message any more; empty where it does."""
    if not situation.open:
        return "closed before it was due"
    if situation.news is News.REPEAT and situation.taken:
        return "somebody has taken it"
    told = situation.told
    if situation.news in {News.STEP, News.AGAIN} or told is None:
        return ""
    known = told.level.rank <= facts.level.rank and told.cause == facts.cause
    recent = situation.now < told.told_at + situation.repeat_interval
    return f"told at level {told.level} already" if known and recent else ""


def _is_inhibited(facts: Facts, situation: Situation) -> bool:
    """Whether the receiver heard of the case's incident at a level that is no lower than the case's own."""
    told = situation.incident_told
    return situation.news is not News.AGAIN and told is not None and told.rank <= facts.level.rank


def _hold(now: datetime, until: datetime | None, reason: str) -> Judgement:
    again = now + LOOK_AGAIN
    return Judgement(Outcome.HOLD, reason, again if until is None else max(min(until, again), now), until)
