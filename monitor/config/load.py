"""Reads the config: one main file, brands included from files of their own, secrets by reference.

    files ─ YAML with places ─▶ sources, receivers (each alone) ─▶ the rest by schema ─▶ references ─▶ LoadedConfig

Every problem is reported, never only the first. A source or receiver whose kind is unknown or whose secret is missing
is left out and named in `broken_sources` / `broken_receivers`; any other error leaves `settings` empty.
"""

import glob
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path as FilePath
from typing import Any

from pydantic import SecretStr, ValidationError

from connectors.options import SourceOptions
from monitor.config.check import Draft, check_draft
from monitor.config.document import SIZE_LIMIT, Document, Refused, parse_document, read_text
from monitor.config.parts import RECEIVERS, SOURCES, Origin, Parts, model_spec, read_parts
from monitor.config.pins import Pin, read_pins
from monitor.config.problem import DAEMON, Place, Problem, problem_at
from monitor.config.receivers import ReceiverOptions
from monitor.config.schema import Settings
from monitor.config.secret import SecretMissing, is_reference, resolve
from monitor.config.signs import DeadMan
from monitor.config.web import Web
from monitor.config.wording import problems_of
from monitor.errors import ConfigError
from monitor.service.log import hide

_BRAND_FILE = re.compile(r"^# --- (.+\.ya?ml)\n", re.MULTILINE)
"""The line that parts the files of a version; see `_include_brand`."""

FILE_LIMIT = 2_000
"""Included files; more than any installation has brands."""


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """What reading a config gave. `settings` is None where an error concerns the whole daemon.

    `broken_sources` and `broken_receivers` name the parts that were left out of `settings`, each with its reason.
    `text` holds all files, `hash` is the SHA-256 of it, `files` are the files that a reload should watch. `pins` are
    read where the reading is thorough.
    """

    file: str
    settings: Settings | None
    problems: tuple[Problem, ...]
    text: str
    hash: str
    files: tuple[FilePath, ...]
    broken_sources: Mapping[str, str] = field(default_factory=dict)
    broken_receivers: Mapping[str, str] = field(default_factory=dict)
    pins: tuple[Pin, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems for which `check` exits 78."""
        return tuple(problem for problem in self.problems if not problem.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that only deserve a second look."""
        return tuple(problem for problem in self.problems if problem.warning)

    def usable(self) -> Settings:
        """Return the settings; raises ConfigError with every error where the daemon cannot run on them."""
        if self.settings is None:
            raise ConfigError(self.file, self.errors)
        return self.settings


def load_config(
    path: FilePath | str,
    *,
    environ: Mapping[str, str],
    secrets: bool = True,
    thorough: bool = True,
    texts: Mapping[FilePath, str | None] | None = None,
) -> LoadedConfig:
    """Read the config at `path` and all that it includes; never raises for what stands in them.

    `secrets` False leaves references as they are (`check --without-secrets`). `thorough` False skips the queries of
    the watches, for commands that only look at the store and must answer quickly. `texts`, by absolute path, are read
    in place of the files, None as if there were none: what a change would make of the config.
    """
    file = FilePath(path)
    origin = Origin(file.absolute().parent, environ, secrets)
    texts = texts or {}
    try:
        text = _read(file, str(path), texts)
    except Refused as refusal:
        return LoadedConfig(str(path), None, (refusal.problem,), "", _hash(""), (file.absolute(),))
    try:
        document = parse_document(text, str(path))
    except Refused as refusal:
        return LoadedConfig(str(path), None, (refusal.problem,), text, _hash(text), (file.absolute(),))
    if not isinstance(document.value, dict):
        hint = "begin with `brands:`; `complaint-monitor init` writes an example"
        problem = problem_at(document.value_place(()), (), "must be keys with values", hint)
        return LoadedConfig(str(path), None, (problem,), text, _hash(text), (file.absolute(),))
    reading = _Reading(document, text, file, origin, texts)
    reading.include()
    return reading.finish(thorough=thorough)


def settings_of_version(
    text: str, path: FilePath, environ: Mapping[str, str], *, secrets: bool = True
) -> Settings | None:
    """Return the settings of an accepted version of the config at `path`, brands of other files included.

    None where the version cannot be read any more.
    """
    main, *brands = _BRAND_FILE.split(text)
    try:
        document = parse_document(main, str(path))
        if not isinstance(document.value, dict):
            return None
        if brands and not document.value.get("include"):
            document, brands = parse_document(text, str(path)), []
        reading = _Reading(document, text, path, Origin(path.absolute().parent, environ, secrets))
        for shown, brand in zip(brands[::2], brands[1::2], strict=True):
            reading.take_brand(FilePath(shown).stem, parse_document(brand, shown))
    except Refused:
        return None
    return reading.finish(thorough=False).settings


def _read(file: FilePath, shown: str, texts: Mapping[FilePath, str | None]) -> str:
    """Return the text that stands for a file, bounded like the file itself; raises Refused."""
    given = texts.get(file.absolute())
    if given is None:
        return read_text(file, shown)
    if len(given.encode("utf-8", "replace")) > SIZE_LIMIT:
        hint = "move brands to files of their own"
        raise Refused(problem_at(Place(shown), (), f"is larger than {SIZE_LIMIT:,} bytes", hint))
    return given.removeprefix("\ufeff")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class _Reading:
    """One run over one config."""

    def __init__(
        self,
        document: Document,
        text: str,
        file: FilePath,
        origin: Origin,
        texts: Mapping[FilePath, str | None] | None = None,
    ) -> None:
        self._texts = texts or {}
        self._document = document
        self._text = text
        self._file = file
        self._origin = origin
        self._files = [file.absolute()]
        self._problems: list[Problem] = []

    def include(self) -> None:
        """Read the files that `include` names, one brand each, into `brands`."""
        raw = self._document.value.get("include")
        patterns = [raw] if isinstance(raw, str) else raw if isinstance(raw, list) else []
        for pattern in (pattern for pattern in patterns if isinstance(pattern, str)):
            # glob, unlike Path.glob, takes absolute patterns too
            wanted = str(self._origin.base / pattern)
            found = self._present(wanted, glob.glob(wanted))[:FILE_LIMIT]  # noqa: PTH207
            if not found:
                place, hint = self._document.value_place(("include",)), "paths are relative to the config file"
                message = f"no file matches {pattern!r}"
                self._problems.append(problem_at(place, ("include",), message, hint, warning=True))
            for file in found:
                self._include_brand(FilePath(file))

    def _present(self, pattern: str, found: list[str]) -> list[str]:
        """Return the files of a pattern, in order: those that are there, and those of which a text is given."""
        given = {str(file): text for file, text in self._texts.items() if fnmatch(str(file), pattern)}
        there = {name for name in found if given.get(str(FilePath(name).absolute()), "") is not None}
        return sorted(there | {name for name, text in given.items() if text is not None})

    def _include_brand(self, file: FilePath) -> None:
        inside = file.is_relative_to(self._origin.base)
        shown = str(self._file.parent / file.relative_to(self._origin.base)) if inside else str(file)
        self._files.append(file)
        try:
            text = _read(file, shown, self._texts)
            brand = parse_document(text, shown)
        except Refused as refusal:
            self._problems.append(refusal.problem)
            return
        self._text += f"\n# --- {shown}\n{text}"
        self.take_brand(file.stem, brand)

    def take_brand(self, name: str, brand: Document) -> None:
        """Take in a brand that stands in a file of its own."""
        brands = self._document.value.setdefault("brands", {})
        if not isinstance(brands, dict) or name in brands:
            place = brand.key_place(())
            hint = "keep one of the two"
            self._problems.append(problem_at(place, ("brands", name), "the brand is defined twice", hint))
            return
        brands[name] = brand.value
        self._document.graft(brand, ("brands", name))

    def finish(self, *, thorough: bool) -> LoadedConfig:
        """Validate what was read and look at how its parts fit together."""
        sources = read_parts(self._document, SOURCES, self._origin)
        receivers = read_parts(self._document, RECEIVERS, self._origin)
        settings = self._settings(sources, receivers)
        draft = Draft(self._document, sources, receivers, self._origin, thorough=thorough)
        self._problems += [*self._document.problems, *sources.problems, *receivers.problems, *check_draft(draft)]
        pins = self._pins(settings) if thorough and settings is not None else ()
        problems = tuple(sorted(set(self._problems), key=_order))
        fatal = any(problem.scope == DAEMON and not problem.warning for problem in problems)
        deaf, mute = _reasons(problems, "source:"), _reasons(problems, "receiver:")
        return LoadedConfig(
            file=str(self._file),
            settings=None if fatal or settings is None else _without(settings, deaf, mute),
            problems=problems,
            text=self._text,
            hash=_hash(self._text),
            files=tuple(self._files),
            broken_sources=deaf,
            broken_receivers=mute,
            pins=pins,
        )

    def _pins(self, settings: Settings) -> tuple[Pin, ...]:
        """Read the pins beside the config."""
        file = settings.pins_path
        inside = file.is_relative_to(self._origin.base)
        shown = str(self._file.parent / file.relative_to(self._origin.base)) if inside else str(file)
        pins, problems = read_pins(file, shown)
        self._problems += problems
        if file.exists():
            self._files.append(file)
        return pins

    def _settings(self, sources: Parts[SourceOptions], receivers: Parts[ReceiverOptions]) -> Settings | None:
        values: dict[str, Any] = dict(self._document.value)
        for section, parts in (("sources", sources.all()), ("receivers", receivers.all())):
            if isinstance(values.get(section), dict):
                values[section] = parts
        try:
            settings = Settings.model_validate({key: value for key, value in values.items() if value is not None})
        except ValidationError as error:
            self._problems += problems_of(error.errors(), self._document, Settings)
            return None
        triage, base = settings.triage, self._origin.base
        models = {
            "model": model_spec(triage.model, base),
            "models": {language: model_spec(spec, base) for language, spec in triage.models.items()},
        }
        update = {"sources": sources.usable, "receivers": receivers.usable, "store": self._store(settings.store),
                  "pins": str((base / settings.pins).absolute()), "dead_man": self._dead_man(settings),
                  "web": _with_absolute_paths(settings.web, base)}  # fmt: skip
        return settings.model_copy(update={**update, "triage": triage.model_copy(update=models)})

    def _dead_man(self, settings: Settings) -> DeadMan | None:
        """Return the dead man's switch with its address resolved; a missing secret switches it alone off."""
        wanted = settings.dead_man
        if wanted is None or not is_reference(wanted.url.get_secret_value()) or not self._origin.secrets:
            return wanted
        try:
            url = resolve(wanted.url.get_secret_value(), environ=self._origin.environ, base=self._origin.base)
        except SecretMissing as error:
            path = ("dead_man", "url")
            place = self._document.value_place(path)
            self._problems.append(problem_at(place, path, error.cause, error.hint, scope="dead_man"))
            return None
        hide(url)
        return wanted.model_copy(update={"url": SecretStr(url)})

    def _store(self, store: str) -> str:
        """Return the store's address with its secret resolved and its path absolute."""
        place = self._document.value_place(("store",))
        try:
            address = resolve(store, environ=self._origin.environ, base=self._origin.base)
        except SecretMissing as error:
            if self._origin.secrets:
                self._problems.append(problem_at(place, ("store",), error.cause, error.hint))
            return store
        if address.startswith(("postgresql://", "postgres://")) or address == "sqlite:///:memory:":
            return address
        if not address.startswith("sqlite:///") or address == "sqlite:///":
            hint = "write sqlite:///monitor.db"
            self._problems.append(problem_at(place, ("store",), "unknown kind of store", hint))
            return store
        return f"sqlite:///{(self._origin.base / address.removeprefix('sqlite:///')).absolute()}"


def _with_absolute_paths(web: Web, base: FilePath) -> Web:
    if web.tls is None:
        return web
    paths = {"cert": str((base / web.tls.cert).absolute()), "key": str((base / web.tls.key).absolute())}
    return web.model_copy(update={"tls": web.tls.model_copy(update=paths)})


def _order(problem: Problem) -> tuple[Any, ...]:
    return (problem.place, problem.path, problem.message)


def _without(settings: Settings, deaf: Mapping[str, str], mute: Mapping[str, str]) -> Settings:
    """Return the settings less the sources and receivers that are broken."""
    sources = {name: source for name, source in settings.sources.items() if name not in deaf}
    receivers = {name: receiver for name, receiver in settings.receivers.items() if name not in mute}
    return settings.model_copy(update={"sources": sources, "receivers": receivers})


def _reasons(problems: tuple[Problem, ...], word: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in problems:
        if problem.scope.startswith(word) and not problem.warning:
            name = problem.scope.removeprefix(word)
            inner = problem.path.removeprefix(f"{word[:-1]}s.{name}").lstrip(".")
            reason = f"{inner}: {problem.message}" + (f"; {problem.hint}" if problem.hint else "")
            found[name] = f"{found[name]}; {reason}" if name in found else reason
    return found
