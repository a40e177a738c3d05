"""The configs that we write: the demo, what `init` makes, and the reference page."""

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.options import SourceOptions
from connectors.registry import KINDS, open_connector, options_type
from monitor.config.document import parse_document
from monitor.config.init import Brand, config_text, demo_text, write_config
from monitor.config.lag import lag_of
from monitor.config.load import load_config
from monitor.config.reference import reference
from monitor.errors import MonitorError

ROOT = Path(__file__).parents[3]


def test_the_shipped_config_is_the_demo() -> None:
    assert (ROOT / "config.yaml").read_text("utf-8") == demo_text()


def test_the_demo_loads_without_a_word_and_has_its_own_store() -> None:
    config = load_config(ROOT / "config.yaml", environ={})
    assert config.problems == ()
    assert config.usable().demo
    assert config.usable().store_path == ROOT / "demo" / "monitor.db"


@pytest.mark.parametrize(
    "brand",
    [
        Brand("lumo"),
        Brand('O\'Hara "Lamps": & Co', "@OHaraLamps", "Europe/Berlin"),
        Brand("Ünïx"),
        Brand("日本"),
        Brand("a b"),
    ],
    ids=lambda brand: brand.name,
)
def test_a_new_config_has_no_problem(tmp_path: Path, brand: Brand) -> None:
    write_config(tmp_path / "config.yaml", config_text(brand))
    config = load_config(tmp_path / "config.yaml", environ={})
    assert config.problems == ()
    assert [name for name, source in config.usable().sources.items() if source.enabled] == ["hackernews", "mastodon"]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=40), st.text(max_size=20))
def test_no_brand_name_breaks_the_yaml_that_is_written(name: str, handle: str) -> None:
    document = parse_document(config_text(Brand(name, handle)), "config.yaml")
    assert not document.problems
    assert len(document.value["brands"]) == 1


def test_a_config_is_never_overwritten_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    write_config(file, "store: sqlite:///a.db\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(MonitorError, match="is there already"):
        write_config(file, "")
    assert file.read_text() == "store: sqlite:///a.db\n"


def test_the_reference_page_is_current() -> None:
    page = (ROOT / "docs" / "reference" / "config.md").read_text("utf-8")
    assert page == reference(), "run: python -m monitor.config.reference > docs/reference/config.md"


def test_every_key_of_the_reference_says_what_it_means() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    bare = [row for row in rows if row.endswith("|  |") and "| `every`" not in row]
    assert bare == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_lag_that_check_compares_is_the_connectors_own(kind: str, tmp_path: Path) -> None:
    (tmp_path / "posts").write_text("")
    values = {"path": tmp_path / "posts", "url": "https://example.com/", "token": "t", "client_id": "i"}
    values |= {"client_secret": "s", "user_agent": "linux:test:1 (by /u/test)"}
    model = options_type(kind)
    options: SourceOptions = model.model_validate(
        {"kind": kind} | {name: value for name, value in values.items() if name in model.model_fields}
    )
    connector = open_connector("source", options)
    try:
        assert connector.traits.lag == lag_of(kind)
    finally:
        connector.close()
