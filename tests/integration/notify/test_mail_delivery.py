"""Mail to servers that take only a part of it, or live at only one of their addresses."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from monitor.config.receivers import MailReceiver as Options
from monitor.errors import SendError, SendReason
from monitor.notify.mail import MailReceiver
from monitor.notify.render import Setting, render_test
from tests.unit.notify.views import NOW


class PickyServer:
    """Refuses every address that begins with `gone`."""

    def __init__(self) -> None:
        self.taken: list[list[str]] = []

    async def handle_RCPT(  # noqa: N802
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        if address.startswith("gone"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        self.taken.append(list(envelope.rcpt_tos))
        return "250 taken"


@pytest.fixture
def server() -> Iterator[tuple[PickyServer, int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    picky = PickyServer()
    controller = Controller(picky, hostname="127.0.0.1", port=port)
    controller.start()
    yield picky, port
    controller.stop()


def send(port: int, *to: str, addresses: tuple[str, ...] = ("127.0.0.1",)) -> None:
    values = {"kind": "mail", "host": "localhost", "port": port, "security": "none", "sender": "monitor@example.com"}
    options = Options.model_validate({**values, "to": list(to)})
    MailReceiver("desk", options, lookup=lambda *_: addresses).send(render_test(Setting("desk", "mail", NOW), key="k"))


def test_one_refused_address_keeps_no_other_from_its_mail(
    server: tuple[PickyServer, int], caplog: pytest.LogCaptureFixture
) -> None:
    picky, port = server
    send(port, "gone@example.com", "care@example.com")
    assert picky.taken == [["care@example.com"]]
    assert "desk: 1 of 2 addresses were refused" in caplog.text


def test_where_every_address_is_refused_the_error_is_permanent(server: tuple[PickyServer, int]) -> None:
    picky, port = server
    with pytest.raises(SendError) as caught:
        send(port, "gone@example.com", "gone-too@example.com")
    assert (caught.value.reason, caught.value.permanent) == (SendReason.CLIENT, True)
    assert picky.taken == []


def test_an_address_that_leads_nowhere_is_passed_over(server: tuple[PickyServer, int]) -> None:
    picky, port = server
    send(port, "care@example.com", addresses=("127.0.0.2", "127.0.0.1"))
    assert picky.taken == [["care@example.com"]]
