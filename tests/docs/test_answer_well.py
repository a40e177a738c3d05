"""The page about answers: its configs are accepted, and its commands do what it says, one after the other."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli.commands import app
from monitor.config.answers import Answers
from monitor.config.load import load_config
from monitor.config.schema import Settings
from monitor.desk.answers import drafts_for
from monitor.domain import Level, Severity
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, store_case

TEXT = (Path(__file__).parents[2] / "docs" / "howto" / "answer-well.md").read_text("utf-8")
CONFIGS = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^complaint-monitor (.*)$", TEXT, re.MULTILINE)
BASE = """
store: sqlite:///monitor.db
sources: {file: {kind: replay, path: "builtin:lumo"}}
receivers: {desk: {kind: stdout}}
routes: [{to: [desk]}]
"""
BRAND = "brands: {lumo: {watches: [{name: name, query: lumo}]}}\n"


def load(block: str, folder: Path) -> Settings:
    brand = "" if "brands:" in block else BRAND
    (folder / "config.yaml").write_text(BASE + brand + block)
    loaded = load_config(folder / "config.yaml", environ={})
    assert [str(problem) for problem in loaded.problems] == []
    return loaded.usable()


@pytest.mark.parametrize("number", range(len(CONFIGS)))
def test_its_configs_are_accepted(number: int, tmp_path: Path) -> None:
    assert load(CONFIGS[number], tmp_path).answers != Answers()


def test_its_templates_are_offered(tmp_path: Path) -> None:
    settings, store = load(CONFIGS[0], tmp_path), SqliteStore(None)
    case_id = store_case(store)
    store.update_case(case_id, cause="delivery")
    drafts = {draft.name: draft for draft in drafts_for(store, settings, case_id, NOW)}
    assert list(drafts) == ["late-parcel", "angry-vip", "shipped:delivery"]
    assert drafts["late-parcel"].text.endswith("Could you send us the [order number] by direct message? Lumo Lamps")
    assert drafts["late-parcel"].unfilled == ("order number",)
    assert drafts["angry-vip"].text == "We are sorry about this. Lumo Lamps"
    store.close()


def test_its_steps_of_asking_are_the_defaults(tmp_path: Path) -> None:
    shown = load(CONFIGS[1], tmp_path).answers.approval
    assert shown.model_copy(update={"classes": Answers().approval.classes}) == Answers().approval


def test_its_commands_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load("", tmp_path)
    store = SqliteStore(tmp_path / "monitor.db")
    for _ in range(2):
        case_id = store_case(store, Level.CRITICAL, text="my lumo lamp burns", permalink="https://x.com/kim/status/1")
        store.update_case(case_id, severity=(Severity.SAFETY,))
    store.close()
    monkeypatch.chdir(tmp_path)
    printed = {}
    for command in COMMANDS:
        run = CliRunner().invoke(app, shlex.split(command.replace("shipped:product", "shipped:safety")))
        assert (run.exit_code == 1) == command.startswith("answer lint"), (command, run.output, run.exception)
        printed[command.split(" ", 2)[0] + " " + command.split(" ", 2)[1]] = run.output
    assert "money-promise" in printed["answer lint"]
    assert "order-number" in printed["answer lint"]
    assert "waiting" in printed["answer list"]
    assert "approved" in printed["answer approve"]
    assert "post: https://x.com/kim/status/1" in printed["answer open"]
    assert "Our safety team is looking into it now" in printed["answer hold"]
    store = SqliteStore(tmp_path / "monitor.db", read_only=True)
    assert [case.status if case else None for case in (store.case(1), store.case(2))] == ["replied", "claimed"]
    store.close()


def test_an_answer_by_one_person_is_refused_in_words_that_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load("", tmp_path)
    store = SqliteStore(tmp_path / "monitor.db")
    store.update_case(store_case(store), severity=(Severity.LEGAL,))
    store.close()
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke(app, ["queue", "reply", "1", "We see you in court.", "--as", "ana"])
    assert run.exit_code == 1
    assert "is about legal: a second person must approve its answer" in str(run.exception)
    assert CliRunner().invoke(app, ["queue", "reply", "1", "Hm.", "--native", "--as", "ana"]).exit_code == 0


def test_json_is_printed_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import json  # noqa: PLC0415

    load("", tmp_path)
    store = SqliteStore(tmp_path / "monitor.db")
    store_case(store)
    store.close()
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["queue", "draft", "1"], ["answer", "lint", "1", "Which model?"], ["answer", "write", "1", "Which model?"],
        ["answer", "list"], ["answer", "list", "--case", "1"], ["answer", "open", "1"],
    ):  # fmt: skip
        run = CliRunner().invoke(app, [*arguments, "--json"])
        assert run.exit_code == 0, (arguments, run.output, run.exception)
        assert isinstance(json.loads(run.output), list | dict)
