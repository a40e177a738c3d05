import pytest

from models.classifier import Verdict
from monitor.rules.mood import MARGIN, Mood, compare_mood, is_angry, temper
from tests.builders import make_verdict


def verdict(value: float) -> Verdict:
    return make_verdict(value, emotion={"anger": value, "joy": 1 - value, "optimism": 0.0, "sadness": 0.0})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.9, 0.1, Mood.CALMER),
        (0.2, 0.9, Mood.ANGRIER),
        (0.5, 0.5 + MARGIN - 0.01, Mood.SAME),
        (0.5, 0.5 - MARGIN + 0.01, Mood.SAME),
    ],
)
def test_moods_are_compared_with_a_margin(before: float, after: float, expected: Mood) -> None:
    assert compare_mood(verdict(before), verdict(after)) is expected


def test_what_the_model_did_not_say_is_left_out_of_the_mean() -> None:
    assert temper(Verdict(complaint=0.4)) == pytest.approx(0.4)
    assert temper(Verdict(sentiment={"negative": 0.8, "neutral": 0.2, "positive": 0.0})) == pytest.approx(0.8)


def test_an_unknown_mood_is_none() -> None:
    assert compare_mood(None, verdict(0.9)) is None
    assert compare_mood(Verdict(), verdict(0.9)) is None
    assert compare_mood(verdict(0.9), Verdict()) is None
    assert not is_angry(Verdict())


def test_angry_words_are_angry_by_themselves() -> None:
    assert is_angry(verdict(0.6))
    assert not is_angry(verdict(0.4))
