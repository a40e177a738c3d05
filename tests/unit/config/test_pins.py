from pathlib import Path

import pytest

from monitor.config.load import load_config
from monitor.config.pins import Expect, Pin, add_pin, next_id, read_pins
from monitor.domain import Level

FILE = """\
# kept by the social team
pins:
  - id: melted   # do not touch
    brand: lumo
    expect: alert
    text: the charger of my lumo melted
    because: "a charger that melts: fire"
    level: high
    when: 2026-11-23

  # quiz nights have nothing to do with us
  - {id: quiz, brand: lumo, expect: ignore, text: we won the pub quiz as team lumo}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "pins.yaml"
    file.write_text(text)
    return file


def test_pins_are_read_with_their_places(tmp_path: Path) -> None:
    (first, second), problems = read_pins(written(tmp_path, FILE), "pins.yaml")
    assert problems == ()
    assert (first.id, first.expect, first.level, first.when) == ("melted", Expect.ALERT, Level.HIGH, "2026-11-23")
    assert (second.expect, second.place.line) == (Expect.IGNORE, 12)


def test_no_file_means_no_pins(tmp_path: Path) -> None:
    assert read_pins(tmp_path / "pins.yaml", "pins.yaml") == ((), ())
    assert read_pins(written(tmp_path, "# nothing yet\n"), "pins.yaml") == ((), ())


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{id: a, brand: lumo, text: t}", "expect is missing"),
        ("{id: a, brand: lumo, expect: alrt, text: t}", "'alrt' is none of these; did you mean 'alert'?"),
        ("{id: a, brand: lumo, expect: alert, text: t, becuase: x}", "unknown key; did you mean 'because'?"),
        ("{id: a, brand: lumo, expect: ignore, text: t, level: high}", "says nothing where the text must not alert"),
        ("{id: a, brand: lumo, expect: alert, text: [t]}", "must be text"),
        ("{id: a, brand: lumo, expect: alert, text: ''}", "text is missing"),
        ("just words", "must be keys with values"),
    ],
)
def test_a_pin_that_cannot_be_read_is_a_problem_at_its_place(tmp_path: Path, entry: str, said: str) -> None:
    pins, problems = read_pins(written(tmp_path, f"pins:\n  - {entry}\n"), "pins.yaml")
    assert pins == ()
    assert any(str(problem).startswith("pins.yaml:2:") and said in str(problem) for problem in problems), problems


def test_an_id_is_used_once(tmp_path: Path) -> None:
    twice = FILE.replace("id: quiz", "id: melted")
    pins, (problem,) = read_pins(written(tmp_path, twice), "pins.yaml")
    assert [pin.id for pin in pins] == ["melted"]
    assert "used twice" in str(problem)


def test_a_pin_is_added_and_comments_and_order_stay(tmp_path: Path) -> None:
    file = written(tmp_path, FILE)
    add_pin(file, Pin("p1", "lumo", Expect.ALERT, "no: light, # at all", "x:1", "it's dark", "ana", "2026-11-24"))
    text = file.read_text()
    assert text.startswith(FILE.rstrip("\n"))
    pins, problems = read_pins(file, "pins.yaml")
    assert problems == ()
    assert [(pin.id, pin.text, pin.because) for pin in pins][-1] == ("p1", "no: light, # at all", "it's dark")


@pytest.mark.parametrize("before", [None, "", "# only a remark\n", "pins:\n", "pins: []  # none yet\n"])
def test_the_first_pin_makes_the_file_or_the_list(tmp_path: Path, before: str | None) -> None:
    file = tmp_path / "pins.yaml"
    if before is not None:
        file.write_text(before)
    add_pin(file, Pin("p1", "lumo", Expect.IGNORE, "a text"))
    ((pin,), problems) = read_pins(file, "pins.yaml")
    assert (pin.id, problems) == ("p1", ())
    assert (before or "#").split("#")[-1].strip().removeprefix("pins:") in file.read_text()


def test_ids_are_counted_up_and_never_given_twice() -> None:
    assert next_id(()) == "p1"
    assert next_id([Pin(name, "lumo", Expect.ALERT, "t") for name in ("p1", "p3", "melted")]) == "p2"


def test_the_config_reads_the_pins_beside_it_or_where_it_says(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("brands: {}\n")
    written(tmp_path, FILE)
    assert [pin.id for pin in load_config(config, environ={}).pins] == ["melted", "quiz"]
    config.write_text("brands: {}\npins: other.yaml\n")
    assert load_config(config, environ={}).pins == ()


def test_a_broken_file_of_pins_is_a_problem_of_the_config(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("brands: {}\n")
    written(tmp_path, "pins: [unclosed\n")
    loaded = load_config(config, environ={})
    assert loaded.settings is None
    assert str(loaded.errors[0]).startswith(f"{tmp_path / 'pins.yaml'}:")
