"""The answers that suggestions rest on: cases that were answered or dismissed, and drops that somebody looked at.

Only sources with `may_train` give any. Each answer counts for as many posts as it stands for: a case for itself, a
sampled drop for one over the chance that it had of being drawn.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.config.schema import Settings
from monitor.domain import DropRule, Kind
from monitor.rules.calibration import calibrated
from monitor.rules.recall import Answer
from monitor.store.feedback import JudgedPost
from monitor.store.records import SampledDrop

_NOT_US = "not-us"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a person said of one post: wanted or not. `complaint` says whether it is one, None where nobody said.

    `probability` is what the model gave; `text` is the post's own, gone with it.
    """

    brand: str
    source: str
    author: str
    text: str
    probability: float | None
    wanted: bool
    complaint: bool | None
    weight: float = 1.0
    dropped: bool = False


def gather_answers(
    settings: Settings, judged: Iterable[JudgedPost], sampled: Iterable[SampledDrop]
) -> tuple[Answered, ...]:
    """Return the answers about sources that may be learned from, of brands that the config still has."""
    found = [*map(_of_case, judged), *(_of_drop(drop) for drop in sampled if drop.answer in {Answer.YES, Answer.NO})]
    allowed = trainable_sources(settings)
    return tuple(answer for answer in found if answer.source in allowed and answer.brand in settings.brands)


def trainable_sources(settings: Settings) -> frozenset[str]:
    """Return the sources whose posts may be learned from."""
    return frozenset(name for name, options in settings.sources.items() if options.may_train)


def read_as(settings: Settings, answer: Answered) -> float | None:
    """Return the probability of an answered post as the config reads it."""
    table = settings.triage.calibration.get(answer.brand, {}).get(answer.source)
    return answer.probability if table is None or answer.probability is None else calibrated(answer.probability, table)


def total(answers: Sequence[Answered]) -> float:
    """Return how many posts some answers stand for."""
    return sum(answer.weight for answer in answers)


def _of_case(post: JudgedPost) -> Answered:
    """A case that was answered is wanted; one that is about something else says nothing about complaints."""
    unknown = post.kind is not Kind.COMPLAINT or (not post.confirmed and post.reason == _NOT_US)
    complaint = None if unknown else post.confirmed
    return Answered(post.brand, post.source, post.author, post.text, post.complaint, post.confirmed, complaint)


def _of_drop(drop: SampledDrop) -> Answered:
    missed = drop.answer is Answer.YES
    judged = missed if drop.rule is DropRule.NOT_A_COMPLAINT else None
    author, text = (drop.author or "").casefold(), drop.text or ""
    return Answered(
        drop.brand, drop.source, author, text, drop.complaint, missed, judged, 1 / drop.probability, dropped=True
    )
