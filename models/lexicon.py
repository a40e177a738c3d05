"""The lexicon of VADER (Hutto and Gilbert 2014): the baseline, and the fallback when no network can be loaded.

VADER gives a compound score from -1 to 1. Sentiment is made of it so that the likeliest class is the one its authors'
thresholds (±0.05) choose. The complaint probability is a logistic regression on that score and four plain signs, fitted
on the posts to brands in the complaint corpus of Preoţiuc-Pietro et al. 2019, where it reaches a macro-F1 of 71: it
keeps a queue going until somebody repairs the model, no more.
"""

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from models.classifier import SENTIMENTS, Embedding, Reading, Verdict, name_scores
from models.errors import ExtraMissing
from models.fold import MAX_LENGTH, fold_for_model
from models.hashed import hashed_embedding
from models.normalise import normalise

FINGERPRINT: Final = "lexicon-vader-1"
_THRESHOLD: Final = 0.05
_STEEPNESS: Final = 2.0  # lowest log-loss on the sentiment corpus
_MAX_LENGTH: Final = 2_000  # letters; VADER's cost grows with the square of some texts
_DENIAL: Final = re.compile(r"\b(?:not|never|no|still|why)\b|n['’]t\b", re.IGNORECASE)
_BIAS, _COMPOUND, _NEGATIVE, _POSITIVE, _ASKS, _DENIES = -0.86, -0.76, 1.62, -1.12, 0.49, 1.45


class Lexicon:
    """Sentiment and a rough complaint probability from word lists; see `models.classifier.Classifier`."""

    fingerprint = FINGERPRINT

    def __init__(self, analyzer: Any) -> None:
        self._analyzer = analyzer

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Give verdict and embedding of each text."""
        return [Reading(self._judge(text), hashed_embedding(text)) for text in texts]

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """Give the verdict on each text."""
        return [self._judge(text) for text in texts]

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Give the unit vector of each text; it finds near-copies, not paraphrases."""
        return [hashed_embedding(text) for text in texts]

    def _judge(self, text: str) -> Verdict:
        shown = normalise(fold_for_model(text))
        read = shown[:_MAX_LENGTH]
        scores = self._analyzer.polarity_scores(read)
        return Verdict(
            sentiment=name_scores(SENTIMENTS, sentiment_of(scores["compound"])),
            complaint=complaint_of(read, scores["compound"], scores["neg"], scores["pos"]),
            model=FINGERPRINT,
            truncated=len(text) > MAX_LENGTH or len(shown) > _MAX_LENGTH,
        )


def sentiment_of(compound: float) -> list[float]:
    """Return the probabilities of negative, neutral and positive; the likeliest is what VADER's thresholds say."""
    weights = [math.exp(_STEEPNESS * score) for score in (-compound, _THRESHOLD, compound)]
    return [weight / sum(weights) for weight in weights]


def complaint_of(text: str, compound: float, negative: float, positive: float) -> float:
    """Return the probability of a complaint from VADER's scores and four plain signs."""
    logit = _BIAS + _COMPOUND * compound + _NEGATIVE * negative + _POSITIVE * positive
    logit += _ASKS * ("?" in text) + _DENIES * bool(_DENIAL.search(text))
    return 1 / (1 + math.exp(-logit))


def load_lexicon() -> Lexicon:
    """Load VADER's word lists.

    Raises:
        ExtraMissing: the package vaderSentiment is not installed.
    """
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - loaded on use
    except ImportError as error:
        raise ExtraMissing("model lexicon", "vaderSentiment is missing", "pip install vadersentiment") from error
    return Lexicon(SentimentIntensityAnalyzer())
