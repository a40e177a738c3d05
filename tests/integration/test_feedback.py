"""Feedback from a card: one command, one undo; the config keeps blocks and mutes, and grave words are heard anyway."""

from pathlib import Path

import pytest

from monitor import desk
from monitor.config.keeper import ConfigKeeper, keep_version
from monitor.config.load import load_config
from monitor.config.schema import Settings
from monitor.desk import Command, Turn
from monitor.domain import Case, DropRule, History, Level, Status
from monitor.errors import MonitorError, MoveRefused
from monitor.rules.decide import decide
from monitor.rules.rules import compile_rules
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_hit, make_mention, make_verdict, minutes, store_case
from tests.services import make_settings

CONFIG = """\
# ours
brands:
  lumo:   # lamps
    watches: [{name: name, query: lumo}]
triage: {complaint: 0.5}
"""


class Desk:
    """A desk over a config file and a store."""

    def __init__(self, folder: Path, text: str = CONFIG) -> None:
        self.path = folder / "config.yaml"
        self.path.write_text(text)
        self.store = SqliteStore(None)
        self.keeper = ConfigKeeper(self.path, {}, lambda _: None)
        keep_version(self.store, load_config(self.path, environ={}), "start", NOW, "start")

    def say(self, case: int, said: str, who: str = "ana") -> Case:
        command = Command("feedback", who, {"case": case, "said": said})
        desk.execute(self.store, make_settings(), command, NOW + minutes(1), self.keeper)
        return self.case(case)

    def case(self, number: int) -> Case:
        found = self.store.case(number)
        assert found is not None
        return found

    def settings(self) -> Settings:
        return load_config(self.path, environ={}).usable()


@pytest.fixture
def at_desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize("said", list(desk.Feedback))
def test_feedback_dismisses_with_its_word_and_undo_restores_case_and_config(at_desk: Desk, said: str) -> None:
    number = store_case(at_desk.store, author="Eve", thread_id="t1")
    desk.claim(Turn(at_desk.store, make_settings(), "kim", NOW), number)
    before = at_desk.case(number)
    dismissed = at_desk.say(number, said)
    assert (dismissed.status, dismissed.dismissed_reason) == (Status.DISMISSED, said)
    undone = at_desk.say(number, "undo", "ben")
    assert {name: value for name, value in vars_of(undone).items() if name != "version"} == {
        name: value for name, value in vars_of(before).items() if name != "version"
    }
    assert at_desk.path.read_text() == CONFIG
    assert [(entry.who, entry.action) for entry in at_desk.store.audit_trail(number)][-2:] == [
        ("ana", "dismiss"), ("ben", "undo"),
    ]  # fmt: skip


def vars_of(case: Case) -> dict[str, object]:
    return {name: getattr(case, name) for name in Case.__dataclass_fields__}


def test_a_blocked_author_is_a_line_of_the_config_and_a_version_with_a_name(at_desk: Desk) -> None:
    number = store_case(at_desk.store, author="Eve")
    at_desk.say(number, "block-author")
    line = "    blocked_authors: [eve]\n"
    assert at_desk.path.read_text() == CONFIG.replace("query: lumo}]\n", f"query: lumo}}]\n{line}")
    newest = at_desk.store.config_history()[0]
    assert (newest["who"], newest["action"], newest["note"]) == ("ana", "feedback", "block-author eve")


@pytest.mark.parametrize(
    ("said", "rule"),
    [("block-author", DropRule.BLOCKED_AUTHOR), ("mute-thread", DropRule.MUTED_THREAD)],
)
def test_what_follows_is_dropped_by_name_and_grave_words_are_heard_all_the_same(
    at_desk: Desk, said: str, rule: DropRule
) -> None:
    number = store_case(at_desk.store, author="eve", thread_id="t1")
    at_desk.say(number, said)
    rules = compile_rules(at_desk.settings())

    def decided(text: str) -> DropRule | None:
        hit = make_hit(make_mention(text, author="eve", thread_id="t1"))
        return decide(hit, make_verdict(), History(), rules, NOW).drop

    assert decided("my lumo lamp is broken again") is rule
    assert decided("my lumo lamp caught fire and burned my hand") is None


def test_an_author_who_is_blocked_already_stays_so_when_this_is_undone(tmp_path: Path) -> None:
    text = CONFIG.replace("query: lumo}]\n", "query: lumo}]\n    blocked_authors: [eve]\n")
    at_desk = Desk(tmp_path, text)
    number = store_case(at_desk.store, author="eve")
    at_desk.say(number, "block-author")
    at_desk.say(number, "undo")
    assert at_desk.path.read_text() == text
    assert at_desk.case(number).status is Status.NEW


def test_where_the_config_cannot_be_changed_the_case_stays_open(at_desk: Desk) -> None:
    number = store_case(at_desk.store, author="eve")
    at_desk.path.write_text(CONFIG + "# a draft\n")
    with pytest.raises(MonitorError, match="not applied yet"):
        at_desk.say(number, "block-author")
    assert at_desk.case(number).status is Status.NEW
    assert at_desk.store.last_feedback(number) is None


def test_a_closed_case_is_not_dismissed_again_but_its_author_can_be_blocked(at_desk: Desk) -> None:
    number = store_case(at_desk.store, author="eve")
    desk.resolve(Turn(at_desk.store, make_settings(), "kim", NOW), number)
    with pytest.raises(MoveRefused):
        at_desk.say(number, "not-us")
    at_desk.say(number, "block-author")
    assert at_desk.settings().brands["lumo"].blocked_authors == ("eve",)
    at_desk.say(number, "undo")
    assert (at_desk.case(number).status, at_desk.path.read_text()) == (Status.RESOLVED, CONFIG)


def test_undo_is_refused_where_the_thread_goes_on_in_another_case(at_desk: Desk) -> None:
    first = store_case(at_desk.store, author="eve")
    at_desk.say(first, "not-us")
    second = store_case(at_desk.store, author="eve")
    with pytest.raises(MoveRefused, match=f"goes on as case {second}"):
        at_desk.say(first, "undo")


def test_undo_twice_or_without_feedback_and_unknown_words_are_refused(at_desk: Desk) -> None:
    number = store_case(at_desk.store, Level.NORMAL)
    with pytest.raises(MonitorError, match="no feedback to take back"):
        at_desk.say(number, "undo")
    with pytest.raises(MonitorError, match="say not-us"):
        at_desk.say(number, "boring")


def test_a_brand_in_a_file_of_its_own_is_edited_there(tmp_path: Path) -> None:
    (tmp_path / "brands.d").mkdir()
    own = tmp_path / "brands.d" / "lumo.yaml"
    own.write_text("watches: [{name: name, query: lumo}]  # all\n")
    at_desk = Desk(tmp_path, "include: brands.d/*.yaml\n")
    number = store_case(at_desk.store, author="eve")
    at_desk.say(number, "block-author")
    assert own.read_text() == "watches: [{name: name, query: lumo}]  # all\nblocked_authors: [eve]\n"
    at_desk.say(number, "undo")
    assert own.read_text() == "watches: [{name: name, query: lumo}]  # all\n"
