"""What the network is punished for: wrong labels, forgetting what it knew, and losing the meaning of texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from models.train.recipe import HEADS

SOFTNESS = 2.0
"""Temperature of distillation (Hinton, Vinyals, Dean 2015)."""
OTHER_HEADS = 0.25
"""Weight of an earlier opinion on a question that the row has no label for."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One batch of texts with all that is known about them; rows agree across the tensors."""

    ids: Tensor
    mask: Tensor
    heads: Tensor
    """Place of the labelled head in HEADS, by row."""
    labels: Tensor
    """Class of that head; -1 is hidden."""
    meanings: Tensor
    opinions: Mapping[str, Tensor] = field(default_factory=dict)
    """Head to the logits of the network before this stage (Li, Hoiem 2016: learning without forgetting)."""


def loss(
    answers: Mapping[str, Tensor],
    lesson: Lesson,
    shifts: Mapping[str, Tensor],
    *,
    smoothing: float,
    loyalty: float,
    keep: float,
) -> Tensor:
    """Return the mean loss of a batch; ``shifts`` are the prior corrections by head (Menon et al. 2021)."""
    total = keep * (1 - (answers["embedding"] * lesson.meanings).sum(-1)).sum()
    for place, head in enumerate(HEADS):
        own = (lesson.heads == place) & (lesson.labels >= 0)
        taught = loyalty if head in lesson.opinions else 0.0
        if own.any():
            shifted = answers[head][own] + shifts[head]
            total = total + (1 - taught) * labelled(shifted, lesson.labels[own], smoothing)
        if taught:
            weights = torch.where(own, 1.0, OTHER_HEADS) * taught
            total = total + (weights * _softened(answers[head], lesson.opinions[head])).sum()
    return total / len(lesson.labels)


def labelled(logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """Return the summed cross-entropy of a batch."""
    return nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing, reduction="sum")


def _softened(logits: Tensor, earlier: Tensor) -> Tensor:
    student = (logits / SOFTNESS).log_softmax(-1)
    wanted = (earlier / SOFTNESS).softmax(-1)
    return nn.functional.kl_div(student, wanted, reduction="none").sum(-1) * SOFTNESS**2


def prior_shifts(counts: Mapping[str, list[int]], balance: Mapping[str, float]) -> dict[str, Tensor]:
    """Return for each head ``balance`` times the log of its class shares; nought where no row carries a label."""
    shifts = {}
    for head, labels in HEADS.items():
        seen = torch.tensor(counts.get(head, [1] * len(labels)), dtype=torch.float32).clamp(min=1)
        shifts[head] = balance.get(head, 0.0) * (seen / seen.sum()).log()
    return shifts
