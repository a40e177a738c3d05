"""What pydantic found wrong, in our own words: where it stands, what is wrong, what to do."""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic_core import ErrorDetails

from monitor.config.document import Document
from monitor.config.problem import DAEMON, Path, Problem, problem_at, suggestion

_SHOWN = 60

_WANTED = {
    "string_type": ("must be text", "put it in quotes"),
    "int_type": ("must be a whole number", ""),
    "int_parsing": ("must be a whole number", ""),
    "int_from_float": ("must be a whole number", ""),
    "float_type": ("must be a number", ""),
    "float_parsing": ("must be a number", ""),
    "bool_type": ("must be true or false", ""),
    "bool_parsing": ("must be true or false", ""),
    "time_delta_type": ("must be a duration", "write 30s, 5m, 2h or 1d"),
    "time_delta_parsing": ("must be a duration", "write 30s, 5m, 2h or 1d"),
    "time_type": ("must be a time of day", "write it in quotes: '08:00'"),
    "time_parsing": ("must be a time of day", "write it in quotes: '08:00'"),
    "path_type": ("must be a path", "put it in quotes"),
    "tuple_type": ("must be a list", "write [one, two]"),
    "list_type": ("must be a list", "write [one, two]"),
    "dict_type": ("must be keys with values", "write `key: value` lines, indented by two spaces"),
    "model_type": ("must be keys with values", "write `key: value` lines, indented by two spaces"),
    "model_attributes_type": ("must be keys with values", "write `key: value` lines, indented by two spaces"),
}

_BOUNDS = {
    "greater_than_equal": ("must be at least", "ge"),
    "less_than_equal": ("must be at most", "le"),
    "greater_than": ("must be more than", "gt"),
    "less_than": ("must be less than", "lt"),
}


def problems_of(
    errors: Iterable[ErrorDetails],
    document: Document,
    model: type[BaseModel],
    *,
    prefix: Path = (),
    scope: str = DAEMON,
) -> list[Problem]:
    """Return one problem for each of pydantic's errors about a `model` that stands at `prefix` of the document."""
    found = list(errors)
    return [_problem(error, document, model, prefix, scope) for error in found if not _follows(error, found)]


def _follows(error: ErrorDetails, others: Sequence[ErrorDetails]) -> bool:
    """Whether a list is only too short because its entries are wrong, which is said already."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in others
    )


def _problem(error: ErrorDetails, document: Document, model: type[BaseModel], prefix: Path, scope: str) -> Problem:
    inner = tuple(part for part in error["loc"] if part != "[key]")
    path = prefix + inner
    kind = error["type"]
    if kind == "extra_forbidden":
        known = known_keys(model, inner[:-1])
        return problem_at(document.key_place(path), path, "unknown key", suggestion(str(path[-1]), known), scope=scope)
    if kind == "missing":
        return problem_at(document.key_place(path), path, "is missing", _meaning(model, inner), scope=scope)
    if "[key]" in error["loc"] and kind not in {"enum", "literal_error"}:
        hint = "use letters, digits, '_', '.' and '-', at most 64"
        return problem_at(document.key_place(path), path, "is no name", hint, scope=scope)
    message, hint = _say(error, "" if _is_secret(model, inner) else _got(error["input"]))
    return problem_at(document.value_place(path), path, message, hint, scope=scope)


def _is_secret(model: type[BaseModel], inner: Sequence[str | int]) -> bool:
    """Whether the value belongs to a secret field, or holds one and so must not be shown."""
    found: Any = model
    return any(_holds_secret(found := _step(found, part)) for part in inner)


def _say(error: ErrorDetails, got: str) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _WANTED:
        message, hint = _WANTED[kind]
        return f"{message}{got}", hint
    if kind in _BOUNDS:
        message, key = _BOUNDS[kind]
        return f"{message} {_plain(context[key])}{got}", ""
    if kind in {"literal_error", "enum"}:
        known = _choices(str(context.get("expected", "")))
        return f"unknown value {_short(error['input'])}", suggestion(str(error["input"]), known)
    if kind == "value_error":
        message, _, hint = str(context.get("error", error["msg"])).partition("; ")
        return message, hint
    return _say_shape(kind, context, got, error["msg"])


def _say_shape(kind: str, context: Mapping[str, Any], got: str, message: str) -> tuple[str, str]:
    if kind == "string_pattern_mismatch":
        if "A-Za-z0-9" in str(context.get("pattern", "")):
            return f"is no name{got}", "use letters, digits, '_', '.' and '-', at most 64"
        return f"has the wrong form{got}", f"it must match {context.get('pattern')}"
    if kind in {"string_too_short", "too_short"}:
        return "must not be empty", ""
    if kind in {"string_too_long", "too_long"}:
        return f"is longer than {context.get('max_length')}", ""
    return f"{message[:1].lower()}{message[1:]}{got}", ""


def known_keys(model: type[BaseModel], inner: Sequence[str | int]) -> list[str]:
    """Return the keys that the model knows at a place inside it."""
    found: Any = model
    for part in inner:
        found = _step(found, part)
    found = _model_in(found)
    return [field.alias or name for name, field in found.model_fields.items()] if found else []


def _meaning(model: type[BaseModel], inner: Sequence[str | int]) -> str:
    found: Any = model
    for part in inner[:-1]:
        found = _step(found, part)
    found = _model_in(found)
    field = found.model_fields.get(str(inner[-1])) if found else None
    if field is None:
        return ""
    if _holds_secret(field.annotation):
        return f"write `{inner[-1]}: env:NAME` (or file:PATH, credential:NAME)"
    return field.description or f"add `{inner[-1]}: …`"


def secret_fields(model: type[BaseModel]) -> list[str]:
    """Return the names of the fields that hold secrets."""
    return [name for name, field in model.model_fields.items() if _holds_secret(field.annotation)]


def _holds_secret(annotation: Any) -> bool:
    return annotation is SecretStr or SecretStr in get_args(annotation)


def _step(found: Any, part: str | int) -> Any:
    """Go one key, or one list entry, deeper into an annotation."""
    model = _model_in(found)
    if model is not None and not _is_container(found):
        field = model.model_fields.get(str(part))
        return field.annotation if field else None
    arguments = [argument for argument in get_args(_bare(found)) if argument is not Ellipsis]
    return arguments[-1] if arguments else None


def _is_container(annotation: Any) -> bool:
    return get_origin(_bare(annotation)) in {dict, tuple, list}


def _bare(annotation: Any) -> Any:
    """Return the annotation without Annotated and without `| None`."""
    while get_origin(annotation) is not None and get_origin(annotation) not in {dict, tuple, list, Literal}:
        arguments = [argument for argument in get_args(annotation) if argument is not type(None)]
        if not arguments:
            return None
        annotation = arguments[0]
    return annotation


def _model_in(annotation: Any) -> type[BaseModel] | None:
    bare = _bare(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None


def _choices(expected: str) -> list[str]:
    return [word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",") if word.strip()]


def _plain(value: Any) -> str:
    """Write a bound; pydantic gives those of durations as Python source."""
    length = re.fullmatch(r"datetime\.timedelta\((?:days=(\d+))?(?:, )?(?:seconds=(\d+))?\d*\)", str(value))
    if length:
        return f"{length[1]}d" if length[1] else f"{length[2] or 0}s"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _got(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", not keys with values"
    if isinstance(value, list | tuple):
        return ", not a list"
    return ", not nothing" if value is None else f", not {_short(value)}"


def _short(value: Any) -> str:
    if isinstance(value, Enum):
        value = value.value
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
