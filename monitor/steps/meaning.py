"""What a complaint is about: found in triage from what the model has read anyway."""

from monitor.domain import Decision, Kind, Meaning, Sense
from monitor.rules.folded import FoldedMention
from monitor.steps.services import Services

UNKNOWN = Sense()


def read_sense(
    services: Services, brand: str, post: FoldedMention, decision: Decision, meaning: Meaning | None
) -> Sense:
    """Return cause and meaning of a post that was decided to be a complaint; nothing of any other."""
    if decision.kind is not Kind.COMPLAINT:
        return UNKNOWN
    book = services.causes.get(brand)
    if book is None:
        return Sense(None, meaning)
    direction = meaning.vector if meaning is not None and meaning.model == book.model else None
    return Sense(book.find(post, direction), meaning)
