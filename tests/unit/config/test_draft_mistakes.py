"""Queries of a draft that cannot be read: each is told where somebody looks for it, in its own field."""

from monitor.config.brand_draft import BrandDraft, WatchDraft
from monitor.config.draft_mistakes import mistakes_in

LISTS = {"products": ("lamp", "bulb")}


def draft(query: str | None, *exclude: str) -> BrandDraft:
    return BrandDraft("lumo", (WatchDraft("name", query), WatchDraft("lamps", "lumo {products}")), exclude)


def test_a_watch_that_cannot_be_read_is_told_by_its_column_with_what_to_write() -> None:
    found = mistakes_in(draft("lumo (festival"), LISTS)
    assert list(found.watches) == ["name"]
    assert str(found.watches["name"]) == "line 1, column 15: the query ends too early; close the parenthesis"
    assert found.exclude is None


def test_an_exclusion_is_told_by_its_line() -> None:
    found = mistakes_in(draft("lumo", "festival", 'concert "open'), LISTS)
    assert found.exclude is not None
    assert (found.exclude.line, found.exclude.column) == (2, 9)
    assert "quotation mark" in found.exclude.hint


def test_a_list_that_the_brand_lacks_is_a_mistake_and_one_that_it_has_is_none() -> None:
    assert list(mistakes_in(draft("lumo"), {}).watches) == ["lamps"]
    assert not mistakes_in(draft("lumo"), LISTS).watches


def test_a_watch_written_by_language_is_not_read_here() -> None:
    assert not mistakes_in(draft(None), LISTS).watches
