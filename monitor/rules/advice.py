"""What would change a decision, in words."""

import math

from monitor.config.schema import LevelBounds
from monitor.domain import Decision, DropRule, Level, Reason

_SWITCHES = {
    DropRule.BLOCKED_AUTHOR: "would be judged if the author left blocked_authors",
    DropRule.EXCLUDED: "would be judged if the query left exclude",
    DropRule.MUTED_THREAD: "would be judged if the thread left muted_threads",
    DropRule.OWN_HANDLE: "would be judged if the handle left the brand's handles",
}


def for_noise(rule: DropRule) -> str:
    """Return what would undo a drop by a noise rule."""
    return _SWITCHES.get(rule, f"would be judged with {rule.value} in triage.noise_off")


def for_near_miss(complaint: float | None, *, asks: bool) -> str:
    """Return what would have made a case of a post that seemed no complaint."""
    speaks = "if it asked us" if asks else "if it addressed us"
    if complaint is None:
        return f"would be queued {speaks}, or with a model that gives a complaint probability"
    line = math.floor(complaint * 100) / 100
    return f"would be queued if triage.complaint were {line:.2f} or lower, or {speaks}"


def for_case(decision: Decision, bounds: LevelBounds) -> str:
    """Return the nearest level above and below, and what holds the score where it is."""
    if decision.level is None:
        return ""
    parts = [_step_up(decision.score, decision.level, bounds), _step_down(decision, bounds)]
    return "; ".join(part for part in parts if part)


def nearest_level(score: float, bounds: LevelBounds) -> tuple[Level, float]:
    """Return the level whose line lies nearest to a score, and the points from the score to that line."""
    lines = {Level.CRITICAL: bounds.critical, Level.HIGH: bounds.high, Level.NORMAL: bounds.normal}
    level = min(lines, key=lambda name: abs(lines[name] - score))
    return level, round(lines[level] - score, 1)


def _step_up(score: float, level: Level, bounds: LevelBounds) -> str:
    if level is Level.CRITICAL:
        return ""
    above = tuple(Level)[level.rank - 1]
    missing = round(float(getattr(bounds, above.value)) - score, 1)
    return f"{missing:g} points below {above.value}"


def _step_down(decision: Decision, bounds: LevelBounds) -> str:
    level = decision.level
    if level is None or level is Level.LOW:
        return ""
    over = round(decision.score - float(getattr(bounds, level.value)), 1)
    if any(reason.name == "floor" for reason in decision.reasons):
        return f"held at {level.value} by a floor"
    heavy = _pivotal(decision.reasons, over)
    return f"{over:g} points above the line of {level.value}" + (f", lower without {heavy.name}" if heavy else "")


def _pivotal(reasons: tuple[Reason, ...], over: float) -> Reason | None:
    """Return the smallest factor without which the level would be lower."""
    enough = [reason for reason in reasons if reason.points > over]
    return min(enough, key=lambda reason: reason.points) if enough else None
