"""What a fake platform understands of a search query: words, quotes, OR, `-`, groups and a few operators."""

import re
from collections.abc import Callable, Mapping

Test = Callable[[str], bool]
_TOKEN = re.compile(r'-?\(|\)|-?"[^"]*"|[^\s()]+')


def matches(query: str, text: str, operators: Mapping[str, Callable[[str], bool]] | None = None) -> bool:
    """Tell whether a post with this text answers the query; AND binds before OR.

    `operators` maps a prefix such as `from` to the judgement of its value.
    """
    tokens = _TOKEN.findall(query)
    verdict, rest = _either(tokens, text, operators or {})
    if rest:
        raise ValueError(f"unreadable query near {rest[0]!r}")
    return verdict


def _either(tokens: list[str], text: str, operators: Mapping[str, Test]) -> tuple[bool, list[str]]:
    verdict, tokens = _every(tokens, text, operators)
    while tokens and tokens[0] == "OR":
        other, tokens = _every(tokens[1:], text, operators)
        verdict = verdict or other
    return verdict, tokens


def _every(tokens: list[str], text: str, operators: Mapping[str, Test]) -> tuple[bool, list[str]]:
    verdict = True
    while tokens and tokens[0] not in ("OR", ")"):
        one, tokens = _one(tokens, text, operators)
        verdict = verdict and one
    return verdict, tokens


def _one(tokens: list[str], text: str, operators: Mapping[str, Test]) -> tuple[bool, list[str]]:
    token, rest = tokens[0], tokens[1:]
    negated, token = token.startswith("-"), token.removeprefix("-")
    if token == "(":
        verdict, rest = _either(rest, text, operators)
        if not rest:
            raise ValueError("a group is not closed")
        rest = rest[1:]
    else:
        verdict = _term(token, text, operators)
    return verdict is not negated, rest


def _term(token: str, text: str, operators: Mapping[str, Test]) -> bool:
    if token.startswith('"'):
        return token.strip('"').casefold() in text.casefold()
    name, _, value = token.partition(":")
    if value and name in operators:
        return operators[name](value)
    words = re.findall(r"[@#]?\w+", text.casefold())
    word = token.casefold()
    return word in words or f"@{word}" in words or f"#{word}" in words
