"""Feedback and suggestions as a social team and a brand manager meet them: one command each, undone by one more."""

import json
from pathlib import Path

from monitor.domain import Status
from tests.acceptance.command_line import CONFIG, make_home, run_in
from tests.acceptance.running import Daemon, post, write_config
from tests.builders import NOW, store_case

LEARNING = CONFIG.replace("path: posts.jsonl}", "path: posts.jsonl, may_train: true}   # ours to learn from") + (
    "triage: {model: lexicon}\n"
)


def test_a_running_daemon_blocks_an_author_by_one_command_and_lets_go_by_another(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(post(1, "my lumo lamp is broken, terrible", author={"handle": "Eve"}))
    config = write_config(tmp_path)
    before = config.read_text()
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        while not json.loads(run_in(tmp_path, "queue", "list", "--json").out):
            pass
        said = run_in(tmp_path, "queue", "feedback", "1", "block-author", "--as", "ana")
        assert said.code == 0, said.err
        assert "blocked_authors: [eve]" in config.read_text()
        daemon.wait_for("the new config is in force")
        with (tmp_path / "posts.jsonl").open("a") as posts:
            posts.write(post(2, "lumo broken again, terrible", platform="place1", author={"handle": "eve"}))
        while "blocked-author" not in run_in(tmp_path, "explain", "n2").out:
            pass
        assert "blocked_authors" in run_in(tmp_path, "config", "show").out
        assert run_in(tmp_path, "queue", "feedback", "1", "undo", "--as", "ben").code == 0
        assert config.read_text() == before
        (case,) = json.loads(run_in(tmp_path, "queue", "list", "--json").out)
        assert (case["id"], case["status"]) == (1, "new")
        assert daemon.stop()[0] == 0
    shown = json.loads(run_in(tmp_path, "queue", "show", "1", "--json").out)
    by_people = [entry["action"] for entry in shown["trail"] if entry["who"] in {"ana", "ben"}]
    assert by_people == ["dismiss", "undo"]


def test_unknown_feedback_names_the_words_that_are_known(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    store_case(store)
    store.close()
    answer = run_in(tmp_path, "queue", "feedback", "1", "boring")
    assert answer.code == 1
    assert "say not-us, not-a-complaint, block-author, mute-thread or undo" in answer.err


def judged_home(folder: Path, config: str) -> None:
    store = make_home(folder, config)
    for number in range(6):
        case = store_case(
            store, text=f"@lumo the festival was terrible, awful, i hate it, useless {number}", author=f"f{number}"
        )
        store.update_case(case, status=Status.DISMISSED, closed_at=NOW, dismissed_reason="not-us")
    for number in range(30):
        case = store_case(
            store, text=f"@lumo my lamp is broken, useless and terrible, refund {number}", author=f"t{number}"
        )
        store.update_case(case, status=Status.RESOLVED, closed_at=NOW)
    store.connection.query("UPDATE hits SET source = 'file'", {})
    store.connection.query("UPDATE mentions SET source = 'file'", {})
    store.close()


def test_suggestions_are_found_listed_accepted_and_taken_back(tmp_path: Path) -> None:
    judged_home(tmp_path, LEARNING)
    assert run_in(tmp_path, "config", "apply").code == 0
    found = run_in(tmp_path, "suggestions", "find", "--since", "520w", "--json")
    assert found.code == 0, found.err
    (festival,) = [entry for entry in json.loads(found.out) if "festival" in str(entry["value"])]
    assert (festival["kind"], festival["brand"], festival["state"]) == ("exclusion", "lumo", "waiting")
    assert (festival["cost"]["lost_true"], festival["evidence"]["dismissed_authors"]) == (0, 6)
    listed = run_in(tmp_path, "suggestions", "list")
    assert "exclusion" in listed.out
    number = str(festival["id"])
    assert run_in(tmp_path, "suggestions", "accept", number, "--as", "ana").code == 0
    text = (tmp_path / "config.yaml").read_text()
    assert f"    exclude: [{festival['value']}]" in text.replace("'", "")
    assert "# ours to learn from" in text
    entries = json.loads(run_in(tmp_path, "config", "history", "--json").out)
    assert (entries[0]["who"], entries[0]["action"], entries[0]["report"]) == ("ana", "suggestion", True)
    assert run_in(tmp_path, "suggestions", "revert", number, "--as", "ana").code == 0
    assert (tmp_path / "config.yaml").read_text() == LEARNING
    (settled,) = [entry for entry in json.loads(run_in(tmp_path, "suggestions", "list", "--all", "--json").out)
                  if entry["id"] == festival["id"]]  # fmt: skip
    assert (settled["state"], settled["who"]) == ("reverted", "ana")


def test_sources_that_may_not_be_learned_from_suggest_nothing_and_it_says_so(tmp_path: Path) -> None:
    judged_home(tmp_path, CONFIG)
    found = run_in(tmp_path, "suggestions", "find", "--since", "520w", "--json")
    assert (found.code, json.loads(found.out)) == (0, [])
    assert "no source may be learned from" in found.err
