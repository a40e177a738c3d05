"""The lexicon judges by its word lists, and says nothing where it knows nothing."""

import pytest

from models.lexicon import sentiment_of
from models.registry import load_classifier


@pytest.mark.parametrize(
    ("compound", "likeliest"), [(-0.9, 0), (-0.06, 0), (-0.04, 1), (0.0, 1), (0.04, 1), (0.06, 2), (0.9, 2)]
)
def test_the_likeliest_sentiment_is_what_the_authors_thresholds_say(compound: float, likeliest: int) -> None:
    chances = sentiment_of(compound)
    assert chances.index(max(chances)) == likeliest
    assert sum(chances) == pytest.approx(1)


def test_a_complaint_is_likelier_than_praise() -> None:
    lexicon = load_classifier("lexicon")
    complaint, praise = lexicon.classify(["my order still has not arrived, terrible service", "love it, great service"])
    assert (complaint.complaint or 0) > 0.5 > (praise.complaint or 0)


def test_it_has_no_opinion_on_irony_offence_and_emotion() -> None:
    verdict = load_classifier("lexicon").classify(["great, just great"])[0]
    assert (verdict.irony, verdict.offensive, verdict.emotion) == (None, None, None)


def test_copies_have_the_same_embedding_and_strangers_do_not() -> None:
    first, copy, other = load_classifier("lexicon").embed(["My parcel is LOST!", "my parcel is lost", "lovely weather"])
    assert float(first @ copy) == pytest.approx(1)
    assert float(first @ other) < 0.5
