"""The parts of a digest: sections of lines, and lines of pieces that know who wrote them.

Our own words are plain strings. What comes from outside stands in a `Quote`, so that each renderer can make it harmless
for its place, and a `CaseLink` or `QueueLink` becomes an address or a command as the place allows.
"""

from dataclasses import dataclass

from monitor.config.digests import Part
from monitor.domain import Level


@dataclass(frozen=True, slots=True)
class Quote:
    """Foreign text, cut to `limit` signs; `marks` puts it in quotation marks."""

    text: str
    limit: int = 60
    marks: bool = False


@dataclass(frozen=True, slots=True)
class CaseLink:
    """Where a case is worked on."""

    id: int


@dataclass(frozen=True, slots=True)
class QueueLink:
    """Where all cases are."""


@dataclass(frozen=True, slots=True)
class PostLink:
    """The address of a post, None where it is unknown: foreign."""

    url: str | None


Piece = str | Quote | CaseLink | QueueLink | PostLink


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section, a second one below it, and the level that colours it."""

    pieces: tuple[Piece, ...]
    detail: tuple[Piece, ...] = ()
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A section with something to say."""

    part: Part
    title: str
    lines: tuple[Line, ...]


def line(*pieces: Piece, detail: tuple[Piece, ...] = (), level: Level | None = None) -> Line:
    """Return a line of these pieces."""
    return Line(pieces, detail, level)
