"""The training loop: one stage over prepared texts, with a progress bar, and the answers of a trained network."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor

from models.train.batches import Places, draw, pack, pad
from models.train.corpus import Row
from models.train.losses import Lesson, loss, prior_shifts
from models.train.network import ComplaintNet
from models.train.recipe import HEADS, Recipe, Stage

Part = TypeVar("Part")

AVERAGE_EVERY = 10
"""Steps between two samples of the running average of the weights."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Rows with their token ids the meaning that the embedding must keep, and earlier opinions; row numbers agree."""

    rows: tuple[Row, ...]
    ids: tuple[tuple[int, ...], ...]
    meanings: NDArray[np.float32]
    opinions: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def lesson(self, places: Places) -> Lesson:
        """Return the rows at ``places`` as one batch of tensors."""
        ids, mask = pad([self.ids[place] for place in places])
        rows = [self.rows[place] for place in places]
        return Lesson(
            torch.from_numpy(ids),
            torch.from_numpy(mask),
            torch.tensor([list(HEADS).index(row.head) for row in rows]),
            torch.tensor([row.label for row in rows]),
            torch.from_numpy(self.meanings[places]),
            {head: torch.from_numpy(logits[places]) for head, logits in self.opinions.items()},
        )


def encode(tokenizer: Any, texts: Sequence[str], max_length: int) -> tuple[tuple[int, ...], ...]:
    """Return token ids, cut to ``max_length`` with the closing token kept."""
    end = tokenizer.token_to_id("[SEP]")
    found = (encoding.ids for encoding in tokenizer.encode_batch(list(texts)))
    return tuple(tuple(ids) if len(ids) <= max_length else (*ids[: max_length - 1], end) for ids in found)


def train(net: ComplaintNet, texts: Texts, stage: Stage, recipe: Recipe, seed: int, title: str) -> None:
    """Train ``net`` in place for one stage; its weights end as their average over the last part of the stage."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    places = draw([row.corpus for row in texts.rows], stage.repeats, rng)
    batches = pack(places, np.array([len(ids) for ids in texts.ids]), recipe.batch, rng)
    optimiser = _optimiser(net, stage, recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: pace(step, len(batches), stage.warm_up))
    shifts = prior_shifts(counts(texts.rows, places), recipe.balance)
    average = torch.optim.swa_utils.AveragedModel(net)
    net.train()
    for step, batch in enumerate(watched(batches, title)):
        lesson = texts.lesson(batch)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            answers = net(lesson.ids, lesson.mask)
        answers = {name: answer.float() for name, answer in answers.items()}
        cost = loss(
            answers, lesson, shifts, smoothing=recipe.smoothing, loyalty=stage.loyalty, keep=recipe.keep_meaning
        )
        cost.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0, foreach=True)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        if step >= stage.average_from * len(batches) and step % AVERAGE_EVERY == 0:
            average.update_parameters(net)
    net.load_state_dict(average.module.state_dict())
    net.eval()


def pace(step: int, steps: int, warm_up: float) -> float:
    """Return the share of the peak learning rate: a linear rise, then a linear fall to a twentieth."""
    rise = max(1, round(steps * warm_up))
    if step < rise:
        return (step + 1) / rise
    return max(0.05, (steps - step) / max(1, steps - rise))


def _optimiser(net: ComplaintNet, stage: Stage, weight_decay: float) -> torch.optim.Optimizer:
    groups = []
    for name, weight in net.named_parameters():
        depth = layer_depth(name)
        plain = weight.ndim < 2 or "embeddings" in name or name == "queries"
        rate = stage.peak_rate * stage.layer_decay**depth * (5 if name.startswith(("heads", "queries")) else 1)
        groups.append({"params": [weight], "lr": rate, "weight_decay": 0.0 if plain else weight_decay})
    return torch.optim.AdamW(groups, fused=True)


def layer_depth(name: str, layers: int = 6) -> int:
    """Return how many layers a weight lies below the top one: 0 for heads, ``layers`` for the word embeddings."""
    if ".embeddings." in name:
        return layers
    if ".layer." in name:
        return layers - 1 - int(name.partition(".layer.")[2].partition(".")[0])
    return 0


def counts(rows: Sequence[Row], places: Places) -> dict[str, list[int]]:
    """Return how often each class of each head is among the rows at ``places``."""
    counted = {head: [0] * len(labels) for head, labels in HEADS.items()}
    for place in places:
        row = rows[place]
        if row.label >= 0:
            counted[row.head][row.label] += 1
    return {head: seen for head, seen in counted.items() if sum(seen)}


def answer(
    net: ComplaintNet, ids: Sequence[Sequence[int]], title: str = "", *, rough: bool = False
) -> dict[str, NDArray[np.float32]]:
    """Return what a network answers to texts given as token ids, by name, in their order.

    ``rough`` computes in sixteen bits, twice as fast.
    """
    lengths = np.array([len(found) for found in ids])
    order = np.argsort(lengths, kind="stable")
    batches = [order[start : start + 64] for start in range(0, len(order), 64)]
    found: dict[str, list[Tensor]] = {}
    net.eval()
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=rough):
        for batch in watched(batches, title) if title else batches:
            tokens, mask = pad([ids[place] for place in batch])
            for name, tensor in net(torch.from_numpy(tokens), torch.from_numpy(mask)).items():
                found.setdefault(name, []).append(tensor)
    back = np.argsort(order, kind="stable")
    return {name: torch.cat(parts).float().numpy()[back] for name, parts in found.items()}


def watched(parts: Sequence[Part], title: str) -> Iterator[Part]:
    """Go through parts of a long work with a progress bar on the error stream."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield from progress.track(parts, description=title)
