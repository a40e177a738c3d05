"""Any sequence-classification model of the Hugging Face hub, or of a local folder in its form.

A model that carries an ONNX file runs without torch; another one needs the extra `hub`, and safetensors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.classifier import Embedding, Reading, Verdict
from models.cores import usable_cores
from models.errors import ModelBroken
from models.fold import MAX_LENGTH, fold_for_model
from models.hashed import hashed_embedding
from models.hub_folder import find_hub_folder
from models.hub_network import HubNetwork, open_onnx, open_torch
from models.label_map import LabelMap, make_label_map
from models.normalise import normalise
from models.quiet import quiet_transformers
from models.vectors import Rows, softmax, unit
from models.windows import choose_windows, group_by_length

_LONGEST_WINDOW: Final = 512
_MAX_TEXTS: Final = 256


@dataclass(frozen=True, slots=True)
class Window:
    """One window of the text at `text`: its tokens, with those that open and close it."""

    text: int
    tokens: Sequence[int]


class TransformersHub:
    """A foreign model with our answers; see `models.classifier.Classifier`."""

    def __init__(self, network: HubNetwork, tokenizer: Any, labels: LabelMap, fingerprint: str, window: int) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._labels = labels
        self._window = window
        self.fingerprint = fingerprint

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """Give the verdict on each text; heads that the model lacks stay None."""
        return [reading.verdict for reading in self.read(texts)]

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Give the unit vector of each text: the mean of the last states, or its words where no states are told."""
        return [reading.embedding for reading in self.read(texts)]

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Give verdict and embedding of each text in one pass.

        Raises:
            InferenceFailed: the network broke down.
        """
        readings: list[Reading] = []
        for start in range(0, len(texts), _MAX_TEXTS):
            readings += self._read_some(texts[start : start + _MAX_TEXTS])
        return readings

    def _read_some(self, texts: Sequence[str]) -> list[Reading]:
        shown = [normalise(fold_for_model(text)) for text in texts]
        windows, truncated = self._windows(shown)
        logits, states = self._run(windows)
        chances = softmax(logits)
        by_text: dict[int, list[int]] = {}
        for place, window in enumerate(windows):
            by_text.setdefault(window.text, []).append(place)
        return [
            self._reading(
                shown[text],
                chances[places],
                None if states is None else states[places],
                text in truncated or len(texts[text]) > MAX_LENGTH,
            )
            for text, places in sorted(by_text.items())
        ]

    def _windows(self, texts: list[str]) -> tuple[list[Window], frozenset[int]]:
        """Let the tokenizer cut long texts, so that each window opens and closes as the model knows it."""
        if not texts:
            return [], frozenset()
        found = self._tokenizer(
            texts,
            truncation=True,
            max_length=self._window,
            stride=self._window // 4,
            return_overflowing_tokens=True,
            return_token_type_ids=False,
        )
        by_text: dict[int, list[Window]] = {}
        for text, tokens in zip(found["overflow_to_sample_mapping"], found["input_ids"], strict=True):
            by_text.setdefault(int(text), []).append(Window(int(text), tokens))
        chosen = [choose_windows(windows) for windows in by_text.values()]
        truncated = {text for text, kept in zip(by_text, chosen, strict=True) if len(kept) < len(by_text[text])}
        return [window for kept in chosen for window in kept], frozenset(truncated)

    def _run(self, windows: Sequence[Window]) -> tuple[Rows, Rows | None]:
        logits = np.zeros((len(windows), len(self._labels.targets)), np.float32)
        states: Rows | None = None
        for group in group_by_length([len(window.tokens) for window in windows], budget=self._network.budget):
            length = max(1, *(len(windows[place].tokens) for place in group))
            ids = np.full((len(group), length), self._tokenizer.pad_token_id or 0, np.int64)
            mask = np.zeros((len(group), length), np.int64)
            for row, place in enumerate(group):
                ids[row, : len(windows[place].tokens)] = windows[place].tokens
                mask[row, : len(windows[place].tokens)] = 1
            logits[group], found = self._network.run(ids, mask)
            if found is not None:
                states = np.zeros((len(windows), found.shape[1]), np.float32) if states is None else states
                states[group] = found
        return logits, states

    def _reading(self, text: str, chances: Rows, states: Rows | None, truncated: bool) -> Reading:
        facts = {"model": self.fingerprint, "parts": len(chances), "truncated": truncated}
        verdicts = [self._labels.judge(row, **facts) for row in chances]
        embedding = hashed_embedding(text) if states is None else unit(states.mean(0))
        return Reading(max(verdicts, key=_badness), embedding)


def _badness(verdict: Verdict) -> float:
    """What makes a window the worst: its complaint, or what comes nearest to one."""
    if verdict.complaint is not None:
        return verdict.complaint
    if verdict.sentiment is not None:
        return verdict.sentiment["negative"]
    return verdict.offensive or (verdict.emotion or {}).get("anger", 0.0)


def load_transformers_hub(
    repository: str, *, labels: Mapping[str, str] | None = None, offline: bool = True, threads: int | None = None
) -> TransformersHub:
    """Load `OWNER/NAME[@REVISION]`, or a folder in the hub's form.

    Raises:
        ModelMissing: the model is not on this machine; the message names the command that fetches it.
        ModelBroken: its files or labels cannot be used.
        ExtraMissing: it has no ONNX file and torch is not installed.
    """
    folder = find_hub_folder(repository, offline=offline)
    record, tokenizer = _load_config_and_tokenizer(folder.path)
    subject = f"model {folder.fingerprint}"
    label_map = make_label_map(subject, _classes(subject, record), labels)
    cores = max(1, threads or usable_cores())
    network = open_onnx(folder.onnx, cores) if folder.onnx else open_torch(folder.path, cores)
    return TransformersHub(network, tokenizer, label_map, folder.fingerprint, _window(record, tokenizer))


def _load_config_and_tokenizer(folder: Path) -> tuple[Mapping[str, Any], Any]:
    with quiet_transformers():
        from transformers import AutoTokenizer, PreTrainedConfig  # noqa: PLC0415 - half a second
    try:
        record, _ = PreTrainedConfig.get_config_dict(str(folder), local_files_only=True)
        return record, AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:  # tokenizers raises bare Exception for a broken file
        raise ModelBroken(f"model {folder.name}", f"tokenizer or config cannot be read: {error!s:.200}") from error


def _classes(subject: str, record: Mapping[str, Any]) -> list[str]:
    """Return the names of the classes in the order of the logits."""
    names = record.get("id2label")
    if not isinstance(names, Mapping) or len(names) < 2:
        raise ModelBroken(subject, "its config names no classes (id2label)", "choose a sequence-classification model")
    return [str(names[key]) for key in sorted(names, key=int)]


def _window(record: Mapping[str, Any], tokenizer: Any) -> int:
    """Return the tokens in a window. RoBERTa counts its positions from 2, so two are kept back for all."""
    positions = int(record.get("max_position_embeddings") or _LONGEST_WINDOW + 2) - 2
    return max(8, min(positions, int(tokenizer.model_max_length), _LONGEST_WINDOW))
