"""`lab run --live`: the real clients ask fakes on loopback for what a new config would hear, and nothing is kept."""

import hashlib
import json
import os
import pty
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.command_line import START, Answer, environment, run_in
from tests.acceptance.running import post, write_config
from tests.fakes.hackernews import FakeHackerNews
from tests.fakes.server import HTML_ERROR
from tests.fakes.x import TOKEN, FakeX

FIRE = "my glowbe lamp caught fire and burned my hand, i want a refund"
HOSTILE = "glowbe \x1b[31mbroken\u202e, awful, <script>alert(1)</script> worst lamp ever"


@dataclass(frozen=True)
class Home:
    """A folder with a decided store and a new config, and the platforms that the new config asks."""

    folder: Path
    x: FakeX
    hn: FakeHackerNews

    def lab(self, *arguments: str, **extra: str) -> Answer:
        return run_in(self.folder, "lab", "run", "--config", "new.yaml", *arguments, **extra)

    def dump(self) -> str:
        with sqlite3.connect(f"file:{self.folder / 'monitor.db'}?mode=ro", uri=True) as store:
            lines = "\n".join(store.iterdump())
        store.close()
        return hashlib.sha256(lines.encode()).hexdigest()


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose store the daemon has filled once, for each test to copy."""
    folder = tmp_path_factory.mktemp("decided")
    config = write_config(folder)
    (folder / "posts.jsonl").write_text(post(1, "@lumo my lumo lamp is broken"))
    assert run_in(folder, "run", "--once", "--config", str(config)).code == 0
    return folder


@pytest.fixture
def home(decided: Path, tmp_path: Path) -> Iterator[Home]:
    shutil.copytree(decided, tmp_path, dirs_exist_ok=True)
    with FakeX(lambda: datetime.now(UTC)) as x, FakeHackerNews(lambda: datetime.now(UTC)) as hn:
        loopback = {"allow_private": True}
        values = json.loads((tmp_path / "config.yaml").read_text())
        values["brands"]["lumo"]["watches"][0]["query"] = "glowbe"
        values["sources"] |= {
            "our_x": {"kind": "x", "token": TOKEN, "base_url": x.url, **loopback},
            "hn": {"kind": "hackernews", "base_url": hn.url, **loopback},
        }
        (tmp_path / "new.yaml").write_text(json.dumps(values))
        yield Home(tmp_path, x, hn)


def publish(home: Home, count: int, hours: float = 1) -> None:
    """Publish praise on X, a post each `hours`, and before it a fire and a hostile text."""
    now = datetime.now(UTC)
    home.x.publish(FIRE, now - timedelta(hours=hours))
    home.x.publish(HOSTILE, now - timedelta(hours=2 * hours))
    for step in range(3, count + 1):
        home.x.publish(f"glowbe number {step} stands in the hall", now - timedelta(hours=step * hours))


def test_a_sample_is_priced_fetched_judged_and_leaves_no_trace(home: Home) -> None:
    publish(home, 30)
    home.hn.publish("the glowbe is an awful lamp, mine is broken", datetime.now(UTC) - timedelta(hours=3))
    before = home.dump()
    ran = home.lab("--live", "20", "--yes", "--format", "json")
    assert ran.code == 0, ran.err
    assert "our_x: 1 search, at most 20 posts, at most $0.10, $0.005 a post" in ran.err
    assert "hn: 1 search, at most 20 posts, free" in ran.err
    assert "in all at most $0.10" in ran.err
    sampled = {entry["source"]: entry for entry in json.loads(ran.out)["live"]}
    ours, theirs = sampled["our_x"], sampled["hn"]
    assert (ours["fetched"], ours["kept"], ours["spent_usd"]) == (20, 20, 0.1)
    assert ours["posts_a_day"] == pytest.approx(24, abs=0.1)
    assert ours["worst"][0]["text"] == FIRE
    assert sum(ours["cases"].values()) >= len(ours["worst"]) > 0
    assert (theirs["fetched"], theirs["posts_a_day"], theirs["spent_usd"]) == (1, None, 0.0)
    assert len(home.x.returned) == 20
    assert home.dump() == before


def test_no_more_than_the_bound_is_billed_though_a_platform_gives_no_smaller_page(home: Home) -> None:
    publish(home, 30)
    ran = home.lab("--live", "3", "--yes", "--format", "json")
    assert "our_x: 1 search, at most 10 posts, at most $0.05" in ran.err
    assert len(home.x.returned) == 10


def test_a_source_that_fails_is_named_and_the_rest_goes_on(home: Home) -> None:
    publish(home, 5)
    home.hn.fail_next(*[HTML_ERROR] * 10)
    ran = home.lab("--live", "20", "--yes")
    assert ran.code == 0, ran.err
    assert "live sample of terms that were never fetched" in ran.out
    assert "\n  hn: " in ran.out
    assert "502" in ran.out
    assert "the worst of our_x" in ran.out
    assert "$0.03" in ran.out
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out


def test_a_source_without_its_secret_is_named_and_has_no_price(home: Home) -> None:
    values = json.loads((home.folder / "new.yaml").read_text())
    values["sources"]["our_x"]["token"] = "env:NO_SUCH_TOKEN"
    (home.folder / "new.yaml").write_text(json.dumps(values))
    ran = home.lab("--live", "20", "--yes", "--format", "json")
    assert ran.code == 0, ran.err
    assert "our_x: not asked, price unknown: " in ran.err
    sampled = {entry["source"]: entry for entry in json.loads(ran.out)["live"]}
    assert "NO_SUCH_TOKEN" in sampled["our_x"]["problem"]
    assert sampled["hn"]["problem"] is None


def test_the_page_shows_the_sample_with_every_text_escaped(home: Home) -> None:
    publish(home, 5)
    page = home.lab("--live", "20", "--yes", "--format", "html").out
    assert "Live sample of terms that were never fetched" in page
    assert FIRE in page
    assert "<script>" not in page


def test_without_a_terminal_and_without_yes_it_is_refused_and_nobody_is_asked(home: Home) -> None:
    refused = home.lab("--live", "50")
    assert (refused.code, refused.out) == (2, "")
    assert "--yes" in refused.err
    assert not home.x.calls
    assert not home.hn.calls


def test_without_live_nobody_is_asked(home: Home) -> None:
    ran = home.lab("--format", "json")
    assert json.loads(ran.out)["live"] is None
    assert not home.x.calls
    assert not home.hn.calls


@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 1), (b"y\n", 0)])
def test_on_a_terminal_the_price_is_told_and_leave_is_asked(home: Home, answer: bytes, code: int) -> None:
    publish(home, 5)
    master, slave = pty.openpty()
    os.write(master, answer)
    command = [*START, "lab", "run", "--config", "new.yaml", "--live", "20", "--format", "json"]
    done = subprocess.run(
        command,
        cwd=home.folder,
        env=environment(TERM="dumb"),
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=slave,
        timeout=100,
        check=False,
    )
    os.close(slave)
    said = os.read(master, 8_000).decode()
    os.close(master)
    assert done.returncode == code, said
    assert "in all at most $0.10" in said
    assert "Ask the platforms?" in said
    assert bool(home.x.calls) is (code == 0)
