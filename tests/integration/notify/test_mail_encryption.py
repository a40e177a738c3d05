"""Mail over TLS against a server on loopback whose certificate only this test trusts."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from monitor.config.receivers import MailReceiver as Options
from monitor.errors import SendError, SendReason
from monitor.notify.mail import MailReceiver
from monitor.notify.receiver import Message
from monitor.notify.render import Setting, render_test
from tests.unit.notify.views import NOW

CERTIFICATE = Path(__file__).parents[2] / "data" / "tls" / "localhost.pem"


class Mailbox:
    """Counts the mails that came over TLS, and all commands with a password in them."""

    def __init__(self) -> None:
        self.encrypted: list[bool] = []

    async def handle_DATA(self, _server: object, session: Any, _envelope: object) -> str:  # noqa: N802
        self.encrypted.append(session.ssl is not None)
        return "250 taken"


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def start(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def starttls_port(mailbox: Mailbox) -> Iterator[int]:
    yield from start(mailbox, tls_context=server_context(), require_starttls=True)


@pytest.fixture
def plain_port(mailbox: Mailbox) -> Iterator[int]:
    yield from start(mailbox)


@pytest.fixture
def tls_port(mailbox: Mailbox) -> Iterator[int]:
    yield from start(mailbox, ssl_context=server_context())


def message() -> Message:
    return render_test(Setting("desk", "mail", NOW), key="k")


def receiver(port: int, security: str, context: ssl.SSLContext | None = None, **more: Any) -> MailReceiver:
    values = {"kind": "mail", "host": "localhost", "port": port, "security": security}
    values |= {"sender": "monitor@example.com", "to": "care@example.com"} | more
    return MailReceiver("desk", Options.model_validate(values), context=context, lookup=lambda *_: ["127.0.0.1"])


def failure(port: int, security: str, context: ssl.SSLContext | None = None, **more: Any) -> SendError:
    with pytest.raises(SendError) as caught:
        receiver(port, security, context, **more).send(message())
    return caught.value


def test_mail_goes_encrypted_after_starttls(starttls_port: int, mailbox: Mailbox) -> None:
    receiver(starttls_port, "starttls", trusting()).send(message())
    assert mailbox.encrypted == [True]


def test_mail_goes_encrypted_from_the_first_byte(tls_port: int, mailbox: Mailbox) -> None:
    receiver(tls_port, "tls", trusting()).send(message())
    assert len(mailbox.encrypted) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_unknown_certificate_is_refused(security: str, request: pytest.FixtureRequest, mailbox: Mailbox) -> None:
    port = request.getfixturevalue(f"{security}_port")
    error = failure(port, security)
    assert error.reason is SendReason.NETWORK
    assert "certificate" in error.cause.lower()
    assert mailbox.encrypted == []


def test_without_starttls_nothing_is_sent_in_the_clear(plain_port: int, mailbox: Mailbox) -> None:
    error = failure(plain_port, "starttls", trusting(), username="monitor", password="canary-secret")
    assert (error.reason, error.permanent) == (SendReason.CLIENT, True)
    assert "canary" not in str(error)
    assert mailbox.encrypted == []


def test_where_login_is_not_offered_no_mail_is_sent(plain_port: int, mailbox: Mailbox) -> None:
    error = failure(plain_port, "none", username="monitor", password="canary-secret")
    assert (error.reason, error.permanent) == (SendReason.CLIENT, True)
    assert mailbox.encrypted == []
