"""Edits of a config's text: what was asked for changes, every other byte stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.document import parse_document
from monitor.config.edit import EditRefused, add_entry, remove_entry, remove_key, set_value

BLOCKED = ("brands", "lumo", "blocked_authors")
CONFIG = """\
# ours
brands:
  lumo:                      # the lamps
    watches:
      - {name: name, query: 'lumo OR "lumo lamp"'}   # quotes stay
    # nobody
    blocked_authors: [eve,  'mal:lory']  # two
    vips:
    - ann   # first
    - bob

    # the end of lumo
  nova: {watches: [{name: n, query: nova}]}

triage: {complaint: 0.5,   levels: {critical: 80, high: 60, normal: 40}}
"""


def values(text: str) -> Any:
    return parse_document(text, "config").value


def changed_lines(old: str, new: str) -> list[tuple[str, str]]:
    return [pair for pair in zip(old.splitlines(), new.splitlines(), strict=True) if pair[0] != pair[1]]


def test_an_entry_joins_a_list_in_brackets_and_its_line_keeps_the_rest() -> None:
    edited = add_entry(CONFIG, BLOCKED, "x y:z")
    ((_, line),) = changed_lines(CONFIG, edited)
    assert line == "    blocked_authors: [eve,  'mal:lory', 'x y:z']  # two"
    assert remove_entry(edited, BLOCKED, "x y:z") == CONFIG


def test_an_entry_joins_a_list_of_lines_below_the_last_one() -> None:
    vips = ("brands", "lumo", "vips")
    edited = add_entry(CONFIG, vips, "cleo")
    assert edited == CONFIG.replace("    - bob\n", "    - bob\n    - cleo\n")
    assert remove_entry(edited, vips, "cleo") == CONFIG
    assert remove_entry(CONFIG, vips, "ann") == CONFIG.replace("    - ann   # first\n", "")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("brands", "lumo", "exclude"), "    exclude: ['\"free shipping\"']"),
        (("exclude",), "exclude: ['\"free shipping\"']"),
    ],
)
def test_a_list_that_is_missing_is_made_at_the_end_of_its_mapping(path: tuple[str, ...], line: str) -> None:
    edited = add_entry(CONFIG, path, '"free shipping"')
    assert line in edited.splitlines()
    assert edited.replace(f"{line}\n", "") == CONFIG
    assert remove_key(edited, path) == CONFIG


def test_a_key_joins_a_mapping_in_braces_and_leaves_it_again() -> None:
    path = ("brands", "nova", "muted_threads")
    edited = add_entry(CONFIG, path, "t3_abc")
    assert "  nova: {watches: [{name: n, query: nova}], muted_threads: [t3_abc]}" in edited
    assert remove_key(edited, path) == CONFIG


def test_a_number_is_replaced_in_its_place() -> None:
    edited = set_value(CONFIG, ("triage", "complaint"), 0.46)
    assert edited == CONFIG.replace("complaint: 0.5,", "complaint: 0.46,")
    assert set_value(edited, ("triage", "complaint"), 0.5) == CONFIG


def test_what_is_missing_on_several_levels_is_added_on_one_line_and_goes_whole() -> None:
    path = ("triage", "calibration", "lumo", "x")
    edited = set_value(CONFIG, path, {"slope": 1.1, "shift": -0.3})
    assert values(edited)["triage"]["calibration"] == {"lumo": {"x": {"slope": 1.1, "shift": -0.3}}}
    assert remove_key(edited, path) == CONFIG


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: one\n", "a: [one, two]\n"),
        ("a:\n", "a: [two]\n"),
        ("a: []  # none\n", "a: [two]  # none\n"),
        ("a: [\n  one,   # 1\n]\n", "a: [\n  one, two,   # 1\n]\n"),
        ("", "a: [two]\n"),
        ("# nothing yet", "# nothing yet\na: [two]\n"),
        ("b: 1", "b: 1\na: [two]\n"),
        ("b: |\n  text\n\n# end\n", "b: |\n  text\na: [two]\n\n# end\n"),
        ("b: 1\r\na:\r\n- one\r\n", "b: 1\r\na:\r\n- one\r\n- two\r\n"),
        ("a:   # why\n  - one", "a:   # why\n  - one\n  - two\n"),
    ],
)
def test_every_way_to_write_a_list_takes_an_entry(before: str, after: str) -> None:
    assert add_entry(before, ("a",), "two") == after


def test_the_last_entry_leaves_an_empty_list_and_the_comment_of_its_key() -> None:
    assert remove_entry("a:   # why\n  - one   # gone\nb: 1\n", ("a",), "one") == "a: []   # why\nb: 1\n"
    assert remove_entry("a: one\n", ("a",), "one") == "a: []\n"
    assert remove_entry("a: [one]\n", ("a",), "one") == "a: []\n"


def test_what_is_there_already_or_not_at_all_changes_nothing() -> None:
    assert add_entry(CONFIG, BLOCKED, "eve") == CONFIG
    assert remove_entry(CONFIG, BLOCKED, "nobody") == CONFIG
    assert set_value(CONFIG, ("triage", "complaint"), 0.5) == CONFIG
    assert remove_key(CONFIG, ("triage", "models")) == CONFIG


@pytest.mark.parametrize(
    "text",
    ["x: &shared [one]\na: *shared\n", "a: [unclosed\n", "a: {b: 1}\n", "a:\n  - - one\n    - three\n"],
)
def test_what_cannot_be_edited_alone_is_refused(text: str) -> None:
    with pytest.raises(EditRefused, match="by hand"):
        set_value(add_entry(text, ("a",), "two"), ("a",), {"c": 1})


WORDS = st.sampled_from(
    ["eve", "mal lory", "on", "12", "#x", "a: b", "it's", '"q"', "ünï", "- dash", "🔥", "@me", "a, b"]
)
COMMENTS = st.sampled_from(["", "  # why", " # it's: [odd] {here}", "   #"])


@st.composite
def listings(draw: st.DrawFn, indent: str) -> str:
    """Return a list under `blocked_authors`, in one of the ways in which people write one."""
    words = draw(st.lists(WORDS, min_size=1, max_size=4, unique=True))
    quoted = ["'" + word.replace("'", "''") + "'" for word in words]
    if draw(st.booleans()):
        between = draw(st.sampled_from([", ", ",", f",\n{indent}    "]))
        return f"{indent}blocked_authors: [{between.join(quoted)}]{draw(COMMENTS)}\n"
    dash = indent + draw(st.sampled_from(["", "  ", "    "]))
    lines = "".join(f"{dash}- {word}{draw(COMMENTS)}\n" for word in quoted)
    return f"{indent}blocked_authors:{draw(COMMENTS)}\n{lines}"


@st.composite
def configs(draw: st.DrawFn) -> str:
    """Return a config with comments, empty lines and odd spacing around what is edited."""

    def noise(indent: str) -> str:
        return draw(
            st.sampled_from(["", "\n", f"{indent}# a remark\n", "# left\n\n", f"{indent}# two\n{indent}# lines\n"])
        )

    parts = [noise(""), "store:   sqlite:///x.db" + draw(COMMENTS) + "\n", noise(""), "brands:" + draw(COMMENTS) + "\n"]
    for name in draw(st.permutations(["lumo", "nova"])):
        parts += [noise("  "), f"  {name}:{draw(COMMENTS)}\n", noise("    ")]
        inner = ["    zone:  'Europe/Berlin'\n", "    watches: [{name:  n, query: 'x'}]\n"]
        if draw(st.booleans()):
            inner.append(draw(listings("    ")))
        for part in draw(st.permutations(inner)):
            parts += [part, noise("    ")]
    return "".join([*parts, "triage: {complaint:  0.5}\n", noise("")])


@given(configs(), WORDS, st.sampled_from([BLOCKED, ("brands", "nova", "exclude"), ("packs",)]))
def test_adding_is_a_pure_insertion_and_taking_away_restores_every_byte(
    text: str, word: str, path: tuple[str, ...]
) -> None:
    before = values(text)
    known = before
    for key in path:
        known = known.get(key) if isinstance(known, dict) else None
    edited = add_entry(text, path, word)
    same_start = next((at for at, (one, two) in enumerate(zip(text, edited, strict=False)) if one != two), len(text))
    assert edited.endswith(text[same_start:]), "everything that was there still is, in its order"
    if word in (known or []):
        assert edited == text
    else:
        undone = remove_entry(edited, path, word) if known else remove_key(edited, path)
        assert undone == text


@given(configs(), st.floats(0, 1))
def test_another_number_changes_its_own_line_alone(text: str, number: float) -> None:
    edited = set_value(text, ("triage", "complaint"), number)
    assert values(edited)["triage"]["complaint"] == number
    assert all(line.startswith("triage: ") for line, _ in changed_lines(text, edited))
