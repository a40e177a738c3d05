"""What every receiver promises: it delivers or raises SendError, in bounded time, and never shows a secret."""

import hashlib
import hmac
import json
import logging
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from monitor.config import receivers
from monitor.errors import SendError, SendReason
from monitor.notify.apprise_receiver import AppriseReceiver
from monitor.notify.receiver import Message
from monitor.notify.registry import KINDS, open_receiver
from monitor.notify.render import Setting, render_cases, render_test
from monitor.notify.webhook import WebhookReceiver
from tests.contract.receiver_subjects import (
    CANARY,
    AppriseSubject,
    OpsgenieSubject,
    PagerdutySubject,
    SilentServer,
    StdoutSubject,
    WebhookSubject,
)
from tests.contract.receiver_subjects import SUBJECTS as PLAIN_SUBJECTS
from tests.contract.ticket_subjects import JiraSubject, ZendeskSubject
from tests.unit.notify.views import HOSTILE, NOW, make_view

SUBJECTS: dict[str, Any] = {**PLAIN_SUBJECTS, "zendesk": ZendeskSubject, "jira": JiraSubject}
REMOTE = [kind for kind in SUBJECTS if kind != "stdout"]
HTTP = [kind for kind in REMOTE if kind != "mail"]
OWN = [kind for kind in HTTP if kind not in {"webhook", "apprise"}]


def message(kind: str = "stdout", text: str = "My lamp caught fire") -> Message:
    return render_cases("case.opened", [make_view(text=text)], Setting("desk", kind, NOW), key="key-1")


@pytest.fixture
def subject(request: pytest.FixtureRequest) -> Iterator[Any]:
    found = SUBJECTS[request.param]()
    yield found
    found.close()


def failure(receiver: Any, sent: Message) -> SendError:
    with pytest.raises(SendError) as caught:
        receiver.send(sent)
    return caught.value


def test_every_kind_of_the_schema_has_a_receiver_and_a_subject() -> None:
    assert set(KINDS) == set(receivers.RECEIVER_KINDS) == set(SUBJECTS)


@pytest.mark.parametrize("subject", SUBJECTS, indirect=True)
def test_a_message_arrives_once_with_subject_and_text(subject: Any) -> None:
    subject.open().send(message())
    assert len(subject.told) == 1
    assert "My lamp caught fire" in subject.told[0]
    assert "severity" in subject.told[0]


@pytest.mark.parametrize("subject", SUBJECTS, indirect=True)
def test_hostile_text_arrives(subject: Any) -> None:
    subject.open().send(message("mail", HOSTILE))
    assert "alert" in subject.told[0]


@pytest.mark.parametrize("kind", OWN)
def test_hostile_text_mentions_nobody_and_opens_nothing(kind: str) -> None:
    subject = SUBJECTS[kind]()
    try:
        subject.open().send(message(kind, HOSTILE))
    finally:
        subject.close()
    for dangerous in (
        "<!channel>",
        "@everyone",
        "](http://",
        "http://evil.example",
        "evil.example",
        "<script",
        "\\u001b",
    ):
        assert dangerous not in subject.told[0]
    assert "owned" in subject.told[0]


@pytest.mark.parametrize("kind", OWN)
def test_a_message_without_parts_arrives_as_text(kind: str) -> None:
    subject = SUBJECTS[kind]()
    plain = Message("digest", "desk", "Morning", "Morning\nAll is quiet @here", None, idempotency_key="k" * 64)
    try:
        subject.open().send(plain)
    finally:
        subject.close()
    assert "All is quiet" in subject.told[0]
    assert "@here" not in subject.told[0]


@pytest.mark.parametrize("kind", sorted(SUBJECTS))
def test_the_test_message_shows_how_an_alert_looks(kind: str) -> None:
    subject = SUBJECTS[kind]()
    try:
        subject.open().send(render_test(Setting("desk", kind, NOW), key="k" * 64))
        told = "".join(subject.told).replace("\\", "")
    finally:
        subject.close()
    for part in ("charged me twice", "severity", "test"):
        assert part in told.replace("\n", " ")


@pytest.mark.parametrize("kind", [kind for kind in OWN if kind not in {"zendesk", "jira"}])
def test_an_echo_of_what_people_wrote_is_kept_out_of_the_error(kind: str) -> None:
    subject = SUBJECTS[kind]()
    subject.refusal = '{"message": "cannot read: My lamp caught fire last night"}'
    try:
        assert "lamp" not in str(failure(subject.open("client"), message()))
        subject.refusal = '{"message": "channel_not_found"}'
        assert "channel_not_found" in str(failure(subject.open("client"), message()))
    finally:
        subject.close()


@pytest.mark.parametrize("kind", OWN)
def test_an_alert_links_to_card_and_post(kind: str) -> None:
    subject = SUBJECTS[kind]()
    setting = Setting("desk", kind, NOW, public_url="https://monitor.example")
    sent = render_cases("case.opened", [make_view()], setting, key="key-1")
    try:
        subject.open().send(sent)
    finally:
        subject.close()
    for part in (
        "https://monitor.example/cases/1",
        "https://x.example/mia/status/1",
        "12.3k followers",
        "due in 2 min",
    ):
        assert part.replace(".3k", "") in subject.told[0].replace(".3k", "")


@pytest.mark.parametrize(
    ("behaviour", "reason", "permanent"),
    [("auth", "auth", True), ("client", "client", True), ("server", "server", False)],
)
@pytest.mark.parametrize("subject", REMOTE, indirect=True)
def test_a_refusal_says_whether_it_will_pass(subject: Any, behaviour: str, reason: str, permanent: bool) -> None:
    error = failure(subject.open(behaviour), message())
    assert (error.reason, error.permanent) == (SendReason(reason), permanent)
    assert str(error).startswith("desk: ")
    assert subject.told == []


@pytest.mark.parametrize("subject", HTTP, indirect=True)
def test_a_wish_to_wait_is_no_refusal(subject: Any) -> None:
    error = failure(subject.open("rate-limit"), message())
    assert (error.reason, error.permanent) == (SendReason.RATE_LIMIT, False)


@pytest.mark.parametrize("kind", [kind for kind in HTTP if kind != "apprise"])
def test_a_wish_to_wait_is_passed_on(kind: str) -> None:
    subject = SUBJECTS[kind]()
    try:
        assert failure(subject.open("rate-limit"), message()).retry_after_s == 120
        subject.wait = "31536000"
        assert failure(subject.open("rate-limit"), message()).retry_after_s == 900
    finally:
        subject.close()


@pytest.mark.parametrize(
    ("kind", "body"),
    [("telegram", '{"ok": false, "parameters": {"retry_after": 29}}'), ("discord", '{"retry_after": 29.4}')],
)
def test_a_wish_to_wait_is_read_from_the_body_too(kind: str, body: str) -> None:
    subject = SUBJECTS[kind]()
    subject.wait, subject.refusal = "", body
    try:
        assert failure(subject.open("rate-limit"), message()).retry_after_s == 30
    finally:
        subject.close()


@pytest.mark.parametrize("kind", [kind for kind in HTTP if kind != "apprise"])
def test_an_answer_without_end_is_not_read_to_its_end(kind: str) -> None:
    subject = SUBJECTS[kind]()
    try:
        error = failure(subject.open("huge"), message())
    finally:
        subject.close()
    assert (error.reason, error.permanent) == (SendReason.SERVER, False)


@pytest.mark.parametrize("subject", HTTP, indirect=True)
def test_a_redirect_is_refused_and_not_followed(subject: Any) -> None:
    error = failure(subject.open("redirect"), message())
    assert (error.reason, error.permanent) == (SendReason.REFUSED, True)
    assert subject.trapped == 0


@pytest.mark.parametrize("drip", [b"", b"2"], ids=["silent", "a byte at a time"])
@pytest.mark.parametrize("subject", REMOTE, indirect=True)
def test_a_server_that_stalls_meets_the_deadline(subject: Any, drip: bytes) -> None:
    server = SilentServer(drip)
    started = time.monotonic()
    try:
        error = failure(subject.stall(server.port, 0.4), message())
    finally:
        server.close()
    assert time.monotonic() - started < 3
    assert (error.reason, error.permanent) == (SendReason.NETWORK, False)


@pytest.mark.parametrize("subject", REMOTE, indirect=True)
def test_a_server_that_is_gone_is_worth_another_try(subject: Any) -> None:
    server = SilentServer()
    server.close()
    error = failure(subject.stall(server.port, 5.0), message())
    assert (error.reason, error.permanent) == (SendReason.NETWORK, False)


@pytest.mark.parametrize("behaviour", ["accept", "auth", "client", "server", "redirect"])
@pytest.mark.parametrize("subject", REMOTE, indirect=True)
def test_no_secret_reaches_an_error_or_a_log(subject: Any, behaviour: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "apprise"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    receiver = subject.open(behaviour)
    shown = ""
    try:
        receiver.send(message())
    except SendError as error:
        shown = "".join(traceback.format_exception(error)) + repr(error)
    assert CANARY not in shown
    ours = [record for record in caplog.records if record.name.partition(".")[0] not in {"werkzeug", "mail", "asyncio"}]
    assert CANARY not in "\n".join(record.getMessage() for record in ours)
    assert CANARY not in repr(receiver)


def test_a_webhook_is_signed_over_the_very_bytes_and_carries_its_key() -> None:
    subject = WebhookSubject()
    try:
        subject.open().send(message())
        [(request, _)] = subject.server.log
    finally:
        subject.close()
    body = request.get_data()
    expected = hmac.new(CANARY.encode(), body, hashlib.sha256).hexdigest()
    assert request.headers["X-Signature"] == f"sha256={expected}"
    assert request.headers["Idempotency-Key"] == "key-1"
    record = json.loads(body)
    assert record["event"] == "case.opened"
    assert record["case"]["text"] == "My lamp caught fire"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_into_a_private_network_is_refused(address: str) -> None:
    options = receivers.WebhookReceiver.model_validate({"kind": "webhook", "url": "https://hooks.example.com/x"})
    receiver = WebhookReceiver("desk", options, lookup=lambda *_: [address])
    error = failure(receiver, message())
    assert (error.reason, error.permanent) == (SendReason.REFUSED, True)


def test_apprise_reaches_no_private_address_without_leave() -> None:
    server = SilentServer()
    options = receivers.AppriseReceiver.model_validate({"kind": "apprise", "url": f"ntfy://127.0.0.1:{server.port}/t"})
    try:
        error = failure(AppriseReceiver("desk", options), message())
    finally:
        server.close()
    assert (error.reason, error.permanent) == (SendReason.REFUSED, True)


def test_chat_shows_the_subject_once() -> None:
    subject = AppriseSubject()
    try:
        subject.open().send(sent := message("apprise"))
    finally:
        subject.close()
    assert subject.told[0].count(sent.subject) == 1


@pytest.mark.parametrize("url", ["dbus://", "json://example.com", "syslog://", "mastodon://t@example.com", "nothing"])
def test_apprise_takes_no_service_that_runs_programs_or_publishes(url: str) -> None:
    options = receivers.AppriseReceiver.model_validate({"kind": "apprise", "url": url})
    with pytest.raises(SendError, match="is not among those that may be used"):
        open_receiver("desk", options)


def test_a_closed_output_is_an_error_of_the_receiver() -> None:
    subject = StdoutSubject()
    subject.stream.close()
    assert failure(subject.open(), message()).reason is SendReason.NETWORK


def test_rich_markup_in_a_post_is_printed_as_it_is() -> None:
    subject = StdoutSubject()
    subject.open().send(message(text="[bold red]hi[/] :smile: [link=https://evil.example]x[/link]"))
    assert "[bold red]hi[/] :smile: [link=https://evil.example]x[/link]" in subject.told[0]


@pytest.mark.parametrize("kind", ["zendesk", "jira"])
def test_a_thread_is_one_ticket_and_each_further_message_a_comment(kind: str) -> None:
    subject = SUBJECTS[kind]()
    try:
        receiver = subject.open()
        key = receiver.send(replace(message(kind), thread="case/1"))
        further = replace(message(kind, "It still burns"), thread="case/1", remote=key, idempotency_key="key-2")
        assert receiver.send(further) == key
        other = receiver.send(replace(message(kind), thread="case/2", idempotency_key="key-3"))
    finally:
        subject.close()
    assert other != key
    assert [len(comments) for comments in subject.contents()] == [2, 1]
    assert "It still burns" in subject.contents()[0][1]


@pytest.mark.parametrize("kind", ["zendesk", "jira"])
def test_a_ticket_made_before_a_crash_is_found_and_not_made_again(kind: str) -> None:
    subject = SUBJECTS[kind]()
    try:
        receiver = subject.open()
        first = replace(message(kind), thread="case/1")
        assert receiver.send(first) == receiver.send(first)
        receiver.send(replace(first, idempotency_key="another"))
    finally:
        subject.close()
    assert [len(comments) for comments in subject.contents()] == [2]


@pytest.mark.parametrize("kind", ["zendesk", "jira"])
def test_a_thread_whose_ticket_is_gone_gets_a_new_one(kind: str) -> None:
    subject = SUBJECTS[kind]()
    try:
        receiver = subject.open()
        first = receiver.send(replace(message(kind), thread="case/1"))
        subject.lose()
        second = receiver.send(replace(message(kind), thread="case/1", remote=first, idempotency_key="key-2"))
        over = replace(message(kind), event="case.over", thread="case/9", idempotency_key="key-3")
        assert receiver.send(over) is None
    finally:
        subject.close()
    assert second not in {None, first}


@pytest.mark.parametrize("kind", ["zendesk", "jira"])
def test_a_name_that_another_service_gave_a_thread_is_no_ticket_here(kind: str) -> None:
    subject = SUBJECTS[kind]()
    try:
        key = subject.open().send(replace(message(kind), thread="case/1", remote="../../users/1"))
    finally:
        subject.close()
    assert key not in {None, "../../users/1"}
    assert [len(comments) for comments in subject.contents()] == [1]


def test_pagerduty_joins_a_thread_and_resolves_it() -> None:
    subject = PagerdutySubject()
    try:
        receiver = subject.open()
        keys = {receiver.send(replace(message(), thread="case/1")) for _ in range(2)}
        receiver.send(replace(message(), event="case.over", thread="case/1"))
    finally:
        subject.close()
    assert list(subject.triggered.values()) == [2]
    assert set(subject.resolved) == keys == set(subject.triggered)


def test_opsgenie_joins_a_thread_and_closes_it() -> None:
    subject = OpsgenieSubject()
    try:
        receiver = subject.open()
        aliases = {receiver.send(replace(message(), thread="incident/1")) for _ in range(2)}
        receiver.send(replace(message(), event="incident.over", thread="incident/1"))
    finally:
        subject.close()
    assert list(subject.opened.values()) == [2]
    assert set(subject.closed) == aliases == set(subject.opened)
