"""A verdict survives its JSON form and refuses what is no probability."""

import copy
import json
from dataclasses import asdict

import pytest

from models.classifier import Verdict
from models.errors import ModelBroken

FULL = Verdict(
    sentiment={"negative": 0.7, "neutral": 0.2, "positive": 0.1},
    complaint=0.9,
    offensive=0.1,
    irony=0.2,
    emotion={"anger": 0.6, "joy": 0.1, "optimism": 0.1, "sadness": 0.2},
    model="m-1",
    parts=3,
    truncated=True,
    language_doubtful=True,
)


def test_the_printed_form_holds_the_five_answers_and_nothing_else() -> None:
    assert list(FULL.to_json()) == ["sentiment", "complaint", "offensive", "irony", "emotion"]
    assert FULL.to_json()["sentiment"] == {"negative": 0.7, "neutral": 0.2, "positive": 0.1}


def test_a_head_the_model_lacks_is_null() -> None:
    assert json.loads(json.dumps(Verdict(complaint=0.5).to_json())) == {
        "sentiment": None,
        "complaint": 0.5,
        "offensive": None,
        "irony": None,
        "emotion": None,
    }


def test_the_stored_form_comes_back_whole() -> None:
    assert Verdict.from_json(json.loads(json.dumps(FULL.to_record()))) == FULL


def test_the_printed_form_comes_back_without_its_history() -> None:
    back = Verdict.from_json(FULL.to_json())
    assert (back.complaint, back.sentiment, back.model, back.parts) == (0.9, FULL.sentiment, "", 1)


@pytest.mark.parametrize(
    "record",
    [
        {"complaint": 1.2},
        {"complaint": -0.1},
        {"complaint": "0.5"},
        {"complaint": True},
        {"complaint": float("nan")},
        {"sentiment": {"negative": 1.0}},
        {"sentiment": [0.1, 0.2, 0.7]},
        {"emotion": {"anger": 2, "joy": 0, "optimism": 0, "sadness": 0}},
    ],
)
def test_what_is_no_probability_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(ModelBroken, match="verdict: "):
        Verdict.from_json(record)


def test_a_verdict_can_be_copied_and_taken_apart() -> None:
    assert copy.deepcopy(FULL) == FULL
    assert asdict(FULL)["sentiment"] == FULL.sentiment
