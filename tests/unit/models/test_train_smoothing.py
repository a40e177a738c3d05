"""Quieter channels, louder rows: what a network answers stays the same, and its loud channels do not."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

pytest.importorskip("onnx", reason="training needs the extra train")

import onnx
import onnxruntime

from models.train.smoothing import smooth

WIDTH = 64
RNG = np.random.default_rng(1)
LOUD = np.where(np.arange(WIDTH) == 3, 50.0, 1.0).astype(np.float32)
MATRIX = RNG.normal(size=(WIDTH, 16)).astype(np.float32)
READ = (RNG.normal(size=(5, WIDTH)) * LOUD).astype(np.float32)


def network():  # type: ignore[no-untyped-def]
    """Two multiplications by one matrix, as the layer and the ear have them."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [helper.make_node("MatMul", [name, "matrix"], [f"{name}_out"]) for name in ("first", "second")]
    inputs = [helper.make_tensor_value_info(name, kind, [None, WIDTH]) for name in ("first", "second")]
    outputs = [helper.make_tensor_value_info(f"{name}_out", kind, [None, 16]) for name in ("first", "second")]
    weights = [onnx.numpy_helper.from_array(MATRIX, "matrix")]
    graph = helper.make_graph(nodes, "test", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def loudness(_model: object, names: Sequence[str]) -> Mapping[str, np.ndarray]:
    return {name: np.abs(READ).max(0) for name in names}


def answers(model) -> list[np.ndarray]:  # type: ignore[no-untyped-def]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"first": READ, "second": READ[::-1]})  # type: ignore[no-any-return]


def test_answers_stay_the_same_where_a_matrix_is_read_twice() -> None:
    model = network()
    before = answers(model)
    smooth(model, WIDTH, loudness)
    assert [node.op_type for node in model.graph.node].count("Mul") == 2
    assert all(np.allclose(old, new, atol=1e-3) for old, new in zip(before, answers(model), strict=True))


def test_a_loud_channel_is_read_as_quietly_as_the_others() -> None:
    model = network()
    smooth(model, WIDTH, loudness)
    factor = next(onnx.numpy_helper.to_array(found) for found in model.graph.initializer if found.name == "smooth_0")
    heard = np.abs(READ * factor).max(0)
    assert np.abs(READ).max(0)[3] > 10 * np.median(np.abs(READ).max(0))
    assert heard[3] < 2 * np.median(heard)
