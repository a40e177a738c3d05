"""The lab and its pins as a brand manager meets them: a changed config beside the one in force, over a real store."""

import hashlib
import json
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.acceptance.command_line import Answer, run_in
from tests.acceptance.running import Daemon, post, write_config

FIRE = "@lumo my lumo lamp caught fire and burned my hand"
REWORDED = "a lumo light burst into flames, i have burns on my fingers, @lumo"
PRAISE = "lumo looks nice in the hall"


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store has decided a few posts, with the config in force beside it."""
    folder = tmp_path_factory.mktemp("decided")
    config = write_config(folder)
    posts = [post(1, FIRE), post(2, PRAISE), post(3, "my glowbe is broken, awful, worst lamp ever, i want a refund")]
    (folder / "posts.jsonl").write_text("".join(posts))
    done = run_in(folder, "run", "--once", "--config", str(config))
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def home(decided: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(decided, tmp_path / "home"))


def changed(home: Path, query: str, name: str = "new.yaml") -> Path:
    """Write a config beside the one in force whose watch looks for something else."""
    values = json.loads((home / "config.yaml").read_text())
    values["brands"]["lumo"]["watches"][0]["query"] = query
    (home / name).write_text(json.dumps(values))
    return home / name


def dump(home: Path) -> str:
    """Return a hash of every row of the store."""
    with sqlite3.connect(f"file:{home / 'monitor.db'}?mode=ro", uri=True) as store:
        lines = "\n".join(store.iterdump())
    store.close()
    return hashlib.sha256(lines.encode()).hexdigest()


def pin(home: Path, *arguments: str, text: str = REWORDED) -> Answer:
    return run_in(home, "pin", *arguments, "--because", "fire is never noise", "--as", "ana", "--text", text)


def test_a_lab_run_tells_what_is_lost_and_gained_and_changes_no_row(home: Path) -> None:
    before = dump(home)
    ran = run_in(home, "lab", "run", "--config", str(changed(home, "glowbe")), "--since", "7d")
    assert ran.code == 0, ran.err
    assert "cases lost: 1" in ran.out
    assert "cases gained: 1" in ran.out
    assert "no watch matches" in ran.out
    assert (
        "glowbe (lumo/name) on file: in the store for less than a day only: unknown, not 0, before that"
        in ran.out.replace("\u2068", "").replace("\u2069", "")
    )
    assert dump(home) == before


def test_the_report_comes_as_json_and_as_a_page(home: Path) -> None:
    new = changed(home, "lumo -lamp")
    report = json.loads(run_in(home, "lab", "run", "--config", str(new), "--format", "json").out)
    assert (report["posts"], report["present"]["cases"], report["new"]["cases"]) == (3, 1, 0)
    assert [line["text"] for line in report["lost"]["worst"]] == [FIRE]
    assert report["new"]["recall"] is None
    written = run_in(home, "lab", "run", "--config", str(new), "--format", "html", "--output", "report.html")
    assert (written.code, written.out) == (0, "report.html: written\n")
    assert FIRE in (home / "report.html").read_text()


def test_a_report_that_has_no_place_is_refused_before_the_work(home: Path) -> None:
    refused = run_in(home, "lab", "run", "--config", "config.yaml", "--output", "nowhere/report.txt")
    assert (refused.code, refused.out) == (1, "")
    assert (
        refused.err
        == "complaint-monitor: nowhere/report.txt: its folder does not exist; name a file in a folder that is there\n"
    )


def test_two_configs_are_compared_over_the_same_posts(home: Path) -> None:
    first, second = changed(home, "lumo", "a.yaml"), changed(home, "glowbe", "b.yaml")
    ran = run_in(home, "lab", "diff", str(first), str(second), "--format", "json")
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    assert (report["lost"]["total"], report["gained"]["total"]) == (1, 1)
    assert report["present"]["config"].endswith("a.yaml")


def test_without_a_version_in_force_the_other_config_must_be_named(home: Path) -> None:
    with sqlite3.connect(home / "monitor.db") as store:
        store.execute("DELETE FROM config_versions")
    store.close()
    new = str(changed(home, "glowbe"))
    refused = run_in(home, "lab", "run", "--config", new)
    assert refused.code == 1
    assert "--against FILE" in refused.err
    assert run_in(home, "lab", "run", "--config", new, "--against", "config.yaml").code == 0


def test_a_broken_config_is_refused_with_its_problems(home: Path) -> None:
    refused = run_in(home, "lab", "run", "--config", str(changed(home, "(lumo")))
    assert refused.code == 78
    assert refused.err.startswith(f"{home / 'new.yaml'}:1:")


def test_a_pin_keeps_own_words_and_no_copy_of_the_post(home: Path) -> None:
    kept = pin(home, "1", "alert", "--level", "high")
    assert kept.code == 0, kept.err
    assert kept.out.startswith("pins.yaml: pin p1 is kept\nit holds: it would become a high complaint")
    text = (home / "pins.yaml").read_text()
    assert FIRE not in text
    for part in (REWORDED, "post: place1:n1", "because: fire is never noise", "who: ana", "level: high"):
        assert part in text
    copied = pin(home, "1", "alert", text=f"{FIRE}!!")
    assert copied.code == 1
    assert "repeats the post word for word" in copied.err
    assert (home / "pins.yaml").read_text() == text


def test_a_pin_is_made_of_a_dropped_post_and_of_one_that_no_watch_wanted(home: Path) -> None:
    dropped = pin(home, "n2", "ignore", text="a lumo would suit our corridor")
    assert "it holds: it would be dropped by the rule" in dropped.out
    unwanted = pin(home, "place3:n3", "alert", text="what a terrible glowbe, does not work, money back please")
    assert "it does not hold yet: no watch of lumo matches it" in unwanted.out
    assert (dropped.code, unwanted.code) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("1", "alert", "--because", "x"), 2),
        (("1", "shout", "--because", "x", "--text", "y"), 2),
        (("1", "ignore", "--because", "x", "--text", "y", "--level", "high"), 2),
        (("1", "alert", "--because", " ", "--text", "y"), 2),
        (("999", "alert", "--because", "x", "--text", "y"), 1),
    ],
)
def test_a_pin_that_says_too_little_is_not_kept(home: Path, arguments: tuple[str, ...], code: int) -> None:
    assert run_in(home, "pin", *arguments).code == code
    assert not (home / "pins.yaml").exists()


def test_a_pin_that_is_taken_back_speaks_against_nothing_any_more(home: Path) -> None:
    assert pin(home, "1", "alert").code == 0
    taken = run_in(home, "unpin", "p1", "--as", "ana")
    assert (taken.code, taken.out) == (0, "pins.yaml: pin p1 is taken back\n"), taken.err
    assert run_in(home, "check", "--config", str(changed(home, "lumo -flames"))).code == 0
    assert run_in(home, "unpin", "p1").code == 1


def test_a_config_that_would_lose_a_pinned_complaint_is_refused_by_check_apply_and_lab(home: Path) -> None:
    assert pin(home, "1", "alert").code == 0
    assert run_in(home, "check").out.rstrip().endswith("1 pin, 1 to look at)")
    new = str(changed(home, "lumo -flames"))
    checked, applied = run_in(home, "check", "--config", new), run_in(home, "config", "apply", "--config", new)
    ran = run_in(home, "lab", "run", "--config", new)
    assert (checked.code, applied.code, ran.code) == (78, 78, 1)
    for said in (checked.out, applied.err, ran.err):
        assert "pin p1: must alert (a case), but no watch of lumo matches it" in said
        assert "Because: fire is never noise." in said
    assert "pins: 0 of 1 hold" in ran.out


def test_a_reload_that_would_lose_a_pinned_complaint_is_refused_and_work_goes_on(home: Path) -> None:
    assert pin(home, "1", "alert").code == 0
    config = home / "config.yaml"
    with Daemon(config) as daemon:
        daemon.wait_for("healthz")
        config.write_text(changed(home, "lumo -flames").read_text())
        daemon.signal(signal.SIGHUP)
        refused = daemon.wait_for(r"the new config is refused, the old one stays in force: .*")
        assert "pin p1: must alert (a case), but no watch of lumo matches it" in refused[0]
        _, health = daemon.health()
        assert any("pin p1" in reason for reason in health["reasons"]), health
        config.write_text(changed(home, "lumo OR flames").read_text())
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("the new config is in force")
        assert daemon.stop()[0] == 0
