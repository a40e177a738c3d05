"""The page of the figures is what the definitions say, and the how-to's config can be used."""

import re
from pathlib import Path

from ruamel.yaml import YAML

from monitor.config.reports import MonthlyReport
from monitor.report.definitions import DEFINITIONS
from monitor.report.outline import chapters
from monitor.report.reference import reference
from tests.unit.report.examples import a_report

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "figures.md").read_text("utf-8")
HOW_TO = (DOCS / "howto" / "defend-the-monthly-report.md").read_text("utf-8")


def test_the_page_is_what_the_definitions_say() -> None:
    """Mend with `python -m monitor.report.reference > docs/reference/figures.md`."""
    assert reference() == PAGE


def test_every_figure_has_its_place_on_the_page() -> None:
    assert re.findall(r'^<a id="(\w+)"></a>$', PAGE, re.MULTILINE) == list(DEFINITIONS)


def test_the_reports_that_the_how_to_shows_are_valid() -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", HOW_TO, re.MULTILINE | re.DOTALL)
    shown = YAML(typ="safe").load(block)
    assert [MonthlyReport.model_validate(entry).incidents for entry in shown["reports"]] == [True, False]
    assert shown["cost_per_hour"] == 42


def test_the_how_to_answers_with_figures_and_chapters_by_their_titles() -> None:
    answers = HOW_TO.split("## The questions that are asked")[1].split("\n## ")[0]
    quoted = set(re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", answers))
    titles = {entry.title.removesuffix(" (estimate)") for entry in DEFINITIONS.values()}
    titles |= {chapter.title.capitalize() for chapter in chapters(a_report())}
    assert len(quoted) >= 5
    assert quoted - titles == set()
