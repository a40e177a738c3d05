"""Every change of a case reaches the webhooks that follow its brand: signed, and at least once."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from monitor import desk
from monitor.config.load import load_config
from monitor.config.receivers import WebhookReceiver
from monitor.desk import Command
from monitor.domain import Level
from monitor.errors import SendError, SendReason
from monitor.notify.registry import open_receiver
from monitor.notify.webhook import sign
from monitor.steps.changes import GIVE_UP
from monitor.steps.deliver import deliver
from monitor.steps.services import Services
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.services import FakeReceiver, make_services, make_settings

SECRET = "key of the hook"


def hook(**changes: Any) -> WebhookReceiver:
    values = {"kind": "webhook", "url": "https://hooks.example.com/cases", "changes": ["lumo"], **changes}
    return WebhookReceiver.model_validate(values)


def following(*errors: SendError, **changes: Any) -> tuple[SqliteStore, Services, FakeReceiver]:
    """Return a store whose changes are followed, and what the hook is sent."""
    store, receiver = SqliteStore(None), FakeReceiver(*errors)
    services = make_services(receiver=receiver, receivers={"desk": hook(**changes)}, routes=())
    deliver(store, services, NOW)
    return store, services, receiver


def move(store: SqliteStore, services: Services, name: str, case_id: int, who: str = "ana", **more: Any) -> None:
    desk.execute(store, services.settings, Command(name, who, {"case": case_id, **more}), NOW + minutes(1))


def down() -> SendError:
    return SendError("desk", "reset", reason=SendReason.NETWORK, permanent=False)


def test_a_move_tells_where_the_case_stood_who_moved_it_and_how() -> None:
    store, services, receiver = following()
    case_id = store_case(store)
    deliver(store, services, NOW)
    move(store, services, "claim", case_id)
    deliver(store, services, NOW + minutes(1))
    opened, claimed = (message.payload for message in receiver.sent)
    assert (opened["before"], opened["after"]["status"]) == (None, "new")
    assert (claimed["event"], claimed["case"]["id"], claimed["move"]) == ("case.changed", case_id, "claim")
    assert (claimed["who"], claimed["at"]) == ("ana", "2026-03-04T12:01:00.000Z")
    assert (claimed["before"]["status"], claimed["after"]["status"]) == ("new", "claimed")
    assert (claimed["before"]["claimed_by"], claimed["after"]["claimed_by"]) == (None, "ana")
    assert claimed["after"]["due_at"] == "2026-03-04T12:30:00.000Z"
    assert claimed["number"] > opened["number"]


def test_a_change_is_sent_once_and_with_one_key_on_every_attempt() -> None:
    store, services, receiver = following(down())
    store_case(store)
    assert deliver(store, services, NOW).failed == 1
    key = store.connection.query("SELECT idempotency_key FROM outbox", {})[0]["idempotency_key"]
    for minute in range(1, 40, 3):
        deliver(store, services, NOW + minutes(minute))
    assert [message.idempotency_key for message in receiver.sent] == [key]


def test_no_words_of_a_post_leave() -> None:
    store, services, receiver = following()
    case_id = store_case(store, text="my lumo lamp has a canary in it", author="private_handle")
    move(store, services, "note", case_id, text="a canary, says the customer")
    move(store, services, "dismiss", case_id, reason="canary")
    deliver(store, services, NOW + minutes(2))
    told = json.dumps([message.to_json() for message in receiver.sent])
    assert len(receiver.sent) == 2
    assert "canary" not in told
    assert "private_handle" not in told


def test_what_is_rolled_back_is_not_told() -> None:
    store, services, receiver = following()
    case_id = store_case(store)
    deliver(store, services, NOW)

    def break_off() -> None:
        with store.write():
            store.update_case(case_id, level=Level.CRITICAL)
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    deliver(store, services, NOW + minutes(1))
    assert len(receiver.sent) == 1


def test_brands_that_nobody_follows_and_stores_without_hooks_keep_nothing() -> None:
    store, services, receiver = following(changes=["other"])
    store_case(store)
    deliver(store, services, NOW)
    assert receiver.sent == []
    assert store.case_changes(10) == []
    deliver(store, make_services(), NOW)
    store_case(store)
    assert store.case_changes(10) == []


def test_a_hook_that_is_down_for_a_day_is_given_up_and_shown() -> None:
    store, services, _ = following(*(down() for _ in range(2_000)))
    store_case(store)
    for hours in range(26):
        deliver(store, services, NOW + timedelta(hours=hours))
    (dead,) = store.dead_messages()
    assert (dead["receiver"], dead["event"]) == ("desk", "case.changed")
    assert timedelta(hours=25) > GIVE_UP


def test_a_change_is_signed_over_the_very_bytes(httpserver: HTTPServer) -> None:
    heard: list[tuple[bytes, str, str]] = []

    def take(request: Request) -> Response:
        heard.append((request.get_data(), request.headers["X-Signature"], request.headers["Idempotency-Key"]))
        return Response(status=204)

    httpserver.expect_request("/cases", method="POST").respond_with_handler(take)
    options = hook(url=httpserver.url_for("/cases"), secret=SECRET, allow_private=True)
    receiver = open_receiver("desk", options)
    store = SqliteStore(None)
    services = make_services(receiver=receiver, receivers={"desk": options}, routes=())  # type: ignore[arg-type]
    deliver(store, services, NOW)
    store_case(store)
    deliver(store, services, NOW)
    receiver.close()
    ((body, signature, key),) = heard
    assert signature == sign(SECRET.encode(), body)
    assert json.loads(body)["event"] == "case.changed"
    assert key


def test_a_brand_that_does_not_exist_is_told_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "brands: {lumo: {watches: [{name: name, query: lumo}]}}\n"
        "sources: {file: {kind: replay, path: 'builtin:lumo'}}\n"
        "receivers:\n  crm: {kind: webhook, url: 'https://x.example.com', secret: env:S, changes: [lumoo]}\n"
    )
    problems = [str(problem) for problem in load_config(tmp_path / "config.yaml", environ={"S": "s"}).problems]
    assert any("receivers.crm.changes" in problem and "lumoo" in problem for problem in problems)
    assert make_settings().receivers["desk"].enabled
