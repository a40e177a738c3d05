"""The triage step: hits(new) → verdicts → decide → [decision, case, outbox].

Texts are classified before any transaction is open. Deciding happens inside one, hit by hit, because each decision is
part of the history of the next; chunks are small, so that the store's lock is free again within some 50 ms.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from models.classifier import Classifier, Verdict
from models.errors import ModelError
from monitor.domain import Hit, Meaning, Relevance
from monitor.rules.decide import decide
from monitor.rules.folded import fold_mention
from monitor.rules.relevance import compare
from monitor.service.log import log
from monitor.steps.filing import file_decision, history_of
from monitor.steps.meaning import read_sense
from monitor.steps.services import Done, Services
from monitor.store.store import Store

LEASE_S = 120
TRIES = 3
"""Times that a hit is tried before it is parked, visible and with its error."""

CHUNK = 64

Claimed = tuple[Hit, Verdict | None]


@dataclass(frozen=True, slots=True)
class Batch:
    """Claimed hits with their verdicts, ready to be decided; `claimed` counts those that failed on the way as well.

    `relevance` says by hit how near it is to what its brand is about, for brands that say so; `meanings` where the
    model points it, for hits that it read now.
    """

    claimed: int
    judged: Sequence[tuple[Hit, Verdict]]
    relevance: Mapping[int, Relevance] = field(default_factory=dict)
    meanings: Mapping[int, Meaning] = field(default_factory=dict)


def triage(store: Store, services: Services, now: datetime, limit: int = 256) -> Done:
    """Decide up to `limit` hits. A hit that breaks the model or the rules is tried alone, then parked."""
    return settle(store, services, read_batch(store, services, now, limit), now)


def read_batch(store: Store, services: Services, now: datetime, limit: int = 256) -> Batch:
    """Claim up to `limit` hits and have the model read them; no transaction is open meanwhile."""
    claimed = store.claim_hits(now, LEASE_S, limit)
    if not claimed:
        return Batch(0, ())
    try:
        return read_hits(services, claimed)
    except ModelError as error:
        if not works(services.classifier):
            store.unclaim_hits([hit for hit, _ in claimed])
            raise
        for hit, _ in claimed:
            _give_back(store, hit, error)
        return Batch(len(claimed), ())


def settle(store: Store, services: Services, batch: Batch, now: datetime) -> Done:
    """Decide a batch hit by hit, and file what was decided."""
    failed = batch.claimed - len(batch.judged)
    for chunk in _chunks(batch.judged):
        with store.write():
            failed += sum(not _decide(store, services, batch, hit, verdict, now) for hit, verdict in chunk)
    return Done(batch.claimed, None, failed)


def read_hits(services: Services, claimed: Sequence[Claimed]) -> Batch:
    """Have the model read the hits; stored verdicts are used again, equal texts are read once.

    What belongs to a brand that says what it is about is compared with that: one pass gives verdict and direction.
    """
    classifier, sentences = services.classifier, services.sentences
    known = {hit.id: verdict for hit, verdict in claimed if verdict and verdict.model == classifier.fingerprint}
    pointed = dict.fromkeys(hit.mention.text for hit, _ in claimed if hit.brand in sentences)
    texts = [text for text in dict.fromkeys(hit.mention.text for hit, _ in claimed if hit.id not in known)
             if text not in pointed]  # fmt: skip
    wanted = [*pointed, *texts]
    readings = dict(zip(wanted, classifier.read(wanted), strict=True)) if wanted else {}
    relevance = {
        hit.id: compare(readings[hit.mention.text].embedding, sentences[hit.brand])
        for hit, _ in claimed
        if hit.brand in sentences
    }
    judged = [(hit, known.get(hit.id) or readings[hit.mention.text].verdict) for hit, _ in claimed]
    meanings = {
        hit.id: Meaning(classifier.fingerprint, readings[hit.mention.text].embedding)
        for hit, _ in claimed
        if hit.mention.text in readings
    }
    return Batch(len(claimed), judged, relevance, meanings)


def works(classifier: Classifier) -> bool:
    """Whether the model reads a harmless text: else it is the model that is broken, and no post is to blame."""
    try:
        classifier.classify(["works"])
    except ModelError:
        return False
    return True


def _decide(store: Store, services: Services, batch: Batch, hit: Hit, verdict: Verdict, now: datetime) -> bool:
    history = replace(history_of(store, services.rules, hit, now), relevance=batch.relevance.get(hit.id))
    try:
        folded = fold_mention(hit.mention)
        decision = decide(hit, verdict, history, services.rules, now, folded)
        sense = read_sense(services, hit.brand, folded, decision, batch.meanings.get(hit.id))
    except Exception as error:  # noqa: BLE001  (whatever a hostile text breaks, only its own hit is parked, visibly)
        _give_back(store, hit, error)
        return False
    file_decision(store, services, hit, verdict, decision, history, now, sense)
    return True


def _give_back(store: Store, hit: Hit, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"
    store.fail_hit(hit, reason, tries=TRIES)
    log.warning(
        "hit_failed", f"hit {hit.id} could not be decided: {type(error).__name__}", hit=hit.id, tries=hit.attempts
    )


def _chunks(judged: Sequence[tuple[Hit, Verdict]]) -> Iterator[Sequence[tuple[Hit, Verdict]]]:
    for start in range(0, len(judged), CHUNK):
        yield judged[start : start + CHUNK]
