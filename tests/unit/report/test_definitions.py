"""Every figure has a definition, and every definition a figure."""

from monitor.config.schema import Settings
from monitor.report.build import build_report
from monitor.report.definitions import DEFINITIONS
from monitor.report.reference import reference
from monitor.store.sqlite import SqliteStore
from tests.unit.report.examples import NOVEMBER, NOW


def without_definition(keys: set[str]) -> list[str]:
    return sorted(keys - set(DEFINITIONS))


def test_no_figure_is_without_a_definition() -> None:
    made = build_report(SqliteStore(None), Settings(), NOVEMBER, None, now=NOW)
    assert without_definition({figure.key for figure in made.figures}) == []
    assert without_definition({"volume", "made_up"}) == ["made_up"]


def test_an_empty_store_has_every_figure_but_those_of_fixes() -> None:
    made = build_report(SqliteStore(None), Settings(), NOVEMBER, "lumo", incidents=False, now=NOW)
    assert {*DEFINITIONS} - {figure.key for figure in made.figures} == {"recurrence"}
    assert {figure.value for figure in made.figures} == {None, 0}
    assert {figure.before for figure in made.figures} == {None}


def test_a_definition_says_everything() -> None:
    for key, entry in DEFINITIONS.items():
        assert entry.key == key
        for text in (entry.title, entry.meaning, entry.formula, entry.unknown):
            assert text[0].isupper() or text[0] in "(`1"
            assert text == entry.title or text.endswith(".")
        assert f'<a id="{key}"></a>' in reference()


def test_two_figures_never_have_one_title() -> None:
    assert len({entry.title for entry in DEFINITIONS.values()}) == len(DEFINITIONS)
