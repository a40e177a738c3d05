"""The tutor: its lower half stays as it came, its upper half learns."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs the extra train")

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import MPNetConfig, MPNetModel

from models.train import tutor as tutor_module
from models.train.recipe import TutorStage
from models.train.tutor import WIDTH, Tutor, TutorError, tutor_ids, unpack
from models.train.tutor_loop import ask, instruct, read

IDS = [[0, 5, 2], [0, 6, 7, 8, 2], [0, 9, 10, 2]] * 8


def small_tutor() -> Tutor:
    torch.manual_seed(1)
    shape = MPNetConfig(vocab_size=20, hidden_size=WIDTH, num_hidden_layers=4, num_attention_heads=12,
                        intermediate_size=32, attn_implementation="eager")  # fmt: skip
    return Tutor(MPNetModel(shape, add_pooling_layer=False), layers=2, outputs={"mood": 2}).eval()


def test_an_untaught_tutor_reads_as_its_encoder_does() -> None:
    tutor = small_tutor()
    ids, mask = torch.tensor([IDS[1]]), torch.ones(1, 5)
    with torch.no_grad():
        whole = tutor.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        halves = tutor._through(list(tutor.upper), tutor.lower(ids, mask), mask)
    assert torch.allclose(whole, halves, atol=1e-4)


def test_teaching_leaves_the_lower_half_alone_and_is_remembered() -> None:
    tutor = small_tutor()
    texts = read(tutor, IDS)
    labels = torch.tensor([0, 1, 0] * 8)
    before = {name: weight.clone() for name, weight in tutor.named_parameters() if not weight.requires_grad}

    def loss(said: dict[str, torch.Tensor], rows: np.ndarray) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(said["mood"], labels[rows])

    stage = TutorStage({}, peak_rate=1e-3, batch=8)
    instruct(tutor, texts, np.repeat(np.arange(24), 12), loss, stage, seed=1, title="test")
    now = dict(tutor.named_parameters())
    assert before
    assert all(torch.equal(weight, now[name]) for name, weight in before.items())
    assert (ask(tutor, texts, range(24), "test")["mood"].argmax(-1) == labels.numpy()).all()


def test_answers_come_in_the_order_asked_for_whatever_their_lengths() -> None:
    tutor = small_tutor()
    texts = read(tutor, IDS)
    found = ask(tutor, texts, [1, 0, 2, 0], "test")["mood"]
    assert np.allclose(found[1], found[3], atol=1e-2)
    assert not np.allclose(found[0], found[1], atol=1e-6)


def test_missing_weights_name_the_package(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(tutor_module, "PARTS", ("no-such-tutor_001",))
    with pytest.raises(TutorError, match="no-such-tutor-001 is missing"):
        unpack(tmp_path)


def test_emoji_are_read_by_their_names(tmp_path) -> None:  # type: ignore[no-untyped-def]
    words = {"<s>": 0, "[UNK]": 1, "broken": 2, "heart": 3, "my": 4}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    (tmp_path / "all-mpnet-base-v2").mkdir()
    tokenizer.save(str(tmp_path / "all-mpnet-base-v2" / "tokenizer.json"))
    (tmp_path / "all-mpnet-base-v2" / "model.safetensors").touch()
    assert tutor_ids(tmp_path, ["my💔"], 16) == [[4, 2, 3]]
