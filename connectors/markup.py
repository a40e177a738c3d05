"""HTML as some platforms send it, turned into the text that people see.

The standard library's parser takes time that grows with the square of hostile input: 40 s for a post of a hundred
kilobytes. Here every expression is possessive or bounded, so that the time grows with the length alone.
"""

import re
from html import unescape

LONGEST_MARKUP = 40_000
"""Characters read of one post's markup: four times what is kept of a text."""

_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|head|template|noscript|iframe|object)\b[^<>]{0,2000}+>.*?(?:</\1\s{0,9}+>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(
    r"""<(/?[a-z][a-z0-9]{0,20}+|[!?/])(?>[^<>"']{1,2000}+|"[^"]{0,2000}+"|'[^']{0,2000}+'){0,60}+>""", re.I
)
_PARAGRAPHS = frozenset({"p", "div", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"})
_LINE_ENDS = frozenset({"br", "li", "tr"})
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]++")
_EMPTY_LINES = re.compile(r"\n{3,}+")


def plain_text(markup: str) -> str:
    """Return the visible text of `markup`, its paragraphs set apart; plain text comes back, spaces aside."""
    shown = _TAG.sub(_break, _UNSEEN.sub("", markup[:LONGEST_MARKUP]))
    lines = (_SPACES.sub(" ", line).strip() for line in unescape(shown).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _break(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    if name.removeprefix("/") in _PARAGRAPHS:
        return "\n\n"
    return "\n" if name in _LINE_ENDS else ""
