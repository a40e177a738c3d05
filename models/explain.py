"""Which words carried the complaint probability: each is left out in turn, and the model is asked again.

Occlusion needs nothing but the classifier, so it explains any model, and what it shows is what the model would really
say of the shorter text. A long text is first searched for its worst stretch; many words are first left out in groups,
and only the groups that matter word by word. So no text costs more than a few dozen readings.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from models.classifier import Classifier
from models.fold import MAX_LENGTH

_WORD: Final = re.compile(r"\S+")
_WORDS_EACH: Final = 20  # up to so many words each is left out alone
_GROUPS: Final = 14
_REFINED: Final = 3  # groups that are looked at word by word
_STRETCH: Final = 60  # words; a longer text is explained by its worst stretch
_STRETCHES: Final = 32
_NEVER_SURE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class WordWeight:
    """One word of the original text, from `start` up to but not including `end`.

    `weight` is what the word adds to the log-odds of a complaint (below 0: it speaks against one); `points` is by how
    many percentage points the probability falls without it. Words that were only looked at as a group share its weight.
    """

    word: str
    start: int
    end: int
    weight: float
    points: float


@dataclass(frozen=True, slots=True)
class _Span:
    first: int
    last: int  # the word after the last


def explain_complaint(classifier: Classifier, text: str) -> list[WordWeight]:
    """Return the words of the text, in order, with what each adds to the probability of a complaint.

    Only the worst stretch of a long text is explained. The list is empty when there are no words, or when the model has
    no opinion on complaints.
    """
    words = list(_WORD.finditer(text[:MAX_LENGTH]))
    if not words:
        return []
    words = _worst_stretch(classifier, text, words)
    whole = _probabilities(classifier, [text[words[0].start() : words[-1].end()]])[0]
    if whole is None:
        return []
    spans = _group(len(words))
    without = _leave_out(classifier, text, words, spans)
    refined = _refine(spans, [_logit(whole) - _logit(chance) for chance in without])
    singles = [_Span(at, at + 1) for span in refined for at in range(span.first, span.last)]
    found = dict(zip(spans, without, strict=True)) | dict(
        zip(singles, _leave_out(classifier, text, words, singles), strict=True)
    )
    kept = [span for span in found if span not in refined]
    return [
        weight
        for span in sorted(kept, key=lambda span: span.first)
        for weight in _weigh(words, span, whole, found[span])
    ]


def _worst_stretch(classifier: Classifier, text: str, words: list[re.Match[str]]) -> list[re.Match[str]]:
    """Return the stretch that complains most; of a very long text, the worst stretch of the worst part."""
    while len(words) > _STRETCH:
        step = max(_STRETCH, math.ceil(len(words) / _STRETCHES))
        stretches = [words[at : at + step] for at in range(0, len(words), step)]
        chances = _probabilities(classifier, [text[part[0].start() : part[-1].end()] for part in stretches])
        words = stretches[max(range(len(stretches)), key=lambda place: chances[place] or 0.0)]
    return words


def _group(count: int) -> list[_Span]:
    size = 1 if count <= _WORDS_EACH else math.ceil(count / _GROUPS)
    return [_Span(at, min(at + size, count)) for at in range(0, count, size)]


def _refine(spans: Sequence[_Span], drops: Sequence[float]) -> list[_Span]:
    """Return the groups of several words whose absence matters most."""
    groups = [(abs(drop), span) for drop, span in zip(drops, spans, strict=True) if span.last - span.first > 1]
    return [span for _, span in sorted(groups, key=lambda pair: -pair[0])[:_REFINED]]


def _leave_out(
    classifier: Classifier, text: str, words: Sequence[re.Match[str]], spans: Sequence[_Span]
) -> list[float]:
    start, end = words[0].start(), words[-1].end()
    shorter = [text[start : words[span.first].start()] + text[words[span.last - 1].end() : end] for span in spans]
    return [chance or 0.0 for chance in _probabilities(classifier, shorter)]


def _probabilities(classifier: Classifier, texts: Sequence[str]) -> list[float | None]:
    return [verdict.complaint for verdict in classifier.classify(texts)]


def _weigh(words: Sequence[re.Match[str]], span: _Span, whole: float, without: float) -> list[WordWeight]:
    count = span.last - span.first
    weight = (_logit(whole) - _logit(without)) / count
    points = 100 * (whole - without) / count
    return [
        WordWeight(word.group(), word.start(), word.end(), weight, points) for word in words[span.first : span.last]
    ]


def _logit(chance: float) -> float:
    bounded = min(max(chance, _NEVER_SURE), 1 - _NEVER_SURE)
    return math.log(bounded / (1 - bounded))
