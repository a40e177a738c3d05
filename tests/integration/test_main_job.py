"""The main job from end to end, in one process: real client libraries, fake platforms, a real store, a real webhook."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from monitor.app import run_batch
from monitor.once import Outcome
from monitor.store.sqlite import SqliteStore
from tests.fakes import reddit, x
from tests.fakes.hackernews import FakeHackerNews
from tests.fakes.reddit import FakeReddit
from tests.fakes.server import Clock, Reply
from tests.fakes.x import FakeX

BURNS = "@lumo your lamp caught fire last night and burned my daughter's hand"
BROKEN = "@lumo third week without my refund, nobody answers, this is the worst service ever"

ENVIRON = {
    "X_TOKEN": x.TOKEN,
    "REDDIT_ID": reddit.CLIENT_ID,
    "REDDIT_SECRET": reddit.CLIENT_SECRET,
    "HOOK_SECRET": "s-0123456789",
}

CONFIG = """
store: sqlite:///store.db
brands:
  lumo:
    handles: {{x: [lumo]}}
    watches: [{{name: name, query: lumo}}]
sources:
  x: {{kind: x, token: 'env:X_TOKEN', base_url: '{x}', allow_private: true}}
  reddit: {{kind: reddit, client_id: 'env:REDDIT_ID', client_secret: 'env:REDDIT_SECRET', subreddits: [lumo],
           user_agent: 'linux:test:1 (by /u/t)', base_url: '{reddit}', allow_private: true}}
  hn: {{kind: hackernews, base_url: '{hn}', allow_private: true}}
  dead: {{kind: rss, url: 'http://127.0.0.1:9/feed', allow_private: true}}
  odd: {{kind: redit, url: 'http://127.0.0.1:9/feed'}}
triage: {{model: {model}}}
receivers:
  desk: {{kind: webhook, url: '{hook}', secret: 'env:HOOK_SECRET', allow_private: true}}
routes:
  - {{level: [critical, high], to: [desk]}}
"""


class Scene:
    """Three platforms, a webhook and a config that knows them all."""

    def __init__(self, folder: Path, hook: HTTPServer) -> None:
        self.clock = Clock(datetime.now(UTC).replace(microsecond=0))
        self.x, self.reddit, self.hn = FakeX(self.clock), FakeReddit(self.clock), FakeHackerNews(self.clock)
        self.servers = (self.x, self.reddit, self.hn)
        self.path = folder / "config.yaml"
        self.store_path = folder / "store.db"
        self.hook = hook
        self.told: list[dict[str, Any]] = []

    def start(self) -> None:
        for server in self.servers:
            server.start()
        self.write_config("lexicon")

    def write_config(self, model: str) -> None:
        addresses = {"x": self.x.url, "reddit": self.reddit.url, "hn": self.hn.url}
        self.path.write_text(CONFIG.format(**addresses, hook=self.hook.url_for("/hook"), model=model))

    def run(self) -> Outcome:
        return run_batch(self.path, ENVIRON, lambda *_: None, self.clock)

    def store(self) -> SqliteStore:
        return SqliteStore(self.store_path, read_only=True)

    def stored_ids(self) -> list[str]:
        store = self.store()
        return [row["native_id"] for row in store.connection.query("SELECT native_id FROM mentions", {})]

    def states(self) -> dict[str, tuple[str, str | None]]:
        return {source.name: (source.state, source.reason) for source in self.store().sources(self.clock())}


@pytest.fixture
def scene(tmp_path: Path, httpserver: HTTPServer) -> Iterator[Scene]:
    made = Scene(tmp_path, httpserver)
    made.start()
    yield made
    for server in made.servers:
        server.stop()


def test_posts_of_every_platform_become_cases_and_the_urgent_ones_a_signed_alert(scene: Scene) -> None:
    now = scene.clock()
    scene.write_config("complaint-minilm")
    scene.hook.expect_request("/hook", method="POST").respond_with_data("ok")
    scene.x.publish(BURNS, now - timedelta(minutes=3))
    scene.reddit.submit("lumo refund", now - timedelta(minutes=4), text=BROKEN)
    scene.hn.publish("lumo opened an office in Oslo", now - timedelta(minutes=5))
    scene.run()
    queue = scene.store().queue(now)
    assert {(case.platform, case.level.urgent) for case in queue} >= {("x", True)}
    assert "reddit" in {case.platform for case in queue}
    (request, _), *_ = scene.hook.log
    body = request.get_data()
    signature = hmac.new(b"s-0123456789", body, hashlib.sha256).hexdigest()
    assert request.headers["X-Signature"] == f"sha256={signature}"
    assert len(request.headers["Idempotency-Key"]) == 64
    told = json.loads(body)
    assert (told["event"], told["case"]["level"], told["case"]["text"]) == ("case.opened", "critical", BURNS)
    assert sum(reason["points"] for reason in told["case"]["reasons"]) == pytest.approx(told["case"]["score"])


def test_broken_sources_are_marked_with_their_reason_and_the_rest_go_on(scene: Scene) -> None:
    scene.x.publish("lumo is fine", scene.clock() - timedelta(minutes=3))
    assert scene.run().failed == 2
    states = scene.states()
    assert states["x"][0] == states["reddit"][0] == states["hn"][0] == "ok"
    assert states["dead"][0] == "failing"
    assert states["odd"][0] == "stopped"
    assert "redit" in (states["odd"][1] or "")
    assert len(scene.stored_ids()) == 1


@pytest.mark.parametrize(
    ("name", "reply", "state"),
    [
        ("wrong token", Reply({"title": "Unauthorized"}, status=401), "stopped"),
        ("no credits", Reply({"title": "CreditsDepleted"}, status=402), "stopped"),
        ("html", Reply("<html>whoa there</html>", content_type="text/html"), "failing"),
        ("cut short", Reply({"data": [{"id": "1"}]}, cut=9), "failing"),
        ("rate limit", Reply({"errors": []}, status=429, headers={"x-rate-limit-reset": "99999999999"}), "failing"),
    ],
)
def test_a_failing_platform_stops_alone_and_its_cursor_stays(scene: Scene, name: str, reply: Reply, state: str) -> None:
    scene.x.publish("lumo one", scene.clock() - timedelta(minutes=3))
    scene.run()
    before = _watermark(scene)
    scene.clock.advance(hours=1)
    late = scene.x.publish("lumo two", scene.clock() - timedelta(minutes=3))
    scene.x.fail_next(reply)
    scene.run()
    assert scene.states()["x"][0] == state, name
    assert scene.states()["hn"][0] == "ok"
    assert _watermark(scene) == before
    scene.clock.advance(hours=1)
    scene.run()
    assert late in scene.stored_ids(), "nothing that was posted meanwhile is lost"


def test_endless_paging_is_stopped_and_the_cursor_stays(scene: Scene) -> None:
    scene.x.publish("lumo one", scene.clock() - timedelta(minutes=3))
    scene.run()
    before = _watermark(scene)
    scene.clock.advance(hours=1)
    scene.x.publish("lumo two", scene.clock() - timedelta(minutes=3))
    scene.x.endless = "repeat"
    scene.run()
    state, reason = scene.states()["x"]
    assert state == "failing"
    assert "token" in (reason or "")
    assert _watermark(scene) == before


def test_a_second_run_stores_nothing_twice_and_tells_nobody_again(scene: Scene) -> None:
    scene.hook.expect_request("/hook", method="POST").respond_with_data("ok")
    scene.x.publish(BURNS, scene.clock() - timedelta(minutes=3))
    scene.run()
    told = len(scene.hook.log)
    scene.clock.advance(minutes=1)
    scene.run()
    assert len(scene.stored_ids()) == 1
    assert len(scene.hook.log) == told


def test_a_receiver_that_is_down_loses_nothing(scene: Scene) -> None:
    scene.hook.expect_oneshot_request("/hook").respond_with_data("busy", status=503)
    scene.x.publish(BURNS, scene.clock() - timedelta(minutes=3))
    assert scene.run().failed == 3
    scene.hook.expect_request("/hook").respond_with_data("ok")
    scene.clock.advance(minutes=20)
    scene.run()
    delivered = [request for request, response in scene.hook.log if response.status_code == 200]
    keys = {request.headers["Idempotency-Key"] for request, _ in scene.hook.log}
    assert any(json.loads(request.get_data())["event"] == "case.opened" for request in delivered)
    assert len({request.headers["Idempotency-Key"] for request in delivered}) == len(delivered) <= len(keys)


def _watermark(scene: Scene) -> Any:
    (row,) = scene.store().connection.query("SELECT cursor FROM sources WHERE name = 'x'", {})
    return json.loads(row["cursor"])["watermark"]
