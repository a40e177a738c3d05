from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rules.folded import fold_mention
from monitor.rules.query import DEPTH_LIMIT, LENGTH_LIMIT, QueryError, parse_query
from tests.unit.rules.posts import make_post


def wants(query: str, text: str, **changes: Any) -> bool:
    return parse_query(query).matches(fold_mention(make_post(text, **changes)))


@pytest.mark.parametrize(
    "text", ["I love LUMO", "@lumo hi", "#lumo", "lumo's lamp", "(lumo)", "ｌｕｍｏ", "l.u.m.o is down", "lumo\nlamp"]
)
def test_a_bare_word_is_found_in_any_case_disguise_and_as_handle_or_hashtag(text: str) -> None:
    assert wants("lumo", text)


@pytest.mark.parametrize("text", ["lumos", "@lumohelp", "#lumofail", "volumoso"])
def test_a_bare_word_ends_at_its_boundaries(text: str) -> None:
    assert not wants("lumo", text)


@pytest.mark.parametrize(
    ("query", "text", "wanted"),
    [
        ('"smart lamp"', "my Smart-Lamp died", True),
        ('"smart lamp"', "smart and lamp", False),
        ("lumo -band", "lumo the band", False),
        ("lumo NOT band", "lumo lamp", True),
        ("lumo AND lamp OR bulb", "a bulb", True),
        ("lumo (lamp OR bulb)", "a bulb", False),
        ("lamp*", "lampshade", True),
        ("=LUMO", "LUMO!", True),
        ("=LUMO", "Lumo!", False),
        ("#lumo", "lumo", False),
        ("#lumo", "#Lumo", True),
        ("@lumo", "lumo", False),
        ("@lumo", "hi @Lumo.", True),
        ("lumo NEAR/2 smoke", "smoke out of my lumo", False),
        ("lumo NEAR/3 smoke", "smoke out of my lumo", True),
        ('lumo NEAR/0 "on fire"', "lumo on fire", True),
        ("re2:/lumo-?[0-9]+/", "the lumo-23", True),
        ("re2:/LUMO/", "lumo", False),
        ("re2:/LUMO/i", "lumo", True),
        ("größe", "falsche Groesse", True),
        ("don't", "I don’t care", True),
    ],
)
def test_operators_mean_what_they_say(query: str, text: str, wanted: bool) -> None:
    assert wants(query, text) is wanted


def test_fields_look_at_author_addressee_and_language() -> None:
    assert wants("from:jo", "x", author="Jo")
    assert wants("to:lumo", "@friend @lumo hello")
    assert not wants("to:lumo", "hello @lumo")
    assert wants("lang:de", "x", lang="de-AT")
    assert not wants("lang:de", "x")


def test_words_of_scripts_without_spaces_are_found_inside_a_run() -> None:
    assert wants("ルモ", "このルモはすごい")


@pytest.mark.parametrize(
    ("query", "position", "hint"),
    [
        ("", 0, "write a word"),
        ("lumo (lamp", 10, "close the parenthesis"),
        ('lumo "lamp', 5, "close the quotation mark"),
        ("lumo)", 4, "remove the parenthesis"),
        ("lumo OR", 7, "after the operator"),
        ("-lumo", 0, "add a word"),
        ("lu*mo", 2, "prefix*"),
        ("re2:/(?=x)/", 0, "RE2"),
        ("lumo re2:/a*/", 5, "required"),
        ("lumo NEAR/2 (a b)", 5, "NEAR"),
        ("AND", 0, "quote"),
        ("(" * (DEPTH_LIMIT + 1) + "a", DEPTH_LIMIT, "flatten"),
        ("a " * LENGTH_LIMIT, LENGTH_LIMIT, "split"),
        ("a " + "NOT " * 20 + "b", 2, "one -"),
    ],
)
def test_a_mistake_is_located_and_explained(query: str, position: int, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert caught.value.position == position
    assert hint in caught.value.hint


def queries() -> st.SearchStrategy[str]:
    word = st.sampled_from(["lumo", "lamp*", "=LUMO", "#tag", "@jo", "from:jo", '"smart lamp"', "a NEAR/3 b", "größe"])
    pair = lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["", "OR", "AND"]), inner)  # noqa: E731
    negated = lambda inner: st.builds("(lumo -({}))".format, inner)  # noqa: E731
    return st.recursive(word, lambda inner: pair(inner) | negated(inner), max_leaves=8)


@given(queries())
def test_a_query_prints_itself_so_that_it_reads_back_the_same(text: str) -> None:
    query = parse_query(text)
    assert parse_query(str(query)) == query


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_a_located_mistake(text: str) -> None:
    found = None
    with suppress(QueryError):
        found = parse_query(text)
    if found is None:
        with pytest.raises(QueryError) as caught:
            parse_query(text)
        assert 0 <= caught.value.position <= len(text)
