"""The pages about queries: the reference is current, and what the how-to shows can be used."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from monitor.config.query_reference import reference
from monitor.config.schema import Pack, Watch
from monitor.rules.query import parse_entries, parse_query
from monitor.rules.query_fields import HAS, IS
from monitor.rules.watch_query import read_watch

DOCS = Path(__file__).parents[2] / "docs"
HOWTO = (DOCS / "howto" / "keywords.md").read_text("utf-8")
LISTS = {"products": ("lamp", "smart hub"), "faults": ("broken", "smok*")}


def test_the_reference_is_what_the_code_knows() -> None:
    """Mend with `python -m monitor.config.query_reference > docs/reference/queries.md`."""
    page = (DOCS / "reference" / "queries.md").read_text("utf-8")
    assert page == reference()
    assert all(f"`has:{name}`" in page for name in HAS)
    assert all(f"`is:{name}`" in page for name in IS)
    assert all(f"### {pack}\n" in page for pack in Pack)


@pytest.mark.parametrize("written", re.findall(r"^\| (`.+?) \|", reference().split("## Fields")[0], re.MULTILINE))
def test_every_query_of_the_language_table_can_be_read(written: str) -> None:
    for query in re.findall(r"`([^`]+)`", written):
        assert str(parse_query(query, LISTS))


def watches() -> list[dict[str, Any]]:
    """Return every watch that the how-to shows, whether it stands in a brand or alone."""
    found: list[dict[str, Any]] = []
    for block in re.findall(r"^```yaml\n(.*?)^```", HOWTO, re.MULTILINE | re.DOTALL):
        value = YAML(typ="safe").load(block)
        brands = value["brands"].values() if isinstance(value, dict) else ()
        found += [watch for brand in brands for watch in brand["watches"]] if brands else value
    return found


def test_the_watches_of_the_how_to_can_be_read() -> None:
    shown = watches()
    assert len(shown) >= 4
    assert all(str(read_watch(Watch.model_validate(watch), LISTS)) for watch in shown)


def test_the_exclusions_of_the_how_to_can_be_read() -> None:
    (entry,) = re.findall(r"`exclude: \['(.+?)'\]`", HOWTO)
    assert str(parse_entries([entry])) == f'"{entry}"'
    named = [name for found in re.findall(r"`packs: \[(.+?)\]`", HOWTO) for name in found.split(", ")]
    assert named
    assert all(Pack(name) for name in named)
