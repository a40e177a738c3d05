"""The ping to a watcher outside, against one on loopback."""

import json
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from monitor.config.signs import DeadMan as Options
from monitor.service.dead_man import DeadMan
from monitor.service.health import Health
from monitor.store.receivers import PING_META
from monitor.store.sqlite import SqliteStore
from tests.unit.service.parts import NOON, until

SICK = Health(("triage has not turned for 90 s", "the oldest urgent message waits for 9 min"))


class Watcher:
    """Counts what it is told, under a path that is a secret."""

    def __init__(self) -> None:
        self.server = HTTPServer()
        self.server.start()
        self.status = 200

    def told(self) -> list[tuple[str, str, str]]:
        return [(request.method, request.path, request.get_data(as_text=True)) for request, _ in self.server.log]

    def options(self, path: str = "/ping/canary-secret", **more: object) -> Options:
        url = SecretStr(self.server.url_for(path))
        return Options.model_validate({"url": url, "every": "10s", "allow_private": True, **more})

    def answer(self, status: int, path: str = "/ping/canary-secret") -> None:
        self.server.clear()
        for place in (path, f"{path}/fail"):
            self.server.expect_request(place).respond_with_data("OK", status, {"location": "/elsewhere"})


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    found = Watcher()
    found.answer(200)
    yield found
    found.server.stop()


def switch(options: Options | None, health: Health, store: SqliteStore | None = None) -> DeadMan:
    return DeadMan(lambda: options, lambda: health, store or SqliteStore(None), clock=lambda: NOON)


def test_while_all_is_well_the_watcher_is_pinged(watcher: Watcher) -> None:
    ping = switch(watcher.options(), Health()).ping()
    assert ping is not None
    assert (ping.well, ping.failure) == (True, None)
    assert watcher.told() == [("GET", "/ping/canary-secret", "")]


def test_what_is_wrong_is_told_at_once_with_its_reasons(watcher: Watcher) -> None:
    ping = switch(watcher.options(), SICK).ping()
    assert ping is not None
    assert not ping.well
    assert watcher.told() == [("POST", "/ping/canary-secret/fail", "\n".join(SICK.reasons))]


def test_a_query_stays_at_the_end_of_the_address(watcher: Watcher) -> None:
    switch(watcher.options("/ping/canary-secret?status=up"), SICK).ping()
    [(request, _)] = watcher.server.log
    assert (request.path, request.args["status"]) == ("/ping/canary-secret/fail", "up")


@pytest.mark.parametrize("status", [307, 404, 503])
def test_a_watcher_that_refuses_is_logged_once_and_without_the_address(
    watcher: Watcher, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    watcher.answer(status)
    dead_man = switch(watcher.options(), Health())
    for _ in range(3):
        ping = dead_man.ping()
        assert ping is not None
        assert ping.failure == f"the watcher answered {status}"
    logged = [record for record in caplog.records if record.name.partition(".")[0] != "werkzeug"]
    warnings = [record.getMessage() for record in logged if record.levelname == "WARNING"]
    assert sum(str(status) in line for line in warnings) == 1
    assert "canary-secret" not in "".join(record.getMessage() for record in logged)


def test_a_private_address_is_refused_without_leave(watcher: Watcher) -> None:
    ping = switch(watcher.options(allow_private=False), Health()).ping()
    assert ping is not None
    assert ping.failure is not None
    assert "loopback" in ping.failure
    assert watcher.told() == []


def test_without_a_switch_nobody_is_pinged(watcher: Watcher) -> None:
    assert switch(None, Health()).ping() is None
    assert watcher.told() == []


def test_the_thread_pings_at_its_pace_remembers_it_and_stops(watcher: Watcher) -> None:
    store = SqliteStore(None)
    options = watcher.options().model_copy(update={"every": watcher.options().every / 500})
    dead_man = switch(options, Health(), store)
    dead_man.start()
    until(lambda: len(watcher.told()) >= 3)
    until(lambda: store.meta(PING_META) is not None)
    dead_man.stop()
    told = len(watcher.told())
    assert json.loads(store.meta(PING_META) or "")["well"] is True
    assert len(watcher.told()) - told <= 1
