"""Edits of a config's text that leave every other byte where it is: comments, order, quotes and spacing of its author.

ruamel says where each value begins and ends; the edit itself is a splice of the text. What comes out is read again and
compared with what was meant: an edit that would change anything else (an alias, a shape that we do not foresee) is
refused, never made.
"""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import PurePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.config.document import Refused, parse_document
from monitor.config.problem import path_text
from monitor.errors import MonitorError

Keys = tuple[str, ...]
"""Where a value stands: keys from the top."""

Plain = str | int | float | list[Any] | dict[str, Any]

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*(?: [A-Za-z][A-Za-z0-9_./-]*)*", re.ASCII)
_WORDS_OF_YAML = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


class EditRefused(MonitorError):
    """The text cannot be edited by a program without touching more than was asked for."""

    next_step = "make the change by hand, then run `complaint-monitor config apply`"


def add_entry(text: str, path: Keys, entry: Plain) -> str:
    """Return the text with an entry at the end of a list, which is made where there is none.

    The same text comes back where the list has the entry. Raises EditRefused.
    """
    value = _read(text, path)
    known = _at(value, path)
    if isinstance(known, dict):
        raise EditRefused(path_text(path), "is no list")
    listed = known if isinstance(known, list) else [] if known is None else [known]
    if entry in listed:
        return text
    node = _find(text, path)
    if isinstance(node, SequenceNode) and node.value:
        edited = _append(text, node, _flow(entry))
    else:
        edited = _put(text, path, [*listed, entry])
    return _checked(text, edited, path, _with(value, path, [*listed, entry]))


def remove_entry(text: str, path: Keys, entry: Plain) -> str:
    """Return the text without an entry of a list; the same text where it has none. Raises EditRefused."""
    value, node = _read(text, path), _find(text, path)
    known = _at(value, path)
    if known == entry:
        return _checked(text, _put(text, path, []), path, _with(value, path, []))
    if not isinstance(known, list) or entry not in known or not isinstance(node, SequenceNode):
        return text
    at = known.index(entry)
    edited = _cut_flow(text, node.value, at) if node.flow_style else _cut_line(text, path, node, at)
    return _checked(text, edited, path, _with(value, path, [*known[:at], *known[at + 1 :]]))


def take_back(text: str, path: Keys, entry: Plain) -> str:
    """Return the text without an entry, and without a list that held nothing else. Raises EditRefused."""
    if _at(_read(text, path), path) != [entry]:
        return remove_entry(text, path, entry)
    try:
        return remove_key(text, path)
    except EditRefused:
        return remove_entry(text, path, entry)


def set_value(text: str, path: Keys, new: Plain) -> str:
    """Return the text with a value in the place of the present one, or added. Raises EditRefused."""
    value = _read(text, path)
    return text if _at(value, path) == new else _checked(text, _put(text, path, new), path, _with(value, path, new))


def set_in_entry(text: str, path: Keys, which: tuple[str, str], key: str, new: Plain) -> str:
    """Return the text with another value of a key in that entry of a list whose key `which[0]` says `which[1]`.

    Raises EditRefused where there is no such entry, or its value is written over several lines.
    """
    value, listed = _read(text, path), _find(text, path)
    entries = _at(value, path)
    known = [(at, entry) for at, entry in enumerate(entries or ()) if isinstance(entry, dict)]
    found = [at for at, entry in known if entry.get(which[0]) == which[1]]
    if not found or not isinstance(listed, SequenceNode) or not isinstance(listed.value[found[0]], MappingNode):
        raise EditRefused(path_text(path), f"has no entry of the {which[0]} {which[1]}")
    at = found[0]
    place = next((node for name, node in listed.value[at].value if name.value == key), None)
    if place is None or not _is_one(place):
        raise EditRefused(path_text((*path, str(at), key)), "is written over several lines")
    edited = text[: _start(place)] + _in_quotes_of(place, new) + text[_end(place) :]
    meant = [*entries[:at], {**entries[at], key: new}, *entries[at + 1 :]]
    return _checked(text, edited, path, _with(value, path, meant))


def remove_key(text: str, path: Keys) -> str:
    """Return the text without a key; a mapping that loses its only key goes with it. Raises EditRefused."""
    value = _read(text, path)
    if _at(value, path) is None:
        return text
    while len(path) > 1 and len(_at(value, path[:-1])) == 1:
        path = path[:-1]
    parent = _find(text, path[:-1])
    if not isinstance(parent, MappingNode) or len(parent.value) < 2:
        raise EditRefused(path_text(path), "is all that stands there")
    at = next(at for at, (key, _) in enumerate(parent.value) if key.value == path[-1])
    if parent.flow_style:
        edited = _cut_flow(text, [_Pair(key, value) for key, value in parent.value], at)
    else:
        edited = _cut_lines(text, *parent.value[at])
    return _checked(text, edited, path, _without(value, path))


def value_at(text: str, path: Keys) -> Any:
    """Return the value at a place of a text, None where there is none. Raises EditRefused."""
    return _at(_read(text, path), path)


def place_of_brand(texts: Mapping[str, str], main: str, brand: str) -> tuple[str, Keys]:
    """Return the file that a brand stands in, by name, and where in it. Raises EditRefused where it is nowhere."""
    brands = _at(_read(texts[main], ("brands",)), ("brands",))
    if isinstance(brands, dict) and brand in brands:
        return main, ("brands", brand)
    own = [name for name in texts if name != main and PurePath(name).stem == brand]
    if len(own) != 1:
        raise EditRefused(f"brands.{brand}", "is not in the config")
    return own[0], ()


# Values


def _read(text: str, path: Keys) -> Any:
    try:
        return parse_document(text, "config").value
    except Refused as refusal:
        raise EditRefused(path_text(path), f"stands in a file that cannot be read: {refusal.problem.message}") from None


def _at(value: Any, path: Keys) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _with(value: Any, path: Keys, new: Any) -> Any:
    """Return a tree of values with one more or another one."""
    if not path:
        return new
    inner = dict(value) if isinstance(value, dict) else {}
    inner[path[0]] = _with(inner.get(path[0]), path[1:], new)
    return inner


def _without(value: Any, path: Keys) -> Any:
    copied = deepcopy(value)
    del _at(copied, path[:-1])[path[-1]]
    return copied


def _checked(text: str, edited: str, path: Keys, meant: Any) -> str:
    """Return the edited text where it says what was meant, and nothing else has changed."""
    try:
        holds = parse_document(edited, "config").value == meant
    except Refused:
        holds = False
    if not holds:
        raise EditRefused(path_text(path), "stands in a part that a program cannot edit safely")
    return edited


# Nodes


class _Pair:
    """A key and its value of a flow mapping, as one thing with a beginning and an end."""

    def __init__(self, key: Node, value: Node) -> None:
        self.start = key.start_mark.index
        self.end = max(_end(key), _end(value))


def _find(text: str, path: Keys) -> Node | None:
    node: Node | None = YAML(typ="rt", pure=True).compose(text)
    for key in path:
        pairs = node.value if isinstance(node, MappingNode) else ()
        node = next((value for name, value in pairs if name.value == key), None)
    return node


def _start(part: Node | _Pair) -> int:
    return part.start if isinstance(part, _Pair) else int(part.start_mark.index)


def _end(part: Node | _Pair) -> int:
    """Return where a value ends, without the comments and empty lines that the parser counts in."""
    if isinstance(part, _Pair):
        return part.end
    if _is_one(part) or isinstance(part, ScalarNode):
        buffer, start, end = part.start_mark.buffer, part.start_mark.index, part.end_mark.index
        block = isinstance(part, ScalarNode) and part.style in {"|", ">"}
        return int(start + len(buffer[start:end].rstrip())) if block and buffer else int(end)
    if isinstance(part, MappingNode) and part.value:
        key, value = part.value[-1]
        return max(_end(key), _end(value))
    return max((_end(child) for child in part.value), default=int(part.end_mark.index))


def _flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(str(key))}: {_flow(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return repr(value)


def _quoted(text: str) -> str:
    if _BARE.fullmatch(text) and text.lower() not in _WORDS_OF_YAML:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escaped(sign) for sign in text) + '"'


def _in_quotes_of(node: Node, new: Plain) -> str:
    """Return a value on one line, in single quotes where the one in whose place it comes has them."""
    quoted = isinstance(node, ScalarNode) and node.style == "'" and isinstance(new, str) and new.isprintable()
    return "'" + str(new).replace("'", "''") + "'" if quoted else _flow(new)


def _escaped(sign: str) -> str:
    if sign.isprintable() and sign not in {'"', "\\"}:
        return sign
    return f"\\U{ord(sign):08x}" if ord(sign) > 0xFFFF else f"\\u{ord(sign):04x}"


# Splices


def _append(text: str, node: SequenceNode, entry: str) -> str:
    end = _end(node.value[-1])
    if node.flow_style:
        return f"{text[:end]}, {entry}{text[end:]}"
    return _insert_line(text, end, f"{' ' * node.start_mark.column}- {entry}")


def _put(text: str, path: Keys, new: Any) -> str:
    """Write a value in the place of the present one, or into the deepest mapping around it."""
    depth = next(depth for depth in range(len(path), -1, -1) if depth == 0 or _find(text, path[:depth]) is not None)
    node = _find(text, path[:depth])
    missing = path[depth:]
    if isinstance(node, MappingNode) and missing and node.value:
        return _insert_pair(text, node, missing, new)
    if node is None:
        line = f"{_quoted(path[0])}: {_flow(_nested(path[1:], new))}"
        return f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{line}\n"
    if isinstance(node, ScalarNode | MappingNode | SequenceNode) and (_is_one(node) or not node.value):
        written = _flow(_nested(missing, new))
        if _start(node) == _end(node):
            colon = _colon(text, path[:depth])
            return f"{text[:colon]} {written}{text[colon:]}"
        return text[: _start(node)] + written + text[_end(node) :]
    raise EditRefused(path_text(path), "is written over several lines")


def _is_one(node: Node) -> bool:
    """Whether a value stands on its own between two marks, such as a word or a list in brackets."""
    return (isinstance(node, ScalarNode) and node.style not in {"|", ">"}) or bool(getattr(node, "flow_style", False))


def _nested(keys: Keys, new: Any) -> Any:
    for key in reversed(keys):
        new = {key: new}
    return new


def _insert_pair(text: str, node: MappingNode, missing: Keys, new: Any) -> str:
    pair = f"{_quoted(missing[0])}: {_flow(_nested(missing[1:], new))}"
    end = max(map(_end, node.value[-1]))
    if node.flow_style:
        return f"{text[:end]}, {pair}{text[end:]}"
    return _insert_line(text, end, " " * node.start_mark.column + pair)


def _insert_line(text: str, after: int, line: str) -> str:
    """Write a line below the one that a value ends in."""
    newline = "\r\n" if "\r\n" in text else "\n"
    at = text.find("\n", after)
    if at < 0:
        return f"{text}{newline}{line}{newline}"
    return f"{text[: at + 1]}{line}{newline}{text[at + 1 :]}"


def _cut_flow(text: str, parts: Sequence[Node | _Pair], at: int) -> str:
    """Take one part out of brackets, with the comma that joins it to a neighbour."""
    if at:
        return text[: _end(parts[at - 1])] + text[_end(parts[at]) :]
    start = _start(parts[0])
    return text[:start] + text[_start(parts[1]) if len(parts) > 1 else _end(parts[0]) :]


def _cut_line(text: str, path: Keys, node: SequenceNode, at: int) -> str:
    """Take an entry of a block list out, its line with it; a list that becomes empty says so in brackets."""
    entry = node.value[at]
    first, last = _lines(text, _start(entry), _end(entry))
    if text[first : _start(entry)].strip() != "-":
        raise EditRefused(path_text(path), "shares its line with something else")
    if len(node.value) > 1:
        return text[:first] + text[last:]
    colon = _colon(text, path)
    return f"{text[:colon]} []{text[colon:first]}{text[last:]}"


def _colon(text: str, path: Keys) -> int:
    """Return where the value of a key may begin: behind its colon."""
    parent = _find(text, path[:-1])
    pairs = parent.value if isinstance(parent, MappingNode) else ()
    return next(text.index(":", _end(key)) + 1 for key, _ in pairs if key.value == path[-1])


def _cut_lines(text: str, key: Node, value: Node) -> str:
    first, last = _lines(text, _start(key), max(_end(key), _end(value)))
    if text[first : _start(key)].strip():
        raise EditRefused(str(key.value), "shares its line with something else")
    return text[:first] + text[last:]


def _lines(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the line of a beginning begins, and where the one after an end does."""
    after = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if after < 0 else after + 1
