"""Teaches the second ear: what lies below it is computed once, since nothing below it changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.train.batches import Places, pack, pad
from models.train.ear import Ear
from models.train.loop import pace, watched
from models.train.marked import UNKNOWN
from models.train.network import ComplaintNet
from models.train.recipe import EarStage

AVERAGE_EVERY = 10
"""Steps between two samples of the running average of the weights."""
BATCH = 32


@dataclass(frozen=True, slots=True)
class Listening:
    """Texts ready for the ear: their states below it, and their answers (n, answers); row numbers agree."""

    states: tuple[Tensor, ...]
    answers: NDArray[np.int8]

    def batch(self, places: Places) -> tuple[Tensor, Tensor]:
        """Return padded states and the mask of real words."""
        found = [self.states[place].float() for place in places]
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(states)) for states in found], batch_first=True)
        return nn.utils.rnn.pad_sequence(found, batch_first=True), mask


def teach(net: ComplaintNet, ids: Sequence[Sequence[int]], answers: NDArray[np.int8], stage: EarStage, seed: int,
          title: str) -> None:  # fmt: skip
    """Give ``net`` an ear that has learned these texts (a row may occur several times); nothing else of it changes."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net.requires_grad_(False)
    ear = Ear(net.encoder, stage.layers, stage.rank, stage.dropout)
    for weight in ear.own():
        weight.requires_grad_(True)
    texts = Listening(_states_below(net.encoder, ids, stage.layers, title), answers)
    lengths = np.array([len(found) for found in ids])
    batches = [batch for _ in range(stage.epochs) for batch in pack(rng.permutation(len(ids)), lengths, BATCH, rng)]
    net.ear = _taught(ear, texts, batches, stage, title)
    net.eval()


def _taught(ear: Ear, texts: Listening, batches: Sequence[Places], stage: EarStage, title: str) -> Ear:
    optimiser = torch.optim.AdamW(ear.own(), lr=stage.peak_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: pace(step, len(batches), stage.warm_up))
    own, samples = ear.own(), 0
    total = [torch.zeros_like(weight) for weight in own]
    ear.train()
    for step, places in enumerate(watched(batches, title)):
        states, mask = texts.batch(places)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            heard = ear(states, mask)
        cost(heard.float(), torch.from_numpy(texts.answers[places]), stage.smoothing).backward()
        torch.nn.utils.clip_grad_norm_(ear.own(), 1.0, foreach=True)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if step >= stage.average_from * len(batches) and step % AVERAGE_EVERY == 0:
            samples += 1
            torch._foreach_add_(total, [weight.detach() for weight in own])
    with torch.no_grad():
        for weight, summed in zip(own, total, strict=True):
            weight.copy_(summed / samples if samples else weight)
    ear.eval()
    return ear


def cost(heard: Tensor, answers: Tensor, smoothing: float) -> Tensor:
    """Return the mean loss over the answers that are known."""
    known = answers != UNKNOWN
    wanted = answers.clamp(min=0).float() * (1 - 2 * smoothing) + smoothing
    each = nn.functional.binary_cross_entropy_with_logits(heard, wanted, reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1)


def _states_below(encoder: Any, ids: Sequence[Sequence[int]], layers: int, title: str) -> tuple[Tensor, ...]:
    """Return for each text what the encoder makes of it below its last ``layers``, in sixteen bits."""
    found: dict[tuple[int, ...], Tensor] = {}
    different = sorted({tuple(text) for text in ids}, key=len)
    encoder.eval()
    parts = [different[start : start + 64] for start in range(0, len(different), 64)]
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for part in watched(parts, f"{title}, below the ear"):
            tokens, mask = (torch.from_numpy(side) for side in pad(part))
            states = encoder(input_ids=tokens, attention_mask=mask, output_hidden_states=True)
            lower = states.hidden_states[-1 - layers].to(torch.float16)
            found |= {text: lower[place, : len(text)].clone() for place, text in enumerate(part)}
    return tuple(found[tuple(text)] for text in ids)
