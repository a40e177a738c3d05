"""From the trained network to the file that ships: ONNX, eight-bit weights, row by row for the word table."""

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from models.train.batches import pad
from models.train.calibrate import Calibration
from models.train.metrics import Scores
from models.train.network import ComplaintNet
from models.train.recipe import HEADS
from models.train.smoothing import smooth

INPUTS: Final = ("input_ids", "attention_mask")
OUTPUTS: Final = (*HEADS, "embedding", "marks")
MAX_BYTES: Final = 24_500_000
_WIDE: Final = 1536
"""Channels between the two matrices of a layer."""

_SMALL: Final = 10_000
"""Bytes of weights that need not be compared."""


class ByteTable(nn.Module):  # type: ignore[misc]
    """A word table in eight bits with a scale for each word: an unusual word costs the others no precision."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        scales = weights.abs().amax(-1, keepdim=True).clamp(min=1e-8) / 127
        self.scales = nn.Buffer(scales)
        self.words = nn.Buffer((weights / scales).round().clamp(-127, 127).to(torch.int8))

    def forward(self, places: Tensor) -> Tensor:
        """Return the vectors at ``places``."""
        return self.words[places].to(torch.float32) * self.scales[places]


class PlainBert(nn.Module):  # type: ignore[misc]
    """The encoder's sums written out without options, so that the exported graph holds nothing else."""

    def __init__(self, encoder: Any, longest: int, branch: int) -> None:
        super().__init__()
        self.branch = branch
        table = encoder.embeddings
        self.words = ByteTable(table.word_embeddings.weight.detach())
        both = table.position_embeddings.weight.detach()[:longest] + table.token_type_embeddings.weight.detach()[0]
        self.positions = nn.Parameter(both)
        self.norm = table.LayerNorm
        self.layers = encoder.encoder.layer
        self.parts = encoder.config.num_attention_heads

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the states below the last ``branch`` layers, and those of the last layer."""
        states = self.norm(self.words(input_ids) + self.positions[: input_ids.shape[1]])
        ignored = (1.0 - attention_mask.to(torch.float32))[:, None, None, :] * -1e4
        lower = states
        for place, layer in enumerate(self.layers):
            states = self._layer(layer, states, ignored)
            lower = states if place == len(self.layers) - self.branch - 1 else lower
        return lower, states

    def _layer(self, layer: Any, states: Tensor, ignored: Tensor) -> Tensor:
        reader = layer.attention.self
        asked, found, said = (self._parted(part(states)) for part in (reader.query, reader.key, reader.value))
        weights = torch.matmul(asked, found.transpose(-1, -2)) / asked.shape[-1] ** 0.5 + ignored
        mixed = torch.matmul(weights.softmax(-1), said).transpose(1, 2).flatten(2)
        states = layer.attention.output.LayerNorm(layer.attention.output.dense(mixed) + states)
        widened = nn.functional.gelu(layer.intermediate.dense(states))
        return layer.output.LayerNorm(layer.output.dense(widened) + states)

    def _parted(self, states: Tensor) -> Tensor:
        return states.unflatten(-1, (self.parts, -1)).transpose(1, 2)


class Shipped(nn.Module):  # type: ignore[misc]
    """The network as it ships: the calibration's biases are folded into the logits."""

    def __init__(self, net: ComplaintNet, calibrations: Mapping[str, Calibration], longest: int) -> None:
        super().__init__()
        if net.ear is None:
            raise ValueError("network: has no second ear; teach it first")
        self.net = copy.deepcopy(net).eval()
        # a copy: weights that two layers share would be turned on each run; `_share_weights` makes them one again
        self.bert = PlainBert(copy.deepcopy(self.net.encoder), longest, len(net.ear.layers))
        with torch.no_grad():
            for head, calibration in calibrations.items():
                cast(nn.Linear, self.net.heads[head]).bias += torch.tensor(calibration.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Return raw logits by head, the embedding and the logits of marks, in the order of OUTPUTS."""
        lower, states = self.bert(input_ids, attention_mask)
        answers = self.net.listen(self.net.read(states, attention_mask), lower, attention_mask)
        return tuple(answers[name] for name in OUTPUTS)


def export(shipped: Shipped, folder: Path, longest: int, seen: Sequence[Sequence[int]]) -> tuple[Path, Path]:
    """Write ``model.onnx`` and ``model.int8.onnx`` into ``folder`` and return both paths, floats first.

    ``seen`` are learned texts as token ids; they tell how loud each channel is.

    Weights use seven of the eight bits: processors without VNNI add pairs of products in sixteen bits, which would
    overflow.
    """
    whole, small = folder / "model.onnx", folder / "model.int8.onnx"
    sample = (torch.ones(2, 9, dtype=torch.int64), torch.ones(2, 9, dtype=torch.int64))
    shape = {0: torch.export.Dim("n"), 1: torch.export.Dim("length", max=longest)}
    torch.onnx.export(
        shipped.eval(), sample, str(whole), input_names=list(INPUTS), output_names=list(OUTPUTS),
        dynamic_shapes=(shape, shape), dynamo=True, external_data=False, verbose=False,
    )  # fmt: skip
    floats = onnx.load(whole)
    _keep_sums_apart(floats)
    _share_weights(floats)
    smooth(floats, _WIDE, lambda model, names: _loudness(model, names, seen))
    onnx.save(floats, whole)
    quantize_dynamic(
        whole, small, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"]
    )
    size = small.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"weights: {small} has {size} bytes, more than {MAX_BYTES}; use fewer emoji or positions")
    return whole, small


def _loudness(model: onnx.ModelProto, names: Sequence[str], seen: Sequence[Sequence[int]]) -> dict[str, Scores]:
    """Return the largest size of each channel of named values over learned texts."""
    open_model = copy.deepcopy(model)
    open_model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = onnxruntime.InferenceSession(open_model.SerializeToString(), providers=["CPUExecutionProvider"])
    loudest: dict[str, Scores] = {}
    for start in range(0, len(seen), 32):
        given = dict(zip(INPUTS, pad(seen[start : start + 32]), strict=True))
        for name, values in zip(names, session.run(list(names), given), strict=True):
            now = np.abs(values).max((0, 1))
            loudest[name] = np.maximum(loudest.get(name, now), now)
    return loudest


def _keep_sums_apart(model: onnx.ModelProto) -> None:
    """Rename the additions before layer normalisations to Sum, which onnxruntime does not fuse with them.

    Its fused SkipLayerNormalization takes ten times as long on a processor as the two kernels do, which made it a third
    of the whole run.
    """
    normed = {node.input[0] for node in model.graph.node if node.op_type == "LayerNormalization"}
    for node in model.graph.node:
        if node.op_type == "Add" and node.output[0] in normed:
            node.op_type = "Sum"


def _share_weights(model: onnx.ModelProto) -> None:
    """Keep equal weights once: the export turns the matrices that the second ear shares anew for each use."""
    first: dict[bytes, str] = {}
    same = {
        weights.name: first.setdefault(weights.raw_data + bytes(str(weights.dims), "ascii"), weights.name)
        for weights in model.graph.initializer
        if len(weights.raw_data) > _SMALL
    }
    for node in model.graph.node:
        node.input[:] = [same.get(name, name) for name in node.input]
    kept = [weights for weights in model.graph.initializer if same.get(weights.name, weights.name) == weights.name]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def run(path: Path, ids: Sequence[Sequence[int]], batch: int = 64) -> dict[str, Scores]:
    """Return what an exported file answers, by output, in the order of the texts."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    order = np.argsort([len(found) for found in ids], kind="stable")
    found: list[list[Scores]] = []
    for start in range(0, len(order), batch):
        tokens, mask = pad([ids[place] for place in order[start : start + batch]])
        found.append(session.run(list(OUTPUTS), dict(zip(INPUTS, (tokens, mask), strict=True))))
    back = np.argsort(order, kind="stable")
    return {name: np.concatenate(parts)[back] for name, parts in zip(OUTPUTS, zip(*found, strict=True), strict=True)}
