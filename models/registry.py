"""Which name stands for which model. Nothing heavy is imported before a model is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.classifier import Classifier
from models.errors import ModelError, UnknownModel

DEFAULT_MODEL: Final = "complaint-minilm"
WEIGHTS: Final = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How a model is run.

    `threads` is the number of CPU cores a model may use (None: all that this process may use). `offline` forbids
    fetching. `labels` explains the labels of a foreign model: `{"LABEL_0": "sentiment.negative"}`, see
    `models.label_map`.
    """

    threads: int | None = None
    offline: bool = True
    labels: Mapping[str, str] | None = None


Loader = Callable[[str, ModelOptions], Classifier]


def _load_complaint_minilm(_: str, options: ModelOptions) -> Classifier:
    from models.complaint_onnx import load_complaint_onnx  # noqa: PLC0415 - loaded on use

    return load_complaint_onnx(WEIGHTS / "complaint-minilm", threads=options.threads)


def _load_folder(folder: str, options: ModelOptions) -> Classifier:
    if not (Path(folder) / "model.int8.onnx").is_file():
        return _load_hub(folder, options)
    from models.complaint_onnx import load_complaint_onnx  # noqa: PLC0415 - loaded on use

    return load_complaint_onnx(Path(folder), threads=options.threads)


def _load_hub(repository: str, options: ModelOptions) -> Classifier:
    from models.transformers_hub import load_transformers_hub  # noqa: PLC0415 - loaded on use

    return load_transformers_hub(repository, labels=options.labels, offline=options.offline, threads=options.threads)


def _load_lexicon(_: str, __: ModelOptions) -> Classifier:
    from models.lexicon import load_lexicon  # noqa: PLC0415 - loaded on use

    return load_lexicon()


LOADERS: Final[Mapping[str, Loader]] = {
    "complaint-minilm": _load_complaint_minilm,
    "lexicon": _load_lexicon,
    "hub": _load_hub,
    "folder": _load_folder,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A classifier that works, and why it is not the one that was asked for (None: it is)."""

    classifier: Classifier
    problem: ModelError | None


def load_classifier(
    spec: str = DEFAULT_MODEL,
    *,
    threads: int | None = None,
    offline: bool = True,
    labels: Mapping[str, str] | None = None,
) -> Classifier:
    """Load the model that ``spec`` names: `complaint-minilm`, `lexicon`, `hub:OWNER/NAME[@REVISION]` or a folder.

    Raises:
        ModelError: the name is unknown, or the model's files or packages are missing or broken.
    """
    name, argument = parse_spec(spec)
    return LOADERS[name](argument, ModelOptions(threads=threads, offline=offline, labels=labels))


def load_or_fall_back(
    spec: str = DEFAULT_MODEL,
    *,
    threads: int | None = None,
    offline: bool = True,
    labels: Mapping[str, str] | None = None,
) -> Loaded:
    """Load ``spec``, or the lexicon when that fails: a poor opinion at once beats none, if people are told."""
    try:
        return Loaded(load_classifier(spec, threads=threads, offline=offline, labels=labels), None)
    except ModelError as problem:
        return Loaded(load_classifier("lexicon"), problem)


def parse_spec(spec: str) -> tuple[str, str]:
    """Return the loader's name and its argument, without touching a model.

    Raises:
        UnknownModel: the name stands for no model.
    """
    if spec.startswith("hub:") and len(spec) > len("hub:"):
        return "hub", spec.removeprefix("hub:")
    if spec in ("complaint-minilm", "lexicon"):
        return spec, ""
    if ("/" in spec or spec.startswith(".")) and Path(spec).expanduser().is_dir():
        return "folder", str(Path(spec).expanduser())
    raise UnknownModel(f"model {spec[:200]!r}", "no model and no folder has this name")
