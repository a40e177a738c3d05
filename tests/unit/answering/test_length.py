import pytest

from monitor.answering.length import counted_length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("abc", 3),
        ("äöü é ñ", 7),
        ("日本", 4),
        ("한국어", 6),
        ("привет", 6),
        ("“quoted” – yes…", 16),
        ("see https://lumo.example/a/very/long/address/that/goes/on/and/on/and/on/for/ever", 27),
        ("see lumo.example", 27),
        ("👍", 2),
        ("👩‍👩‍👧‍👦 🇩🇪 👍🏽", 8),
        ("1️⃣", 2),
        ("e\u0301", 1),
    ],
)
def test_x_weighs_letters_emoji_and_links(text: str, length: int) -> None:
    assert counted_length(text, "x") == length


def test_other_platforms_count_in_their_own_way() -> None:
    assert counted_length("日本 https://lumo.example/abcdefghijklmnop", "mastodon") == 3 + 23
    assert counted_length("👩‍👩‍👧‍👦", "bluesky") == 1
    assert counted_length("日本", "reddit") == 2
