"""Teaches the tutor, and asks it: what lies below its upper half is computed once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.train.batches import Places, pack, pad
from models.train.ear_loop import AVERAGE_EVERY
from models.train.loop import pace, watched
from models.train.recipe import TutorStage
from models.train.tutor import Tutor

Loss = Callable[[Mapping[str, Tensor], Places], Tensor]
"""A function of logits by question and row numbers: the mean loss of a batch."""


@dataclass(frozen=True, slots=True)
class Read:
    """Texts as the tutor's lower half has read them; row numbers agree."""

    states: tuple[Tensor, ...]

    def batch(self, places: Places) -> tuple[Tensor, Tensor]:
        """Return padded states and the mask of real words."""
        found = [self.states[place].float() for place in places]
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(states)) for states in found], batch_first=True)
        return nn.utils.rnn.pad_sequence(found, batch_first=True), mask

    def lengths(self) -> NDArray[np.int64]:
        """Return the number of tokens of each text."""
        return np.array([len(states) for states in self.states])


def read(tutor: Tutor, ids: Sequence[Sequence[int]]) -> Read:
    """Return what the lower half makes of the texts, in sixteen bits."""
    order = np.argsort([len(found) for found in ids], kind="stable")
    states: list[Tensor] = [torch.empty(0)] * len(ids)
    tutor.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for start in watched(range(0, len(order), 64), "tutor, lower half"):
            places = order[start : start + 64]
            tokens, mask = (torch.from_numpy(side) for side in pad([ids[place] for place in places]))
            lower = tutor.lower(tokens, mask).to(torch.float16)
            for row, place in enumerate(places):
                states[place] = lower[row, : len(ids[place])].clone()
    return Read(tuple(states))


def instruct(tutor: Tutor, texts: Read, places: Places, loss: Loss, stage: TutorStage, seed: int, title: str) -> None:
    """Teach ``tutor`` the rows at ``places`` (repeated rows are seen repeatedly); its weights end as their average."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    batches = pack(places, texts.lengths(), stage.batch, rng)
    optimiser = torch.optim.AdamW(_groups(tutor, stage), weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: pace(step, len(batches), stage.warm_up))
    own, samples = list(tutor.own().values()), 0
    total = [torch.zeros_like(weight) for weight in own]
    tutor.train()
    for step, batch in enumerate(watched(batches, title)):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            answers = tutor(*texts.batch(batch))
        loss({name: said.float() for name, said in answers.items()}, batch).backward()
        torch.nn.utils.clip_grad_norm_(own, 1.0, foreach=True)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if step >= stage.average_from * len(batches) and step % AVERAGE_EVERY == 0:
            samples += 1
            torch._foreach_add_(total, [weight.detach() for weight in own])
    with torch.no_grad():
        for weight, summed in zip(own, total, strict=True):
            weight.copy_(summed / samples if samples else weight)
    tutor.eval()


def ask(tutor: Tutor, texts: Read, places: Sequence[int], title: str) -> dict[str, NDArray[np.float32]]:
    """Return the logits by question for the texts at ``places``, in their order."""
    rows = np.array(places)
    order = np.argsort(texts.lengths()[rows], kind="stable")
    found: Mapping[str, list[Tensor]] = {name: [] for name in tutor.names}
    tutor.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for start in watched(range(0, len(order), 64), title):
            for name, said in tutor(*texts.batch(rows[order[start : start + 64]])).items():
                found[name].append(said.float())
    back = np.argsort(order, kind="stable")
    return {name: torch.cat(parts).numpy()[back] for name, parts in found.items()}


def _groups(tutor: Tutor, stage: TutorStage) -> list[dict[str, Any]]:
    groups = []
    for name, weight in tutor.own().items():
        depth = len(tutor.upper) - 1 - int(name.split(".")[1]) if name.startswith("upper.") else 0
        fresh = name.startswith(("heads", "queries"))
        rate = stage.peak_rate * (stage.fresh_factor if fresh else stage.layer_decay**depth)
        groups.append({"params": [weight], "lr": rate})
    return groups
