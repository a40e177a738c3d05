"""Everything stored, one a line: mentions in the replay format, cases as the queue shows them; JSON lines or CSV.

CSV follows the OWASP rule against formulas: every cell is quoted, and text that a sheet could run begins with `'`.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from monitor.store.records import stamp
from monitor.store.store import Store

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BLANKS = " \u00a0\u3000\ufeff\u200b"


def exported_mentions(store: Store) -> Iterator[dict[str, Any]]:
    """Return every mention as a replayed one is written, with what we know beside it."""
    for row in store.export_mentions():
        author = {"handle": row["author_handle"], "name": row["author_name"], "followers": row["author_followers"]}
        yield {
            **{key: row[key] for key in ("platform", "native_id", "permalink")},
            "author": author,
            **{key: row[key] for key in ("text", "lang", "parent_id", "thread_id", "repost_of", "rating")},
            "metrics": {key: row[key] for key in ("likes", "replies", "reposts", "views")},
            **{key: stamp(row[key]) for key in ("posted_at", "seen_at", "deleted_at")},
            **{key: row[key] for key in ("source", "version", "matched")},
        }


def exported_cases(store: Store) -> Iterator[dict[str, Any]]:
    """Return every case, open or closed, with how it ended."""
    for ids in store.export_case_ids():
        for view in sorted(store.case_views(ids), key=lambda view: view.id):
            case = store.case(view.id)
            ended = {} if case is None else {
                "replied_at": stamp(case.replied_at),
                "replied_by": case.replied_by,
                "closed_at": stamp(case.closed_at),
                "dismissed_reason": case.dismissed_reason,
            }  # fmt: skip
            yield {**view.to_json(), **ended}


def write_jsonl(records: Iterable[Mapping[str, Any]], stream: TextIO) -> Iterator[None]:
    """Write records as JSON lines; yields after each, so that progress can be shown."""
    for record in records:
        stream.write(json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n")
        yield


def write_csv(records: Iterable[Mapping[str, Any]], stream: TextIO) -> Iterator[None]:
    """Write records as CSV with a head line; nested values get a column each, lists are JSON. Yields after each."""
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    columns: list[str] | None = None
    for record in records:
        flat = _flatten(record)
        if columns is None:
            columns = list(flat)
            writer.writerow(columns)
        writer.writerow([csv_safe(flat.get(name)) for name in columns])
        yield


def csv_safe(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers, true and false, and nothing stay as they are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\x00", "")
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) or text.lstrip(_BLANKS).startswith(_FORMULA_SIGNS) else text


def _flatten(record: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}_{inner}": part for inner, part in value.items()}
        else:
            flat[name] = value
    return flat
