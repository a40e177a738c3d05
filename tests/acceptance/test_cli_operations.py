import json
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.domain import Level
from monitor.service.lock import StoreLock
from monitor.store.sqlite import SqliteStore
from tests.acceptance.command_line import CONFIG, START, environment, make_home, run_in
from tests.builders import NOW, make_mention, store_case, store_mentions


def test_a_broken_config_prints_every_problem_and_exits_with_78(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("stroe: x\nbrands: {lumo: {watches: [{name: a, query: '('}]}}\n")
    checked = run_in(tmp_path, "check")
    assert (checked.code, checked.err) == (78, "")
    errors = [line for line in checked.out.splitlines() if "warning: " not in line]
    assert [line.split(": ")[:2] for line in errors] == [
        ["config.yaml:1:1", "stroe"],
        ["config.yaml:2:46", "brands.lumo.watches[0].query"],
    ]
    for command in (["run"], ["run", "--once"], ["config", "apply"]):
        answer = run_in(tmp_path, *command)
        assert (answer.code, answer.out) == (78, ""), command
        assert answer.err.splitlines() == errors


@pytest.mark.parametrize("broken", ["stroe: 1", "brands: {lumo: {watches: 7}}", "brands:\n\t- no"])
def test_a_config_that_somebody_breaks_locks_nobody_out_of_the_queue(tmp_path: Path, broken: str) -> None:
    store = make_home(tmp_path)
    case = str(store_case(store))
    store.close()
    assert run_in(tmp_path, "config", "apply").code == 0
    (tmp_path / "config.yaml").write_text(f"store: sqlite:///monitor.db\n{broken}\n")
    for command in (("list",), ("claim", case, "--as", "ana")):
        answer = run_in(tmp_path, "queue", *command)
        assert answer.code == 0
        assert answer.err.startswith("config.yaml: 1 problem, the version in force is used; see ")
    assert run_in(tmp_path, "check").code == 78
    assert run_in(tmp_path, "run", "--once").code == 78


def test_no_config_at_all_exits_with_78(tmp_path: Path) -> None:
    answer = run_in(tmp_path, "queue", "list")
    assert answer.code == 78
    assert answer.err.startswith("config.yaml:1:1: ")


def test_a_good_config_says_so(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    answer = run_in(tmp_path, "check")
    assert answer.code == 0
    assert "config.yaml: good (1 brand, 1 source, 1 receiver" in answer.out


def test_init_writes_a_config_that_check_accepts(tmp_path: Path) -> None:
    answer = run_in(tmp_path, "init", "--brand", "Ümlaut & Söhne", "--handle", "@umlaut", "--offline")
    assert answer.code == 0
    assert run_in(tmp_path, "check").code == 0
    again = run_in(tmp_path, "init", "--brand", "x", "--offline")
    assert (again.code, again.err) == (
        1, "complaint-monitor: config.yaml: is there already; give another name with --config\n"
    )  # fmt: skip


def test_init_asks_for_the_brand(tmp_path: Path) -> None:
    answer = run_in(tmp_path, "init", "--offline", stdin="Lumo\n@lumo\n")
    assert answer.code == 0
    assert "lumo:" in (tmp_path / "config.yaml").read_text()


def test_init_that_nobody_answers_says_how_to_go_on(tmp_path: Path) -> None:
    answer = run_in(tmp_path, "init", "--offline")
    assert answer.code == 1
    assert answer.err.endswith("complaint-monitor: init: nobody answered which brand it is for; name it with --brand\n")
    assert not (tmp_path / "config.yaml").exists()


def test_match_prints_the_lines_that_match(tmp_path: Path) -> None:
    answer = run_in(tmp_path, "match", "lumo -band", stdin="my LUMO lamp\nlumo band\n")
    assert (answer.code, answer.out) == (0, "my LUMO lamp\n")
    assert run_in(tmp_path, "match", "lumo", stdin="nothing\n").code == 1
    assert run_in(tmp_path, "match", "lumo", stdin=b"\xff lumo \x00\n").code == 0


def test_classify_answers_line_by_line(tmp_path: Path) -> None:
    answer = run_in(tmp_path, "classify", "--model", "lexicon", stdin="this is awful\n\nlovely\n")
    assert answer.code == 0
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert len(lines) == 3
    assert set(lines[0]) == {"sentiment", "complaint", "offensive", "irony", "emotion"}


def test_a_line_that_cannot_be_read_fails_the_command_and_spares_the_others(tmp_path: Path) -> None:
    answer = run_in(tmp_path, "classify", "--jsonl", "--model", "lexicon", stdin='{"text": "hi"}\n{\n{"text": "ho"}\n')
    assert answer.code == 1
    assert ["error" in json.loads(line) for line in answer.out.splitlines()] == [False, True, False]


def test_an_unknown_model_is_one_line(tmp_path: Path) -> None:
    answer = run_in(tmp_path, "classify", "--model", "nonsense", stdin="hi\n")
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)


def test_a_backup_can_be_restored_and_the_old_store_is_kept(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    store_case(store)
    saved = run_in(tmp_path, "backup", "saved.db")
    assert saved.code == 0
    assert (tmp_path / "saved.db").stat().st_mode & 0o077 == 0
    store_case(store)
    store.close()
    assert run_in(tmp_path, "restore", "saved.db").code == 0
    assert len(json.loads(run_in(tmp_path, "queue", "list", "--json").out)) == 1
    (aside,) = tmp_path.glob("monitor.db.before-restore-*[0-9]")
    kept = SqliteStore(aside, read_only=True)
    assert kept.count_cases() == 2
    kept.close()


def test_a_backup_overwrites_neither_the_store_nor_a_file_that_is_none(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    config = (tmp_path / "config.yaml").read_bytes()
    for place, cause in (
        ("monitor.db", "is the store itself"), ("config.yaml", "is there already, and is no backup"),
        (".", "is a folder"), ("no/where.db", "its folder does not exist"),
    ):  # fmt: skip
        answer = run_in(tmp_path, "backup", place)
        assert answer.code == 1
        assert answer.err.startswith(f"complaint-monitor: {place}: {cause}; ")
    assert (tmp_path / "config.yaml").read_bytes() == config
    assert [run_in(tmp_path, "backup", "saved.db").code for _ in range(2)] == [0, 0]


def test_output_that_nobody_takes_is_no_crash(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    store_case(store)
    store.close()
    queue = shlex.join([*START, "queue", "list"])
    full = subprocess.run(
        f"{queue} >/dev/full; echo $?; {queue} >&-; echo $?",
        shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert full.stdout.split() == ["1", "0"]
    assert full.stderr == "complaint-monitor: the output: no space left on device; free some space, then try again\n"


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_what_is_no_backup_replaces_nothing(tmp_path: Path, content: bytes) -> None:
    store = make_home(tmp_path)
    store_case(store)
    store.close()
    (tmp_path / "saved.db").write_bytes(content)
    answer = run_in(tmp_path, "restore", "saved.db")
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)
    assert len(json.loads(run_in(tmp_path, "queue", "list", "--json").out)) == 1


def test_nothing_is_restored_under_a_running_daemon(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    run_in(tmp_path, "backup", "saved.db")
    with StoreLock(tmp_path / "monitor.db", tmp_path / "s"):
        answer = run_in(tmp_path, "restore", "saved.db")
    assert answer.code == 1
    assert "in use by process" in answer.err


def test_the_doctor_is_content_with_a_sound_store(tmp_path: Path) -> None:
    store = make_home(tmp_path, CONFIG + "triage: {model: lexicon}\n")
    store_case(store)
    store.close()
    answer = run_in(tmp_path, "doctor", "--json")
    findings = {finding["name"]: finding["health"] for finding in json.loads(answer.out)}
    assert answer.code == 0, findings
    assert {"config", "daemon", "store", "schema", "sqlite", "disk", "sources", "triage", "alerts", "model"} <= set(
        findings
    )


def test_the_doctor_sees_red_and_exits_with_1(tmp_path: Path) -> None:
    store = make_home(tmp_path, CONFIG + "triage: {model: lexicon}\n")
    store.register_sources({"file": "replay"})
    store.stop_source("file", "the token is wrong \x1b[2J", NOW)
    store_mentions(store, [make_mention()], source="other")
    store.close()
    answer = run_in(tmp_path, "doctor")
    assert answer.code == 1
    assert "the token is wrong \\x1b[2J" in answer.out
    red = [line.split()[0] for line in answer.out.splitlines() if line.split()[1] == "red"]
    assert red == ["sources", "triage"]


def test_the_doctor_finds_a_damaged_store(tmp_path: Path) -> None:
    store = make_home(tmp_path, CONFIG + "triage: {model: lexicon}\n")
    store_mentions(store, [make_mention(f"lumo {number} " * 50) for number in range(500)])
    store.close()
    with (tmp_path / "monitor.db").open("r+b") as file:
        file.seek(200_000)
        file.write(b"\xa5" * 50_000)
    answer = run_in(tmp_path, "doctor")
    assert answer.code == 1
    assert "restore" in answer.out
    assert "Traceback" not in answer.err


def test_an_export_that_nobody_reads_to_the_end_is_no_error(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    store_mentions(store, [make_mention(f"lumo {number} " * 50) for number in range(2_000)])
    store.close()
    with subprocess.Popen(
        [*START, "export", "mentions"], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as exporting:
        assert exporting.stdout is not None
        assert exporting.stderr is not None
        exporting.stdout.readline()
        exporting.stdout.close()
        assert exporting.stderr.read() == b""


def test_everything_stored_is_exported(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    store_case(store, Level.HIGH, text="=HYPERLINK(1)")
    store.close()
    answer = run_in(tmp_path, "export", "cases", "--format", "csv")
    assert answer.code == 0
    assert '"\'=HYPERLINK(1)"' in answer.out
    assert len(run_in(tmp_path, "export", "mentions").out.splitlines()) == 1


def test_an_applied_config_is_a_version_that_can_be_shown(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    assert run_in(tmp_path, "config", "apply", "--as", "ana").code == 0
    (tmp_path / "config.yaml").write_text(CONFIG + "demo: true\n")
    assert run_in(tmp_path, "config", "apply", "--as", "ben").code == 0
    entries = json.loads(run_in(tmp_path, "config", "history", "--json").out)
    assert [entry["who"] for entry in entries] == ["ben", "ana"]
    assert "demo: true" in run_in(tmp_path, "config", "show").out
    assert "demo: true" not in run_in(tmp_path, "config", "show", entries[1]["hash"]).out


def test_silences_are_added_listed_and_ended(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    added = run_in(tmp_path, "silence", "add", "level=high,critical", "--for", "2h", "--reason", "drill", "--as", "ana")
    assert added.code == 0
    (silence,) = json.loads(run_in(tmp_path, "silence", "list", "--json").out)
    assert silence["matchers"] == {"level": ["high", "critical"]}
    assert run_in(tmp_path, "silence", "end", str(silence["id"])).code == 0
    assert run_in(tmp_path, "silence", "list").out.startswith("no silence is in force")


def test_an_author_is_forgotten_only_on_confirmation(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    store_case(store, author="kim", text="lumo hurt me")
    store.close()
    assert run_in(tmp_path, "forget", "--author", "kim", stdin="n\n").code == 1
    assert "hurt" in run_in(tmp_path, "export", "mentions").out
    assert run_in(tmp_path, "forget", "--author", "kim", "--yes").out.startswith("1 post erased")
    assert "hurt" not in run_in(tmp_path, "export", "mentions").out


def test_posts_that_cannot_be_read_are_counted_beside_their_source(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    (tmp_path / "posts.jsonl").write_text("no json\n{}\n")
    assert run_in(tmp_path, "run", "--once").code == 0
    assert "2 posts could not be read, see the log" in run_in(tmp_path, "sources").out


def test_a_test_message_reaches_its_receiver(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    assert "desk: took the test message" in run_in(tmp_path, "send-test", "desk").out
    wrong = run_in(tmp_path, "send-test", "dsk")
    assert (wrong.code, "did you mean 'desk'?" in wrong.err) == (1, True)


def test_a_test_message_that_fails_promises_no_other_try(tmp_path: Path) -> None:
    hook = "hook: {kind: webhook, url: 'http://127.0.0.1:9/hook', secret: env:HOOK, allow_private: true}"
    (tmp_path / "config.yaml").write_text(CONFIG.replace("desk: {kind: stdout}", hook).replace("[desk]", "[hook]"))
    answer = run_in(tmp_path, "send-test", "hook", HOOK="x" * 32)
    assert answer.code == 1
    assert answer.err.startswith("complaint-monitor: hook: ")
    assert answer.err.endswith("; nothing is queued; try again in a while\n")


def test_digests_are_printed_in_three_forms(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    assert "digest" in run_in(tmp_path, "digest").out
    assert run_in(tmp_path, "digest", "--format", "html").out.startswith("<!DOCTYPE html>")
    assert json.loads(run_in(tmp_path, "digest", "--format", "json", "--since", "7d").out)["empty"] is True
    assert run_in(tmp_path, "digest", "--since", "soon").code == 2


def test_sources_and_their_deaf_windows_are_told(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    store.register_sources({"file": "replay", "x": "x"})
    store.stop_source("x", "401: the token is wrong \x1b[2J", NOW)
    store.add_coverage("file", "blind", datetime.now(UTC) - timedelta(hours=2), datetime.now(UTC), "page cap")
    store.close()
    table = run_in(tmp_path, "sources").out
    assert [line.split()[0] for line in table.splitlines()] == ["SOURCE", "file", "x"]
    assert "stopped" in table
    assert "the token is wrong \\x1b[2J" in table
    assert [source["state"] for source in json.loads(run_in(tmp_path, "sources", "--json").out)] == [
        "waiting",
        "stopped",
    ]
    windows = json.loads(run_in(tmp_path, "coverage", "--json").out)
    assert [(window["source"], window["state"]) for window in windows] == [("x", "stopped"), ("file", "blind")]
    assert (windows[0]["until"], windows[1]["reason"]) == (None, "page cap")
    assert "2 h" in run_in(tmp_path, "coverage").out


def test_messages_that_were_given_up_are_listed_and_sent_again(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    store.add_sealed("desk", "digest", {}, "key", NOW, urgent=False)
    message = store.claim_message(["desk"], NOW, 60)
    assert message is not None
    store.kill_message(message, "401 \x07")
    store.close()
    assert "401 \\x07" in run_in(tmp_path, "outbox", "list").out
    assert run_in(tmp_path, "outbox", "replay", "--all").out == "1 message will be tried again\n"
    assert run_in(tmp_path, "outbox", "replay", "--all").code == 1
    assert run_in(tmp_path, "outbox", "list").out == "nothing was given up; 1 waiting to be sent\n"


def test_alerts_tell_which_receiver_takes_nothing_and_why(tmp_path: Path) -> None:
    store = make_home(tmp_path)
    quiet = run_in(tmp_path, "alerts", "status")
    assert quiet.code == 0
    assert [line.split()[:3] for line in quiet.out.splitlines()[1:2]] == [["desk", "stdout", "unused"]]
    assert "no fallback" in quiet.out
    assert "no dead man's switch" in quiet.out
    case = store_case(store)
    store.receiver_failed("desk", "server", "desk: the output is closed \x1b[2J", datetime.now(UTC))
    store.add_told("desk", "g", "case.opened", {}, "key", [case], datetime.now(UTC), urgent=True)
    store.add_told("phone", "g", "case.opened", {}, "key2", [case], datetime.now(UTC), urgent=True)
    store.close()
    table = run_in(tmp_path, "alerts", "status")
    assert table.code == 1
    assert "failing" in table.out
    assert "the output is closed \\x1b[2J" in table.out
    desk, phone = json.loads(run_in(tmp_path, "alerts", "status", "--json").out)["receivers"]
    assert (desk["standing"], desk["waiting"], desk["reason"], desk["last_success_at"]) == (
        "failing",
        1,
        "server",
        None,
    )
    assert (phone["standing"], phone["kind"], phone["waiting"]) == ("gone", None, 1)


def test_alerts_say_that_nobody_is_told_where_there_is_no_receiver(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    (tmp_path / "config.yaml").write_text("store: sqlite:///monitor.db\nbrands: {}\n")
    answer = run_in(tmp_path, "alerts", "status")
    assert (answer.code, "no receiver is configured" in answer.out) == (0, True)


def test_a_model_is_measured_on_labelled_texts(tmp_path: Path) -> None:
    labelled = [("this is broken and awful, I want a refund", True), ("lovely, thank you", False)] * 5
    lines = [json.dumps({"text": text, "complaint": complaint}) for text, complaint in labelled]
    (tmp_path / "texts.jsonl").write_text("\n".join(lines))
    answer = run_in(tmp_path, "eval", "texts.jsonl", "--model", "lexicon", "--json", "--plot", "curve.svg")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["head"] == "complaint"
    assert (tmp_path / "curve.svg").read_text().lstrip().startswith("<svg")
    missing = run_in(tmp_path, "eval", "nothing.jsonl", "--model", "lexicon")
    assert (missing.code, len(missing.err.splitlines())) == (1, 1)
