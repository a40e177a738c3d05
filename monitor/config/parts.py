"""Sources and receivers of the config: each is read alone, so that one broken part stops alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path as FilePath
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from connectors import registry
from connectors.options import SourceOptions
from monitor.config import receivers
from monitor.config.document import Document
from monitor.config.problem import Path, Problem, problem_at, suggestion
from monitor.config.secret import SecretMissing, is_reference, resolve
from monitor.config.wording import problems_of, secret_fields
from monitor.service.log import hide

PRIVATE_FIELDS = {"token", "password", "secret", "client_secret", "routing_key"}
"""Fields that should be references; a webhook's URL may stand in the file."""

BUILTIN = "builtin:"
"""A path such as `builtin:lumo` names a sample that ships with the connectors."""

Options = TypeVar("Options", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a config comes from and what its references may see. `secrets` False leaves references unresolved."""

    base: FilePath
    environ: Mapping[str, str]
    secrets: bool = True


@dataclass(frozen=True, slots=True)
class PartKind(Generic[Options]):
    """What sources and receivers have in common: a section, known kinds, and the options of each kind."""

    section: str
    word: str
    kinds: tuple[str, ...]
    options: Callable[[str], type[Options]]
    placeholder: Callable[[str], Options]


@dataclass(slots=True)
class Parts(Generic[Options]):
    """The parts of one section: those that can be used, and stand-ins of those that cannot.

    `read` holds each part whose options are valid, also where its secret is missing: checks look at those.
    """

    usable: dict[str, Options] = field(default_factory=dict)
    read: dict[str, Options] = field(default_factory=dict)
    broken: dict[str, Options] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def all(self) -> dict[str, Options]:
        """Return usable parts and placeholders of broken ones, for checks of their names."""
        return {**self.usable, **self.broken}


SOURCES: PartKind[SourceOptions] = PartKind(
    "sources", "source", tuple(registry.KINDS), registry.options_type, lambda kind: SourceOptions(kind=kind)
)
RECEIVERS: PartKind[receivers.ReceiverOptions] = PartKind(
    "receivers",
    "receiver",
    tuple(receivers.RECEIVER_KINDS),
    receivers.RECEIVER_KINDS.__getitem__,
    lambda kind: receivers.ReceiverOptions(kind=kind),
)


def read_parts(document: Document, kind: PartKind[Options], origin: Origin) -> Parts[Options]:
    """Read every source, or every receiver. What is no mapping at all is left for the schema to report."""
    parts: Parts[Options] = Parts()
    section = document.value.get(kind.section)
    for name, raw in section.items() if isinstance(section, dict) else ():
        reader = _PartReader(document, kind, origin, name)
        options = reader.read(raw)
        parts.problems.extend(reader.problems)
        if options is not None:
            parts.read[name] = options
        if options is not None and all(problem.warning for problem in reader.problems):
            parts.usable[name] = options
        else:
            parts.broken[name] = kind.placeholder(str(raw.get("kind")) if isinstance(raw, dict) else "")
    return parts


class _PartReader(Generic[Options]):
    """Reads one part and gathers its problems."""

    def __init__(self, document: Document, kind: PartKind[Options], origin: Origin, name: str) -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._kind = kind
        self._origin = origin
        self._path: Path = (kind.section, name)
        self._scope = f"{kind.word}:{name}"

    def read(self, raw: Any) -> Options | None:
        if not isinstance(raw, dict):
            self._report((), "must be keys with values", f"write {{kind: {self._kind.kinds[0]}, …}}", alone=False)
            return None
        named = raw.get("kind")
        if named not in self._kind.kinds:
            message = "is missing" if "kind" not in raw else f"unknown kind {str(named)[:60]!r}"
            self._report(("kind",), message, suggestion(str(named or ""), self._kind.kinds))
            return None
        model = self._kind.options(named)
        return self._validated(model, self._revealed(model, raw))

    def _revealed(self, model: type[Options], raw: dict[str, Any]) -> dict[str, Any]:
        """Return the options with references replaced by what they refer to; a disabled part needs no secret."""
        values = dict(raw)
        for name in secret_fields(model):
            value = values.get(name)
            if isinstance(value, str) and is_reference(value):
                values[name] = self._secret(name, value) if raw.get("enabled", True) is not False else value
            elif name in PRIVATE_FIELDS and isinstance(value, str):
                hint = f"write env:NAME, file:PATH or credential:NAME for {name}"
                self._report((name,), "the secret itself stands in the config", hint, warning=True)
        return values

    def _secret(self, name: str, value: str) -> str:
        if not self._origin.secrets:
            return value
        try:
            return resolve(value, environ=self._origin.environ, base=self._origin.base)
        except SecretMissing as error:
            self._report((name,), error.cause, error.hint)
            return value

    def _validated(self, model: type[Options], values: dict[str, Any]) -> Options | None:
        try:
            options = model.model_validate(values)
        except ValidationError as error:
            found = problems_of(error.errors(), self._document, model, prefix=self._path)
            self.problems.extend(_narrow(problem, model, self._scope) for problem in found)
            return None
        for _, value in options:
            if isinstance(value, SecretStr) and not is_reference(value.get_secret_value()):
                hide(value.get_secret_value())
        return options.model_copy(update=self._paths(options))

    def _paths(self, options: Options) -> dict[str, FilePath]:
        """Return the paths among the options as absolute ones."""
        found: dict[str, FilePath] = {}
        for name, value in options:
            if isinstance(value, FilePath):
                found[name] = self._absolute(name, value)
        return found

    def _absolute(self, name: str, value: FilePath) -> FilePath:
        text = str(value)
        if not text.startswith(BUILTIN):
            path = (self._origin.base / value.expanduser()).absolute()
            if not path.is_file():
                self._report((name,), f"no such file: {text}", "paths are relative to the config file", warning=True)
            return path
        path = sample_path(text.removeprefix(BUILTIN))
        if not path.is_file():
            self._report((name,), f"no sample named {text!r}", suggestion(text, sample_names()))
        return path

    def _report(self, inner: Path, message: str, hint: str, *, warning: bool = False, alone: bool = True) -> None:
        path = (*self._path, *inner)
        problem = problem_at(self._document.value_place(path), path, message, hint, warning=warning)
        self.problems.append(_scoped(problem, self._scope) if alone else problem)


def model_spec(spec: str, base: FilePath) -> str:
    """Return a model's name as it is, and a model's folder as an absolute path."""
    is_folder = spec.startswith(".") or ("/" in spec and not spec.startswith("hub:"))
    return str((base / FilePath(spec).expanduser()).absolute()) if is_folder else spec


def sample_path(name: str) -> FilePath:
    """Return the file of a sample that ships with the connectors, in a checkout and in an installed wheel alike."""
    return FilePath(str(resources.files("connectors"))) / "samples" / f"{FilePath(name).name}.jsonl"


def sample_names() -> list[str]:
    """Return the names that `builtin:` knows."""
    return [f"{BUILTIN}{file.stem}" for file in sample_path("any").parent.glob("*.jsonl")]


def _narrow(problem: Problem, model: type[BaseModel], scope: str) -> Problem:
    """A secret that is missing stops its own part only; any other mistake is one of the config."""
    missing = problem.message == "is missing" and problem.path.rpartition(".")[2] in secret_fields(model)
    return _scoped(problem, scope) if missing else problem


def _scoped(problem: Problem, scope: str) -> Problem:
    return Problem(
        problem.file,
        problem.line,
        problem.column,
        problem.path,
        problem.message,
        problem.hint,
        scope,
        problem.warning,
    )
