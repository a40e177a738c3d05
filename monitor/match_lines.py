"""A query tried on lines of text, or on mentions as JSON: the bench for the queries of watches."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from connectors.mention import Author, Mention, parse_mention
from models.errors import BadLine
from monitor.rules.folded import fold_mention
from monitor.rules.query import Query

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""When a line without a time was posted: no query asks."""


def match_lines(query: Query, lines: Iterable[str], *, jsonl: bool) -> Iterator[str]:
    """Return the lines that match, as they came. With `jsonl` each is a mention, or any object with a `text`.

    Raises BadLine, with its number, for a line that holds no such thing.
    """
    for number, line in enumerate(lines, start=1):
        bare = line.rstrip("\r\n")
        if jsonl and not bare.strip():
            continue
        if query.matches(fold_mention(_mention(bare, number, jsonl=jsonl))):
            yield bare


def _mention(line: str, number: int, *, jsonl: bool) -> Mention:
    if not jsonl:
        return _made_of(line)
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"line {number}", f"it is not JSON ({error!s:.100})") from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise BadLine(f"line {number}", "it holds no text", 'write {"text": "…"} on each line')
    return _read(record)


def _read(record: dict[str, Any]) -> Mention:
    """Read what there is of a mention; what is missing matches nothing."""
    author = record.get("author")
    known = {"platform": "file", "native_id": "line", "posted_at": 0}
    handle = author if isinstance(author, dict) and isinstance(author.get("handle"), str) else {"handle": ""}
    return parse_mention({**known, **record, "author": handle})


def _made_of(text: str) -> Mention:
    return Mention("file", "line", Author(""), text, _EPOCH).cleaned()
