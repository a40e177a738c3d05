"""Templates of answers: plain text with a little Jinja, rendered in a sandbox where no text takes long or grows large.

    {{ one_of("We're sorry about the wait.", "That took too long; reach us {{ channel }}.") }}
    {% if platform == "x" %}…{% endif %} Could you tell us your {{ order_number }}?   →   … your [order number]?

A name that nobody can fill in becomes a gap in brackets for the person who answers. Templates have no loops, no macros,
no attributes and no arithmetic: what is allowed is checked node by node, so that the work is bounded by the length of
the template, and nothing of a customer's text is ever read as a template.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATE_LIMIT = 5_000
"""Characters of a template."""

OUTPUT_LIMIT = 10_000
"""Characters of what a template may give."""

VALUE_LIMIT = 300
"""Characters of a value that is filled in."""

KNOWN = ("brand", "author", "platform", "cause", "channel", "signature", "impostor", "one_of")
"""The names that the program can fill in; all others are left to the person who answers."""

_FILTERS = ("lower", "upper", "capitalize", "title", "trim", "default")
_INNER = re.compile(r"\{\{ *([a-z][a-z_]{0,39}) *\}\}", re.ASCII)
"""A name within a wording of `one_of`."""

_RESERVED = ("self", "loop", "super", "caller", "varargs", "kwargs", "context", "environment")
_DEPTH = 40
"""How deeply brackets and conditions of a template may be nested."""

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Filter,
    nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Call, nodes.Tuple,
    nodes.List,
)  # fmt: skip


class BadTemplate(ValueError):
    """A template that cannot be used; says in which line, and what to write in its place."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text, and the names of the gaps that it leaves, in the order of the text."""

    text: str
    unfilled: tuple[str, ...]


def check_template(source: str) -> tuple[str, ...]:
    """Return the names that a template uses; raises BadTemplate where it cannot be used."""
    tree = _parse(source)
    _check(tree, 0)
    _compiled(source)
    outer = [name.name for name in tree.find_all(nodes.Name)]
    inner = [name for text in tree.find_all(nodes.Const) for name in _INNER.findall(str(text.value))]
    return tuple(dict.fromkeys((*outer, *inner)))


def render(source: str, values: Mapping[str, str], *, seed: str = "", variant: int = 0) -> Rendered:
    """Return the text of a template. `seed` and `variant` decide which of several wordings is taken, always alike.

    A name that `values` lacks becomes a gap; one that is "" there stays empty. Raises BadTemplate.
    """
    gaps: dict[str, None] = {}
    context: dict[str, object] = {name: " ".join(value.split())[:VALUE_LIMIT] for name, value in values.items()}
    context["one_of"] = _Choice(seed, variant, context)
    for name in _names(source):
        if name not in context:
            context[name] = _Gap(name, gaps)
    try:
        text = _compiled(source).render(context)
    except (jinja2.TemplateError, TypeError, ValueError, RecursionError) as error:
        raise BadTemplate(f"cannot be filled in ({error}); write conditions as {{% if NAME is filled %}}") from error
    if len(text) > OUTPUT_LIMIT:
        raise BadTemplate(f"gives more than {OUTPUT_LIMIT:,} characters; shorten it")
    return Rendered(_tidy(text), tuple(gaps))


class _Gap:
    """A value that is not known: prints as [its name], and is no value for `is filled`."""

    __slots__ = ("_gaps", "_name")

    def __init__(self, name: str, gaps: dict[str, None]) -> None:
        self._name, self._gaps = name.replace("_", " "), gaps

    def __str__(self) -> str:
        self._gaps[self._name] = None
        return f"[{self._name}]"

    def __bool__(self) -> bool:
        return False


class _Choice:
    """`one_of(…)`: takes one of several wordings, another one for each case and for each place of a template.

    Wordings are texts of the template itself, so that the names in them are filled in as elsewhere.
    """

    __slots__ = ("_place", "_seed", "_values", "_variant")

    def __init__(self, seed: str, variant: int, values: Mapping[str, object]) -> None:
        self._seed, self._variant, self._values, self._place = seed, variant, values, 0

    def __call__(self, *wordings: str) -> str:
        self._place += 1
        key = f"{self._seed}\x1f{self._variant}\x1f{self._place}".encode("utf-8", "replace")
        chosen = wordings[int.from_bytes(blake2b(key, digest_size=4).digest(), "big") % len(wordings)]
        return _INNER.sub(lambda name: str(self._values[name[1]]), chosen)


def _check(node: nodes.Node, depth: int) -> None:
    if depth > _DEPTH:
        raise BadTemplate(f"line {node.lineno} is nested too deeply; write it more simply")
    if not isinstance(node, _ALLOWED):
        word = type(node).__name__.lower()
        hint = "use {{ name }}, {{ one_of(…) }} and {% if … %}"
        raise BadTemplate(f"line {node.lineno} uses what templates of answers do not have ({word}); {hint}")
    if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name == "one_of"):
        raise BadTemplate(f"line {node.lineno} calls something; one_of(…) is all that can be called")
    if isinstance(node, nodes.Call) and not _takes_texts(node):
        raise BadTemplate(f"line {node.lineno}: one_of takes texts alone; write one_of('…', '…')")
    if isinstance(node, nodes.Name) and node.name in _RESERVED:
        raise BadTemplate(f"line {node.lineno}: {node.name} is a word of the language; take another name")
    for child in node.iter_child_nodes():
        _check(child, depth + 1)


def _takes_texts(call: nodes.Call) -> bool:
    texts = all(isinstance(text, nodes.Const) and isinstance(text.value, str) for text in call.args)
    return bool(call.args) and texts and not (call.kwargs or call.dyn_args or call.dyn_kwargs)


def _parse(source: str) -> nodes.Template:
    if len(source) > TEMPLATE_LIMIT:
        raise BadTemplate(f"is longer than {TEMPLATE_LIMIT:,} characters; shorten it")
    try:
        return _environment().parse(source)
    except jinja2.TemplateSyntaxError as error:
        raise BadTemplate(f"line {error.lineno}: {error.message}; write {{{{ name }}}} or {{% if … %}}") from error
    except RecursionError as error:
        raise BadTemplate("is nested too deeply; write it more simply") from error


@lru_cache(maxsize=500)
def _names(source: str) -> tuple[str, ...]:
    return check_template(source)


@lru_cache(maxsize=500)
def _compiled(source: str) -> jinja2.Template:
    try:
        return _environment().from_string(source)
    except jinja2.TemplateError as error:
        hint = f"filters are {', '.join(_FILTERS)}; the test is `is filled`"
        raise BadTemplate(f"cannot be read ({error.message}); {hint}") from error
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise BadTemplate(f"cannot be read ({type(error).__name__}); write it more simply") from error


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=False, undefined=jinja2.StrictUndefined, keep_trailing_newline=False, trim_blocks=True
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.tests = {"filled": _is_filled, "in": environment.tests["in"]}
    environment.filters["default"] = _default
    return environment


def _is_filled(value: Any) -> bool:
    return not isinstance(value, _Gap) and bool(value)


def _default(value: Any, other: Any = "") -> Any:
    return value if _is_filled(value) else other


def _tidy(text: str) -> str:
    """Return a text without the spaces and empty lines that conditions leave behind."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    found: list[str] = []
    for line in lines:
        if line or (found and found[-1]):
            found.append(line)
    return "\n".join(found)
