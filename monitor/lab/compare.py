"""Two runs over the same posts: which cases one has and the other lacks, and how well each agrees with the team."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connectors.mention import Mention
from monitor.domain import Level, Reason, Status
from monitor.lab.casebook import LabCase
from monitor.lab.figures import new_cases
from monitor.lab.interval import Share, wilson
from monitor.lab.recall import Judged
from monitor.lab.replay import Outcome, Replayed, Run

_CONFIRMED = {Status.REPLIED, Status.RESOLVED}


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case that only one config has, or that two rank differently; `other` says what the other one makes of it.

    Text and names are as the platform gave them: whoever shows them makes them harmless. `stored` is the number of the
    case in the store and `status` where it stands, None where there is none.
    """

    brand: str
    level: Level
    score: float
    posts: int
    platform: str
    native_id: str
    permalink: str | None
    author: str
    text: str
    other: str
    stored: int | None
    status: Status | None
    reasons: tuple[Reason, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the line for machines."""
        plain = {name: getattr(self, name) for name in CaseLine.__dataclass_fields__}
        return {**plain, "reasons": [reason.to_json() for reason in self.reasons]}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second config changes, each list the worst first."""

    gained: tuple[CaseLine, ...]
    lost: tuple[CaseLine, ...]
    raised: tuple[CaseLine, ...]
    lowered: tuple[CaseLine, ...]


def compare(replayed: Replayed) -> Comparison:
    """Compare the second run of a replay with the first.

    A case is the same where both have one of its posts in a case. Raised and lowered are those that become urgent, and
    that cease to be.
    """
    base, new = replayed.runs
    return Comparison(
        gained=_only_in(new, base, replayed),
        lost=_only_in(base, new, replayed),
        raised=_shifted(replayed, urgent=True),
        lowered=_shifted(replayed, urgent=False),
    )


def judged_cases(replayed: Replayed) -> Judged:
    """Return what the team made of the stored cases whose posts were replayed."""
    known = [replayed.stored_cases[number] for number in replayed.seen_cases if number in replayed.stored_cases]
    return Judged(
        confirmed=frozenset(case.id for case in known if case.status in _CONFIRMED),
        dismissed=frozenset(case.id for case in known if case.status is Status.DISMISSED),
    )


def precision_of(run: Run, judged: Judged) -> Share | None:
    """Return which share of the judged cases that a config makes the team confirmed; None where there is none."""
    right = len(judged.confirmed & run.kept)
    return wilson(right, right + len(judged.dismissed & run.kept))


def _only_in(run: Run, other: Run, replayed: Replayed) -> tuple[CaseLine, ...]:
    lines = [
        _line(case, replayed, _why(other, case), case.level)
        for case in new_cases(run)
        if not any(_in_case(other, post, case.brand) for post in case.posts)
    ]
    return _worst_first(lines)


def _in_case(run: Run, post: int, brand: str) -> bool:
    outcome = run.outcomes.get((post, brand))
    return outcome is not None and outcome.case is not None


def _why(run: Run, case: LabCase) -> str:
    """Return why a config makes no case of one."""
    outcome = run.outcomes.get((case.row, case.brand))
    return "no watch matches" if outcome is None else _dropped(outcome)


def _dropped(outcome: Outcome) -> str:
    return f"{outcome.drop}: {outcome.evidence}" if outcome.drop and outcome.evidence else f"{outcome.drop or 'case'}"


def _shifted(replayed: Replayed, *, urgent: bool) -> tuple[CaseLine, ...]:
    base, new = replayed.runs
    found: dict[int, CaseLine] = {}
    for case in new_cases(base):
        after = _counterpart(new, case)
        if after is None or after.seeded or case.level.urgent == after.level.urgent or after.level.urgent != urgent:
            continue
        found.setdefault(after.id, _line(after, replayed, f"was {case.level}", after.level if urgent else case.level))
    return _worst_first(found.values())


def _counterpart(run: Run, case: LabCase) -> LabCase | None:
    """Return the case that holds a case's worst post in the other run."""
    outcome = run.outcomes.get((case.row, case.brand))
    return run.book.cases[outcome.case] if outcome is not None and outcome.case is not None else None


def _line(case: LabCase, replayed: Replayed, other: str, level: Level) -> CaseLine:
    mention = _worst_of(case)
    stored = next((replayed.stored_cases[n] for n in sorted(case.stored) if n in replayed.stored_cases), None)
    return CaseLine(
        brand=case.brand,
        level=level,
        score=case.score,
        posts=len(case.posts),
        platform=mention.platform,
        native_id=mention.native_id,
        permalink=mention.permalink,
        author=mention.author.handle,
        text=mention.text,
        other=other,
        stored=stored.id if stored else None,
        status=stored.status if stored else None,
        reasons=case.reasons,
    )


def _worst_of(case: LabCase) -> Mention:
    """Return the worst post of a case that was opened inside the span; those have one."""
    if case.worst is None:
        raise LookupError(f"case {case.id} was open before the span and has no post of its own")
    return case.worst


def _worst_first(lines: Iterable[CaseLine]) -> tuple[CaseLine, ...]:
    return tuple(sorted(lines, key=lambda line: (line.level.rank, -line.score, line.platform, line.native_id)))
