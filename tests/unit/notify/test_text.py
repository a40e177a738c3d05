from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.notify.text import ago, chat, count, excerpt, inert, moment, safe_link, span, until, visible

NOW = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("over\rwrite", "over\\rwrite"),
        ("a\u202eb", "a\\u202eb"),
        ("\U000e0041", "\\U000e0041"),
        ("a\u200bb", "a\\u200bb"),
        ("two\nlines\tand a tab", "two\\nlines\\tand a tab"),
        ("👩‍👩‍👧 naïve 日本 ✅", "👩‍👩‍👧 naïve 日本 ✅"),
    ],
)
def test_signs_that_steer_a_terminal_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_foreign_text_is_isolated_in_its_direction() -> None:
    assert inert("שלום") == "\u2068שלום\u2069"
    assert inert("") == ""


@given(st.text())
def test_no_text_brings_a_raw_control_sign_to_the_terminal(text: str) -> None:
    shown = inert(text, newlines=True)
    assert all(letter == "\n" or (letter >= " " and not "\x7f" <= letter <= "\x9f") for letter in shown)
    assert shown.count("\u2068") == shown.count("\u2069") == (1 if text else 0)


@pytest.mark.parametrize(
    "text",
    ["@everyone", "<!channel>", "<@U123>", "[a](http://b.example)", "*b*", "`c`", "~~d~~", "_e_", "# f", "||g||"],
)
def test_chat_text_holds_no_mention_markup_or_link(text: str) -> None:
    shown = chat(text)
    assert not set("@<>[]*`~#|\\") & set(shown)
    assert "://" not in shown
    assert not shown.startswith("_")


def test_an_underscore_inside_a_handle_stays() -> None:
    assert chat("lumo_help") == "lumo_help"


@given(st.text(max_size=2000), st.integers(min_value=2, max_value=300))
def test_an_excerpt_is_one_line_of_bounded_length(text: str, limit: int) -> None:
    line = excerpt(text, limit)
    assert len(line) <= limit
    assert "\n" not in line


def test_an_excerpt_is_cut_between_words() -> None:
    assert excerpt("one two three four", 12) == "one two…"
    assert excerpt("short", 12) == "short"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://x.example/a/1", "https://x.example/a/1"),
        ('https://x.example/"><script>', "https://x.example/%22%3E%3Cscript%3E"),
        ("https://x.example/a b)c", "https://x.example/a%20b%29c"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        (None, None),
    ],
)
def test_only_web_links_are_shown_and_nothing_ends_them_early(url: str | None, link: str | None) -> None:
    assert safe_link(url) == link


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (7_200, "2 h"),
        (12_000, "3 h 20 min"),
        (86_400, "1 d"),
        (90_000, "1 d 1 h"),
        (30 * 86_400, "30 d"),
    ],
)
def test_spans_are_said_in_their_largest_units(seconds: int, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text


def test_times_are_relative_and_beyond_a_day_in_the_readers_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert ago(NOW - timedelta(minutes=3), NOW) == "3 min ago"
    assert ago(NOW, NOW) == "just now"
    assert ago(NOW + timedelta(minutes=1), NOW) == "in 1 min"
    assert ago(NOW - timedelta(days=2), NOW, berlin) == "16 Nov 09:30"
    assert until(NOW + timedelta(minutes=12), NOW) == "due in 12 min"
    assert until(NOW - timedelta(minutes=5), NOW) == "5 min late"
    assert until(NOW + timedelta(days=2), NOW, berlin) == "due 20 Nov 09:30"
    assert moment(NOW, NOW, berlin) == "09:30"
    assert moment(NOW - timedelta(days=400), NOW) == "14 Oct 2025 08:30"


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (9_999, "9,999"), (12_300, "12.3k"), (2_000_000, "2M")])
def test_counts_are_short(number: int, text: str) -> None:
    assert count(number) == text
