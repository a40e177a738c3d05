"""The default classifier around its network: order, batches, windows, calibration, failures."""

from typing import Any

import numpy as np
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import RuntimeException

from models.classifier import MARKS
from models.complaint_onnx import parse_config
from models.errors import InferenceFailed, ModelBroken
from tests.unit.models.fake_network import WordNetwork, make_classifier

GOOD: dict[str, Any] = {
    "max_length": 128,
    "heads": {
        "sentiment": ["negative", "neutral", "positive"],
        "complaint": ["not_complaint", "complaint"],
        "offensive": ["not_offensive", "offensive"],
        "irony": ["not_irony", "irony"],
        "emotion": ["anger", "joy", "optimism", "sadness"],
    },
    "marks": list(MARKS),
    "temperatures": {"sentiment": 1.1, "complaint": 1.2, "offensive": 1.0, "irony": 1.0, "emotion": 1.0},
    "sha256": {"model.int8.onnx": "ab12"},
}


@pytest.mark.parametrize("threads", [1, 3])
def test_answers_come_in_the_order_of_the_texts(threads: int) -> None:
    texts = [("refund " if number % 3 == 0 else "fine ") + "word " * (number % 15) for number in range(100)]
    verdicts = make_classifier(threads=threads).classify(texts)
    assert [(verdict.complaint or 0) > 0.5 for verdict in verdicts] == [number % 3 == 0 for number in range(100)]


def test_every_text_is_run_alone_so_that_its_verdict_depends_on_nothing_else() -> None:
    network = WordNetwork()
    make_classifier(network).classify(["a", "b c d", "e f", "g"])
    assert sorted(network.shapes) == [(1, 3), (1, 3), (1, 4), (1, 5)]


def test_the_worst_window_of_a_long_text_gives_the_verdict() -> None:
    verdict = make_classifier().classify(["fine so " * 30 + "refund " + "fine so " * 30])[0]
    assert (verdict.complaint or 0) > 0.5
    assert verdict.sentiment is not None
    assert verdict.sentiment["negative"] > 0.7
    assert verdict.parts > 5
    assert not verdict.truncated


def test_a_text_longer_than_all_windows_says_so() -> None:
    verdict = make_classifier().classify(["love " * 1_000 + "refund"])[0]
    assert verdict.truncated
    assert (verdict.complaint or 0) > 0.5


def test_a_long_text_has_an_embedding_of_length_one() -> None:
    embedding = make_classifier().embed(["word " * 200])[0]
    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)


def test_a_temperature_above_one_makes_the_model_less_sure() -> None:
    sure, calm = (make_classifier(temperature=heat).classify(["refund"])[0].complaint or 0 for heat in (1.0, 2.0))
    assert 0.5 < calm < sure


def test_an_evasive_word_is_read_as_it_was_meant() -> None:
    assert (make_classifier().classify(["r.e.f.u.n.d"])[0].complaint or 0) > 0.5


def test_a_network_that_breaks_down_is_an_error_of_ours() -> None:
    class Broken:
        def run(self, *_: Any) -> Any:
            raise RuntimeException("no memory")

    with pytest.raises(InferenceFailed, match=r"model fake-1: the network broke down: no memory") as caught:
        make_classifier(Broken()).classify(["a"])
    assert not caught.value.permanent


def test_a_good_config_is_read() -> None:
    config = parse_config(GOOD)
    assert (config.max_length, config.temperatures["complaint"]) == (128, 1.2)


def test_the_fingerprint_changes_with_the_weights_and_with_their_calibration() -> None:
    other_weights = GOOD | {"sha256": {"model.int8.onnx": "cd34"}}
    other_heat = GOOD | {"temperatures": GOOD["temperatures"] | {"complaint": 1.3}}
    assert len({parse_config(record).fingerprint for record in (GOOD, other_weights, other_heat, {**GOOD})}) == 3


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({key: value for key, value in GOOD.items() if key != "sha256"}, "sha256"),
        (GOOD | {"max_length": "long"}, "long"),
        (GOOD | {"heads": {}}, "sentiment"),
        (GOOD | {"marks": ["safety"]}, "the marks must be safety, legal"),
        (GOOD | {"temperatures": {"sentiment": 1}}, "complaint"),
        (GOOD | {"heads": GOOD["heads"] | {"irony": ["irony", "not_irony"]}}, "head irony must have the labels"),
    ],
)
def test_a_config_that_would_be_misread_is_refused(broken: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelBroken, match=message):
        parse_config(broken)


def test_the_window_that_tells_of_trouble_is_heard_in_a_long_text() -> None:
    calm, loud = make_classifier().classify(["fine so " * 60, "fine so " * 30 + "refund " + "fine so " * 30])
    assert (calm.urgent or 0) < 0.5 < (loud.urgent or 0)
