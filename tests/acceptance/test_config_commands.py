"""`config apply/revert` with and without a daemon: followed at once, or refused: visibly, and without a trace."""

import json
import signal
from pathlib import Path

import httpx

from tests.acceptance.command_line import CONFIG, make_home, run_in
from tests.acceptance.running import Daemon, Hook, post, write_config

MILD = ["my lumo lamp is broken, useless and terrible", "lumo is broken again, terrible, i hate it",
        "awful: this lumo thing is broken and useless"]  # fmt: skip


def test_a_running_daemon_follows_what_is_applied_and_tells_newly_urgent_cases_in_one_message(
    tmp_path: Path, hook: Hook
) -> None:
    (tmp_path / "posts.jsonl").write_text("".join(post(n, text) for n, text in enumerate(MILD)))
    lax = {"model": "lexicon", "levels": {"critical": 99, "high": 98, "normal": 97}}
    strict = {"model": "lexicon", "levels": {"critical": 99, "high": 12, "normal": 5}}
    config = write_config(tmp_path, hook.url, triage=lax)
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        while len(json.loads(run_in(tmp_path, "queue", "list", "--json").out)) < len(MILD):
            pass
        new = tmp_path / "new.yaml"
        new.write_text(json.dumps({**json.loads(config.read_text()), "triage": strict}))
        answer = run_in(tmp_path, "config", "apply", "new.yaml", "--as", "ana")
        assert answer.code == 0, answer.err
        assert answer.out.endswith("is active; the daemon follows it\n")
        assert config.read_text() == new.read_text()
        assert hook.wait_for(lambda received: len(received) == 1, 20), daemon.lines
        assert daemon.health()[0] == 200
        run_in(tmp_path, "config", "revert", "--as", "ben")
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("the new config is in force", count=3)
        assert daemon.stop()[0] == 0
    ((_, told),) = hook.received
    assert (told["event"], told["count"]) == ("case.rescored", len(MILD))
    entries = json.loads(run_in(tmp_path, "config", "history", "--json").out)
    assert [(entry["who"], entry["action"]) for entry in entries] == [
        ("ben", "revert"), ("ana", "apply"), ("start", "start"),
    ]  # fmt: skip
    levels = {case["level"] for case in json.loads(run_in(tmp_path, "queue", "list", "--json").out)}
    assert levels == {"high"}, "what was told never falls by itself"


def test_killed_while_open_cases_are_judged_anew_the_next_start_tells_all_of_them_in_one_list(
    tmp_path: Path, hook: Hook
) -> None:
    number = 400
    lines = (post(n, f"{MILD[n % 3]} {n}", platform="place") for n in range(number))
    (tmp_path / "posts.jsonl").write_text("".join(lines))
    lax = {"model": "lexicon", "levels": {"critical": 99, "high": 98, "normal": 97}}
    apart = {"incidents": {"enabled": False}, "spikes": {"enabled": False}}  # what they tell is another matter
    config = write_config(tmp_path, hook.url, triage=lax, **apart)
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        while len(json.loads(run_in(tmp_path, "queue", "list", "--json").out)) < number:
            pass
        strict = {**lax, "levels": {"critical": 99, "high": 12, "normal": 5}}
        config.write_text(json.dumps({**json.loads(config.read_text()), "triage": strict}))
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("posts of open cases are judged by the new rules")
        daemon.kill()
    with Daemon(config) as daemon:
        assert hook.wait_for(bool, 30), daemon.lines
        assert daemon.stop()[0] == 0
    told = dict(hook.received)
    assert [(payload["event"], payload["count"]) for payload in told.values()] == [("case.rescored", number)]


def test_what_a_daemon_refuses_leaves_the_file_and_is_seen_in_status_log_and_metrics(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_text(post(1, "lumo is nice"))
    config = write_config(tmp_path)
    good = config.read_text()
    (tmp_path / "new.yaml").write_text(good.replace('"query": "lumo"', '"query": "(lumo OR"'))
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        answer = run_in(tmp_path, "config", "apply", "new.yaml")
        assert answer.code == 78
        assert "config.yaml:1:" in answer.err
        assert "brands.lumo.watches[0].query" in answer.err
        daemon.wait_for("a new config is refused, nothing has changed: .*config.yaml:1:")
        status, health = daemon.health()
        assert (status, config.read_text()) == (200, good)
        assert any("a new config was refused" in note for note in health["notes"])
        metrics = httpx.get(f"{daemon.address}/metrics", timeout=10, trust_env=False).text
        assert "complaint_monitor_configs_refused_total 1.0" in metrics
        assert "complaint_monitor_last_reload_accepted 0.0" in metrics
        assert run_in(tmp_path, "config", "apply").code == 0
        assert "complaint_monitor_last_reload_accepted 1.0" in httpx.get(
            f"{daemon.address}/metrics", timeout=10, trust_env=False
        ).text  # fmt: skip


def test_without_a_daemon_the_same_commands_change_the_file(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    assert run_in(tmp_path, "config", "apply", "--as", "ana").code == 0
    (tmp_path / "new.yaml").write_text(CONFIG + "demo: true\n")
    (tmp_path / "report.json").write_text('{"lost": {"total": 0}}')
    done = run_in(tmp_path, "config", "apply", "new.yaml", "--report", "report.json", "--as", "ben")
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "config.yaml").read_text() == CONFIG + "demo: true\n"
    assert json.loads(run_in(tmp_path, "config", "show", "--report").out) == {"lost": {"total": 0}}
    (tmp_path / "config.yaml").write_text("brands: [half\n")
    back = run_in(tmp_path, "config", "revert", "--as", "ben")
    assert back.code == 0
    assert "what stood on disk was never accepted; it is kept as config.yaml.replaced" in back.err
    assert (tmp_path / "config.yaml").read_text() == CONFIG + "demo: true\n", "the draft goes, the accepted one stays"
    assert run_in(tmp_path, "config", "revert", "--as", "ben").code == 0
    assert (tmp_path / "config.yaml").read_text() == CONFIG
    assert run_in(tmp_path, "config", "history").out.count("revert") == 1
    versions = json.loads(run_in(tmp_path, "config", "history", "--json").out)
    with_demo = next(version["hash"] for version in versions if version["report"])
    assert run_in(tmp_path, "config", "revert", with_demo[:12], "--as", "ben").code == 0
    assert (tmp_path / "config.yaml").read_text() == CONFIG + "demo: true\n"


def test_a_file_that_cannot_be_used_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    make_home(tmp_path).close()
    (tmp_path / "new.yaml").write_text("brnds: {}\n")
    assert run_in(tmp_path, "config", "apply", "new.yaml").code == 78
    assert run_in(tmp_path, "config", "apply", "gone.yaml").err.startswith(
        "complaint-monitor: gone.yaml: cannot be read"
    )
    assert (tmp_path / "config.yaml").read_text() == CONFIG
    assert json.loads(run_in(tmp_path, "config", "history", "--json").out) == []
