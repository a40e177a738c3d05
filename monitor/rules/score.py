"""Urgency from 0 to 100: a sum of named factors, each with its points and what they rest on.

Points are rounded to a tenth before they are added, and a floor or a cap is a reason of its own, so that the points of
the reasons always add up to the score. A probability gives its share of the factor's weight from the point on where it
says anything; followers and engagement count in powers of ten, since the step from 100 to 1,000 matters more than the
one from 9,100 to 10,000.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from models.classifier import Verdict
from monitor.config.schema import LevelBounds, Weights
from monitor.domain import History, Level, Reason, Severity
from monitor.rules.relevance import evidence_of, share_of
from monitor.rules.severity import Finding

SHARES = {
    Severity.SAFETY: 1.0,
    Severity.IMPOSTOR: 0.8,
    Severity.LEGAL: 0.8,
    Severity.FRAUD: 0.8,
    Severity.PRESS: 0.7,
    Severity.OUTAGE: 0.25,
    Severity.MONEY: 0.15,
    Severity.CHURN: 0.15,
    Severity.RUDE_STAFF: 0.15,
}
"""Share of the severity weight that a class gives when its phrase is strong."""

_WEAK = 0.1

_FURTHER_CLASS = 0.2
_DOUBTFUL = 0.5
"""Share of a model's points where it does not know the language."""

FOUND = "found by the recall sample: a person calls it a complaint"
"""A person's word gives the points of a complaint that the model did not give."""

_REACH_FROM, _REACH_TO = 1_000, 1_000_000
_VELOCITY_FROM, _VELOCITY_TO = 50, 5_000
_REPEAT_FULL = 3
_FIRST_STEP = 0.25


@dataclass(frozen=True, slots=True)
class Facts:
    """What the score is made of, as `decide` found it."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    history: History
    followers: int | None
    velocity: float | None
    addressed: str | None
    post_sale: str | None
    vip: bool
    complains: bool
    lane: str | None


@dataclass(frozen=True, slots=True)
class Bound:
    """A floor or a cap: the score it holds to, and why."""

    score: float
    evidence: str


def weigh(facts: Facts, weights: Weights) -> tuple[Reason, ...]:
    """Return the factors that add points, in the order of the config."""
    parts = (
        _model_reasons(facts, weights),
        _severity_reasons(facts.findings, weights.severity),
        _crowd_reasons(facts, weights),
        _relation_reasons(facts, weights),
    )
    return tuple(reason for part in parts for reason in part if reason.points > 0)


def settle(reasons: Iterable[Reason], floor: Bound | None, cap: Bound | None) -> tuple[float, tuple[Reason, ...]]:
    """Return the score and its reasons, with a reason for whatever a floor, a cap or the ends of the scale changed."""
    settled = list(reasons)
    if floor and (missing := round(floor.score - total(settled), 1)) > 0:
        settled.append(Reason("floor", missing, floor.evidence))
    limit = min(100.0, cap.score if cap else 100.0)
    if (excess := round(total(settled) - limit, 1)) > 0:
        settled.append(Reason("cap", -excess, cap.evidence if cap and cap.score < 100 else "the scale ends at 100"))
    return total(settled), tuple(settled)


def total(reasons: Iterable[Reason]) -> float:
    """Return the sum of points, to a tenth."""
    return round(math.fsum(reason.points for reason in reasons), 1)


def level_of(score: float, bounds: LevelBounds) -> Level:
    """Return the level that a score has."""
    if score >= bounds.critical:
        return Level.CRITICAL
    if score >= bounds.high:
        return Level.HIGH
    return Level.NORMAL if score >= bounds.normal else Level.LOW


def log_share(value: float, start: float, end: float) -> float:
    """Return where a count lies on a logarithmic scale: 0 below `start`, a quarter at it, 1 from `end` on."""
    if value < start:
        return 0.0
    return min(1.0, _FIRST_STEP + (1 - _FIRST_STEP) * math.log(value / start) / math.log(end / start))


def _share_above(probability: float, start: float) -> float:
    return max(0.0, (probability - start) / (1 - start))


def _model_reasons(facts: Facts, weights: Weights) -> list[Reason]:
    verdict, trust, note = facts.verdict, 1.0, ""
    if facts.lane is not None:
        trust, note = _DOUBTFUL, f"; counted half, the language ({facts.lane}) is not served"
    reasons = []
    if verdict.complaint is not None:
        evidence = f"the model gives {verdict.complaint:.2f}{note}"
        reasons.append(_reason("complaint", weights.complaint * trust * verdict.complaint, evidence))
    negative = (verdict.sentiment or {}).get("negative")
    if negative is not None and facts.complains:
        evidence = f"negative {negative:.2f}{note}"
        reasons.append(_reason("negativity", weights.negativity * trust * _share_above(negative, 0.5), evidence))
    anger = (verdict.emotion or {}).get("anger")
    if anger is not None and facts.complains:
        evidence = f"anger {anger:.2f}{note}"
        reasons.append(_reason("anger", weights.anger * trust * _share_above(anger, 0.5), evidence))
    return reasons


def _severity_reasons(findings: tuple[Finding, ...], weight: float) -> list[Reason]:
    ranked = sorted(findings, key=_share, reverse=True)
    return [
        _reason(finding.severity.value, weight * _share(finding) * (_FURTHER_CLASS if at else 1), _cite(finding))
        for at, finding in enumerate(ranked)
    ]


def _share(finding: Finding) -> float:
    return SHARES[finding.severity] * (1.0 if finding.strong else _WEAK)


def _cite(finding: Finding) -> str:
    return f'"{finding.evidence}"' if finding.strong else f'"{finding.evidence}", doubtful'


def _crowd_reasons(facts: Facts, weights: Weights) -> list[Reason]:
    reasons = []
    if facts.followers is not None:
        share = log_share(facts.followers, _REACH_FROM, _REACH_TO)
        reasons.append(_reason("reach", weights.reach * share, f"{facts.followers:,} followers"))
    if facts.velocity is not None:
        share = log_share(facts.velocity, _VELOCITY_FROM, _VELOCITY_TO)
        reasons.append(_reason("velocity", weights.velocity * share, f"{facts.velocity:,.0f} reactions an hour"))
    return reasons


def _relation_reasons(facts: Facts, weights: Weights) -> list[Reason]:
    reasons = []
    if facts.history.found_missed:
        unheard = 1 - (facts.verdict.complaint or 0.0)
        reasons.append(_reason("recall-sample", weights.complaint * unheard, FOUND))
    before = facts.history.complaints_30d
    if before and facts.complains:
        share = log_share(before, 1, _REPEAT_FULL)
        reasons.append(_reason("repeat", weights.repeat * share, _earlier(before)))
    if facts.history.relevance is not None:
        nearness = weights.relevance * share_of(facts.history.relevance)
        reasons.append(_reason("relevance", nearness, evidence_of(facts.history.relevance)))
    if facts.vip:
        reasons.append(_reason("vip", weights.vip, "on the VIP list"))
    if facts.addressed:
        reasons.append(_reason("addressed", weights.addressed, facts.addressed))
    if facts.post_sale and facts.complains:
        reasons.append(_reason("post_sale", weights.post_sale, f'"{facts.post_sale}"'))
    return reasons


def _reason(name: str, points: float, evidence: str) -> Reason:
    return Reason(name, round(points, 1), evidence)


def _earlier(complaints: int) -> str:
    return f"{complaints} earlier complaint{'' if complaints == 1 else 's'} by this author in 30 days"
