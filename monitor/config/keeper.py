"""Changes the config: a new text is read where the old one stands, judged, then put in its place; all or nothing.

    new text ─▶ read as if in place ─▶ judged ─▶ noted in the store ─▶ files replaced ─▶ followed, kept as a version

The note says what is to become of which file and who wants it: killed anywhere, the next start either finds the old
files and drops the note, or finishes the change and keeps the version under the right name.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from threading import RLock
from typing import Any

from monitor.config.load import LoadedConfig, load_config
from monitor.config.problem import Problem
from monitor.errors import ConfigError, MonitorError
from monitor.store.versions import VersionStore

PENDING = "config_pending"
"""Under this name the store remembers a change that is on its way."""

Texts = Mapping[str, str | None]
"""The files of a config by name, relative to its folder; None for one that is taken away."""


class Unwritable(MonitorError):
    """The process may not write the config, as under a unit that protects /etc; nothing was wrong with the change."""

    next_step = "make the change by hand, then run `complaint-monitor config apply`"


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants of the config: files that become others; `report` is the lab's, as JSON."""

    files: Texts
    who: str
    action: str
    note: str = ""
    report: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A change that was taken up; `changed` is False where the files said so already.

    `put_aside` names copies of what stood on disk and was no accepted version: nobody's draft is lost.
    """

    hash: str
    changed: bool
    warnings: tuple[Problem, ...] = ()
    put_aside: tuple[str, ...] = ()


class ConfigKeeper:
    """Reads and replaces the files of one config. Only for the holder of the store's lock; `lock` makes it one by one.

    `judge` raises ConfigError, MonitorError or ModelError for a config that must not be taken up; `follow` makes a
    running daemon take up what is on disk and raises MonitorError where it does not. It waits for the daemon's main
    thread: nobody may hold a transaction meanwhile.
    """

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str],
        judge: Callable[[LoadedConfig], None],
        follow: Callable[[], None] = lambda: None,
    ) -> None:
        self._path = path
        self._base = path.absolute().parent
        self._environ = environ
        self._judge = judge
        self._follow = follow
        self.lock = RLock()

    @property
    def main(self) -> str:
        """The name of the main file."""
        return self._path.name

    def load(self) -> LoadedConfig:
        """Read the config on disk, thoroughly."""
        return load_config(self._path, environ=self._environ)

    def texts(self, loaded: LoadedConfig | None = None) -> dict[str, str]:
        """Return the files of the config on disk; pins are not among them. Raises MonitorError where one is gone."""
        return texts_of(loaded or load_config(self._path, environ=self._environ, thorough=False))

    def with_files(self, files: Texts) -> LoadedConfig:
        """Return the config as it would be with these files in the place of those on disk; changes nothing."""
        return self._read(files)

    def settled(self, store: VersionStore) -> LoadedConfig:
        """Return the config on disk. Raises MonitorError where it is not the accepted one: somebody is editing it."""
        loaded, history = self.load(), store.config_history()
        if history and history[0]["hash"] != loaded.hash:
            cause = "was changed and is not applied yet"
            raise MonitorError(str(self._path), cause, "run `complaint-monitor config apply` first, or `config revert`")
        return loaded

    def put(self, store: VersionStore, change: Change, now: datetime, *, edit: bool = False) -> Kept:
        """Take up a change. Raises ConfigError and MonitorError where it is refused; the files are then as before.

        With `edit` only problems that the config did not have before speak against it: blocking an author must not
        fail because a secret of some source is not known to this terminal.
        """
        loaded, present = self._read(change.files), self.load()
        before = {problem_key(problem) for problem in present.errors} if edit else set()
        errors = [problem for problem in loaded.errors if problem_key(problem) not in before]
        if errors or loaded.settings is None:
            raise ConfigError(loaded.file, errors or loaded.errors)
        self._judge(loaded)
        old = self._on_disk(change.files)
        changed = any(old[name] != text for name, text in change.files.items())
        aside = self._put_aside(store, present.hash, change, old)
        store.set_meta(PENDING, _note(loaded.hash, change, old))
        try:
            self._replace(change.files)
            self._follow()
            keep_version(store, loaded, change.who, now, change.action)
        except (MonitorError, OSError):
            self._replace(old)
            store.set_meta(PENDING, "")
            raise
        return Kept(loaded.hash, changed, loaded.warnings, aside)

    def _put_aside(self, store: VersionStore, present: str, change: Change, old: Texts) -> tuple[str, ...]:
        """Copy what is replaced and was never accepted to NAME.replaced; returns the names."""
        if any(entry["hash"] == present for entry in store.config_history()):
            return ()
        names = []
        for name, text in old.items():
            if text is not None and text != change.files[name]:
                names.append(f"{name}.replaced")
                replace_file(self._base / names[-1], text)
        return tuple(names)

    def _read(self, files: Texts) -> LoadedConfig:
        given = {(self._base / name).absolute(): text for name, text in files.items()}
        return load_config(self._path, environ=self._environ, texts=given)

    def _on_disk(self, files: Texts) -> dict[str, str | None]:
        return {name: _text_of(self._base / name) for name in files}

    def _replace(self, files: Texts) -> None:
        for name, text in files.items():
            replace_file(self._base / name, text)


def texts_of(loaded: LoadedConfig) -> dict[str, str]:
    """Return the texts of the files that a config was read from, by name relative to its folder."""
    base = Path(loaded.file).absolute().parent
    found = {}
    for file in loaded.files:
        if loaded.settings is not None and file == loaded.settings.pins_path:
            continue
        name = str(file.relative_to(base)) if file.is_relative_to(base) else str(file)
        text = _text_of(file)
        if text is None:
            raise MonitorError(str(file), "cannot be read", "see that it is there, and is UTF-8")
        found[name] = text
    return found


def problem_key(problem: Problem) -> tuple[str, str, str]:
    """Return what stays the same of a problem when lines move."""
    return (problem.path, problem.message, problem.scope)


def keep_version(store: VersionStore, loaded: LoadedConfig, who: str, now: datetime, action: str) -> None:
    """Keep a config as a version; where a noted change led to it, under the name of whoever wanted that."""
    noted = read_pending(store)
    mine = noted if noted.get("hash") == loaded.hash else {}
    texts = texts_of(loaded)
    store.add_config(
        loaded.hash,
        loaded.text,
        mine.get("who", who),
        now,
        action=mine.get("action", action),
        note=mine.get("note", ""),
        files=texts if len(texts) > 1 else None,
        report=mine.get("report"),
    )
    if noted:
        store.set_meta(PENDING, "")


def finish_pending(store: VersionStore, base: Path) -> bool:
    """Finish a change that was cut off between two of its files; whether there was anything to write.

    Where no file was replaced yet, or somebody has edited one since, nothing is done.
    """
    files = read_pending(store).get("files", {})
    states = [_state(base / name, entry) for name, entry in files.items()]
    if "new" not in states or "old" not in states or "other" in states:
        return False
    for name, entry in files.items():
        replace_file(base / name, entry["text"])
    return True


def read_pending(store: VersionStore) -> dict[str, Any]:
    """Return the note of a change that is on its way, empty where there is none."""
    found = json.loads(store.meta(PENDING) or "{}")
    return found if isinstance(found, dict) else {}


def replace_file(file: Path, text: str | None) -> None:
    """Put a text in the place of a file in one step, with its mode; None takes the file away.

    Raises Unwritable where the folder or the file cannot be written.
    """
    try:
        if text is None:
            file.unlink(missing_ok=True)
            return
        file = file.resolve()  # a link stays a link
        if _text_of(file) == text:
            return
        partial = file.with_name(f".{file.name}.partial")
        with partial.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.chmod(file.stat().st_mode & 0o777 if file.exists() else 0o640)
        partial.replace(file)
    except OSError as error:
        cause = f"cannot be written: {(error.strerror or str(error)).lower()}"
        raise Unwritable(str(file), cause) from error


def _text_of(file: Path) -> str | None:
    try:
        return file.read_bytes().decode("utf-8-sig") if file.is_file() else None
    except (OSError, UnicodeDecodeError):
        return None


def _digest(text: str | None) -> str:
    return "" if text is None else sha256(text.encode("utf-8", "replace")).hexdigest()


def _note(digest: str, change: Change, old: Texts) -> str:
    files = {name: {"old": _digest(old[name]), "text": text} for name, text in change.files.items()}
    said = {"who": change.who, "action": change.action, "note": change.note, "report": change.report}
    return json.dumps({"hash": digest, **said, "files": files})


def _state(file: Path, entry: Mapping[str, Any]) -> str:
    """Return whether a file is as the change wants it, as it was before, or neither."""
    text = _text_of(file)
    if text == entry["text"]:
        return "new"
    return "old" if _digest(text) == entry["old"] else "other"
