"""The labels of foreign models become our answers, or are refused with what to write in the config."""

import numpy as np
import pytest

from models.errors import ModelBroken
from models.label_map import make_label_map


def judge(classes: list[str], chances: list[float], explained: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    """Return the verdict that a model with these classes gives."""
    return make_label_map("model m", classes, explained).judge(np.array(chances, np.float32))


def test_known_names_need_no_explanation() -> None:
    verdict = judge(["Positive", "NEG", "neutral"], [0.5, 0.3, 0.2])
    assert verdict.sentiment == pytest.approx({"negative": 0.3, "neutral": 0.2, "positive": 0.5})
    assert (verdict.complaint, verdict.emotion) == (None, None)


def test_several_labels_may_stand_for_the_same() -> None:
    stars = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
    verdict = judge(stars, [0.3, 0.3, 0.2, 0.1, 0.1])
    assert verdict.sentiment == pytest.approx({"negative": 0.6, "neutral": 0.2, "positive": 0.2})


def test_labels_that_stand_for_nothing_leave_groups_that_sum_to_one() -> None:
    explained = {"fear": "-", "anger": "emotion.anger", "love": "emotion.joy"}
    verdict = judge(["fear", "anger", "love"], [0.5, 0.4, 0.1], explained)
    assert verdict.emotion == pytest.approx({"anger": 0.8, "joy": 0.2, "optimism": 0, "sadness": 0})


def test_one_label_can_answer_yes_and_another_no() -> None:
    explained = {"LABEL_0": "not_complaint", "LABEL_1": "complaint"}
    assert judge(["LABEL_0", "LABEL_1"], [0.2, 0.8], explained).complaint == pytest.approx(0.8)


@pytest.mark.parametrize(("target", "expected"), [("complaint", 0.7), ("not_complaint", 0.3)])
def test_one_label_alone_answers_against_all_others(target: str, expected: float) -> None:
    assert judge(["a", "b"], [0.7, 0.3], {"a": target, "b": "-"}).complaint == pytest.approx(expected)


def test_labels_nobody_explained_are_named_with_what_to_write() -> None:
    with pytest.raises(ModelBroken, match=r"explained the labels LABEL_0, LABEL_1; .*\{LABEL_0: sentiment.negative\}"):
        make_label_map("model m", ["LABEL_0", "LABEL_1"], None)


def test_a_model_without_any_answer_of_ours_is_refused() -> None:
    with pytest.raises(ModelBroken, match="no label stands for an answer we use"):
        make_label_map("model m", ["sports", "politics"], {"sports": "-", "politics": "-"})
