"""Health, metrics and the interface's description, asked for over a real socket."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import monitor
from monitor.config.web import Web
from monitor.service.health import Health
from monitor.web.app import make_app
from monitor.web.server import CannotListen, WebServer
from monitor.web.site import Views
from tests.web_site import WebSite


class Daemon:
    """What the pages show."""

    def __init__(self) -> None:
        self.verdict = Health()
        self.broken = False
        self.acknowledged: list[int] = []

    def acknowledge(self, number: int, token: str) -> bool:
        if token != "right" or number in self.acknowledged:
            return False
        self.acknowledged.append(number)
        return True

    def health(self) -> Health:
        return self.verdict

    def metrics(self) -> bytes:
        if self.broken:
            raise OverflowError("secret inside")
        return b"complaint_monitor_healthy 1.0\n"


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


@pytest.fixture
def pages(daemon: Daemon, tmp_path: Path) -> Iterator[WebSite]:
    opened = WebSite(tmp_path, views=Views(daemon.health, daemon.metrics, daemon.acknowledge))
    yield opened
    opened.close()


@pytest.fixture
def address(pages: WebSite) -> Iterator[str]:
    with pages.served(Web(listen="127.0.0.1:0", public_url="https://desk.example.com/monitor")) as address:
        yield address


@pytest.fixture
def web(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=10, trust_env=False) as client:
        yield client


def test_a_free_port_is_taken_and_named(address: str) -> None:
    assert address.startswith("http://127.0.0.1:")
    assert int(address.rpartition(":")[2]) > 0


def test_healthz_is_200_while_all_is_well(web: httpx.Client) -> None:
    answer = web.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "reasons": [], "notes": [], "version": monitor.__version__}


def test_healthz_is_503_with_every_reason(web: httpx.Client, daemon: Daemon) -> None:
    reasons = ("source x is stopped: wrong token", "source </script> fails")
    daemon.verdict = Health(reasons)
    answer = web.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == list(reasons)


def test_metrics_are_prometheus_text(web: httpx.Client) -> None:
    answer = web.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text == "complaint_monitor_healthy 1.0\n"


def test_openapi_describes_what_is_open_as_it_answers(web: httpx.Client) -> None:
    document = web.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    described = [
        (path, method, told) for path, methods in document["paths"].items() for method, told in methods.items()
    ]
    operations = [(path, method, told) for path, method, told in described if told.get("security") == []]
    assert {path for path, _, _ in operations} >= {"/healthz", "/metrics", "/api/openapi.json"}
    for path, method, told in operations:
        answer = web.request(method, path.replace("{number}", "7"))
        assert str(answer.status_code) in told["responses"]


def test_a_canary_is_acknowledged_by_post_with_its_token_and_once(web: httpx.Client, daemon: Daemon) -> None:
    hook = "/hooks/canary/7"
    assert web.get(f"{hook}?token=right").status_code == 401
    assert web.post(hook).status_code == 403
    assert web.post(f"{hook}?token=wrong").status_code == 403
    assert web.post(f"{hook}?token=right").json() == {"acknowledged": True}
    assert web.post(f"{hook}?token=right").status_code == 403
    assert web.post("/hooks/canary/8", headers={"Authorization": "Bearer right"}).status_code == 200
    assert daemon.acknowledged == [7, 8]


@pytest.mark.parametrize("path", ["/queue", "/api/cases", "/api", "/healthz/", "/static/../etc/passwd", "/%2e%2e/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_everything_else_wants_a_login(web: httpx.Client, method: str, path: str) -> None:
    answer = web.request(method, path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_open_addresses_change_nothing(web: httpx.Client) -> None:
    assert web.post("/healthz").status_code == 401
    assert web.head("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/secret"])
def test_every_answer_carries_the_security_headers(web: httpx.Client, path: str) -> None:
    headers = web.get(path).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8787", "127.0.0.1", "[::1]:8787", "desk.example.com"])
def test_serves_loopback_and_the_public_host(web: httpx.Client, host: str) -> None:
    assert web.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8787", "169.254.169.254", ""])
def test_a_host_that_was_rebound_to_us_is_refused(web: httpx.Client, host: str) -> None:
    assert web.get("/metrics", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:8787", "desk.example.com:80"])
def test_other_machines_are_let_in_over_tls_or_a_proxy_alone(listen: str, pages: WebSite) -> None:
    with pytest.raises(CannotListen, match="without TLS or proxy; listen on 127"):
        WebServer(make_app(pages.site, Web()), listen).start()


def test_an_address_in_use_is_named(pages: WebSite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"web.listen 127.0.0.1:{port}: address already in use"):
            WebServer(make_app(pages.site, Web()), f"127.0.0.1:{port}").start()


def test_after_the_stop_nobody_answers(pages: WebSite) -> None:
    server = WebServer(make_app(pages.site, Web()), "127.0.0.1:0")
    address = server.start()
    assert httpx.get(f"{address}/healthz", trust_env=False).status_code == 200
    server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/healthz", trust_env=False)


def test_a_page_that_breaks_is_one_answer_without_its_inside(daemon: Daemon, web: httpx.Client, address: str) -> None:
    daemon.broken = True
    answer = web.get("/metrics")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert httpx.get(f"{address}/healthz", trust_env=False).status_code == 200


def test_the_answer_is_json_whatever_a_reason_holds(daemon: Daemon, web: httpx.Client) -> None:
    daemon.verdict = Health(("\x00\x1b]0;x\x07\u202e\ud83d",))
    answer = web.get("/healthz")
    assert answer.status_code == 503
    assert b"\x1b" not in answer.content
    json.loads(answer.content)
