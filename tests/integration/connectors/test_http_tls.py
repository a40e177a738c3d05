"""TLS below the guard: the certificate is checked against the name, though the connection goes to a pinned address."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import connectors.transport
from connectors.errors import Unreachable
from connectors.http import HttpClient, open_client
from tests.fakes.server import Call, FakeServer, Reply

OPENSSL = shutil.which("openssl")
SUBJECT = ["-subj", "/CN=api.example", "-addext", "subjectAltName=DNS:api.example"]

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificate")


class Hello(FakeServer):
    """Says one word over TLS."""

    def __init__(self, certificate: Path, key: Path) -> None:
        super().__init__()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def answer(self, call: Call) -> Reply:
        return Reply({"host": call.headers["host"]})


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(
        [OPENSSL or "", *made, *SUBJECT, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    return certificate, key


@pytest.fixture
def server(pair: tuple[Path, Path]) -> Iterator[Hello]:
    with Hello(*pair) as running:
        yield running


def client(server: Hello, name: str) -> HttpClient:
    url = server.url.replace("http://127.0.0.1", f"https://{name}")
    return open_client("x", base_url=url, allow_private=True, lookup=lambda *_: ["127.0.0.1"])


@pytest.fixture
def trusted(pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Any:
    context = ssl.create_default_context(cafile=str(pair[0]))
    monkeypatch.setattr(connectors.transport, "_trust", lambda: context)
    return context


def test_a_certificate_nobody_vouches_for_is_refused(server: Hello) -> None:
    with client(server, "api.example") as opened, pytest.raises(Unreachable, match="self-signed certificate"):
        opened.get_json("/")
    assert server.calls == []


@pytest.mark.usefixtures("trusted")
def test_the_name_not_the_address_must_be_in_the_certificate(server: Hello) -> None:
    with client(server, "api.example") as opened:
        assert opened.get_json("/")["host"].startswith("api.example:")
        assert opened.get_json("/again")["host"].startswith("api.example:")
    with client(server, "other.example") as opened, pytest.raises(Unreachable, match="Hostname mismatch"):
        opened.get_json("/")
