"""The page about shifts and escalation: what it shows can be used, and means what it says."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config.load import load_config
from monitor.config.schema import Settings
from monitor.domain import Level
from monitor.rules.chain import steps_of
from monitor.rules.shifts import roster_of, uncovered
from tests.builders import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "shifts-and-escalation.md").read_text("utf-8")
BEFORE = """\
brands: {lumo: {watches: [{name: name, query: lumo, sources: [file]}]}}
sources: {file: {kind: replay, path: builtin:lumo}}
routes: [{to: desk}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "config.yaml"
    file.write_text(BEFORE + "".join(blocks), encoding="utf-8")
    loaded = load_config(file, environ={"ANA_PHONE": "ntfy://ntfy.sh/ana", "BEN_PHONE": "ntfy://ntfy.sh/ben"})
    assert [problem for problem in loaded.problems if "escalation" in problem.path or "shift" in problem.path] == []
    return loaded.usable()


def test_the_config_of_the_page_is_good_and_covers_the_week(config: Settings) -> None:
    assert uncovered(roster_of(config), NOW, NOW + timedelta(days=7)) is None


def test_the_chain_has_as_many_steps_as_the_page_shows(config: Settings) -> None:
    critical, high = config.escalation.chain(Level.CRITICAL), config.escalation.chain(Level.HIGH)
    assert critical is not None
    assert high is not None
    (shown,) = re.findall(r"1 of (\d+) steps taken", PAGE)
    assert len(steps_of(critical)) == int(shown)
    assert [step.after for step in steps_of(high)] == [timedelta(minutes=10), timedelta(minutes=10)]
