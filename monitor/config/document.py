"""YAML as plain values with the place of every key, bounded in size, depth and repetition.

The file is composed to nodes and read from those, so that each key keeps its line and column, every duplicate key is
found (not only the first), and no tag ever builds an object.
"""

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    MappingEndEvent,
    MappingStartEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from monitor.config.bounded import Fault, Unreadable, read_bounded
from monitor.config.problem import Path, Place, Problem, problem_at

SIZE_LIMIT = 1_000_000
"""Bytes of one file; a config of ten thousand keywords has a fifth of it."""

DEPTH_LIMIT = 24
"""Mappings and lists inside each other; the schema needs seven."""

VALUE_LIMIT = 100_000
"""Values after aliases are written out, so that nine lines of aliases cannot become a billion values."""

_TAG = "tag:yaml.org,2002:"
_CORE = {"map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value"}
_TRUE = {"true", "True", "TRUE"}


class Refused(Exception):
    """The file cannot be read at all; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a key and its value begin, and how the value was written ("" plain, else its YAML quote or block sign)."""

    key: Place
    value: Place
    style: str = ""


@dataclass(slots=True)
class Document:
    """The values of one or more files as one tree, and where each of them stands."""

    value: Any = None
    spots: dict[Path, Spot] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    file: str = ""

    def key_place(self, path: Path) -> Place:
        """Return the place of the key (or list entry) at `path`, or of the nearest thing around it."""
        spot = self._nearest(path)
        return spot.key if spot else Place(self.file)

    def value_place(self, path: Path) -> Place:
        """Return the place of the value at `path`, or of the key of the nearest thing around it."""
        spot = self.spots.get(path)
        return spot.value if spot else self.key_place(path)

    def inner_place(self, path: Path, offset: int) -> Place:
        """Return the place of the character `offset` of a text, exact where the text stands on one line unescaped."""
        spot = self.spots.get(path)
        if spot is None or spot.style in {"|", ">"}:
            return self.value_place(path)
        start = spot.value
        return Place(start.file, start.line, start.column + offset + (1 if spot.style else 0))

    def graft(self, other: "Document", path: Path) -> None:
        """Take over the places and problems of another file, whose top stands at `path` of this tree."""
        self.spots.update({(*path, *inner): spot for inner, spot in other.spots.items()})
        self.problems.extend(other.problems)

    def _nearest(self, path: Path) -> Spot | None:
        for length in range(len(path), -1, -1):
            if path[:length] in self.spots:
                return self.spots[path[:length]]
        return None


def read_text(file: FilePath, shown: str) -> str:
    """Return the text of a file of at most 1 MB; raises Refused."""
    try:
        return read_bounded(file, SIZE_LIMIT)
    except Unreadable as error:
        hints = {
            Fault.MISSING: "`complaint-monitor init` writes one",
            Fault.TOO_LARGE: "move brands to files of their own",
            Fault.NO_UTF8: error.next_step,
        }
        raise _refused(Place(shown, error.line), error.cause, hints.get(error.fault, "")) from error


def parse_document(text: str, shown: str) -> Document:
    """Read YAML text; raises Refused where it is no YAML or breaks a bound."""
    try:
        _bound(text, shown)
        yaml = YAML(typ="rt", pure=True)
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        raise _refused(_mark_place(error, shown), _yaml_cause(error), _yaml_hint(error, text)) from error
    except ReaderError as error:
        before = text[: error.position]
        place = Place(shown, before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        raise _refused(place, f"no YAML: a control sign ({error.character:#x})", "remove it") from error
    except (YAMLError, ValueError) as error:
        raise _refused(Place(shown), f"no YAML: {error}".splitlines()[0], "") from error
    return _Builder(shown).build(node)


def _bound(text: str, shown: str) -> None:
    """Walk the events alone, which needs no recursion, and refuse what is nested too deeply."""
    depth = 0
    for event in YAML(typ="rt", pure=True).parse(text):
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                place = Place(shown, event.start_mark.line + 1, event.start_mark.column + 1)
                raise _refused(place, f"more than {DEPTH_LIMIT} levels inside each other", "")
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            depth -= 1


class _Builder:
    """Turns nodes into plain values, noting places and problems on the way."""

    def __init__(self, shown: str) -> None:
        self.document = Document(file=shown)
        self._count = 0

    def build(self, node: Node | None) -> Document:
        if node is None:
            self.document.value = {}
            return self.document
        self.document.spots[()] = Spot(Place(self.document.file), self._place(node))
        self.document.value = self._value(node, ())
        return self.document

    def _place(self, node: Node) -> Place:
        return Place(self.document.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _value(self, node: Node, path: Path) -> Any:
        self._count += 1
        if self._count > VALUE_LIMIT or len(path) > DEPTH_LIMIT:
            raise _refused(self._place(node), "aliases repeat too much", "write the values out")
        self._refuse_tag(node, path)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._entry(child, (*path, index)) for index, child in enumerate(node.value)]
        return self._scalar(node)

    def _refuse_tag(self, node: Node, path: Path) -> None:
        tag = str(node.tag)
        if tag.removeprefix(_TAG) not in _CORE:
            shown = tag.replace(_TAG, "!!")[:40]
            self._report(self._place(node), path, f"tags such as {shown} are not read", "remove the tag")

    def _entry(self, node: Node, path: Path) -> Any:
        place = self._place(node)
        self.document.spots[path] = Spot(place, place, _style(node))
        return self._value(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, ScalarNode):
                self._report(place, path, "a key must be a word", "")
                continue
            key = str(key_node.value)
            inner = (*path, key)
            if key in values:
                first = self.document.spots[inner].key.line
                self._report(place, inner, "duplicate key", f"first given in line {first}; keep one of the two")
                continue
            self.document.spots[inner] = Spot(place, self._place(value_node), _style(value_node))
            values[key] = self._value(value_node, inner)
        return values

    def _scalar(self, node: Node) -> Any:
        kind, text = str(node.tag).removeprefix(_TAG), str(node.value)
        if _style(node) == ">":  # where lines were folded, ruamel leaves a bell for its own writer
            text = text.replace("\a", "")
        if kind == "null":
            return None
        if kind == "bool":
            return text in _TRUE
        return self._number(kind, text)

    @staticmethod
    def _number(kind: str, text: str) -> Any:
        """Return what a number says; anything that Python does not read as one stays text for the schema to judge."""
        try:
            if kind == "int" and len(text) < 40:
                return int(text.replace("_", ""), 0)
            if kind == "float" and len(text) < 40:
                return float(text.replace("_", ""))
        except ValueError:
            return text
        return text

    def _report(self, place: Place, path: Path, message: str, hint: str) -> None:
        self.document.problems.append(problem_at(place, path, message, hint))


def _style(node: Node) -> str:
    return str(node.style or "") if isinstance(node, ScalarNode) else ""


def _refused(place: Place, message: str, hint: str) -> Refused:
    return Refused(problem_at(place, (), message, hint))


def _mark_place(error: MarkedYAMLError, shown: str) -> Place:
    mark = error.problem_mark or error.context_mark
    return Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown)


def _yaml_cause(error: MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return "no YAML: " + ", ".join(str(part).splitlines()[0] for part in parts)[:200]


def _yaml_hint(error: MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, not tabs"
    if mark and line[mark.column : mark.column + 1] in {"@", "`", "%", "*", "&", "!", ":"}:
        return "put the value in quotes"
    return "look at the indentation, brackets and quotes of this line and the one before"
