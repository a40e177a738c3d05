"""The loss and the network's reading of words, on tiny tensors."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra train")

import torch

from models.train.losses import Lesson, loss, prior_shifts
from models.train.network import ComplaintNet
from models.train.recipe import HEADS


def lesson(heads: list[int], labels: list[int], **opinions: torch.Tensor) -> Lesson:
    count = len(heads)
    ids = torch.ones(count, 3, dtype=torch.int64)
    return Lesson(ids, ids, torch.tensor(heads), torch.tensor(labels), torch.zeros(count, 4), opinions)


def answers(count: int) -> dict[str, torch.Tensor]:
    found = {head: torch.zeros(count, len(labels), requires_grad=True) for head, labels in HEADS.items()}
    return found | {"embedding": torch.full((count, 4), 0.5)}


def cost(found: dict[str, torch.Tensor], batch: Lesson, loyalty: float = 0.0) -> torch.Tensor:
    shifts = prior_shifts({}, {})
    return loss(found, batch, shifts, smoothing=0.0, loyalty=loyalty, keep=0.0)


def test_a_row_teaches_only_the_head_that_it_is_labelled_for() -> None:
    found = answers(2)

    cost(found, lesson([1, 1], [0, 1])).backward()

    assert found["complaint"].grad.abs().sum() > 0
    assert all(found[head].grad is None for head in HEADS if head != "complaint")


def test_an_unknown_label_teaches_nothing() -> None:
    assert float(cost(answers(1), lesson([0], [-1]))) == 0.0


def test_loyalty_pulls_towards_the_earlier_opinion_without_a_label() -> None:
    found = answers(1)
    earlier = torch.tensor([[4.0, 0.0, 0.0]])

    cost(found, lesson([1], [-1], sentiment=earlier), loyalty=0.5).backward()

    assert found["sentiment"].grad[0, 0] < 0 < found["sentiment"].grad[0, 1]


def test_the_prior_correction_favours_the_rare_class() -> None:
    shifts = prior_shifts({"sentiment": [10, 80, 10]}, {"sentiment": 1.0, "irony": 0.0})

    assert np.allclose(shifts["sentiment"].exp().numpy(), [0.1, 0.8, 0.1])
    assert shifts["irony"].abs().sum() == 0


def test_padding_changes_no_answer_and_embeddings_have_unit_length() -> None:
    torch.manual_seed(1)
    net = ComplaintNet(torch.nn.Identity(), width=8).eval()
    torch.nn.init.normal_(net.queries)
    states = torch.randn(1, 3, 8)
    padded = torch.cat([states, torch.full((1, 2, 8), 9.0)], 1)

    with torch.no_grad():
        short = net.read(states, torch.ones(1, 3))
        long = net.read(padded, torch.tensor([[1, 1, 1, 0, 0]]))

    assert all(torch.allclose(short[name], long[name], atol=1e-5) for name in short)
    assert torch.allclose(long["embedding"].norm(dim=-1), torch.ones(1))
