"""Pins: texts that must, or must not, become a case. They stand in a file of their own beside the config.

    pins:
      - id: melted-charger
        brand: lumo
        expect: alert            # or ignore
        text: the charger of my lumo got so hot that it melted
        post: x:1990001250187235410
        because: a charger that melts is a fire
        who: anna
        when: 2026-11-23

The text is a person's own rewording: a platform's posts are not ours to keep in a config, and tests on one very text
say little about the next one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from io import StringIO
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from monitor.config.document import Document, Refused, parse_document, read_text
from monitor.config.problem import Path, Place, Problem, problem_at, suggestion
from monitor.domain import Level

TEXT_LIMIT = 2_000
PIN_LIMIT = 2_000
"""Pins of one file: each is read by the model at every check and reload, a few milliseconds each."""

_KEYS = ("id", "brand", "expect", "text", "post", "because", "who", "when", "level")
_NEEDED = ("id", "brand", "expect", "text")
_NOWHERE = Place("pins.yaml")
_HEADER = """\
# Texts that must become a case (expect: alert), or must not (expect: ignore): unit tests of the keyword config.
# `complaint-monitor pin` adds one; `check`, `lab run` and each reload run them all. Edit freely.
"""


class Expect(StrEnum):
    """What a pin wants."""

    ALERT = "alert"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Pin:
    """One pin. `level`, where given, is the least urgent level that will do; `place` is where it stands in its file."""

    id: str
    brand: str
    expect: Expect
    text: str
    post: str = ""
    because: str = ""
    who: str = ""
    when: str = ""
    level: Level | None = None
    place: Place = _NOWHERE
    index: int = 0

    @property
    def platform(self) -> str:
        """The platform of the post that the pin stands for, "" where it names none."""
        return self.post.partition(":")[0] if ":" in self.post else ""

    def broken(self, found: str) -> Problem:
        """Return the problem of a pin that does not hold."""
        wish = f"at least {self.level}" if self.level else "a case"
        wanted = f"must alert ({wish})" if self.expect is Expect.ALERT else "must not alert"
        why = f" Because: {self.because}." if self.because else ""
        hint = f"change the config, or take the pin back.{why}"
        return problem_at(self.place, ("pins", self.index), f"pin {self.id}: {wanted}, but {found}", hint)


def read_pins(file: FilePath, shown: str) -> tuple[tuple[Pin, ...], tuple[Problem, ...]]:
    """Return the pins of a file and what is wrong with it; no file means no pins."""
    if not file.exists():
        return (), ()
    try:
        document = parse_document(read_text(file, shown), shown)
    except Refused as refusal:
        return (), (refusal.problem,)
    return _Reader(document).read()


class _Reader:
    """One run over one file of pins."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems = list(document.problems)
        self._ids: set[str] = set()

    def read(self) -> tuple[tuple[Pin, ...], tuple[Problem, ...]]:
        entries = self._entries()
        pins = [pin for index, entry in enumerate(entries) if (pin := self._pin(("pins", index), entry)) is not None]
        return tuple(pins), tuple(self._problems)

    def _entries(self) -> list[Any]:
        value = self._document.value
        entries = value.get("pins") if isinstance(value, dict) else value
        if entries in (None, {}):
            return []
        if not isinstance(entries, list) or len(entries) > PIN_LIMIT:
            self._report(("pins",), f"must be a list of at most {PIN_LIMIT:,} pins", "begin with `pins:`")
            return []
        return entries

    def _pin(self, path: Path, entry: Any) -> Pin | None:
        if not isinstance(entry, dict):
            self._report(path, "must be keys with values", f"give {', '.join(_NEEDED)}")
            return None
        before = len(self._problems)
        values = {key: self._text((*path, key), value) for key, value in entry.items()}
        for key in entry.keys() - set(_KEYS):
            self._report((*path, key), "unknown key", suggestion(str(key), _KEYS))
        for key in _NEEDED:
            if not values.get(key):
                self._report(path, f"{key} is missing", f"give {', '.join(_NEEDED)}")
        self._check(path, values)
        if len(self._problems) > before:
            return None
        words = {key: values.get(key, "") for key in ("post", "because", "who", "when")}
        level = Level(values["level"]) if values.get("level") else None
        return Pin(values["id"], values["brand"], Expect(values["expect"]), values["text"], **words, level=level,
                   place=self._document.key_place(path), index=int(path[-1]))  # fmt: skip

    def _check(self, path: Path, values: dict[str, str]) -> None:
        for key, known in (("expect", Expect), ("level", Level)):
            names = [entry.value for entry in known]
            if values.get(key) and values[key] not in names:
                self._report((*path, key), f"{values[key][:40]!r} is none of these", suggestion(values[key], names))
        if values.get("level") and values.get("expect") == Expect.IGNORE:
            self._report((*path, "level"), "says nothing where the text must not alert", "leave it out")
        if values.get("id") in self._ids:
            self._report((*path, "id"), f"the id {values['id']!r} is used twice", "give each pin an id of its own")
        self._ids.add(values.get("id", ""))

    def _text(self, path: Path, value: Any) -> str:
        if isinstance(value, str | int | float | date) and not isinstance(value, bool):
            text = str(value).strip()
            if len(text) <= TEXT_LIMIT:
                return text
            self._report(path, f"is longer than {TEXT_LIMIT:,} characters", "say it in fewer words")
        elif value is not None:
            self._report(path, "must be text", "put it in quotes")
        return ""

    def _report(self, path: Path, message: str, hint: str) -> None:
        self._problems.append(problem_at(self._document.value_place(path), path, message, hint))


def add_pin(file: FilePath, pin: Pin) -> None:
    """Write a pin at the end of a file, which keeps its comments and its order; makes the file where there is none.

    Raises Refused for a file that is no YAML, OSError where it cannot be written.
    """
    text = read_text(file, str(file)) if file.exists() else _HEADER
    parse_document(text, str(file))  # bounds what the round trip is given
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    if document is None:
        document = yaml.load(text.rstrip("\n") + "\npins: []\n")
    entries = document if isinstance(document, CommentedSeq) else document.setdefault("pins", CommentedSeq())
    if entries is None or not entries:
        entries = document["pins"] = CommentedSeq()
    entries.append(CommentedMap(_entry(pin)))
    written = StringIO()
    yaml.dump(document, written)
    partial = file.with_name(f".{file.name}.partial")
    partial.write_text(written.getvalue(), "utf-8")
    if file.exists():
        partial.chmod(file.stat().st_mode & 0o777)
    partial.replace(file)


def _entry(pin: Pin) -> dict[str, str]:
    values = asdict(pin)
    return {key: str(values[key]) for key in _KEYS if values[key]}


def next_id(pins: Sequence[Pin]) -> str:
    """Return an id that no pin has yet: p1, p2, …"""
    used = {pin.id for pin in pins}
    return next(f"p{number}" for number in range(1, len(pins) + 2) if f"p{number}" not in used)


def today(now: datetime) -> str:
    """Return the date that a pin is kept with, in UTC."""
    return f"{now.astimezone(UTC):%Y-%m-%d}"
