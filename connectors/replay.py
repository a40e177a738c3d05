"""A file of JSON lines, replayed as if its posts were being published: for demos, tests, backfills and the lab.

A line is a mention as JSON (`Mention.to_json`); further keys are ignored, among them `label`. A later line with the
same id is an edit, or new metrics, seen at its `observed_at`. `{"platform": …, "native_id": …, "deleted": true}` is a
deletion. Lines are read in the order of the file, and the file may grow.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import BinaryIO

from connectors.clock import Clock, utc_now
from connectors.connector import Page, Request, Reread, Traits
from connectors.errors import BadMention, Unreachable
from connectors.files import Identity, Line, open_file, read_lines
from connectors.mention import Mention
from connectors.options import ReplayOptions
from connectors.replay_lines import Record, first_moment, in_round, last_moment, parse_line
from connectors.replay_place import Place, restored

PAGE_SIZE = 500
PAGE_LINES = 5_000
"""Lines looked at for one page, so that a file of nonsense still gives the daemon breath."""

MOST_SKIPPED = 20
"""Bad lines named one by one in a page; the rest are counted."""


class _Fate(Enum):
    """What becomes of a line: taken (or skipped as bad), not public yet, or left for the next page."""

    TAKEN = auto()
    NOT_YET = auto()
    NEXT_PAGE = auto()


@dataclass(slots=True)
class _Draft:
    """A page as it fills. An id stands in it once: what would overwrite a text waits for the next page."""

    mentions: dict[tuple[str, str], Mention] = field(default_factory=dict)
    deleted: dict[str, None] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    lines: int = 0
    faults: int = 0

    @property
    def full(self) -> bool:
        return len(self.mentions) + len(self.deleted) >= PAGE_SIZE or self.lines >= PAGE_LINES

    def has_room_for(self, record: Record) -> bool:
        if record.mention is None:
            return True
        known = self.mentions.get(record.mention.key)
        return record.native_id not in self.deleted and (known is None or known.text == record.mention.text)

    def add(self, record: Record) -> None:
        if record.mention is None:
            self.deleted[record.native_id] = None
        else:
            self.mentions[record.mention.key] = record.mention

    def skip(self, text: str) -> None:
        self.faults += 1
        if self.faults <= MOST_SKIPPED:
            self.skipped.append(text)

    def page(self, place: Place, *, more: bool) -> Page:
        unsaid = self.faults - len(self.skipped)
        return Page(
            mentions=tuple(self.mentions.values()),
            deleted=tuple(self.deleted),
            next_token=f"{place.round}:{place.offset}" if more else None,
            state=place.to_state(),
            returned=len(self.mentions),
            skipped=(*self.skipped, f"and {unsaid} more lines") if unsaid else tuple(self.skipped),
        )


class ReplayConnector:
    """Replays one file.

    With `paced` set to False (as `run --once` does) pace and loop are ignored: the whole file is public at once, one
    time. `reread` answers from what `fetch` has passed in this process; before the first `fetch` it knows nothing.
    """

    platform = "replay"
    traits = Traits(
        overlap=timedelta(0),
        first_window=None,
        page_cap=None,
        ordered_by_time=False,
        can_reread=True,
        reread_batch=PAGE_SIZE,
    )

    def __init__(self, name: str, options: ReplayOptions, *, clock: Clock = utc_now) -> None:
        self.name = name
        self.paced = True
        self._options = options
        self._path = options.path
        self._clock = clock
        self._place: Place | None = None
        self._latest: dict[tuple[str, str], tuple[int, int]] = {}
        self._indexed: Place | None = None

    def queries(self, compiled: Sequence[str]) -> Sequence[str]:
        """Return the one query of a source that knows none."""
        return ("",)

    def fetch(self, request: Request) -> Page:
        """Return the next lines that are public by now, at most 500 mentions; the position is in `state`."""
        now = self._clock()
        with open_file(self.name, self._path) as file:
            try:
                return self._read_page(file, self._placed(file, request, now), now)
            except OSError as error:
                raise Unreachable(self.name, f"{self._path} cannot be read ({error})") from error

    def reread(self, native_ids: Sequence[str]) -> Reread:
        """Return the latest line of each id among those that `fetch` has passed; ids not among them are left out."""
        place = self._place
        if place is None:
            return Reread()
        with open_file(self.name, self._path) as file:
            try:
                if not place.identity.still_fits(file):
                    return Reread()
                offsets = self._offsets(file, place)
                keys = [(platform, one) for one in native_ids for platform in sorted({name for name, _ in offsets})]
                found = [_line_at(file, offsets[key]) for key in keys if key in offsets]
            except OSError as error:
                raise Unreachable(self.name, f"{self._path} cannot be read ({error})") from error
        records = [self._staged(record, place) for line in found if (record := parse_line(line))]
        mentions = tuple(record.mention for record in records if record.mention)
        return Reread(mentions, tuple(record.native_id for record in records if not record.mention))

    def close(self) -> None:
        """Nothing is kept open between calls."""

    @property
    def _pace(self) -> float:
        return self._options.pace if self.paced else 0.0

    def _placed(self, file: BinaryIO, request: Request, now: datetime) -> Place:
        """Return where to read on: after the last page, at the start of a new file, or at the start of a new round."""
        size = os.fstat(file.fileno()).st_size
        place = restored(request.state)
        if place is None or place.offset > size or not place.identity.still_fits(file):
            return self._opened(file, now, 1)
        at_end = place.offset >= size > 0 and request.token is None
        if at_end and self._options.loop and self.paced:
            return self._opened(file, now, place.round + 1)
        return place

    def _opened(self, file: BinaryIO, now: datetime, number: int) -> Place:
        identity = Identity.of(file)
        if not self._options.pace and not self._options.shift:
            return Place(identity, now, round=number)
        return Place(identity, now, first=first_moment(file), last=last_moment(file), round=number)

    def _read_page(self, file: BinaryIO, place: Place, now: datetime) -> Page:
        size = os.fstat(file.fileno()).st_size
        growing = self.paced and size != place.size
        draft, fate = _Draft(), _Fate.TAKEN
        start, end = place, (place.offset, place.line)
        for line in read_lines(file, *end):
            fate = self._take(line, draft, start, now, growing=growing)
            if fate is not _Fate.TAKEN:
                break
            end = (line.end, line.number + 1)
            if draft.full:
                fate = _Fate.NEXT_PAGE
                break
        self._place = replace(place, size=size, offset=end[0], line=end[1])
        return draft.page(self._place, more=fate is _Fate.NEXT_PAGE)

    def _take(self, line: Line, draft: _Draft, place: Place, now: datetime, *, growing: bool) -> _Fate:
        draft.lines += 1
        try:
            record = parse_line(line)
            if record is None:
                return _Fate.TAKEN
            if record.moment and place.visible_at(record.moment, self._pace) > now:
                return _Fate.NOT_YET
            record = self._staged(record, place)
            if not draft.has_room_for(record):
                return _Fate.NEXT_PAGE
            draft.add(record)
        except BadMention as error:
            if growing and not line.complete:
                return _Fate.NOT_YET
            draft.skip(f"{self._path}:{line.number}: {error.subject}: {error.cause}")
        return _Fate.TAKEN

    def _staged(self, record: Record, place: Place) -> Record:
        """Return the record with this round's ids and, with `shift: now`, with a time of today."""
        if self._options.shift and record.mention:
            posted_at = place.dated(record.mention.posted_at, self._pace)
            record = replace(record, mention=replace(record.mention, posted_at=posted_at))
        return in_round(record, place.round)

    def _offsets(self, file: BinaryIO, place: Place) -> dict[tuple[str, str], tuple[int, int]]:
        """Return where the latest line of each id begins, and its number, in what `fetch` has passed of this round."""
        done = self._indexed
        if done is None or (done.identity, done.round) != (place.identity, place.round) or done.offset > place.offset:
            self._latest, done = {}, replace(place, offset=0, line=1)
        begin = done.offset
        for line in read_lines(file, done.offset, done.line):
            if line.end > place.offset:
                break
            if record := _readable(line):
                self._latest[record.platform, in_round(record, place.round).native_id] = (begin, line.number)
            begin = line.end
        self._indexed = place
        return self._latest


def _readable(line: Line) -> Record | None:
    try:
        return parse_line(line)
    except BadMention:
        return None


def _line_at(file: BinaryIO, position: tuple[int, int]) -> Line:
    return next(read_lines(file, *position))
