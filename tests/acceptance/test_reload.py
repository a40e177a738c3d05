"""SIGHUP: a good config is taken up while work goes on, a bad one is refused and changes nothing."""

import json
import signal
from pathlib import Path

import pytest

from tests.acceptance.running import Daemon, Hook, post, write_config

SAFETY = "my lumo lamp caught fire and burned my hand"

BROKEN = {
    "no YAML": "brands: [unclosed",
    "half written": '{"brands": {"lumo": {"watch',
    "empty": "",
    "unknown key": json.dumps({"brnds": {}}),
    "a query that does not parse": json.dumps({"brands": {"lumo": {"watches": [{"name": "n", "query": "(lumo OR"}]}}}),
    "a receiver that is not there": json.dumps({"routes": [{"to": ["nobody"]}]}),
    "not text": "\x00\xff\xfe",
}


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    posts = tmp_path / "posts.jsonl"
    posts.write_text(post(1, "lumo looks nice in the hall"))
    return posts


def test_broken_configs_are_refused_one_after_another_and_work_goes_on(tmp_path: Path, posts: Path, hook: Hook) -> None:
    config = write_config(tmp_path, hook.url)
    good = config.read_text()
    with Daemon(config) as daemon:
        daemon.wait_for("posts read")
        for refused, (name, text) in enumerate(BROKEN.items(), 1):
            config.write_text(text)
            daemon.signal(signal.SIGHUP)
            daemon.wait_for("the new config is refused, the old one stays in force", count=refused)
            status, health = daemon.health()
            assert status == 503, name
            assert any("the last reload was refused" in reason for reason in health["reasons"]), name
        with posts.open("a") as file:
            file.write(post(2, SAFETY))
        assert hook.wait_for(lambda received: len(received) == 1, 20), daemon.lines
        config.write_text(good)
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("the new config is in force")
        assert daemon.health()[0] == 200
        assert daemon.stop()[0] == 0


def test_a_new_watch_hears_from_the_next_poll_on_and_nothing_is_told_twice(
    tmp_path: Path, posts: Path, hook: Hook
) -> None:
    config = write_config(tmp_path, hook.url)
    posts.write_text(post(1, SAFETY))
    watches = [{"name": "name", "query": "lumo"}, {"name": "other", "query": "glowbe"}]
    with Daemon(config) as daemon:
        assert hook.wait_for(lambda received: len(received) == 1, 30), daemon.lines
        write_config(tmp_path, hook.url, brands={"lumo": {"watches": watches}})
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("the new config is in force")
        with posts.open("a") as file:
            file.write(post(2, "my glowbe caught fire and burned my hand"))
        assert hook.wait_for(lambda received: len(received) == 2, 20), "\n".join(daemon.lines)
    assert [payload["case"]["native_id"] for _, payload in hook.received] == ["n1", "n2"]


def test_a_storm_of_reloads_tells_nothing_again(tmp_path: Path, posts: Path, hook: Hook) -> None:
    config = write_config(tmp_path, hook.url)
    posts.write_text(post(1, SAFETY))
    with Daemon(config) as daemon:
        assert hook.wait_for(lambda received: len(received) == 1, 30), daemon.lines
        for _ in range(1_000):
            daemon.signal(signal.SIGHUP)
        daemon.wait_for("the new config is in force")
        with posts.open("a") as file:
            file.write(post(2, "the lumo charger exploded, my kid is hurt"))
        assert hook.wait_for(lambda received: len(received) == 2, 20), "\n".join(daemon.lines)
        assert daemon.stop()[0] == 0
    assert [payload["case"]["native_id"] for _, payload in hook.received] == ["n1", "n2"]
