"""The rescore step: open cases that older rules have decided → decided by the rules in force → [case, one list].

After a changed config took over, its watches are tried on the stored posts that nobody wanted (`rematch.py`), and the
posts of open cases are decided again, from their stored verdicts, in claimed batches: killed anywhere, the next run
goes on. A level never falls by itself. What became urgent is told in one message a receiver, once all are judged.
"""

from dataclasses import replace
from datetime import datetime

from monitor.domain import Hit
from monitor.rules.decide import decide
from monitor.service.log import log
from monitor.steps.filing import file_rescored, history_of
from monitor.steps.reading import LEASE_S, TRIES, GiveBack, ReadHit, attempt, read_claimed
from monitor.steps.services import Done, Services
from monitor.steps.telling import Event
from monitor.store.store import Store


def rescore(store: Store, services: Services, now: datetime, limit: int = 64) -> Done:
    """Decide up to `limit` posts of open cases anew; where none is left, have the list of urgent ones told now."""
    claimed = store.claim_rescore(services.rules.version, now, LEASE_S, limit, tries=TRIES)
    if not claimed:
        return Done(store.hasten_messages(Event.RESCORED, now))
    batch = read_claimed(services, claimed, _giving_up(store), store.unclaim_rescore)
    with store.write():
        failed = sum(not _decide(store, services, one, now) for one in batch.read)
    log.info("rescored", f"{len(claimed)} posts of open cases are judged by the new rules", posts=len(claimed))
    return Done(len(claimed), None, failed + len(claimed) - len(batch.read))


def _decide(store: Store, services: Services, one: ReadHit, now: datetime) -> bool:
    history = replace(history_of(store, services.rules, one.hit, now), relevance=one.relevance)
    decision = attempt(one.hit, lambda: decide(one.hit, one.verdict, history, services.rules, now), _giving_up(store))
    if decision is None:
        return False
    file_rescored(store, services, one.hit, one.verdict, decision, history, now)
    return True


def _giving_up(store: Store) -> GiveBack:
    def give_up(hit: Hit, error: Exception) -> None:
        store.fail_rescore(hit)
        reason = type(error).__name__
        log.warning("rescore_failed", f"hit {hit.id} keeps its old decision for now: {reason}", hit=hit.id)

    return give_up
