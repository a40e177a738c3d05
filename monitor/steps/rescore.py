"""The rescore step: open cases that older rules have decided → decided by the rules in force → [case, one list].

After a changed config took over, its watches are tried on the stored posts that nobody wanted (`rematch.py`), and the
posts of open cases are decided again, from their stored verdicts, in claimed batches: killed anywhere, the next run
goes on. A level never falls by itself. What became urgent is told in one message a receiver, once all are judged.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from models.classifier import Verdict
from models.errors import ModelError
from monitor.domain import Hit, Relevance
from monitor.rules.decide import decide
from monitor.service.log import log
from monitor.steps.filing import file_rescored, history_of
from monitor.steps.services import Done, Services
from monitor.steps.telling import Event
from monitor.steps.triage import Batch, Claimed, read_hits, works
from monitor.store.store import Store

LEASE_S = 120
TRIES = 3
"""Times that a post is tried by the same rules before its old decision is left to stand."""


def rescore(store: Store, services: Services, now: datetime, limit: int = 64) -> Done:
    """Decide up to `limit` posts of open cases anew; where none is left, have the list of urgent ones told now."""
    claimed = store.claim_rescore(services.rules.version, now, LEASE_S, limit, tries=TRIES)
    if not claimed:
        return Done(store.hasten_messages(Event.RESCORED, now))
    batch = _read(store, services, claimed)
    with store.write():
        failed = sum(
            not _decide(store, services, hit, verdict, batch.relevance.get(hit.id), now)
            for hit, verdict in batch.judged
        )
    log.info("rescored", f"{len(claimed)} posts of open cases are judged by the new rules", posts=len(claimed))
    return Done(len(claimed), None, failed + len(claimed) - len(batch.judged))


def _read(store: Store, services: Services, claimed: Sequence[Claimed]) -> Batch:
    """Return the hits with their verdicts: the stored ones, unless text or model have changed."""
    try:
        return read_hits(services, claimed)
    except ModelError as error:
        if not works(services.classifier):
            store.unclaim_rescore([hit for hit, _ in claimed])
            raise
        for hit, _ in claimed:
            _give_up(store, hit, error)  # each alone the next time, so that one text stops only itself
        return Batch(len(claimed), ())


def _decide(
    store: Store, services: Services, hit: Hit, verdict: Verdict, relevance: Relevance | None, now: datetime
) -> bool:
    history = replace(history_of(store, services.rules, hit, now), relevance=relevance)
    try:
        decision = decide(hit, verdict, history, services.rules, now)
    except Exception as error:  # noqa: BLE001  (whatever a hostile text breaks, only its own post keeps its old decision)
        _give_up(store, hit, error)
        return False
    file_rescored(store, services, hit, verdict, decision, history, now)
    return True


def _give_up(store: Store, hit: Hit, error: Exception) -> None:
    store.fail_rescore(hit)
    log.warning("rescore_failed", f"hit {hit.id} keeps its old decision for now: {type(error).__name__}", hit=hit.id)
