"""The words that carried a complaint are found, in any length of text, at a bounded cost."""

from collections.abc import Sequence

import pytest

from models.classifier import Verdict
from models.explain import explain_complaint
from models.lexicon import Lexicon
from models.registry import load_classifier
from tests.unit.models.fake_network import make_classifier


class Counting:
    """Counts how many texts a classifier was asked about."""

    def __init__(self) -> None:
        self._inner = make_classifier()
        self.fingerprint = self._inner.fingerprint
        self.read, self.embed = self._inner.read, self._inner.embed
        self.asked = 0

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """Pass on, counting."""
        self.asked += len(texts)
        return self._inner.classify(texts)


def test_the_word_that_carried_the_complaint_weighs_most() -> None:
    weights = explain_complaint(make_classifier(), "please give my refund now")
    assert [weight.word for weight in weights] == ["please", "give", "my", "refund", "now"]
    heaviest = max(weights, key=lambda weight: weight.weight)
    assert heaviest.word == "refund"
    assert heaviest.weight == pytest.approx(4, abs=0.01)  # the network adds 4 to the log-odds for it
    assert heaviest.points == pytest.approx(76, abs=1)
    assert sum(abs(weight.weight) for weight in weights if weight is not heaviest) < 0.01


@pytest.mark.parametrize("length", [1, 15, 40, 60, 300, 3_000])
def test_in_a_text_of_any_length_the_word_is_found_where_it_stands(length: int) -> None:
    text = "fine so far " * (length // 6) + "  REFUND!  " + "fine so far " * (length // 6)
    heaviest = max(explain_complaint(make_classifier(), text), key=lambda weight: weight.weight)
    assert text[heaviest.start : heaviest.end] == heaviest.word == "REFUND!"


@pytest.mark.parametrize("length", [10, 60, 400, 5_000])
def test_no_text_costs_more_than_a_few_dozen_readings(length: int) -> None:
    classifier = Counting()
    explain_complaint(classifier, "word " * length)
    assert classifier.asked <= 80


def test_words_come_in_order_and_each_once() -> None:
    text = " ".join(f"w{number}" for number in range(50))
    weights = explain_complaint(make_classifier(), text)
    assert [weight.word for weight in weights] == text.split()


def test_a_text_without_words_has_nothing_to_explain() -> None:
    assert explain_complaint(make_classifier(), "  \n ") == []


def test_a_model_without_opinion_on_complaints_explains_nothing() -> None:
    class Silent:
        fingerprint = "silent"

        def classify(self, texts: Sequence[str]) -> list[Verdict]:
            return [Verdict() for _ in texts]

    assert explain_complaint(Silent(), "refund") == []  # type: ignore[arg-type]


def test_any_classifier_can_be_explained() -> None:
    lexicon = load_classifier("lexicon")
    assert isinstance(lexicon, Lexicon)
    weights = explain_complaint(lexicon, "your terrible product broke")
    assert max(weights, key=lambda weight: weight.weight).word == "terrible"
