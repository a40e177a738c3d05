"""Why a post became a case, or did not: what is stored about it, put into words that point at what would change it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from monitor.config.schema import LevelBounds
from monitor.domain import Decision
from monitor.rules.advice import nearest_level
from monitor.store.records import Explanation, stamp

if TYPE_CHECKING:
    from models.explain import WordWeight

_UNMATCHED = "no watch of any brand matches it"
_UNMATCHED_ADVICE = "try a wider query with `complaint-monitor match 'QUERY'` on its text, then put it into a watch"


def explanation_json(
    found: Explanation, bounds: LevelBounds, words: "Sequence[WordWeight] | None" = None
) -> dict[str, Any]:
    """Return everything about one post as `explain --json` prints it; `words` None: no model was asked."""
    decision = Decision.from_json(found.decision) if found.decision else None
    return {
        "brand": found.brand or None,
        "source": found.source or None,
        "platform": found.platform,
        "native_id": found.native_id,
        "permalink": found.permalink,
        "author": found.author,
        "text": found.text,
        "posted_at": stamp(found.posted_at),
        "seen_at": stamp(found.seen_at),
        "decided_at": stamp(found.decided_at),
        "outcome": outcome_of(found, decision),
        "case_id": found.case_id,
        **_decision_json(decision, bounds),
        "parked": found.parked,
        "verdict": found.verdict,
        "history": found.history,
        "model": found.model,
        "rules": found.rules,
        "words": None if words is None else [_word_json(word) for word in words],
    }


def outcome_of(found: Explanation, decision: Decision | None) -> str:
    """Return what became of a post: case, drop, parked, waiting, or unmatched."""
    if found.parked:
        return "parked"
    if decision is not None:
        return "case" if decision.is_case else "drop"
    return "waiting" if found.brand else "unmatched"


def _decision_json(decision: Decision | None, bounds: LevelBounds) -> dict[str, Any]:
    if decision is None:
        drop = {"rule": "no-watch", "evidence": _UNMATCHED}
        return {"kind": None, "level": None, "score": None, "factors": [], "nearest_level": None, "drop": drop,
                "advice": _UNMATCHED_ADVICE, "severity": [], "lane": None, "review": False}  # fmt: skip
    return {
        "kind": decision.kind,
        "level": decision.level,
        "score": decision.score,
        "factors": [reason.to_json() for reason in decision.reasons],
        "nearest_level": _nearest(decision, bounds) if decision.is_case else None,
        "drop": None if decision.drop is None else {"rule": decision.drop, "evidence": decision.evidence},
        "advice": decision.advice,
        "severity": list(decision.severity),
        "lane": decision.lane,
        "review": decision.review,
    }


def _nearest(decision: Decision, bounds: LevelBounds) -> dict[str, Any]:
    level, distance = nearest_level(decision.score, bounds)
    return {"level": level, "line": getattr(bounds, level.value), "points_to_line": distance}


def _word_json(word: "WordWeight") -> dict[str, Any]:
    return {"word": word.word, "start": word.start, "end": word.end, "weight": word.weight, "points": word.points}
