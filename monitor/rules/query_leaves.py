"""Reads the single parts of a query: words, fields, patterns, lists. Each mistake is told with its place and a hint."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

import re2

from monitor.rules.folded import fold_words
from monitor.rules.query_ast import Emoji, Exact, Marked, Named, Node, Or, Words
from monitor.rules.query_error import QueryError
from monitor.rules.query_fields import FIGURES, HAS, IS, NAMES, Field, Figure, Trait
from monitor.rules.query_pattern import Pattern

Lists = Mapping[str, Sequence[str]]

_PATTERN_MEMORY = 1 << 20
"""Bytes that the program of one user pattern may take."""

_MOST = 1e12
_SIZES = {"": 1, "k": 1_000, "m": 1_000_000}
_NUMBER = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)([km]?)", re.ASCII | re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)
_COLON = re.compile(r"([A-Za-z_]+):(?!//)(.*)", re.ASCII | re.DOTALL)
_COMPARED = re.compile(r"([A-Za-z_]+)(>=|=>|<=|=<|>|<|==?)(.*)", re.ASCII | re.DOTALL)
_JOINT = re.compile(r"([A-Za-z]+)(?:/(.*))?", re.ASCII | re.DOTALL)
_SIGNS = {"||": "OR", "|": "OR", "&&": "AND", "&": "AND", "!": "-"}
_OTHER_NAMES = {
    **dict.fromkeys(("retweet", "rt", "reblog", "crosspost"), "repost"),
    **dict.fromkeys(("url", "urls", "address"), "link"),
    **dict.fromkeys(("image", "images", "photo", "picture", "video", "gif"), "media"),
    **dict.fromkeys(("comment", "answer"), "reply"),
}
_EMOJI = re.compile("[\u203c\u2049\u20e3\u2122\u2139\u2190-\u3299\U0001f000-\U0001faff]")
_CURLY = "“”„"
_PHRASE = re.compile(r"(?!(?:NOT|OR|AND)\b)\w[\w'’-]*(?:\s+(?:&|(?!(?:OR|AND|NOT|NEAR|THEN)\b)\w[\w'’&.+-]*))+")
"""Words side by side, without any operator."""

_ONE_WORD = re.compile(r"[^\W_]+")
_OPERATORS = frozenset({"AND", "OR", "NOT", "NEAR", "THEN"})


def near_miss(word: str, known: Sequence[str]) -> str | None:
    """Return the known word that was probably meant."""
    lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return lower[close[0]] if close else None


def read_word(text: str, position: int) -> Node:
    """Read a bare word, a prefix or an emoji."""
    _refuse_misspelt(text, position)
    bare = text.removesuffix("*")
    if "*" in bare:
        raise QueryError(position + bare.index("*"), "a star may only end a word", "write prefix*, such as lamp*")
    if not fold_words(bare):
        if _EMOJI.search(text) and bare == text:
            return Emoji(text)
        hint = f"write {_SIGNS[text]}" if text in _SIGNS else "write a word"
        raise QueryError(position, f"{text!r} holds no letter or digit", hint)
    emoji = next((at for at, sign in enumerate(bare) if _EMOJI.match(sign) and not fold_words(sign)), None)
    if emoji is not None:
        raise QueryError(position + emoji, f"an emoji stands inside {text[:40]!r}", "write a space beside it")
    if text.endswith("*") and len(bare) < 2:
        hint = "give at least two letters before the star"
        raise QueryError(position, f"{text!r} would match nearly everything", hint)
    return Words(bare, prefix=text.endswith("*"))


def _refuse_misspelt(text: str, position: int) -> None:
    """Refuse what was meant as an operator or a field, and would quietly be a word."""
    if text in {"AND", "OR", "NOT"}:
        raise QueryError(position, f"{text} needs something to join", f"write as in lumo {text} lamp, or quote it")
    joint = _JOINT.fullmatch(text)
    if joint and (joint[2] is not None or text in {"NEAR", "THEN"}):
        meant = near_miss(joint[1], ["NEAR", "THEN"])
        number = joint[2] if joint[2] and joint[2].isdecimal() else "3"
        if meant and (joint[2] is None or not joint[2] or joint[2].isdecimal()):
            hint = f"did you mean {meant}/{number}, as in lumo {meant}/{number} smoke? Else quote it"
            raise QueryError(position, f"{text[:40]!r} is no operator", hint)
    colon, compared = _COLON.fullmatch(text), _COMPARED.fullmatch(text)
    if colon:
        _refuse_field(colon[1], colon[2], position)
    elif compared:
        meant = near_miss(compared[1], list(FIGURES))
        known = f"known: {', '.join(FIGURES)}; or quote it"
        hint = f"did you mean {meant}>={compared[3] or '1000'}?" if meant else known
        raise QueryError(position, f"{compared[1][:40]!r} is nothing that can be compared so", hint)


def _refuse_field(name: str, value: str, position: int) -> None:
    if name.lower() in NAMES:
        problem = f"{name}: is written in small letters" if value else f"{name}: needs a value"
        raise QueryError(position, problem, f"write {name.lower()}:{value or 'value'}, without a space")
    meant = near_miss(name, [*NAMES, *FIGURES])
    if meant in FIGURES:
        hint = f"did you mean {meant}>={value or '1000'}?"
    elif meant:
        hint = f"did you mean {meant}:{value}?"
    else:
        hint = f"known: {', '.join(NAMES)}; or quote it"
    raise QueryError(position, f"no field is called {name[:40]!r}", hint)


def read_quoted(text: str, position: int) -> Node:
    """Read a phrase in straight or curly quotation marks."""
    phrase = " ".join(text.strip(f'"{_CURLY}').split())
    if not fold_words(phrase):
        hint = 'write words inside the quotes, as in "my lamp"'
        raise QueryError(position, "the phrase holds no letter or digit", hint)
    return Words(phrase, quoted=True)


def read_field(text: str, position: int) -> Node:
    """Read `name:value`."""
    name, _, value = text.partition(":")
    value, at = value.removeprefix("@"), position + len(name) + 1
    if name in {"has", "is"}:
        known = list(HAS if name == "has" else IS)
        if value not in known:
            meant = _OTHER_NAMES.get(value.lower()) or near_miss(value, known)
            meant = meant if meant in known else None
            hint = f"did you mean {name}:{meant}?" if meant else f"known: {', '.join(known)}"
            raise QueryError(at, f"nothing is known of {name}:{value[:40]}", hint)
        return Trait(name, value)
    if name == "in":
        value = value.removeprefix("/").removeprefix("r/")
    maybe = name == "lang" and value.endswith("?")
    value = value.removesuffix("?") if maybe else value
    if name == "lang" and not _LANGUAGE.fullmatch(value):
        hint = "write its tag, such as lang:de, or lang:de? for posts that may be German"
        raise QueryError(at, f"{value[:40]!r} is no language", hint)
    if not value:
        raise QueryError(at, f"{name}: needs a value", f"write as in {name}:lumo")
    return Field(name, value, maybe)


def read_figure(text: str, position: int) -> Node:
    """Read `followers>=1000`; 10k and 1.5m are numbers as well."""
    name, sign, number = re.split(r"(>=|<=|>|<)", text, maxsplit=1)
    found = _NUMBER.fullmatch(number)
    if not found or float(found[1]) > _MOST / 1_000_000:
        hint = f"write as in {name}>={'2' if name == 'rating' else '10k'}"
        raise QueryError(position + len(name + sign), f"{number[:40]!r} is no number", hint)
    return Figure(name, sign, round(float(found[1]) * _SIZES[found[2].lower()], 6))


def read_pattern(text: str, position: int) -> Node:
    """Read a pattern in RE2's syntax."""
    source, _, flags = text.removeprefix("re2:/").rpartition("/")
    options = re2.Options()
    options.max_mem, options.log_errors, options.case_sensitive = _PATTERN_MEMORY, False, flags != "i"
    try:
        compiled = re2.compile(source, options)
    except re2.error as error:
        cause = error.args[0] if error.args else "unknown"
        cause = cause.decode(errors="replace") if isinstance(cause, bytes) else cause
        hint = "use RE2's syntax: no look-around, no back-reference"
        raise QueryError(position, f"pattern: {cause}", hint) from error
    if compiled.search("") is not None:
        problem = "the pattern matches the empty text, so it matches everything"
        raise QueryError(position, problem, "make a part required")
    return Pattern(source, flags, compiled)


def read_list(text: str, position: int, lists: Lists, read: Callable[[str], Node]) -> Node:
    """Read `{name}`: one of the entries of a list of the config; `read` reads an entry that is more than words."""
    name = text[1:-1]
    if name not in lists:
        meant = near_miss(name, list(lists))
        known = f"known: {', '.join(sorted(lists)[:12])}" if lists else "lists stand in the config, under lists"
        hint = f"did you mean {{{meant}}}?" if meant else known
        raise QueryError(position, f"no list is called {name[:40]!r}", hint)
    entries: dict[Node, None] = {}
    for entry in lists[name]:
        try:
            node = read_entry(entry, read)
        except QueryError as error:
            raise QueryError(position, f"the list {name!r}: {error.problem}", error.hint) from error
        entries.update(dict.fromkeys(node.parts if isinstance(node, Or) else (node,)))
    if not entries:
        raise QueryError(position, f"the list {name!r} is empty", "give it a word, or leave it out")
    return Named(name, Or(tuple(entries)) if len(entries) > 1 else next(iter(entries)))


def read_entry(entry: str, read: Callable[[str], Node]) -> Node:
    """Read one entry of a list: several words are a phrase, with quotation marks or without; `read` reads the rest."""
    if _PHRASE.fullmatch(entry):
        return read_quoted(entry, 0)
    if _ONE_WORD.fullmatch(entry) and entry not in _OPERATORS:
        return Words(entry)
    try:
        return read(entry)
    except QueryError as error:
        raise QueryError(error.position, f"{entry[:40]!r}: {error.problem}", error.hint) from error


def read_exact(text: str, position: int) -> Node:
    """Read `=LUMO`."""
    return Exact(text[1:])


def read_marked(text: str, position: int) -> Node:
    """Read `#tag` or `@handle`."""
    return Marked(text[0], text[1:])


LEAVES: Mapping[str, Callable[[str, int], Node]] = {
    "PATTERN": read_pattern,
    "FIELD": read_field,
    "FIGURE": read_figure,
    "EXACT": read_exact,
    "TAG": read_marked,
    "HANDLE": read_marked,
    "QUOTED": read_quoted,
    "WORD": read_word,
}
