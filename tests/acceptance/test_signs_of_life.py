"""Silence is noticed: a canary through a real daemon, its acknowledgement, the ping outside, and what operators see."""

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.acceptance.command_line import run_in
from tests.acceptance.running import Daemon, Hook, post, write_config

CANARY = {"receiver": "desk", "every": "1h", "within": "10s", "acknowledge": "hook"}


def canary_of(hook: Hook) -> dict[str, Any]:
    assert hook.wait_for(lambda received: any(body["event"] == "canary" for _, body in received), 30)
    found: dict[str, Any] = next(body["canary"] for _, body in hook.received if body["event"] == "canary")
    return found


def test_a_canary_reaches_the_hook_and_its_answer_is_seen(tmp_path: Path, hook: Hook) -> None:
    (tmp_path / "posts.jsonl").write_text(post(1, "lumo looks nice in the hall"))
    config = write_config(tmp_path, hook.url, canary=CANARY)
    with Daemon(config) as daemon:
        asked = canary_of(hook)
        assert asked["acknowledge"].startswith(daemon.address)
        assert httpx.get(asked["acknowledge"], trust_env=False).status_code == 401
        bearer = {"Authorization": f"Bearer {asked['token']}"}
        assert httpx.post(asked["acknowledge"], headers=bearer, trust_env=False).status_code == 200
        assert httpx.post(asked["acknowledge"], headers=bearer, trust_env=False).status_code == 403
        shown = run_in(tmp_path, "alerts", "status", "--json")
        assert daemon.stop()[0] == 0
    assert shown.code == 0, shown.out
    (desk,) = json.loads(shown.out)["receivers"]
    assert desk["canary"]["acknowledged_at"] is not None
    assert desk["last_success_at"] is not None


@pytest.mark.timeout(120)
def test_a_hook_that_takes_everything_and_answers_nothing_turns_health_red(tmp_path: Path, hook: Hook) -> None:
    (tmp_path / "posts.jsonl").write_text(post(1, "lumo looks nice in the hall"))
    phone = {"kind": "webhook", "url": hook.url, "allow_private": True}
    receivers = {"desk": {"kind": "webhook", "url": hook.url, "allow_private": True}, "phone": phone}
    config = write_config(tmp_path, hook.url, receivers=receivers, fallback=["phone"], canary=CANARY)
    with Daemon(config) as daemon:
        canary_of(hook)
        assert hook.wait_for(lambda received: any(body["event"] == "canary.missing" for _, body in received), 40)
        status, health = daemon.health()
    assert status == 503
    assert any("the test alert to desk is not acknowledged" in reason for reason in health["reasons"])
    assert run_in(tmp_path, "alerts", "status").code == 1
    with closing(sqlite3.connect(tmp_path / "monitor.db")) as store:
        assert store.execute("SELECT count(*) FROM canaries WHERE told_at IS NOT NULL").fetchone() == (1,)


@pytest.mark.timeout(120)
def test_a_daemon_pings_while_it_lives_and_falls_silent_with_it(tmp_path: Path, hook: Hook) -> None:
    (tmp_path / "posts.jsonl").write_text(post(1, "lumo looks nice in the hall"))
    pinged = threading.Event()

    def take(_: Request) -> Response:
        pinged.set()
        return Response("OK")

    with HTTPServer() as watcher:
        watcher.expect_request("/ping").respond_with_handler(take)
        dead_man = {"url": watcher.url_for("/ping"), "every": "10s", "allow_private": True}
        config = write_config(tmp_path, hook.url, dead_man=dead_man)
        with Daemon(config) as daemon:
            assert pinged.wait(40)
            assert daemon.stop()[0] == 0
        [(request, _), *_] = watcher.log
        assert (request.method, request.path) == ("GET", "/ping")
    assert json.loads(run_in(tmp_path, "alerts", "status", "--json").out)["dead_man"]["configured"] is True
