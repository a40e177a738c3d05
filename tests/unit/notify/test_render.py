import json
from dataclasses import replace
from email import message_from_bytes

import pytest

from monitor.config.receivers import MailReceiver
from monitor.domain import Level
from monitor.notify.mail import make_mail
from monitor.notify.receiver import Message, judge_status, message_key
from monitor.notify.render import Setting, render_cases, render_test
from tests.unit.notify.views import HOSTILE, NOW, make_view

TERMINAL = Setting("desk", "stdout", NOW)
CHAT = Setting("desk", "apprise", NOW)
MAIL = Setting("desk", "mail", NOW, public_url="https://monitor.example")
MAILBOX = MailReceiver(kind="mail", host="localhost", sender="monitor@example.com", to=("care@example.com",))


def render(setting: Setting, *views: object, **options: object) -> Message:
    return render_cases("case.opened", list(views), setting, key="k", **options)  # type: ignore[arg-type]


def test_an_alert_explains_itself() -> None:
    text = render(TERMINAL, make_view()).text
    assert text.splitlines()[0].startswith("CRITICAL lumo: new complaint: ")
    for part in ("severity +40", "caught fire", "mia", "12.3k followers", "3 min ago", "due in 2 min", "queue show 1"):
        assert part in text
    assert "post: https://x.example/mia/status/1" in text


def test_with_a_public_address_a_message_links_to_the_card() -> None:
    message = render(MAIL, make_view())
    assert "card: https://monitor.example/cases/1" in message.text
    assert message.html is not None
    assert 'href="https://monitor.example/cases/1"' in message.html


def test_unknown_reach_is_not_shown_as_nought() -> None:
    assert "followers" not in render(TERMINAL, make_view(followers=None)).text


def test_cases_stand_worst_first_and_the_payload_names_the_worst() -> None:
    message = render(TERMINAL, make_view(1, Level.HIGH), make_view(2, Level.CRITICAL), make_view(3, Level.NORMAL))
    assert [case["id"] for case in message.payload["cases"]] == [2, 1, 3]
    assert message.payload["case"]["id"] == 2
    assert message.payload["event"] == "case.opened"
    assert message.payload["count"] == 3


def test_a_storm_is_one_short_message() -> None:
    message = render(TERMINAL, *(make_view(number) for number in range(100)), total=10_000)
    assert len(message.payload["cases"]) == 20
    assert message.payload["count"] == 10_000
    assert "and 9980 more: complaint-monitor queue list" in message.text
    assert len(message.text.splitlines()) < 60


def test_the_payload_is_the_queues_own_json() -> None:
    view = make_view(text=HOSTILE)
    payload = json.loads(json.dumps(dict(render(TERMINAL, view).payload)))
    assert payload["case"] == json.loads(json.dumps(view.to_json()))


def test_hostile_text_is_inert_in_a_terminal() -> None:
    message = render(TERMINAL, make_view(text=HOSTILE, author=HOSTILE, platform=HOSTILE))
    assert all(letter == "\n" or letter >= " " for letter in message.text)
    assert not set("\x7f\x9b\u202e\U000e0041") & set(message.text)


def test_hostile_text_is_inert_in_chat() -> None:
    text = render(CHAT, make_view(text=HOSTILE, author="@here", permalink=None)).text
    assert not set("@<>[]*`\x1b") & set(text)
    assert "://" not in text


def test_hostile_text_is_inert_in_html() -> None:
    html = render(MAIL, make_view(text=HOSTILE, author=HOSTILE, permalink='https://x.example/"><script>')).html
    assert html is not None
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_hostile_text_adds_no_header_to_a_mail() -> None:
    message = render(MAIL, make_view(text=HOSTILE, brand="lumo\r\nBcc: all@example.com"))
    mail = make_mail(message, MAILBOX)
    assert mail["Bcc"] is None
    assert "\n" not in str(mail["Subject"])
    assert message_from_bytes(mail.as_bytes())["Bcc"] is None


def test_a_mail_has_text_and_html_and_an_id_that_repeats() -> None:
    message = render(MAIL, make_view())
    first, second = make_mail(message, MAILBOX), make_mail(message, MAILBOX)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].endswith("@example.com>")
    assert [part.get_content_type() for part in first.iter_parts()] == ["text/plain", "text/html"]
    assert first["Importance"] == "high"


def test_mails_of_one_thread_answer_one_id_and_those_of_another_a_different_one() -> None:
    message = render(MAIL, make_view())
    first = make_mail(replace(message, thread="a/case:1", idempotency_key="k1"), MAILBOX)
    second = make_mail(replace(message, thread="a/case:1", idempotency_key="k2"), MAILBOX)
    other = make_mail(replace(message, thread="a/case:2", idempotency_key="k3"), MAILBOX)
    assert first["Message-ID"] != second["Message-ID"]
    assert first["In-Reply-To"] == first["References"] == second["References"] != other["References"]
    assert second["In-Reply-To"] not in {first["Message-ID"], second["Message-ID"]}


def test_a_mail_about_nothing_that_goes_on_belongs_to_no_thread() -> None:
    mail = make_mail(render(MAIL, make_view()), MAILBOX)
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


@pytest.mark.parametrize("event", ["case.escalated", "case.reminded", "incident.updated", "some.other"])
def test_every_event_has_a_subject(event: str) -> None:
    message = render_cases(event, [make_view()], TERMINAL, key="k", note="step 2 of the chain")
    assert message.subject.startswith("CRITICAL lumo: ")
    assert "step 2 of the chain" in message.text


def test_the_demo_says_so() -> None:
    assert render(Setting("desk", "stdout", NOW, demo=True), make_view()).subject.startswith("[demo] ")


def test_a_message_survives_the_outbox() -> None:
    message = render(MAIL, make_view(text=HOSTILE))
    assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message


def test_a_test_message_needs_no_case() -> None:
    message = render_test(TERMINAL, key="k")
    assert (message.event, message.payload["event"], message.payload["count"]) == ("test", "test", 1)
    assert not message.urgent
    for part in ("made up", "charged me twice", "followers", "severity +40", "due in 27 min"):
        assert part in message.text
    assert not message.urgent


def test_keys_differ_by_receiver_group_and_window() -> None:
    keys = {message_key(*parts) for parts in (("a", "b", "c"), ("a", "b", "d"), ("a", "bc", ""), ("ab", "", "c"))}
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("status", "reason", "permanent"),
    [
        (401, "auth", True),
        (403, "auth", True),
        (404, "client", True),
        (408, "network", False),
        (429, "rate-limit", False),
        (307, "refused", True),
        (500, "server", False),
    ],
)
def test_a_status_is_permanent_where_the_same_message_would_fail_again(
    status: int, reason: str, permanent: bool
) -> None:
    assert judge_status(status) == (reason, permanent)
