import json

import pytest

from models.errors import BadLine
from monitor.match_lines import match_lines
from monitor.rules.query import parse_query


def matched(query: str, *lines: str, jsonl: bool = False) -> list[str]:
    return list(match_lines(parse_query(query), [f"{line}\n" for line in lines], jsonl=jsonl))


def test_matching_lines_come_back_as_they_were() -> None:
    assert matched("lumo -band", "my Lumo  lamp", "the lumo band", "nothing") == ["my Lumo  lamp"]


def test_an_empty_line_matches_nothing() -> None:
    assert matched("lumo", "", "  ") == []


def test_mentions_as_json_match_by_author_too() -> None:
    line = json.dumps({"text": "hello", "author": {"handle": "kim"}})
    assert matched("from:kim", line, json.dumps({"text": "from kim"}), jsonl=True) == [line]


@pytest.mark.parametrize("line", ["{", "[]", '{"text": 5}', "{}", "[" * 50_000])
def test_a_line_that_is_no_mention_is_named(line: str) -> None:
    with pytest.raises(BadLine, match="line 2"):
        matched("lumo", '{"text": "lumo"}', line, jsonl=True)
