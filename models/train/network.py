"""The network: the encoder, one way of reading it for each head, and an embedding that keeps its old meaning.

A finished network may be given a second ear (`ear.py`), which has a say in what is a complaint.
"""

from typing import Any, Final

import torch
from torch import Tensor, nn
from transformers import BertModel, logging

from models.normalise import HANDLE
from models.train.ear import Ear
from models.train.recipe import HEADS
from models.train.vocabulary import emoji_words, encoder_folder

WIDTH: Final = 384

SAY: Final = 0.5
"""Weight of the second ear's opinion on complaints; the head, which learned from public posts alone, has the rest."""


class ComplaintNet(nn.Module):  # type: ignore[misc]
    """MiniLM with a linear head for each question; each head weighs the words by its own learned query.

    The queries start at nought, which is plain mean pooling: what the encoder was trained for.
    """

    def __init__(self, encoder: nn.Module, width: int = WIDTH) -> None:
        super().__init__()
        self.encoder = encoder
        self.queries = nn.Parameter(torch.zeros(len(HEADS), width))
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.ModuleDict({head: nn.Linear(width, len(labels)) for head, labels in HEADS.items()})
        self.meaning = nn.Linear(width, width)
        nn.init.eye_(self.meaning.weight)
        nn.init.zeros_(self.meaning.bias)
        self.ear: Ear | None = None

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """Return raw logits by head, and ``embedding``, one unit vector a text."""
        found = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=self.ear is not None
        )
        answers = self.read(found.last_hidden_state.float(), attention_mask)
        if self.ear is None:
            return answers
        return self.listen(answers, found.hidden_states[-1 - len(self.ear.layers)], attention_mask)

    def listen(self, answers: dict[str, Tensor], lower: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """Return the answers with ``marks`` and with the ear's say on complaints; ``lower`` is what the ear reads."""
        if self.ear is None:
            return answers
        heard = self.ear(lower, attention_mask)
        opinion = torch.stack([-heard[:, -1] / 2, heard[:, -1] / 2], 1)
        complaint = (1 - SAY) * answers["complaint"] + SAY * opinion
        return answers | {"complaint": complaint, "marks": heard[:, :-1]}

    def read(self, states: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """Answer all questions from the states of the last layer (n, length, width)."""
        ignored = (attention_mask == 0).unsqueeze(1)
        scores = torch.matmul(self.queries, states.transpose(1, 2)).masked_fill(ignored, -1e4)
        pooled = torch.matmul(scores.softmax(-1), states)
        answers = {head: self.heads[head](self.dropout(pooled[:, place])) for place, head in enumerate(HEADS)}
        answers["embedding"] = nn.functional.normalize(self.meaning(mean(states, attention_mask)), dim=-1)
        return answers


def mean(states: Tensor, attention_mask: Tensor) -> Tensor:
    """Average the states of the real words."""
    weights = attention_mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp(min=1e-6)


def fresh_encoder() -> Any:
    """Load all-MiniLM-L6-v2 as its package ships it, without the pooler that nothing uses."""
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return BertModel.from_pretrained(str(encoder_folder()), add_pooling_layer=False, attn_implementation="sdpa")


def fresh(tokenizer: Any, emoji: list[str]) -> ComplaintNet:
    """Return an untrained network whose new tokens start from the mean of the words that describe them."""
    encoder = fresh_encoder()
    plain = encoder.get_input_embeddings().weight.detach().clone()
    encoder.resize_token_embeddings(tokenizer.get_vocab_size(), mean_resizing=False)
    embeddings = encoder.get_input_embeddings().weight.data
    embeddings[tokenizer.token_to_id(HANDLE)] = plain[[tokenizer.token_to_id(word) for word in ("@", "user")]].mean(0)
    for mark in emoji:
        words = tokenizer.encode(emoji_words(mark), add_special_tokens=False).ids
        embeddings[tokenizer.token_to_id(mark)] = plain[words].mean(0)
    return ComplaintNet(encoder)
