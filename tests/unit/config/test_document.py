from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.document import SIZE_LIMIT, Refused, parse_document, read_text


def test_values_are_plain_and_keep_their_places() -> None:
    document = parse_document("a: 1\nb:\n  c: [x, 'y']\n", "f.yaml")
    assert document.value == {"a": 1, "b": {"c": ["x", "y"]}}
    place = document.value_place(("b", "c", 1))
    assert (place.file, place.line, place.column) == ("f.yaml", 3, 10)
    assert document.key_place(("b", "c")).column == 3


def test_a_missing_value_takes_the_place_of_what_is_around_it() -> None:
    document = parse_document("a:\n  b: {}\n", "f.yaml")
    assert document.value_place(("a", "b", "c", 3)).line == 2


@pytest.mark.parametrize(
    ("text", "column"), [("q: lumo", 6), ("q: 'lumo'", 7), ('q: "lumo"', 7)], ids=["plain", "single", "double"]
)
def test_a_place_inside_a_text_is_exact_on_one_line(text: str, column: int) -> None:
    assert parse_document(text, "f").inner_place(("q",), 2).column == column


def test_a_block_text_takes_the_place_where_it_begins() -> None:
    assert parse_document("q: |\n  lumo OR\n  lamp\n", "f").inner_place(("q",), 9).line == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [("08:00", "08:00"), ("yes", "yes"), ("true", True), ("1_000", 1000), ("0x1F", 31), (".5", 0.5), ("~", None)],
)
def test_words_are_read_as_people_mean_them(text: str, value: object) -> None:
    assert parse_document(f"a: {text}", "f").value == {"a": value}


@pytest.mark.parametrize("text", ["2026-01-01", "010", "9" * 5000, ".inf"])
def test_what_only_looks_like_a_number_stays_text(text: str) -> None:
    assert parse_document(f"a: {text}", "f").value == {"a": text}


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    file.write_bytes(b"#" * (SIZE_LIMIT + 1))
    with pytest.raises(Refused, match="larger than 1,000,000 bytes"):
        read_text(file, "big.yaml")


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes("a: 1\nb: ü\n".encode("latin-1"))
    with pytest.raises(Refused, match=r"^latin.yaml:2:1: is not UTF-8"):
        read_text(file, "latin.yaml")


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "{a: " * 5_000, "- " * 5_000, "a: &a [*a]", "\x00", "a: b: c", "%", "a: \x1b"]
)
def test_hostile_yaml_is_refused_with_a_place(text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_document(text, "f.yaml")
    assert str(caught.value).startswith("f.yaml:1:")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_document_or_is_refused(text: str) -> None:
    try:
        document = parse_document(text, "f.yaml")
    except Refused:
        return
    assert document.file == "f.yaml"
