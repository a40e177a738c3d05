"""The second ear: the upper layers read a second time, with small corrections, for what happens in streams of mentions.

    words ─▶ lower layers ─▶ upper layers ─────────────▶ sentiment, complaint, offensive, irony, emotion
                       └──▶ upper layers + corrections ─▶ marks, and a second opinion on complaints

The corrections are low-rank (Hu et al. 2021, LoRA): beside each matrix of the shared layers two thin ones. So hearing
costs the other answers nothing, which fine-tuning the shared layers did, and weighs one megabyte where layers of its
own would weigh two a layer.
"""

import copy
from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from models.classifier import MARKS

ANSWERS: Final = (*MARKS, "complaint")
"""What the ear answers, in the order of its outputs; each yes or no."""

RARE: Final = -2.0
"""Where the logit of each answer starts: few posts have a mark."""


class Adapted(nn.Module):  # type: ignore[misc]
    """A shared matrix with a correction of low rank, which starts at nought."""

    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = base
        self.down = nn.Linear(base.in_features, rank, bias=False)
        self.up = nn.Linear(rank, base.out_features, bias=False)
        nn.init.normal_(self.down.weight, std=base.in_features**-0.5)
        nn.init.zeros_(self.up.weight)

    def forward(self, states: Tensor) -> Tensor:
        """Return what the matrix makes of the states, corrected."""
        return self.base(states) + self.up(self.down(states))


class EarLayer(nn.Module):  # type: ignore[misc]
    """A layer of the encoder, read with corrections; its normalisations are its own."""

    def __init__(self, layer: Any, parts: int, rank: int, dropout: float) -> None:
        super().__init__()
        reader, mixer = layer.attention.self, layer.attention.output
        self.parts = parts
        self.query, self.key, self.value, self.mix, self.widen, self.narrow = (
            Adapted(base, rank)
            for base in (reader.query, reader.key, reader.value, mixer.dense, layer.intermediate.dense,
                         layer.output.dense)
        )  # fmt: skip
        self.mixed = copy.deepcopy(mixer.LayerNorm)
        self.widened = copy.deepcopy(layer.output.LayerNorm)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, ignored: Tensor) -> Tensor:
        """Return the next states; ``ignored`` is added to the weights of words, hugely negative where there is none."""
        asked, found, said = (self._parted(part(states)) for part in (self.query, self.key, self.value))
        weights = torch.matmul(asked, found.transpose(-1, -2)) / asked.shape[-1] ** 0.5 + ignored
        heard = torch.matmul(self.dropout(weights.softmax(-1)), said).transpose(1, 2).flatten(2)
        states = self.mixed(self.dropout(self.mix(heard)) + states)
        return self.widened(self.dropout(self.narrow(nn.functional.gelu(self.widen(states)))) + states)

    def _parted(self, states: Tensor) -> Tensor:
        return states.unflatten(-1, (self.parts, -1)).transpose(1, 2)


class Ear(nn.Module):  # type: ignore[misc]
    """The corrected layers, and for each answer a query of its own that weighs the words."""

    def __init__(self, encoder: Any, layers: int, rank: int, dropout: float = 0.1) -> None:
        super().__init__()
        width, parts = encoder.config.hidden_size, encoder.config.num_attention_heads
        shared = list(encoder.encoder.layer)[-layers:]
        self.layers = nn.ModuleList([EarLayer(layer, parts, rank, dropout) for layer in shared])
        self.queries = nn.Parameter(torch.zeros(len(ANSWERS), width))
        self.weights = nn.Parameter(torch.randn(len(ANSWERS), width) * 0.02)
        self.bias = nn.Parameter(torch.full((len(ANSWERS),), RARE))
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, attention_mask: Tensor) -> Tensor:
        """Return logits (n, answers) from the states below the shared layers (n, length, width)."""
        ignored = (1.0 - attention_mask.to(torch.float32)) * -1e4
        for layer in self.layers:
            states = layer(states, ignored[:, None, None, :])
        states = states.float()
        scores = torch.matmul(self.queries, states.transpose(1, 2)) / states.shape[-1] ** 0.5 + ignored[:, None, :]
        heard = torch.matmul(scores.softmax(-1), states)
        said = torch.matmul(self.dropout(heard).unsqueeze(-2), self.weights.unsqueeze(-1))
        return said.flatten(1) + self.bias

    def own(self) -> Sequence[nn.Parameter]:
        """Return the weights that are the ear's: all but the shared matrices."""
        return [weight for name, weight in self.named_parameters() if ".base." not in name]
