"""Pins by command: own words alone, of a post of the brand, taken back with comments kept, by who tunes it."""

from pathlib import Path

import pytest

from monitor import desk
from monitor.access.person import Person, Refused, Role
from monitor.config.keeper import ConfigKeeper
from monitor.config.pins import read_pins
from monitor.desk import Command
from monitor.desk.rights import refuse_crossing
from monitor.errors import MonitorError
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, store_mentions
from tests.services import make_settings

POST = "my lumo charger melted last night on the kitchen table"
WORDS = "a charger of theirs went soft from heat"


class Desk:
    """A desk beside a folder, with one stored post."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "pins.yaml"
        self.store = SqliteStore(None)
        self.settings = make_settings(pins=str(self.file))
        self.keeper = ConfigKeeper(folder / "config.yaml", {}, lambda _: None)
        store_mentions(self.store, [make_mention(POST, native_id="77")], now=NOW)

    def say(self, name: str, **arguments: object) -> dict[str, object]:
        return desk.execute(self.store, self.settings, Command(name, "tim", arguments), NOW, self.keeper)

    def add(self, **changed: object) -> dict[str, object]:
        told = {"brand": "lumo", "expect": "alert", "text": WORDS, "post": "x:77", "because": "a fire", **changed}
        return self.say("pin-add", **told)


@pytest.fixture
def room(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_pin_is_kept_with_the_post_and_the_person(room: Desk) -> None:
    assert room.add() == {"pin": "p1"}
    (pin,), problems = read_pins(room.file, "pins.yaml")
    assert (pin.text, pin.post, pin.who, pin.because, problems) == (WORDS, "x:77", "tim", "a fire", ())


def test_a_pin_goes_and_comments_stay(room: Desk) -> None:
    room.add()
    room.add(text="another one became too hot")
    room.file.write_text(room.file.read_text().replace("  - id: p2", "  # kept\n  - id: p2"))
    room.say("pin-remove", brand="lumo", pin="p1")
    assert "# kept" in room.file.read_text()
    assert [pin.id for pin in read_pins(room.file, "pins.yaml")[0]] == ["p2"]


def test_the_words_of_a_post_are_no_pin(room: Desk) -> None:
    with pytest.raises(MonitorError, match="word for word"):
        room.add(text=POST)


@pytest.mark.parametrize("wrong", [{"brand": "nova"}, {"expect": "maybe"}, {"level": "urgent"}, {"post": "x:none"}])
def test_what_names_nothing_of_ours_is_refused(room: Desk, wrong: dict[str, object]) -> None:
    with pytest.raises(MonitorError):
        room.add(**wrong)
    assert not room.file.exists()


def test_a_pin_of_another_brand_cannot_be_taken_back(room: Desk) -> None:
    room.add()
    with pytest.raises(MonitorError, match="none of nova"):
        room.say("pin-remove", brand="nova", pin="p1")
    assert len(read_pins(room.file, "pins.yaml")[0]) == 1


@pytest.mark.parametrize("name", ["pin-add", "pin-remove", "tune-brand"])
def test_a_tuner_of_one_brand_changes_no_other_whatever_else_the_command_names(room: Desk, name: str) -> None:
    tim = Person("tim", {"lumo": Role.TUNER, "nova": Role.VIEWER})
    refuse_crossing(room.store, tim, Command(name, "tim", {"brand": "lumo"}))
    case_of_ours = {"brand": "nova", "cases": []}
    with pytest.raises(Refused):
        refuse_crossing(room.store, tim, Command(name, "tim", case_of_ours))
