"""Suggestions from end to end: found in answers, measured by the lab, accepted into the file, taken back, cut off."""

from pathlib import Path

import pytest

from monitor import desk
from monitor.config.keeper import ConfigKeeper, keep_version
from monitor.config.load import LoadedConfig, load_config
from monitor.config.schema import Settings
from monitor.desk import Command
from monitor.errors import ConfigError, MonitorError
from monitor.feedback.answers import gather_answers
from monitor.feedback.cost import measure
from monitor.feedback.find import find_suggestions
from monitor.feedback.tone import without_trouble
from monitor.feedback.trial import trial_sides
from monitor.lab.side import Side
from monitor.rules.match import Matcher, parse_watches
from monitor.rules.rules import compile_rules
from monitor.steps.triage import triage
from monitor.store.feedback import Suggestion, SuggestionState
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_mentions
from tests.services import FakeClassifier, make_services, make_settings

CONFIG = """\
# ours
brands:
  lumo:                # lamps
    watches:
    - {name: name, query: lumo}   # all
sources:
  x: {kind: replay, path: posts.jsonl, may_train: true}
triage: {complaint: 0.5}  # the line
"""
LATER = NOW + minutes(5)


class Shop:
    """A config file, and a store whose cases were partly answered, partly dismissed."""

    def __init__(self, folder: Path) -> None:
        (folder / "posts.jsonl").touch()
        self.path = folder / "config.yaml"
        self.path.write_text(CONFIG)
        self.store = SqliteStore(None)
        self.follows: Exception | None = None
        self.keeper = ConfigKeeper(self.path, {}, lambda _: None, self._follow)
        keep_version(self.store, load_config(self.path, environ={}), "start", NOW, "start")

    def _follow(self) -> None:
        if self.follows:
            raise self.follows

    def open_cases(self) -> None:
        festival = [make_mention(f"lumo festival broken queue {n}", author=f"f{n}") for n in range(6)]
        true = [make_mention(f"my lumo lamp is broken, refund {n}", author=f"t{n}") for n in range(30)]
        store_mentions(self.store, [*festival, *true])
        while triage(self.store, make_services(), NOW).count:
            pass
        for case in self.store.queue(NOW):
            turn = desk.Turn(self.store, make_settings(), "ana", LATER)
            if "festival" in case.text:
                desk.dismiss(turn, case.id, "not-us")
            else:
                desk.resolve(turn, case.id)

    def find(self) -> list[Suggestion]:
        present, later = load_config(self.path, environ={}), NOW + minutes(10)
        answers = gather_answers(present.usable(), self.store.judged_posts(NOW, ["x"]), [])
        found = find_suggestions(present.usable(), answers, later)
        base = build("present", present.usable())
        sides = trial_sides(present, {}, base, build, later)
        return measure(self.store, base, found, sides, NOW - minutes(60), later, lambda _: None)

    def keep(self, *found: Suggestion) -> None:
        records = [desk.suggestion_json(entry) for entry in found]
        assert self.do("keep-suggestions", found=records)["waiting"]

    def do(self, name: str, **arguments: object) -> dict[str, object]:
        return desk.execute(self.store, make_settings(), Command(name, "ana", arguments), LATER, self.keeper)

    def state(self, number: int = 1) -> SuggestionState:
        return next(entry.state for entry in self.store.suggestions() if entry.id == number)


def build(name: str, settings: Settings, beside: Side | None = None) -> Side:
    rules, matcher = compile_rules(settings), Matcher(parse_watches(settings.brands))
    return Side(name, settings, rules, matcher, FakeClassifier())


def suggested(kind: str, value: object, brand: str = "lumo", source: str = "") -> Suggestion:
    return Suggestion(0, kind, brand, source, value, {"z": 3}, {"lost": 0}, NOW)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_an_exclusion_is_found_in_what_was_dismissed_and_the_lab_says_what_it_loses(shop: Shop) -> None:
    shop.open_cases()
    found = {entry.value: entry for entry in shop.find() if entry.kind == "exclusion"}
    (cost,) = [entry.cost for value, entry in found.items() if "festival" in value]
    assert cost is not None
    assert (cost["lost"], cost["lost_true"], cost["spared"], cost["posts"]) == (6, 0, 6, 36)
    before = shop.store.connection.query("SELECT count(*) AS n FROM decisions", {})
    assert before == [{"n": 36}], "the lab writes nothing"


def test_words_of_trouble_are_never_excluded() -> None:
    found = [suggested("exclusion", value) for value in ("broken", '"broken queue"', "festival")]
    other = suggested("keyword", {"name": "n", "query": "broken"})
    assert without_trouble([*found, other], FakeClassifier()) == [found[2], other]


def test_what_would_break_a_pin_is_not_suggested(shop: Shop) -> None:
    shop.open_cases()
    pin = "{id: p1, brand: lumo, expect: alert, text: the lumo festival lamp is broken}"
    shop.path.with_name("pins.yaml").write_text(f"pins:\n  - {pin}\n")
    assert [entry for entry in shop.find() if entry.kind == "exclusion" and "festival" in entry.value] == []


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (suggested("exclusion", '"big festival"'), "    exclude: ['\"big festival\"']\n"),
        (
            suggested("keyword", {"name": "suggested-fail", "query": "#fail"}),
            "    - {name: suggested-fail, query: '#fail'}\n",
        ),
        (suggested("threshold", 0.55, ""), "triage: {complaint: 0.55}  # the line\n"),
        (
            suggested("calibration", {"slope": 0.9, "shift": -0.5}, "lumo", "x"),
            "triage: {complaint: 0.5, calibration: {lumo: {x: {slope: 0.9, shift: -0.5}}}}  # the line\n",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Suggestion) else "",
)
def test_what_is_accepted_stands_in_the_file_beside_all_comments_and_is_taken_back_to_the_byte(
    shop: Shop, found: Suggestion, line: str
) -> None:
    shop.keep(found)
    shop.do("accept-suggestion", suggestion=1)
    text = shop.path.read_text()
    assert line in text
    assert [part for part in ("# ours", "# lamps", "# all", "# the line") if part not in text] == []
    newest = shop.store.config_history()[0]
    assert (newest["who"], newest["action"], newest["note"][:10]) == ("ana", "suggestion", "accept 1: ")
    assert "lost" in newest["report"]
    assert shop.state() is SuggestionState.ACCEPTED
    shop.do("revert-suggestion", suggestion=1)
    assert (shop.path.read_text(), shop.state()) == (CONFIG, SuggestionState.REVERTED)


def test_cut_off_between_file_and_note_the_same_command_finishes_and_can_be_taken_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    def dies(*_: object) -> None:
        raise PowerCut

    shop.keep(suggested("threshold", 0.55, ""))
    with monkeypatch.context() as patched:
        patched.setattr("monitor.config.keeper.keep_version", dies)
        with pytest.raises(PowerCut):
            shop.do("accept-suggestion", suggestion=1)
    keep_version(shop.store, load_config(shop.path, environ={}), "start", LATER, "start")
    assert shop.store.config_history()[0]["who"] == "ana"
    shop.do("accept-suggestion", suggestion=1)
    shop.do("revert-suggestion", suggestion=1)
    assert shop.path.read_text() == CONFIG


def test_what_somebody_has_changed_since_stays_when_a_suggestion_is_taken_back(shop: Shop) -> None:
    shop.keep(suggested("threshold", 0.55, ""))
    shop.do("accept-suggestion", suggestion=1)
    mine = shop.path.read_text().replace("0.55", "0.6")
    shop.path.write_text(mine)
    shop.do("config-apply")
    shop.do("revert-suggestion", suggestion=1)
    assert shop.path.read_text() == mine


def test_a_refused_config_leaves_the_suggestion_waiting_and_the_file_as_it_was(shop: Shop) -> None:
    shop.keep(suggested("exclusion", "(unclosed"))
    with pytest.raises(ConfigError):
        shop.do("accept-suggestion", suggestion=1)
    shop.follows = MonitorError("reload", "no memory")
    shop.keep(suggested("exclusion", "festival"))
    waiting = shop.store.suggestions(SuggestionState.WAITING)[-1]
    with pytest.raises(MonitorError, match="no memory"):
        shop.do("accept-suggestion", suggestion=waiting.id)
    assert (shop.path.read_text(), shop.state(waiting.id)) == (CONFIG, SuggestionState.WAITING)


@pytest.mark.parametrize("name", ["accept-suggestion", "revert-suggestion"])
def test_unknown_and_settled_suggestions_are_refused(shop: Shop, name: str) -> None:
    with pytest.raises(MonitorError, match="there is none"):
        shop.do(name, suggestion=7)
    shop.keep(suggested("exclusion", "festival"))
    if name == "accept-suggestion":
        shop.do(name, suggestion=1)
    with pytest.raises(MonitorError, match="accepted"):
        shop.do(name, suggestion=1)


@pytest.mark.parametrize("found", ["x", [{}], [{"kind": "shell", "value": "x", "evidence": {}, "cost": {}}], [3]])
def test_what_is_no_suggestion_is_refused_at_the_socket(shop: Shop, found: object) -> None:
    with pytest.raises(MonitorError):
        shop.do("keep-suggestions", found=found)


def test_trial_configs_that_a_reload_would_refuse_are_left_out(shop: Shop) -> None:
    present: LoadedConfig = load_config(shop.path, environ={})
    base = build("present", present.usable())
    make_side = trial_sides(present, {}, base, build, NOW)
    assert make_side(suggested("exclusion", "(unclosed")) is None
    assert make_side(suggested("exclusion", "festival", "nobody")) is None
    assert make_side(suggested("exclusion", "festival")) is not None
