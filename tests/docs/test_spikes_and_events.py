"""The page about spikes and events: each config that it shows is accepted, and says what the page says."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.config.load import load_config
from monitor.config.schema import Settings
from monitor.steps.scene import planned

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "spikes-and-events.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
BASE = """
brands: {lumo: {zone: Europe/Berlin, watches: [{name: name, query: lumo}]}, korvo: {watches: [{name: n, query: korvo}]}}
sources: {file: {kind: replay, path: "builtin:lumo"}}
receivers: {desk: {kind: stdout}}
routes: [{to: [desk]}]
"""


def load(block: str, folder: Path) -> Settings:
    (folder / "config.yaml").write_text(BASE + block)
    loaded = load_config(folder / "config.yaml", environ={})
    assert [str(problem) for problem in loaded.problems] == []
    return loaded.usable()


@pytest.mark.parametrize("block", BLOCKS)
def test_every_config_of_the_page_is_accepted(block: str, tmp_path: Path) -> None:
    assert set(load(block, tmp_path).brands) == {"lumo", "korvo"}


def test_the_bounds_that_it_shows_are_the_defaults(tmp_path: Path) -> None:
    assert load(BLOCKS[0], tmp_path).spikes == Settings().spikes


@pytest.mark.parametrize(
    "start", ["2026-11-27T10:00:00Z", "'2026-11-27T11:00+01:00'", "2026-11-27 11:00", "2026-11-27 11:00:00"]
)
def test_times_are_read_with_and_without_a_zone(start: str, tmp_path: Path) -> None:
    end = "2026-11-28T00:00:00Z" if "Z" in start or "+" in start else "2026-11-28"
    block = f"events: [{{name: sale, brand: lumo, start: {start}, end: {end}, factor: 2}}]"
    (event,) = planned(load(block, tmp_path), "lumo")
    assert event.since == datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


def test_an_event_without_a_zone_is_in_that_of_its_brand(tmp_path: Path) -> None:
    settings = load(BLOCKS[1], tmp_path)
    (event,) = planned(settings, "lumo")
    assert (event.since, event.factor) == (datetime(2026, 11, 26, 23, 0, tzinfo=UTC), 4.0)
    assert event.until == datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
    assert planned(settings, "korvo") == ()
