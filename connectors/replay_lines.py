"""The lines of a replay: what one says, and what the first and the last one say about the time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO

from connectors.errors import BadMention
from connectors.files import LONGEST_LINE, Line, read_lines
from connectors.mention import Mention, parse_mention, parse_time

_SEARCHED = 1_000
"""Lines at either end of a file in which a time is looked for."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line: a mention, or the deletion of one. `moment` is when it became public, None if it does not say."""

    platform: str
    native_id: str
    mention: Mention | None
    moment: datetime | None


def parse_line(line: Line) -> Record | None:
    """Read one line; None for a blank one. Raises BadMention."""
    if line.body is None:
        raise BadMention("line", f"is longer than {LONGEST_LINE:,} bytes")
    if not line.body.strip():
        return None
    record = _object(line.body)
    if record.get("deleted") is True:
        return _deletion(record)
    mention = parse_mention(record)
    seen = record.get("observed_at")
    moment = mention.posted_at if seen is None else parse_time(seen)
    return Record(mention.platform, mention.native_id, mention, moment)


def in_round(record: Record, number: int) -> Record:
    """Return the record as it stands in round `number` of a loop: from the second on, ids have a suffix."""
    if number == 1:
        return record
    mention = record.mention
    if mention is not None:
        mention = replace(
            mention,
            native_id=f"{mention.native_id}#{number}",
            parent_id=mention.parent_id and f"{mention.parent_id}#{number}",
            thread_id=mention.thread_id and f"{mention.thread_id}#{number}",
            repost_of=mention.repost_of and f"{mention.repost_of}#{number}",
        )
    return replace(record, native_id=f"{record.native_id}#{number}", mention=mention)


def first_moment(file: BinaryIO) -> datetime | None:
    """Return the time of the first line that has one."""
    for line in read_lines(file):
        if (moment := _moment(line)) or line.number >= _SEARCHED:
            return moment
    return None


def last_moment(file: BinaryIO) -> datetime | None:
    """Return the time of the last line that has one, looked for in the last two megabytes."""
    size = file.seek(0, 2)
    start = max(0, size - 2 * LONGEST_LINE)
    lines = list(read_lines(file, start))
    for line in reversed(lines[1 if start else 0 :][-_SEARCHED:]):
        if moment := _moment(line):
            return moment
    return None


def _moment(line: Line) -> datetime | None:
    try:
        record = parse_line(line)
    except BadMention:
        return None
    return record.moment if record else None


def _deletion(record: Mapping[str, Any]) -> Record:
    platform, native_id = record.get("platform"), record.get("native_id")
    if not isinstance(platform, str) or not isinstance(native_id, str):
        raise BadMention("native_id", "a deletion must name platform and native_id as text")
    seen = record.get("observed_at")
    return Record(platform, native_id, None, None if seen is None else parse_time(seen))


def _object(body: bytes) -> dict[str, Any]:
    try:
        record = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadMention("line", _fault(error)) from error
    if not isinstance(record, dict):
        raise BadMention("line", "is no JSON object")
    return record


def _fault(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"is not in UTF-8 (byte {error.start})"
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON (column {error.colno})"
    return "is nested too deeply or holds a monstrous number"
