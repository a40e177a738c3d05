from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.answering.templates import OUTPUT_LIMIT, TEMPLATE_LIMIT, BadTemplate, check_template, render

WORDS = st.text(max_size=200)


def test_known_names_are_filled_in_and_unknown_ones_become_gaps() -> None:
    rendered = render("Hi {{ author }}, your {{ order_number }}? {{ signature }}", {"author": "kim", "signature": ""})
    assert (rendered.text, rendered.unfilled) == ("Hi kim, your [order number]?", ("order number",))


def test_conditions_ask_whether_a_name_is_filled() -> None:
    text = "{% if channel is filled %}Reach us {{ channel }}.{% else %}Ask us here.{% endif %}"
    assert render(text, {"channel": "by mail"}).text == "Reach us by mail."
    assert render(text, {"channel": ""}).text == render(text, {}).text == "Ask us here."
    assert render("{{ who | default('friend') | title }}", {}).text == "Friend"


def test_wordings_differ_from_case_to_case_and_are_the_same_for_the_same_case() -> None:
    text = "{{ one_of('a', 'b', 'c') }}{{ one_of('a', 'b', 'c') }}{{ one_of('a', 'b', 'c') }}"
    found = {render(text, {}, seed=str(case)).text for case in range(50)}
    assert len(found) >= 15
    assert render(text, {}, seed="7").text == render(text, {}, seed="7").text
    assert len({render(text, {}, seed="7", variant=number).text for number in range(10)}) >= 5


def test_names_within_wordings_are_filled_in_too() -> None:
    rendered = render("{{ one_of('reach us {{ channel }} about {{ topic }}') }}", {"channel": "by mail"})
    assert (rendered.text, rendered.unfilled) == ("reach us by mail about [topic]", ("topic",))


@pytest.mark.parametrize("value", ["{{ 7 * 7 }}", "{% for a in b %}", "{{ channel }}", "<script>", "%s %(x)s {0}"])
def test_what_is_filled_in_is_never_read_as_a_template(value: str) -> None:
    assert render("{{ author }} {{ one_of('says {{ author }}') }}", {"author": value}).text == f"{value} says {value}"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{% for i in x %}{% endfor %}", "line 1 uses what templates of answers do not have (for)"),
        ("a\n{{ x.__class__ }}", "line 2 uses what templates of answers do not have (getattr)"),
        ("{{ x['a'] }}", "(getitem)"),
        ("{{ 'a' * 999999999 }}", "(mul)"),
        ("{{ 9 ** 9 ** 9 }}", "(pow)"),
        ("{% set a = 'b' %}", "(assign)"),
        ("{% macro a() %}{% endmacro %}", "(macro)"),
        ("{% include 'x' %}", "(include)"),
        ("{% import 'x' as y %}", "(import)"),
        ("{% extends 'x' %}", "(extends)"),
        ("{{ range(9) }}", "one_of(…) is all that can be called"),
        ("{{ one_of() }}", "one_of takes texts alone"),
        ("{{ one_of(author, 'x') }}", "one_of takes texts alone"),
        ("{{ one_of(*x) }}", "one_of takes texts alone"),
        ("{{ x | replace('a', 'aaaa') }}", "filters are lower, upper"),
        ("{{ x is divisibleby(3) }}", "the test is `is filled`"),
        ("{{ self }}", "self is a word of the language"),
        ("{{ x", "line 1: unexpected end of template"),
        ("{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}", "nested too deeply"),
        ("{{ " + "not " * 1100 + "1 }}", "nested too deeply"),
        ("{% if a %}" * 50 + "{% endif %}" * 50, "nested too deeply"),
        ("a" * (TEMPLATE_LIMIT + 1), "is longer than 5,000 characters"),
    ],
)
def test_what_could_take_long_or_reach_out_is_refused_with_a_hint(template: str, problem: str) -> None:
    with pytest.raises(BadTemplate) as refused:
        check_template(template)
    assert problem in str(refused.value)


@given(template=st.text(st.sampled_from("{}%|()'\"~ abx.[]*+,ifendlsof_rn\n"), max_size=120), value=WORDS)
def test_no_template_takes_long_or_grows_large(template: str, value: str) -> None:
    begun = perf_counter()
    try:
        rendered = render(template, {"a": value, "x": value})
    except BadTemplate:
        rendered = None
    assert perf_counter() - begun < 2
    assert rendered is None or len(rendered.text) <= OUTPUT_LIMIT


def test_a_template_that_would_repeat_itself_a_lot_is_refused() -> None:
    with pytest.raises(BadTemplate, match="gives more than"):
        render("{{ a }}" * 300, {"a": "x" * 300})


def test_values_are_one_line_of_bounded_length() -> None:
    assert render("{{ a }}", {"a": "x\n\ny" + "z" * 999}).text == ("x y" + "z" * 999)[:300]


def test_empty_lines_of_conditions_are_left_out() -> None:
    assert render("a\n\n\n{% if b is filled %}\nb\n{% endif %}\n\n\nc  d", {}).text == "a\n\nc d"
