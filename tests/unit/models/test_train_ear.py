"""The second ear: silent until taught, and nothing below it changes."""

import copy

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra train")

import torch
from transformers import BertConfig, BertModel

from models.train.ear import ANSWERS, Ear
from models.train.ear_loop import cost, teach
from models.train.network import WIDTH, ComplaintNet
from models.train.recipe import EarStage

IDS = [[1, 2, 3], [1, 4, 5, 6, 3], [1, 7, 3], [1, 8, 9, 3]] * 8
MARKED = np.array([[1] * len(ANSWERS), [0] * len(ANSWERS)] * 16, np.int8)


def small_network() -> ComplaintNet:
    torch.manual_seed(1)
    shape = BertConfig(vocab_size=20, hidden_size=WIDTH, num_hidden_layers=3, num_attention_heads=12,
                       intermediate_size=32, attn_implementation="eager")  # fmt: skip
    return ComplaintNet(BertModel(shape, add_pooling_layer=False)).eval()


def test_an_untaught_ear_reads_the_layers_as_they_are() -> None:
    net = small_network()
    ear = Ear(net.encoder, layers=2, rank=4).eval()
    ids, mask = torch.tensor([IDS[1]]), torch.ones(1, 5)
    with torch.no_grad():
        found = net.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        states = found.hidden_states[-3]
        for layer in ear.layers:
            states = layer(states, torch.zeros(1, 1, 1, 5))
    assert torch.allclose(states, found.last_hidden_state, atol=1e-4)


def test_teaching_changes_what_the_ear_hears_and_nothing_below_it() -> None:
    net = small_network()
    before = copy.deepcopy(net.state_dict())
    teach(net, IDS, MARKED, EarStage(rank=4, epochs=40, peak_rate=3e-3, dropout=0.0), seed=1, title="test")
    assert all(torch.equal(weight, net.state_dict()[name]) for name, weight in before.items())
    with torch.no_grad():
        marks = [float(net(torch.tensor([ids]), torch.ones(1, len(ids)))["marks"].mean()) for ids in IDS[:2]]
    assert marks[0] > 0 > marks[1]


def test_an_unknown_answer_teaches_nothing() -> None:
    heard = torch.zeros(1, 2, requires_grad=True)
    cost(heard, torch.tensor([[1, -1]], dtype=torch.int8), smoothing=0.0).backward()
    assert heard.grad is not None
    assert heard.grad[0, 0] < 0 == heard.grad[0, 1]
