import csv
import io
import json

import pytest

from connectors.mention import parse_mention
from monitor import desk
from monitor.export import csv_safe, exported_cases, exported_mentions, write_csv, write_jsonl
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, store_case, store_mentions
from tests.services import make_settings

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", "  =1", "\u3000=1", "＝1", "＋1", "－1", "＠x",
    '=HYPERLINK("http://evil.example")', "=cmd|' /C calc'!A0", "\ufeff=1",
]  # fmt: skip


@pytest.mark.parametrize("cell", FORMULAS)
def test_text_that_a_sheet_could_run_becomes_text(cell: str) -> None:
    assert csv_safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["plain", "a = b", "", "'quoted", 5, -5, 0.5, None])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert csv_safe(cell) == cell


def test_no_cell_of_a_hostile_post_begins_a_formula() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(formula, author=formula) for formula in FORMULAS])
    stream = io.StringIO()
    list(write_csv(exported_mentions(store), stream))
    rows = list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert len(rows) == len(FORMULAS)
    cells = [cell for row in rows for cell in row.values() if not cell.lstrip("-").replace(".", "").isdecimal()]
    assert [cell for cell in cells if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_exported_mentions_can_be_replayed() -> None:
    store = SqliteStore(None)
    mention = make_mention("hello \x1b[2J lumo", followers=5, metrics={"likes": 3}, permalink="https://x.example/1")
    store_mentions(store, [mention])
    stream = io.StringIO()
    list(write_jsonl(exported_mentions(store), stream))
    (line,) = stream.getvalue().splitlines()
    assert parse_mention(json.loads(line)) == mention
    assert line.isascii()


def test_every_case_is_exported_open_or_closed() -> None:
    store = SqliteStore(None)
    first, second = store_case(store), store_case(store)
    turn = desk.Turn(store, make_settings(), "ana", NOW)
    desk.dismiss(turn, first, "spam")
    records = list(exported_cases(store))
    assert [(record["id"], record["status"]) for record in records] == [(first, "dismissed"), (second, "new")]
    assert records[0]["dismissed_reason"] == "spam"


def test_more_than_one_portion_is_exported_whole() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention() for _ in range(1_203)])
    assert len({record["native_id"] for record in exported_mentions(store)}) == 1_203
