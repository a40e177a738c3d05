"""What a suggestion costs: the lab replays the stored posts through the config as it is and as it would be.

All suggestions are replayed at once: posts are read, folded and matched once for all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.domain import Status
from monitor.feedback.tone import without_trouble
from monitor.lab.compare import CaseLine, Comparison, compare
from monitor.lab.replay import Advance, replay
from monitor.lab.side import Side
from monitor.store.feedback import Suggestion
from monitor.store.lab import LabStore

_TRUE = {Status.REPLIED, Status.RESOLVED}
_LISTED = 5

MakeSide = Callable[[Suggestion], Side | None]
"""Builds the config that a suggestion would make; None where that config would be refused."""


def measure(
    store: LabStore,
    base: Side,
    found: Sequence[Suggestion],
    make_side: MakeSide,
    since: datetime,
    until: datetime,
    advance: Advance,
) -> list[Suggestion]:
    """Return the suggestions with their costs.

    Left out are those whose config would be refused, that change no case, or that would exclude words of trouble.
    Raises ModelError where the model breaks down.
    """
    harmless = without_trouble(found, base.classifier)
    sides = [(suggestion, side) for suggestion in harmless if (side := make_side(suggestion)) is not None]
    if not sides:
        return []
    replayed = replay(store, [base, *(side for _, side in sides)], since, until, advance)
    first, *others = replayed.runs
    costs = [cost_of(compare(replace(replayed, runs=(first, run))), replayed.posts) for run in others]
    measured = [replace(suggestion, cost=cost) for (suggestion, _), cost in zip(sides, costs, strict=True)]
    return [suggestion for suggestion in measured if _changes_something(suggestion)]


def cost_of(comparison: Comparison, posts: int) -> dict[str, Any]:
    """Return what a changed config would have meant: cases gained and lost, and how many of the lost were true ones.

    A true case is one that the team answered or resolved; `spared` are lost ones that it dismissed.
    """
    true = [line for line in comparison.lost if line.status in _TRUE]
    return {
        "posts": posts,
        "gained": len(comparison.gained),
        "lost": len(comparison.lost),
        "lost_true": len(true),
        "spared": sum(line.status is Status.DISMISSED for line in comparison.lost),
        "urgent_lost": sum(line.level.urgent for line in comparison.lost),
        "lowered": len(comparison.lowered),
        "worst_lost": [_name(line) for line in (true or comparison.lost)[:_LISTED]],
    }


def _changes_something(suggestion: Suggestion) -> bool:
    cost = suggestion.cost or {}
    return any(cost.get(name) for name in ("gained", "lost", "lowered"))


def _name(line: CaseLine) -> str:
    return f"case {line.stored}" if line.stored else f"{line.platform}:{line.native_id}"
