import json
from pathlib import Path
from typing import Any

import pytest

from connectors.mention import Metrics
from monitor.rules.folded import fold_mention
from monitor.rules.match import Matcher, ParsedWatch
from monitor.rules.query import parse_query
from tests.unit.rules.posts import make_post

TABLE = Path(__file__).parents[2] / "data" / "query_truth.txt"
LISTS = {
    "parts": ("lamp", "smart hub"),
    "products": ("lamp", "smart hub", "=GLOW"),
    "faults": ("broken", '"on fire"', "smok*"),
}

Case = tuple[bool, str, str, dict[str, Any]]


def cases() -> list[Case]:
    found = []
    for line in TABLE.read_text("utf-8").splitlines():
        if line and not line.startswith("# ") and not line.startswith("## "):
            wanted, query, text, *facts = [part.strip() for part in line.split("¦")]
            assert wanted in {"yes", "no"}
            found.append((wanted == "yes", query, text.replace("\\n", "\n"), json.loads(facts[0]) if facts else {}))
    return found


CASES = cases()


@pytest.mark.parametrize(("wanted", "query", "text", "facts"), CASES)
def test_a_query_finds_what_the_table_says(wanted: bool, query: str, text: str, facts: dict[str, Any]) -> None:
    changes = dict(facts)
    source = changes.pop("source", "x")
    if "likes" in changes:
        changes["metrics"] = Metrics(likes=changes.pop("likes"))
    post, parsed = make_post(text, **changes), parse_query(query, LISTS)
    assert parsed.matches(fold_mention(post, source)) is wanted
    assert bool(Matcher([ParsedWatch("lumo", "name", parsed)]).match(post, source)) is wanted
    assert parse_query(str(parsed), LISTS) == parsed


def test_the_table_is_long_enough_and_names_no_case_twice() -> None:
    assert len(CASES) >= 200
    assert len({(query, text, json.dumps(facts)) for _, query, text, facts in CASES}) == len(CASES)
