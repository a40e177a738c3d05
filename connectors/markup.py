"""HTML as some platforms send it, turned into the text that people see."""

import re
from html.parser import HTMLParser

LONGEST_MARKUP = 60_000
"""Characters read of one post's markup: six times what is kept of a text."""

_BREAKS = frozenset({"p", "br", "div", "li", "tr", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"})
_UNSEEN = frozenset({"script", "style", "head", "template", "noscript", "iframe", "object"})
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES = re.compile(r" *\n *")
_EMPTY_LINES = re.compile(r"\n{3,}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BREAKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def plain_text(markup: str) -> str:
    """Return the visible text of `markup`, its paragraphs as lines; plain text comes back as it was, but for spaces."""
    reader = _Reader()
    reader.feed(markup[:LONGEST_MARKUP])
    reader.close()
    text = _LINES.sub("\n", _SPACES.sub(" ", "".join(reader.parts)))
    return _EMPTY_LINES.sub("\n\n", text).strip()
