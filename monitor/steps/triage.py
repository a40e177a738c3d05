"""The triage step: hits(new) → verdicts → decide → [decision, case, outbox].

Texts are classified before any transaction is open. Deciding happens inside one, hit by hit, because each decision is
part of the history of the next; chunks are small, so that the store's lock is free again within some 50 ms.
"""

from dataclasses import replace
from datetime import datetime

from monitor.domain import Decision, Hit, Sense
from monitor.rules.decide import decide
from monitor.rules.folded import fold_mention
from monitor.service.log import log
from monitor.steps.filing import file_decision, history_of
from monitor.steps.meaning import read_sense
from monitor.steps.reading import LEASE_S, TRIES, Batch, GiveBack, ReadHit, attempt, read_claimed
from monitor.steps.services import Done, Services
from monitor.store.store import Store

CHUNK = 64


def triage(store: Store, services: Services, now: datetime, limit: int = 256) -> Done:
    """Decide up to `limit` hits. A hit that breaks the model or the rules is tried alone, then parked."""
    return settle(store, services, read_batch(store, services, now, limit), now)


def read_batch(store: Store, services: Services, now: datetime, limit: int = 256) -> Batch:
    """Claim up to `limit` hits and have the model read them; no transaction is open meanwhile."""
    claimed = store.claim_hits(now, LEASE_S, limit)
    return read_claimed(services, claimed, _giving_back(store), store.unclaim_hits)


def settle(store: Store, services: Services, batch: Batch, now: datetime) -> Done:
    """Decide a batch hit by hit, and file what was decided."""
    failed = batch.claimed - len(batch.read)
    for start in range(0, len(batch.read), CHUNK):
        with store.write():
            failed += sum(not _decide(store, services, one, now) for one in batch.read[start : start + CHUNK])
    return Done(batch.claimed, None, failed)


def _decide(store: Store, services: Services, one: ReadHit, now: datetime) -> bool:
    history = replace(history_of(store, services.rules, one.hit, now), relevance=one.relevance)

    def judge() -> tuple[Decision, Sense]:
        folded = fold_mention(one.hit.mention)
        decision = decide(one.hit, one.verdict, history, services.rules, now, folded)
        return decision, read_sense(services, one.hit.brand, folded, decision, one.meaning)

    judged = attempt(one.hit, judge, _giving_back(store))
    if judged is None:
        return False
    decision, sense = judged
    file_decision(store, services, one.hit, one.verdict, decision, history, now, sense)
    return True


def _giving_back(store: Store) -> GiveBack:
    def give_back(hit: Hit, error: Exception) -> None:
        store.fail_hit(hit, f"{type(error).__name__}: {error}", tries=TRIES)
        log.warning(
            "hit_failed", f"hit {hit.id} could not be decided: {type(error).__name__}", hit=hit.id, tries=hit.attempts
        )

    return give_back
