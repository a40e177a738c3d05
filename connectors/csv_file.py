"""The CSV export of any other tool, read once and then for what is appended to it."""

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.connector import Page, Request, Reread, Traits
from connectors.csv_columns import Columns, find_columns
from connectors.errors import BadAnswer, BadMention, BadSettings, Unreachable
from connectors.files import LONGEST_LINE, Identity, open_file
from connectors.mention import Mention
from connectors.options import CsvOptions

PAGE_SIZE = 500
PAGE_ROWS = 5_000
MOST_SKIPPED = 20
_DELIMITERS = ",;\t|"
_BOMS = (b"\xff\xfe", b"\xfe\xff")
_POSITION = 2**64 - 1
"""The low bits of a text position are the offset in bytes; the rest is the decoder's."""


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a file has been read: the text position after the last row, the line that follows it, the file's size."""

    identity: Identity
    position: int = 0
    line: int = 1
    size: int = 0

    def to_state(self) -> dict[str, Any]:
        identity = self.identity
        return {
            "inode": identity.inode,
            "head_length": identity.head_length,
            "head": identity.head,
            "position": str(self.position),
            "line": self.line,
            "size": self.size,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "_Place | None":
        try:
            identity = Identity(state["inode"], state["head_length"], state["head"])
            return cls(identity, int(state["position"]), int(state["line"]), int(state["size"]))
        except (KeyError, TypeError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: the line where it begins, its cells, and why it could not be read."""

    line: int
    cells: list[str]
    fault: str | None

    def mention(self, columns: Columns) -> Mention:
        if self.fault is not None:
            raise BadMention("row", self.fault)
        return columns.mention(self.cells)


class CsvConnector:
    """Reads one file. `progress` is the share of it that has been read, from 0 to 1."""

    traits = Traits(overlap=timedelta(0), first_window=None, page_cap=None, ordered_by_time=False)

    def __init__(self, name: str, options: CsvOptions) -> None:
        self.name = name
        self.platform = options.platform
        self.progress = 0.0
        self._options = options
        self._path = options.path
        try:
            self._zone = ZoneInfo(options.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise BadSettings(name, f"there is no time zone {options.zone!r}") from error

    def queries(self, compiled: Sequence[str]) -> Sequence[str]:
        """Return the one query of a source that knows none."""
        return ("",)

    def fetch(self, request: Request) -> Page:
        """Return the next rows, at most 500 mentions; the position is in `state`."""
        with open_file(self.name, self._path) as file:
            try:
                return self._read_page(file, _Place.from_state(request.state))
            except OSError as error:
                raise Unreachable(self.name, f"{self._path} cannot be read ({error})") from error
            except UnicodeError as error:
                raise BadAnswer(self.name, f"{self._path} is not in {self._options.encoding}") from error

    def reread(self, native_ids: Sequence[str]) -> Reread:
        """An export says nothing about the present; never called."""
        raise BadSettings(self.name, f"an export cannot be asked about {len(native_ids)} single posts")

    def close(self) -> None:
        """Nothing is kept open between calls."""

    def _read_page(self, file: BinaryIO, place: _Place | None) -> Page:
        size = os.fstat(file.fileno()).st_size
        if place is None or place.position & _POSITION > size or not place.identity.still_fits(file):
            place = _Place(Identity.of(file))
        growing = place.size not in (0, size)
        with self._decoded(file) as text:
            delimiter, first_line = self._delimiter(text)
            lines = _Lines(text, first_line)
            header = next(_rows(lines, delimiter), None)
            if header is None:
                return Page()
            columns = self._columns(header.cells)
            if place.position:
                text.seek(place.position)
                lines.number = place.line
            draft, start, line = _Draft(str(self._path)), text.tell(), lines.number
            for row in _rows(lines, delimiter):
                if growing and not lines.ended:
                    break
                draft.add(row, columns)
                if growing:
                    start, line = text.tell(), lines.number
                if draft.full:
                    break
            if not growing:
                start, line = text.tell(), lines.number
        self.progress = min(1.0, (start & _POSITION) / size) if size else 1.0
        return draft.page(_Place(place.identity, start, line, size))

    def _decoded(self, file: BinaryIO) -> io.TextIOWrapper:
        """Return the file as text; bytes that are none of the encoding become U+FFFD."""
        file.seek(0)
        start = file.read(2)
        file.seek(0)
        encoding = "utf-16" if start in _BOMS else self._options.encoding
        try:
            return io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
        except LookupError as error:
            raise BadSettings(self.name, f"there is no encoding {encoding!r}") from error

    def _delimiter(self, text: io.TextIOWrapper) -> tuple[str, int]:
        """Return what separates the cells: the config's, what a `sep=` line says, or the likeliest in the header.

        Leaves `text` where the header begins, and returns that line's number too.
        """
        start = text.tell()
        first = text.readline(LONGEST_LINE)
        told = first.strip()
        if told.lower().startswith("sep=") and len(told) == 5:
            return self._options.delimiter or told[4], 2
        text.seek(start)
        if self._options.delimiter:
            return self._options.delimiter, 1
        unquoted = "".join(first.split('"')[::2])
        return max(_DELIMITERS, key=unquoted.count), 1

    def _columns(self, header: list[str]) -> Columns:
        places = find_columns(self.name, header, self._options.columns)
        return Columns(places, self._options.platform, self._options.time_format, self._zone)


@dataclass(slots=True)
class _Draft:
    """A page as it fills; a later row with the same id takes the place of the earlier one."""

    path: str
    mentions: dict[tuple[str, str], Mention] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    rows: int = 0
    faults: int = 0

    @property
    def full(self) -> bool:
        return len(self.mentions) >= PAGE_SIZE or self.rows >= PAGE_ROWS

    def add(self, row: _Row, columns: Columns) -> None:
        if not any(row.cells) and row.fault is None:
            return
        self.rows += 1
        try:
            mention = row.mention(columns)
        except BadMention as error:
            self.faults += 1
            if self.faults <= MOST_SKIPPED:
                self.skipped.append(f"{self.path}:{row.line}: {error.subject}: {error.cause}")
        else:
            self.mentions[mention.key] = mention

    def page(self, place: _Place) -> Page:
        unsaid = self.faults - len(self.skipped)
        return Page(
            mentions=tuple(self.mentions.values()),
            next_token=str(place.position) if self.full else None,
            state=place.to_state(),
            returned=self.rows,
            skipped=(*self.skipped, f"and {unsaid} more rows") if unsaid else tuple(self.skipped),
        )


class _Lines:
    """The lines of a text one by one, so that its position stays known: `number` is the line that comes next."""

    def __init__(self, text: io.TextIOWrapper, number: int) -> None:
        self._text = text
        self.number = number
        self.ended = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(LONGEST_LINE)
        self.ended = rest.endswith(("\n", "\r"))
        self.number += self.ended
        return line


def _rows(lines: _Lines, delimiter: str) -> Iterator[_Row]:
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        begin = lines.number
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _Row(begin, [], f"is no CSV: {error}")
        else:
            yield _Row(begin, cells, None)
