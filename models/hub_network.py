"""Two ways to run a foreign network: its ONNX file, or its safetensors through torch."""

from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from models.errors import ExtraMissing, InferenceFailed, ModelBroken
from models.network_errors import network_errors
from models.quiet import quiet_transformers
from models.vectors import Rows

_INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
Tokens = npt.NDArray[np.int64]


class HubNetwork(Protocol):
    """A network that reads padded tokens, at most `budget` of them in one run; a text alone may be longer."""

    @property
    def budget(self) -> int:
        """Tokens, padding included, that one run takes best."""
        ...

    def run(self, ids: Tokens, mask: Tokens) -> tuple[Rows, Rows | None]:
        """Return a row of logits for each text and, where the network tells, the mean of its last states."""
        ...


class OnnxHubNetwork:
    """An ONNX file under onnxruntime. It tells no states, so texts are embedded by their words.

    Texts are run one by one: in eight bits, those that share a run would change each other's answers.
    """

    budget = 1

    def __init__(self, session: Any) -> None:
        self._session = session
        self._inputs = {wanted.name for wanted in session.get_inputs()}

    def run(self, ids: Tokens, mask: Tokens) -> tuple[Rows, Rows | None]:
        """Return the first output as logits.

        Raises:
            InferenceFailed: the network broke down.
        """
        offered = dict(zip(_INPUTS, (ids, mask, np.zeros_like(ids)), strict=True))
        try:
            logits = self._session.run(None, {name: offered[name] for name in self._inputs})[0]
        except network_errors() as error:
            raise InferenceFailed("hub model", f"the network broke down: {error!s:.200}") from error
        return np.asarray(logits, np.float32), None


class TorchHubNetwork:
    """Safetensors under torch."""

    budget = 2_048

    def __init__(self, torch: Any, network: Any) -> None:
        self._torch = torch
        self._network = network

    def run(self, ids: Tokens, mask: Tokens) -> tuple[Rows, Rows | None]:
        """Return logits and the mean of the last layer's states.

        Raises:
            InferenceFailed: the network broke down.
        """
        torch = self._torch
        try:
            with torch.inference_mode():
                found = self._network(
                    input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask), output_hidden_states=True
                )
        except (RuntimeError, IndexError, MemoryError) as error:
            raise InferenceFailed("hub model", f"the network broke down: {error!s:.200}") from error
        weights = torch.from_numpy(mask).unsqueeze(-1).float()
        states = (found.hidden_states[-1].float() * weights).sum(1) / weights.sum(1).clamp(min=1)
        return found.logits.float().numpy(), states.numpy()


def open_onnx(path: Path, threads: int) -> HubNetwork:
    """Open an ONNX file.

    Raises:
        ModelBroken: the file cannot be read.
    """
    import onnxruntime  # noqa: PLC0415 - loaded on use

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except network_errors() as error:
        raise ModelBroken(f"model {path.parent.name}", f"{path.name} cannot be read: {error!s:.200}") from error
    strange = {wanted.name for wanted in session.get_inputs()} - set(_INPUTS)
    if strange:
        raise ModelBroken(f"model {path.parent.name}", f"it wants inputs we do not have: {', '.join(sorted(strange))}")
    return OnnxHubNetwork(session)


def open_torch(folder: Path, threads: int) -> HubNetwork:
    """Load safetensors into the network that config.json describes; no code of the repository is run.

    Raises:
        ExtraMissing: torch is not installed.
        ModelBroken: the files do not make a sequence-classification model.
    """
    try:
        import torch  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ExtraMissing(f"model {folder.name}", "it has no ONNX file, and torch is not installed") from error
    with quiet_transformers():
        from transformers import AutoModelForSequenceClassification  # noqa: PLC0415 - loaded on use
    torch.set_num_threads(threads)
    try:
        network = AutoModelForSequenceClassification.from_pretrained(
            str(folder), local_files_only=True, use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelBroken(f"model {folder.name}", f"it cannot be loaded: {error!s:.200}") from error
    return TorchHubNetwork(torch, network.eval())
