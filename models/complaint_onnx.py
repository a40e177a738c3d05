"""The default model: a small transformer with five heads and a second ear, in eight bits, on the CPU, offline.

    texts ─▶ fold, normalise ─▶ tokens ─▶ windows ─▶ shares, one for each core ─▶ ONNX ─▶ the worst window decides

The tokenizer is read with transformers, the network is run by onnxruntime. Texts are tokenised together and then run
one by one, side by side on the cores. An eight-bit network picks the scale of its numbers anew in each run: texts that
share a run share the scale, and a post would get another probability in other company (up to 0.18 away, measured).
Alone, the same text always gets the same verdict and nothing is padded; that costs up to a third of the speed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from models.classifier import (
    EMOTIONS,
    MARKS,
    SENTIMENTS,
    SEVERITIES,
    YES_NO_HEADS,
    Embedding,
    Reading,
    Verdict,
    name_scores,
)
from models.cores import usable_cores
from models.errors import InferenceFailed, ModelBroken, ModelMissing
from models.fold import MAX_LENGTH, fold_for_model
from models.network_errors import network_errors
from models.normalise import normalise
from models.quiet import quiet_transformers
from models.vectors import Rows, sigmoid, softmax, unit
from models.windows import Windows, share_out, split_windows

NETWORK_FILE: Final = "model.int8.onnx"
HEADS: Final = ("sentiment", *YES_NO_HEADS, "emotion")
_OUTPUTS: Final = (*HEADS, "embedding", "marks")
_WINDOW: Final = 66  # tokens; what surrounds a complaint in a long text dilutes it, so short windows find more of them
_MAX_TEXTS: Final = 512  # taken into one pass, so that a million lines need no more memory than a thousand

Answers = list[Rows]


class Tokenizer(Protocol):
    """What is asked of a transformers tokenizer."""

    cls_token_id: int
    sep_token_id: int

    def __call__(self, texts: list[str], **options: Any) -> Mapping[str, list[list[int]]]:
        """Return the token numbers of each text."""
        ...


class Network(Protocol):
    """What is asked of an onnxruntime session."""

    def run(self, outputs: list[str], inputs: dict[str, npt.NDArray[np.int64]]) -> Answers:
        """Return the named outputs, a row for each text."""
        ...


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What config.json says beside the shape of the network."""

    fingerprint: str
    max_length: int
    """Tokens in a window, the two at its ends included."""
    temperatures: Mapping[str, float]


class ComplaintOnnx:
    """Five answers, marks and an embedding in one pass; see `models.classifier.Classifier`."""

    def __init__(
        self,
        network: Network,
        tokenizer: Tokenizer,
        config: ModelConfig,
        threads: int,
    ) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._ends = tokenizer.cls_token_id, tokenizer.sep_token_id  # looked up by name each time, slowly
        self._config = config
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, "classify") if threads > 1 else None

    @property
    def fingerprint(self) -> str:
        """Name and version of the weights."""
        return self._config.fingerprint

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """Give the verdict on each text."""
        return [reading.verdict for reading in self.read(texts)]

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Give the unit vector of each text; that of a long text is the mean of its windows."""
        return [reading.embedding for reading in self.read(texts)]

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Give verdict and embedding of each text in one pass.

        Raises:
            InferenceFailed: the network broke down, for want of memory for instance.
        """
        readings: list[Reading] = []
        for start in range(0, len(texts), _MAX_TEXTS):
            readings += self._read_some(texts[start : start + _MAX_TEXTS])
        return readings

    def _read_some(self, texts: Sequence[str]) -> list[Reading]:
        size = min(self._config.max_length, _WINDOW) - 2
        parted = [
            split_windows(tokens, size, cut=len(text) > MAX_LENGTH)
            for text, tokens in zip(texts, self._tokenize(texts), strict=True)
        ]
        answers = self._run([window for windows in parted for window in windows.tokens])
        chances = {head: softmax(answers[head] / self._config.temperatures[head]) for head in HEADS}
        chances["marks"] = sigmoid(answers["marks"])
        ends = accumulate((len(windows.tokens) for windows in parted), initial=0)
        return [
            self._reading(
                windows, {head: rows[start:end] for head, rows in chances.items()}, answers["embedding"][start:end]
            )
            for windows, (start, end) in zip(parted, pairwise(ends), strict=True)
        ]

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        return self._tokenizer(
            [normalise(fold_for_model(text)) for text in texts],
            add_special_tokens=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,  # it would warn of texts that are longer than a window
        )["input_ids"]

    def _run(self, windows: Sequence[Sequence[int]]) -> dict[str, Rows]:
        if not windows:
            return {name: np.empty((0, 2), np.float32) for name in _OUTPUTS}
        shares = share_out([len(window) for window in windows], self._threads)
        run = self._pool.map if self._pool and len(shares) > 1 else map
        answers: list[Answers] = [[]] * len(windows)
        for share, found in zip(
            shares, run(lambda share: [self._run_one(windows[at]) for at in share], shares), strict=True
        ):
            for place, rows in zip(share, found, strict=True):
                answers[place] = rows
        return {name: np.concatenate([rows[at] for rows in answers]) for at, name in enumerate(_OUTPUTS)}

    def _run_one(self, window: Sequence[int]) -> Answers:
        begin, end = self._ends
        ids = np.array([[begin, *window, end]], np.int64)
        try:
            return self._network.run(list(_OUTPUTS), {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        except network_errors() as error:
            raise InferenceFailed(f"model {self.fingerprint}", f"the network broke down: {error!s:.200}") from error

    def _reading(self, windows: Windows, chances: Mapping[str, Rows], embeddings: Rows) -> Reading:
        worst = int(chances["complaint"][:, 1].argmax())
        heard = chances["marks"].max(axis=0).tolist()  # a long text may tell of trouble in any of its windows
        verdict = Verdict(
            sentiment=name_scores(SENTIMENTS, chances["sentiment"][worst].tolist()),
            complaint=float(chances["complaint"][worst, 1]),
            offensive=float(chances["offensive"][worst, 1]),
            irony=float(chances["irony"][worst, 1]),
            emotion=name_scores(EMOTIONS, chances["emotion"][worst].tolist()),
            severity=name_scores(SEVERITIES, heard[:-1]),
            urgent=heard[-1],
            model=self.fingerprint,
            parts=len(windows.tokens),
            truncated=windows.truncated,
        )
        return Reading(verdict, embeddings[0].copy() if len(embeddings) == 1 else unit(embeddings.mean(0)))


def load_complaint_onnx(folder: Path, *, threads: int | None = None) -> ComplaintOnnx:
    """Load the model in ``folder``; ``threads`` is the number of cores it may use, by default all of this process.

    Raises:
        ModelMissing: the folder or one of its files is not there.
        ModelBroken: a file cannot be read as what it should be.
    """
    for name in (NETWORK_FILE, "config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ModelMissing(f"model {folder.name}", f"{folder / name} is not there", "install the package again")
    tokenizer, config = _load_tokenizer_and_config(folder)
    network, cores = _open_network(folder / NETWORK_FILE), max(1, threads or usable_cores())
    return ComplaintOnnx(network, tokenizer, config, cores)


def _load_tokenizer_and_config(folder: Path) -> tuple[Tokenizer, ModelConfig]:
    """Read both. transformers' own reader of config.json would load torch wherever torch is installed."""
    with quiet_transformers():
        from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - half a second
    try:
        record = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tokenizer = PreTrainedTokenizerFast.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # tokenizers raises bare Exception for a broken file
        raise ModelBroken(f"model {folder.name}", f"tokenizer or config cannot be read: {error!s:.200}") from error
    return tokenizer, parse_config(record)


def parse_config(record: Mapping[str, Any]) -> ModelConfig:
    """Check what config.json says.

    Raises:
        ModelBroken: a head is missing or has other labels than this program knows.
    """
    labels = {"sentiment": SENTIMENTS, "emotion": EMOTIONS} | {head: (f"not_{head}", head) for head in YES_NO_HEADS}
    try:
        config = ModelConfig(
            fingerprint=_fingerprint(record["sha256"][NETWORK_FILE], record["temperatures"]),
            max_length=int(record["max_length"]),
            temperatures={head: float(record["temperatures"][head]) for head in HEADS},
        )
        wrong = [head for head in HEADS if tuple(record["heads"][head]) != labels[head]]
        marks = tuple(record["marks"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelBroken("config.json", f"a value is missing or of the wrong kind ({error})") from error
    if wrong:
        raise ModelBroken("config.json", f"head {wrong[0]} must have the labels {', '.join(labels[wrong[0]])}")
    if marks != MARKS:
        raise ModelBroken("config.json", f"the marks must be {', '.join(MARKS)}")
    return config


def _fingerprint(weights: str, temperatures: Mapping[str, float]) -> str:
    """Name the weights and their calibration: both decide what a text is given."""
    facts = json.dumps([weights, sorted(temperatures.items())])
    return f"complaint-minilm-{_digest(facts.encode())[:12]}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _open_network(path: Path) -> Network:
    import onnxruntime  # noqa: PLC0415 - a tenth of a second

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # texts run side by side instead
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # plans for one shape; ours change with every text
    options.log_severity_level = 3
    try:
        session: Network = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except network_errors() as error:
        raise ModelBroken(f"model {path.parent.name}", f"{path.name} cannot be read: {error!s:.200}") from error
    return session
