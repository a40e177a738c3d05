"""The rescore step: open cases that older rules have decided → decided by the rules in force → [case, one list].

After a changed config took over, its watches are tried on the stored posts that nobody wanted (`rematch.py`), and the
posts of open cases are decided again, from their stored verdicts, in claimed batches: killed anywhere, the next run
goes on. A level never falls by itself. What became urgent is told in one message a receiver, once all are judged.
"""

from collections.abc import Sequence
from datetime import datetime

from models.classifier import Classifier, Verdict
from models.errors import ModelError
from monitor.domain import Hit
from monitor.rules.decide import decide
from monitor.service.log import log
from monitor.steps.filing import file_rescored
from monitor.steps.services import Done, Services
from monitor.steps.telling import Event
from monitor.steps.triage import _works
from monitor.store.store import Store

LEASE_S = 120
TRIES = 3
"""Times that a post is tried by the same rules before its old decision is left to stand."""

Claimed = tuple[Hit, Verdict | None]


def rescore(store: Store, services: Services, now: datetime, limit: int = 64) -> Done:
    """Decide up to `limit` posts of open cases anew; where none is left, have the list of urgent ones told now."""
    claimed = store.claim_rescore(services.rules.version, now, LEASE_S, limit, tries=TRIES)
    if not claimed:
        told = store.hasten_messages(Event.RESCORED, now)
        return Done(told)
    judged = _judge(store, services.classifier, claimed)
    with store.write():
        failed = sum(not _decide(store, services, hit, verdict, now) for hit, verdict in judged)
    failed += len(claimed) - len(judged)
    log.info("rescored", f"{len(claimed)} posts of open cases are judged by the new rules", posts=len(claimed))
    return Done(len(claimed), None, failed)


def _judge(store: Store, classifier: Classifier, claimed: Sequence[Claimed]) -> list[tuple[Hit, Verdict]]:
    """Return the hits with their verdicts: the stored ones, unless text or model have changed."""
    known = {hit.id: verdict for hit, verdict in claimed if verdict and verdict.model == classifier.fingerprint}
    texts = list(dict.fromkeys(hit.mention.text for hit, _ in claimed if hit.id not in known))
    try:
        fresh = dict(zip(texts, classifier.classify(texts), strict=True)) if texts else {}
    except ModelError as error:
        if not _works(classifier):
            store.unclaim_rescore([hit for hit, _ in claimed])
            raise
        for hit, _ in claimed:
            _give_up(store, hit, error)  # each alone the next time, so that one text stops only itself
        return []
    return [(hit, known.get(hit.id) or fresh[hit.mention.text]) for hit, _ in claimed]


def _decide(store: Store, services: Services, hit: Hit, verdict: Verdict, now: datetime) -> bool:
    own = services.rules.of(hit.brand).handles.get(hit.mention.platform, frozenset())
    history = store.history(hit, now, sorted(own))
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
