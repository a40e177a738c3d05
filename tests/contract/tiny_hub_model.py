"""Models in the form of the hub, made on the spot: one for torch, one that carries an ONNX file."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

WEIGHTS = Path(__file__).parents[2] / "models/weights/complaint-minilm"
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "refund", "love", "never", "the", "a", "my", "lamp", "!", ".")
SENTIMENT = {0: "negative", 1: "neutral", 2: "positive"}


def build_torch_model(folder: Path, labels: dict[int, str] = SENTIMENT, *, safetensors: bool = True) -> Path:
    """Write a two-layer BERT with random weights, or skip the test where torch is not installed."""
    torch = pytest.importorskip("torch", reason="torch is not installed: the extra hub cannot be tested")
    from transformers import BertConfig, BertForSequenceClassification  # noqa: PLC0415 - needs torch

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=66,
        id2label=labels,
        label2id={name: place for place, name in labels.items()},
    )
    network = BertForSequenceClassification(config)
    network.save_pretrained(str(folder))
    if not safetensors:
        torch.save(network.state_dict(), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
    _write_tokenizer(folder)
    return folder


def build_onnx_model(folder: Path, labels: dict[int, str] = SENTIMENT) -> Path:
    """Write a folder that carries an ONNX file: our own network, of which a foreign reader sees the first head."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(WEIGHTS / name, folder / name)
    shutil.copy(WEIGHTS / "model.int8.onnx", folder / "model.onnx")
    config: dict[str, Any] = {"model_type": "bert", "id2label": labels, "max_position_embeddings": 128}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def _write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: PLC0415 - loaded on use
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - loaded on use

    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()  # type: ignore[assignment]
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()  # type: ignore[assignment]
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))  # type: ignore[assignment]
    named = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named).save_pretrained(str(folder))
