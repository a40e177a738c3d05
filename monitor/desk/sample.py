"""The recall sample at the desk: what waits for a look, and what a person says of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.desk.turn import Turn
from monitor.digest.missed import WINDOW
from monitor.errors import MonitorError
from monitor.rules.recall import Answer
from monitor.store.records import SampledDrop
from monitor.store.store import Store

if TYPE_CHECKING:
    from monitor.rules.rules import Rules

_LEASE_S = 60


def waiting_samples(
    store: Store, now: datetime, *, brands: Sequence[str] = (), limit: int | None = None
) -> list[SampledDrop]:
    """Return the drops that wait for a look, the newest draw first."""
    return store.samples(now - WINDOW, brands=brands, limit=limit)


def answer_sample(turn: Turn, sample_id: int, answer: Answer) -> SampledDrop:
    """Keep what a person says of a drawn drop, in the place of an earlier answer; a miss becomes a case at once.

    A case that an earlier yes has opened stays: it is dismissed like any other. Raises MonitorError for a drop that was
    never drawn, or whose words are gone.
    """
    from monitor.rules.rules import compile_rules  # noqa: PLC0415 - reads load no query language

    rules = compile_rules(turn.settings) if answer is Answer.YES else None  # takes a moment: before the store is held
    with turn.store.write():
        known = _known(turn, sample_id)
        turn.store.answer_sample(sample_id, answer, turn.who, turn.now)
        if rules is not None and known.hit_id is not None:
            case_id = turn.store.case_of_hit(known.hit_id) or _open(turn, known.hit_id, rules)
            turn.store.answer_sample(sample_id, answer, turn.who, turn.now, case_id=case_id)
        return _known(turn, sample_id)


def _known(turn: Turn, sample_id: int) -> SampledDrop:
    known = turn.store.sample(sample_id)
    if known is None:
        raise MonitorError(f"sample {sample_id}", "was never drawn", "see `complaint-monitor sample list`")
    if known.native_id is None:
        raise MonitorError(f"sample {sample_id}", "is deleted: nobody can judge it any more", "answer another one")
    return known


def _open(turn: Turn, hit_id: int, rules: "Rules") -> int | None:
    """Make a case of a drop; where its text has changed since it was judged, triage reads it first, then does so."""
    from monitor.steps.filing import file_found_miss  # noqa: PLC0415 - reads load no query language

    claimed = turn.store.claim_this_hit(hit_id, turn.now, _LEASE_S)
    if claimed is None:
        return None
    hit, verdict = claimed
    if verdict is None:
        turn.store.renew_this_hit(hit_id)
        return None
    case_id = file_found_miss(turn.store, turn.settings, rules, hit, verdict, turn.now)
    if case_id is not None:
        turn.store.audit(case_id, turn.who, "found-by-sample", turn.now)
    return case_id
