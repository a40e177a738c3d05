"""Foreign text, place by place: what is dangerous there, and what it becomes."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.notify.neutral import PLACES, discord, header, plain, settled, slack, telegram
from tests.unit.notify.views import HOSTILE

TABLE = [
    ("slack", "<!channel> <!here>", "‹!channel› ‹!here›"),
    ("slack", "<@U123> @everyone", "‹＠U123› ＠everyone"),
    ("slack", "<https://evil.example|bank>", "‹https:∕∕evil․example|bank›"),
    ("slack", "*b* _i_ ~s~ `c`", "∗b∗ ＿i＿ ∼s∼ ˋcˋ"),
    ("slack", ":rotating_light: 12:30", "∶rotating_light: 12:30"),
    ("slack", "fish & chips &lt;!channel&gt;", "fish &amp; chips &amp;lt;!channel&amp;gt;"),
    ("slack", "snake_case stays", "snake_case stays"),
    ("discord", "@everyone <@1> <#2>", "＠everyone ‹＠1› ‹\\#2›"),
    ("discord", "[pay](https://evil.example)", "\\[pay\\]\\(https\\:∕∕evil․example\\)"),
    ("discord", "**b** __u__ ||s|| > # -", "\\*\\*b\\*\\* \\_\\_u\\_\\_ \\|\\|s\\|\\| › \\# \\-"),
    ("discord", "\\", "\\\\"),
    ("telegram", "@mia #tag $TSLA /start", "＠mia ＃tag ＄TSLA ∕start"),
    ("telegram", "https://evil.example/x t.me/y", "https:∕∕evil․example/x t․me/y"),
    ("telegram", "a/b and 1/2 stay", "a/b and 1/2 stay"),
    ("markdown", "[pay](https://evil.example) <at>Mia</at>", "［pay］(https:∕∕evil․example) ‹at›Mia‹/at›"),
    ("markdown", "# title\n* entry", "＃ title\n∗ entry"),
    ("plain", "see www.evil.example <b>now</b>", "see www․evil․example ‹b›now‹/b›"),
    ("plain", "1.5 litres. Ok", "1.5 litres. Ok"),
    ("plain", "\x1b[31m\u202e", "\\x1b[31m\\u202e"),
    ("header", "late\r\nBcc: all@example.com", "late Bcc: all@example.com"),
    ("header", "a\x00b\u2028c", "a b c"),
]

FORBIDDEN = {
    "slack": r"[<>@*~`]|://|&(?!amp;)|\w\.[^\W\d_]{2}",
    "discord": r"[<>@]|://|(?<!\\)(?:\\\\)*[*_~`|\[\]()#]",
    "telegram": r"[@#$<>]|://|(?<![\w∕/])/\w",
    "markdown": r"[@<>*`~\[\]|\\#]|://",
    "plain": r"[<>@]|://",
    "header": r"[\r\n\x00-\x1f\x7f-\x9f\u2028\u2029]",
}


@pytest.mark.parametrize(("place", "written", "shown"), TABLE)
def test_each_place_shows_what_was_written_and_obeys_none_of_it(place: str, written: str, shown: str) -> None:
    assert PLACES[place](written) == shown


def test_every_place_says_what_it_never_lets_through() -> None:
    assert set(PLACES) == set(FORBIDDEN)


@given(st.text(max_size=300), st.sampled_from(sorted(PLACES)))
@example(HOSTILE, "slack")
@example("\\[x](y)", "discord")
@example("\\\\*", "discord")
@example("//@//a.bc", "telegram")
def test_nothing_dangerous_is_let_through(text: str, place: str) -> None:
    shown = PLACES[place](text)
    assert re.search(FORBIDDEN[place], shown) is None
    assert len(shown) <= 12 * len(text)
    shown.encode()


@given(st.text(st.characters(categories=["L", "N"]), max_size=200), st.sampled_from(sorted(PLACES)))
def test_letters_and_digits_stay_as_they_are(text: str, place: str) -> None:
    assert PLACES[place](text) == (text[:150] if place == "header" else text)


def test_a_text_of_ours_keeps_its_addresses() -> None:
    assert settled("card: https://monitor.example/cases/1") == "card: https://monitor.example/cases/1"
    assert settled("@here <!channel>") == "＠here ‹!channel›"


def test_the_places_differ_where_the_services_do() -> None:
    assert len({place("*a* [b](c)") for place in (plain, slack, discord)}) == 3
    assert telegram("/a") != plain("/a")
    assert header("a\nb") == "a b"
