"""The guard over real sockets: what a hostile or broken host can cost, and where it can lead us."""

import gzip
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import requests

from connectors.errors import AddressRefused, BadAnswer, BadSettings, ConnectorError, Unauthorized, Unreachable
from connectors.http import HttpClient, HttpLimits, open_client
from connectors.session import GuardedAdapter
from tests.fakes.server import Call, FakeServer, Reply

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class Echo(FakeServer):
    """Answers with what it was asked."""

    def answer(self, call: Call) -> Reply:
        return Reply({"path": call.path, "params": dict(call.params), "headers": dict(call.headers)})


@pytest.fixture
def server() -> Iterator[Echo]:
    with Echo() as running:
        yield running


@pytest.fixture
def trap() -> Iterator[Echo]:
    """A second server, which no redirect may reach."""
    with Echo() as running:
        yield running
        assert running.calls == []


def client(server: FakeServer, **options: object) -> HttpClient:
    return open_client("x", base_url=server.url, allow_private=True, **options)  # type: ignore[arg-type]


def test_a_path_continues_the_base_url_and_headers_go_with_every_request(server: Echo) -> None:
    with open_client(
        "x", base_url=f"{server.url}/base/", allow_private=True, user_agent="ours/1", headers={"X-Key": "1"}
    ) as opened:
        answer = opened.get_json("/sub", {"q": "a b&c"})
    assert (answer["path"], answer["params"]) == ("/base/sub", {"q": "a b&c"})
    assert (answer["headers"]["user-agent"], answer["headers"]["x-key"]) == ("ours/1", "1")


def test_proxies_of_the_environment_are_not_used(server: Echo, trap: Echo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, trap.url)
    with client(server) as opened:
        assert opened.get_json("/direct")["path"] == "/direct"


def test_a_redirect_on_the_same_host_is_followed_three_times_at_most(server: Echo) -> None:
    hop = Reply(status=302, headers={"Location": "/next?a=1"})
    with client(server) as opened:
        server.fail_next(hop, hop, hop)
        assert opened.get_json("/first")["path"] == "/next"
        server.fail_next(hop, hop, hop, hop)
        with pytest.raises(BadAnswer, match="more than 3 times"):
            opened.get_json("/first")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_port_of_the_same_host_is_refused(server: Echo, trap: Echo, status: int) -> None:
    server.fail_next(Reply(status=status, headers={"Location": f"{trap.url}/stolen"}))
    with client(server, headers={"Authorization": "Bearer secret"}) as opened:
        with pytest.raises(AddressRefused) as raised:
            opened.get_json("/first")
        assert "secret" not in str(raised.value)


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:text/plain,x", "", "http://[::1"])
def test_a_redirect_to_what_is_no_http_address_is_an_error_of_ours(server: Echo, target: str) -> None:
    server.fail_next(Reply(status=302, headers={"Location": target}))
    with client(server) as opened, pytest.raises((AddressRefused, BadAnswer)):
        opened.get_json("/first")


def test_a_post_is_never_redirected(server: Echo) -> None:
    server.fail_next(Reply(status=307, headers={"Location": "/elsewhere"}))
    with client(server) as opened, pytest.raises(AddressRefused):
        opened.request("POST", "/token", content=b"secret")
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    "address",
    ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://[::ffff:127.0.0.1]/", "http://localhost/"],
)
def test_loopback_is_refused_however_it_is_written(address: str) -> None:
    written = {"2130706433": "127.0.0.1", "0x7f.1": "127.0.0.1", "127.1": "127.0.0.1"}

    def lookup(host: str, port: int) -> list[str]:
        return [written.get(host) or str(socket.getaddrinfo(host, port)[0][4][0])]

    with open_client("x", base_url=address, lookup=lookup) as opened, pytest.raises(AddressRefused, match="loopback"):
        opened.get_json("/")


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://host/", "gopher://host/", "//host", "host", ""])
def test_a_base_url_that_is_not_http_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused, match="only http and https"):
        open_client("x", base_url=address)


def test_a_user_name_in_the_base_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(AddressRefused) as raised:
        open_client("x", base_url="https://bob:secret@host.example/")
    assert "secret" not in str(raised.value)


def test_a_base_url_that_is_no_url_is_a_bad_setting() -> None:
    with pytest.raises(BadSettings):
        open_client("x", base_url="http://host:port/")


def test_the_address_that_was_checked_is_the_one_connected_to(server: Echo) -> None:
    """A name that resolves to a public address when checked and to loopback when connected gains nothing."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    url = server.url.replace("127.0.0.1", "rebind.example")
    with open_client("x", base_url=url, allow_private=True, lookup=lambda *_: next(answers)) as opened:
        assert opened.get_json("/a")["headers"]["host"].startswith("rebind.example")
    with (
        open_client("x", base_url=url, allow_private=True, lookup=lambda *_: next(answers)) as opened,
        pytest.raises(AddressRefused, match="link-local"),
    ):
        opened.get_json("/b")


def test_an_address_inside_a_query_is_no_address_to_go_to(server: Echo) -> None:
    with client(server) as opened:
        assert opened.get_json("/feed?of=https://other.example/")["params"] == {"of": "https://other.example/"}
    with closing(session(server)) as library:
        assert library.get("https://api.twitter.com/2?of=https://other.example/").json()["path"] == "/2"
        assert library.get("https://api.twitter.com").json()["path"] == "/"


def test_an_absolute_address_on_another_host_is_refused(server: Echo, trap: Echo) -> None:
    with client(server) as opened:
        assert opened.get_json(f"{server.url}/same")["path"] == "/same"
        with pytest.raises(AddressRefused):
            opened.get_json(f"{trap.url}/other")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_packed_answers_are_unpacked(server: Echo, encoding: str) -> None:
    body = b'{"a": "' + b"x" * 200_000 + b'"}'
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    server.fail_next(Reply(packed, headers={"Content-Encoding": encoding}))
    with client(server) as opened:
        assert len(opened.get_json("/")["a"]) == 200_000


def test_a_packing_that_was_not_asked_for_is_a_bad_answer(server: Echo) -> None:
    server.fail_next(Reply(b"{}", headers={"Content-Encoding": "br"}))
    with client(server) as opened, pytest.raises(BadAnswer, match="not asked for"):
        opened.get_json("/")


def test_a_body_is_not_read_past_its_cap(server: Echo) -> None:
    limits = HttpLimits(body=1_000, inflated=10_000)
    with client(server, limits=limits) as opened:
        server.fail_next(Reply(b" " * 1_001))
        with pytest.raises(BadAnswer, match="larger than 1,000 bytes"):
            opened.get_bytes("/")
        server.fail_next(Reply(gzip.compress(b" " * 10_001), headers={"Content-Encoding": "gzip"}))
        with pytest.raises(BadAnswer, match="more than 10,000 bytes"):
            opened.get_bytes("/")
        server.fail_next(Reply(b" " * 1_000))
        assert len(opened.get_bytes("/")) == 1_000


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_a_host_that_drips_is_cut_off_at_the_total(start: bytes) -> None:
    """Each byte arrives well within the read time-out; only a deadline over all of it ends the request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_drip, args=(listener, start), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        limits = HttpLimits(connect=1, read=0.5, total=0.6)
        began = time.monotonic()
        with (
            open_client("x", base_url=url, allow_private=True, limits=limits) as opened,
            pytest.raises(Unreachable, match="did not answer in time"),
        ):
            opened.get_bytes("/")
        assert 0.5 < time.monotonic() - began < 2


def _drip(listener: socket.socket, start: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65_536)
        connection.settimeout(0.05)
        connection.sendall(start)
        for _ in range(200):
            try:
                connection.sendall(b"H")
                if connection.recv(1) == b"":
                    return
            except TimeoutError:
                continue
            except OSError:
                return


def test_headers_without_end_are_a_bad_answer(server: Echo) -> None:
    server.fail_next(Reply(b"{}", headers={"X-Long": "x" * 200_000}))
    with client(server) as opened, pytest.raises(BadAnswer, match="does not speak HTTP"):
        opened.get_json("/")


def test_a_host_that_speaks_something_else_is_a_bad_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_say, args=(listener, b"SSH-2.0-OpenSSH_9.2\r\n"), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with open_client("x", base_url=url, allow_private=True) as opened, pytest.raises(BadAnswer):
            opened.get_json("/")


def test_a_host_without_tls_is_unreachable_over_https(server: Echo) -> None:
    url = server.url.replace("http:", "https:")
    limits = HttpLimits(total=2)
    with open_client("x", base_url=url, allow_private=True, limits=limits) as opened, pytest.raises(Unreachable):
        opened.get_json("/")


def _say(listener: socket.socket, words: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65_536)
        connection.sendall(words)


def test_a_status_that_the_caller_accepts_is_returned(server: Echo) -> None:
    server.fail_next(Reply(status=304), Reply({"a": 1}, 404))
    with client(server) as opened:
        assert opened.get("/", accept=(304,)).status == 304
        assert opened.get("/", accept=(404,)).body == b'{"a": 1}'


def test_secrets_that_a_host_echoes_stay_out_of_errors(server: Echo) -> None:
    server.fail_next(Reply({"detail": "Bearer AAAA-secret is no token"}, 401))
    with client(server, secrets=["AAAA-secret"]) as opened, pytest.raises(Unauthorized) as raised:
        opened.get_json("/", {"key": "AAAA-secret"})
    assert "Bearer *** is no token" in str(raised.value)
    assert "AAAA-secret" not in repr(raised.value)


def test_a_header_that_cannot_be_sent_is_an_error_of_ours(server: Echo) -> None:
    with client(server) as opened, pytest.raises(ConnectorError):
        opened.get_json("/", headers={"X-Key": "line\r\nInjected: yes"})
    assert server.calls == []


def test_several_threads_share_one_client(server: Echo) -> None:
    with client(server) as opened:
        paths: list[str] = []
        threads = [Thread(target=lambda n=n: paths.append(opened.get_json(f"/{n}")["path"])) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(paths) == sorted(f"/{n}" for n in range(12))


def session(server: FakeServer, **options: object) -> requests.Session:
    """A requests session as a library has it, with our adapter for the library's host."""
    made = requests.Session()
    hosts = {"https://api.twitter.com": server.url}
    adapter = GuardedAdapter("x", hosts=hosts, allow_private=True, clock=lambda: NOW, **options)  # type: ignore[arg-type]
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def test_a_librarys_session_reaches_our_host_with_its_own_headers(server: Echo) -> None:
    with closing(session(server)) as library:
        answer = library.get(
            "https://api.twitter.com/2/tweets", params={"ids": "1,2"}, headers={"Authorization": "Bearer t"}
        )
    assert answer.status_code == 200
    assert answer.json()["params"] == {"ids": "1,2"}
    assert answer.json()["headers"]["authorization"] == "Bearer t"


def test_a_librarys_session_reaches_no_other_host(server: Echo, trap: Echo) -> None:
    with closing(session(server)) as library, pytest.raises(AddressRefused):
        library.get(f"{trap.url}/2/tweets")
    server.fail_next(Reply(status=302, headers={"Location": f"{trap.url}/stolen"}))
    with closing(session(server)) as library, pytest.raises(AddressRefused):
        library.get("https://api.twitter.com/2/tweets")


def test_a_librarys_session_sees_no_body_that_is_not_sound_json(server: Echo) -> None:
    with closing(session(server)) as library:
        for body in (b"[" * 200_000, b"<html>", b"NaN"):
            server.fail_next(Reply(body))
            with pytest.raises(BadAnswer):
                library.get("https://api.twitter.com/2/tweets")
        server.fail_next(Reply(b"<html>", 502))
        assert library.get("https://api.twitter.com/2/tweets").status_code == 502


@pytest.mark.parametrize(
    ("sent", "seen"),
    [("7", "7"), ("999999999", "900"), ("Mon, 01 Jun 2026 12:00:30 GMT", "30"), ("abc", None), ("٣", None)],
)
def test_a_library_sees_a_retry_after_it_can_read_or_none(server: Echo, sent: str, seen: str | None) -> None:
    header = sent.encode().decode("latin-1")
    server.fail_next(Reply({}, 429, {"Retry-After": header, "X-RateLimit-Reset": "never"}))
    with closing(session(server, drop_headers=["X-RateLimit-Reset"])) as library:
        answer = library.get("https://api.twitter.com/2/tweets")
    assert answer.headers.get("Retry-After") == seen
    assert "x-ratelimit-reset" not in answer.headers


def test_a_librarys_form_is_sent_as_it_was_made(server: Echo) -> None:
    with closing(session(server)) as library:
        library.post("https://api.twitter.com/token", data={"grant_type": "client_credentials"}, auth=("id", "pw"))
    (call,) = server.calls
    assert call.form == {"grant_type": "client_credentials"}
    assert call.headers["content-type"] == "application/x-www-form-urlencoded"
    assert call.headers["authorization"].startswith("Basic ")


def test_a_librarys_request_to_a_dead_host_is_unreachable(server: Echo) -> None:
    with Echo() as stopped:
        library = session(stopped)
    with closing(library), pytest.raises(Unreachable):
        library.get("https://api.twitter.com/2/tweets", timeout=timedelta(days=1).total_seconds())
