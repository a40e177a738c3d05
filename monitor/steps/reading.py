"""Reading: claimed hits → what the model makes of them. Triage and re-scoring decide from the same readings.

A text that breaks the model or the rules costs its own hit alone; a model that breaks on every text costs none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from models.classifier import Classifier, Verdict
from models.errors import ModelError
from monitor.domain import Hit, Meaning, Relevance
from monitor.rules.relevance import compare
from monitor.steps.services import Services

LEASE_S = 120
TRIES = 3
"""Times that a hit is tried before it is given up: parked by triage, left to its old decision by re-scoring."""

Claimed = tuple[Hit, Verdict | None]
GiveBack = Callable[[Hit, Exception], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadHit:
    """A hit and what the model makes of it.

    `relevance` says how near it is to what its brand is about, where the brand says so; `meaning` where the model
    points it, where it was read now.
    """

    hit: Hit
    verdict: Verdict
    relevance: Relevance | None = None
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Claimed hits, ready to be decided; `claimed` counts those that failed on the way as well."""

    claimed: int
    read: Sequence[ReadHit]


def read_claimed(
    services: Services, claimed: Sequence[Claimed], give_back: GiveBack, unclaim: Callable[[Sequence[Hit]], None]
) -> Batch:
    """Have the model read claimed hits; where it breaks on some text, all are given back, to be tried one by one.

    Raises ModelError, with the hits unclaimed, where the model itself is broken.
    """
    try:
        return Batch(len(claimed), read_hits(services, claimed))
    except ModelError as error:
        hits = [hit for hit, _ in claimed]
        if not _works(services.classifier):
            unclaim(hits)
            raise
        for hit in hits:
            give_back(hit, error)
        return Batch(len(claimed), ())


def read_hits(services: Services, claimed: Sequence[Claimed]) -> list[ReadHit]:
    """Have the model read the hits; stored verdicts are used again, equal texts are read once.

    What belongs to a brand that says what it is about is read in any case, for its direction.
    """
    model, sentences = services.classifier.fingerprint, services.sentences
    known = {hit.id: verdict for hit, verdict in claimed if verdict and verdict.model == model}
    unread = dict.fromkeys(hit.mention.text for hit, _ in claimed if hit.id not in known or hit.brand in sentences)
    readings = dict(zip(unread, services.classifier.read(list(unread)), strict=True)) if unread else {}
    found = []
    for hit, _ in claimed:
        reading = readings.get(hit.mention.text)
        if reading is None:
            found.append(ReadHit(hit, known[hit.id]))
            continue
        relevance = compare(reading.embedding, sentences[hit.brand]) if hit.brand in sentences else None
        meaning = Meaning(model, reading.embedding)
        found.append(ReadHit(hit, known.get(hit.id, reading.verdict), relevance, meaning))
    return found


def attempt(hit: Hit, judge: Callable[[], T], give_back: GiveBack) -> T | None:
    """Return what is made of a hit; None where its text breaks the rules, and it was given back."""
    try:
        return judge()
    # Broad on purpose: whatever a hostile text breaks, only its own hit is given back, visibly and with the error.
    except Exception as error:  # noqa: BLE001
        give_back(hit, error)
        return None


def _works(classifier: Classifier) -> bool:
    """Whether the model reads a harmless text: else it is the model that is broken, and no post is to blame."""
    try:
        classifier.classify(["works"])
    except ModelError:
        return False
    return True
