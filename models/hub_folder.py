"""Where the files of a hub model lie on this machine, and which of them may be used.

Pickled weights are never read: unpickling runs code. Code that a repository carries is never run either.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.errors import ModelBroken, ModelMissing

_ONNX_FILES: Final = (
    "model.onnx",
    "onnx/model_quantized.onnx",
    "onnx/model_int8.onnx",
    "onnx/model.onnx",
)
_WANTED: Final = ("*.json", "*.txt", "*.model", "*.safetensors", "*.onnx_data", *_ONNX_FILES)
_COMMIT_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class HubFolder:
    """The files of one model. `onnx` is the network to run; None: its safetensors are."""

    path: Path
    fingerprint: str
    onnx: Path | None


def find_hub_folder(repository: str, *, offline: bool) -> HubFolder:
    """Find, or fetch unless ``offline``, the files of `OWNER/NAME[@REVISION]` or of a folder.

    Raises:
        ModelMissing: the files are not on this machine and could not be fetched.
        ModelBroken: there are no weights that may be read.
    """
    name, _, revision = repository.partition("@")
    if Path(repository).is_dir():
        path, fingerprint = Path(repository), f"folder:{Path(repository).resolve().name}"
    else:
        path = _snapshot(name, revision or None, offline=offline)
        fingerprint = f"hub:{name}@{path.name[:_COMMIT_SHOWN]}"
    onnx = next((path / file for file in _ONNX_FILES if (path / file).is_file()), None)
    if onnx is None and not any(path.glob("*.safetensors")):
        raise ModelBroken(
            f"model {name}", "it has neither safetensors nor ONNX weights", "choose a model or a revision that has"
        )
    return HubFolder(path, fingerprint, onnx)


def _snapshot(name: str, revision: str | None, *, offline: bool) -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - loaded on use
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    at = f" --revision {revision}" if revision else ""
    fetch = f"fetch it with: hf download {name}{at}"
    try:
        return Path(snapshot_download(name, revision=revision, local_files_only=offline, allow_patterns=list(_WANTED)))
    except HFValidationError as error:
        raise ModelMissing(f"model hub:{name}", "this is no name of a repository", "write hub:OWNER/NAME") from error
    except LocalEntryNotFoundError as error:
        raise ModelMissing(f"model hub:{name}", "it is not on this machine", fetch) from error
    except HfHubHTTPError as error:
        raise ModelMissing(f"model hub:{name}", f"the hub refuses it: {error!s:.150}", fetch) from error
