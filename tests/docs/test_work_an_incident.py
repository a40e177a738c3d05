"""The page about incidents and causes: its configs are accepted, and its commands do what it says."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli.commands import app
from monitor.config.incidents import Incidents
from monitor.config.load import load_config
from monitor.config.schema import Settings
from monitor.store.sqlite import SqliteStore
from tests.incident_cases import store_complaint, store_incident

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "work-an-incident.md"
TEXT = PAGE.read_text("utf-8")
CONFIGS = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^complaint-monitor (.*)$", TEXT, re.MULTILINE)
BASE = """
store: sqlite:///monitor.db
brands: {lumo: {watches: [{name: name, query: lumo}]}}
sources: {file: {kind: replay, path: "builtin:lumo"}}
receivers: {desk: {kind: stdout}}
routes: [{to: [desk]}]
"""


def load(block: str, folder: Path) -> Settings:
    (folder / "config.yaml").write_text(BASE + block)
    loaded = load_config(folder / "config.yaml", environ={})
    assert [str(problem) for problem in loaded.problems] == []
    return loaded.usable()


def test_the_bounds_that_it_shows_are_the_defaults(tmp_path: Path) -> None:
    assert load(CONFIGS[0], tmp_path).incidents == Incidents()


def test_its_causes_are_added_to_the_shipped_ones(tmp_path: Path) -> None:
    causes = load(CONFIGS[1], tmp_path).causes_of("lumo")
    assert "price" not in causes
    assert len(causes["battery"].examples) == 2
    assert causes["delivery"].phrases[-1] == '"still in transit"'
    assert len(causes["delivery"].examples) > 30


def test_a_phrase_that_cannot_be_read_is_told_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(BASE + "causes:\n  battery:\n    phrases: ['battery (dead']\n")
    (problem,) = load_config(tmp_path / "config.yaml", environ={}).problems
    assert problem.path == "causes.battery.phrases[0]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(BASE)
    store = SqliteStore(tmp_path / "monitor.db")
    cases = [store_complaint(store, text=f"lumo login fails {n}", native_id=f"n{n}") for n in range(16)]
    store_incident(store, cases[:13] + cases[13:])
    store_incident(store, [store_complaint(store, 1, native_id="z")], 1)
    store.close()
    return tmp_path


def test_its_commands_do_what_it_says(folder: Path) -> None:
    merges = [command for command in COMMANDS if " over " not in command]
    for command in [*merges, *(command for command in COMMANDS if " over " in command)]:
        result = CliRunner().invoke(app, [*shlex.split(command), "--config", str(folder / "config.yaml")])
        assert result.exit_code == 0, f"{command}: {result.output} {result.exception}"
    store = SqliteStore(folder / "monitor.db", read_only=True)
    first, second, third = (store.incident(number) for number in (1, 2, 3))
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.state, first.owner, first.size) == ("over", "ana", 14)
    assert (second.merged_into, third.size) == (1, 2)
    assert store.case_views([14])[0].cause == "billing"
    assert store.case_views([16])[0].incident_id is None
    store.close()
