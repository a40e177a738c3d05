"""A tokenizer and a network that are plain to follow: the words of a text decide its logits."""

from typing import Any

import numpy as np
import numpy.typing as npt

from models.classifier import MARKS
from models.complaint_onnx import ComplaintOnnx, ModelConfig

WORDS = ("refund", "love", "haha")


class WordTokenizer:
    """One token for each word; known words have small numbers."""

    cls_token_id, sep_token_id = 1, 2

    def __call__(self, texts: list[str], **_: Any) -> dict[str, list[list[int]]]:
        """Return the token numbers of each text."""
        return {"input_ids": [[self._number(word) for word in text.lower().split()] for text in texts]}

    def _number(self, word: str) -> int:
        bare = word.strip(".,!?")
        return 10 + WORDS.index(bare) if bare in WORDS else 100 + len(bare)


class WordNetwork:
    """A text with `refund` complains, the more often the surer; one with `love` is positive. Remembers its batches."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def run(self, outputs: list[str], inputs: dict[str, npt.NDArray[np.int64]]) -> list[npt.NDArray[np.float32]]:
        """Return the named outputs, a row for each text."""
        ids, mask = inputs["input_ids"], inputs["attention_mask"]
        assert ((ids != 0) == (mask == 1)).all()
        self.shapes.append(ids.shape)
        refund, love, haha = ((ids == 10 + place).sum(1).astype(np.float32) for place in range(3))
        nought = np.zeros(len(ids), np.float32)
        embedding = np.zeros((len(ids), 384), np.float32)
        embedding[np.arange(len(ids)), mask.sum(1) % 384] = 1
        answers = {
            "sentiment": np.stack([2 * refund, nought, 2 * love], 1),
            "complaint": np.stack([nought, 4 * refund - 2], 1),
            "offensive": np.stack([nought, nought - 3], 1),
            "irony": np.stack([nought, 3 * haha - 1], 1),
            "emotion": np.stack([refund, love, nought, nought], 1),
            "embedding": embedding,
            "marks": np.stack([4 * refund - 2] * len(MARKS), 1),
        }
        return [answers[name] for name in outputs]


def make_classifier(network: Any = None, *, threads: int = 1, temperature: float = 1.0) -> ComplaintOnnx:
    """Return the default classifier over the fake network; its windows hold 18 words."""
    heads = ("sentiment", "complaint", "offensive", "irony", "emotion")
    config = ModelConfig("fake-1", 20, dict.fromkeys(heads, temperature))
    return ComplaintOnnx(network or WordNetwork(), WordTokenizer(), config, threads)
