"""A newcomer's first minute: the shipped demo as a process, with the network cut off."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.acceptance.command_line import ROOT, START, environment, run_in

FIRST_CASE_S, ALERT_S, DIGEST_S = 15.0, 20.0, 30.0
PATIENCE = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
"""How many programs want each core: on an idle machine the bounds hold as they stand."""

CUT_OFF = """
import socket

_real = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}
_look_up = socket.getaddrinfo
_LOCAL = ("127.", "::1", "localhost")

def _guarded(name):
    def call(self, *arguments):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(arguments[-1][0]).startswith(_LOCAL):
            raise OSError("the network is cut off")
        return _real[name](self, *arguments)
    return call

def _resolve(host, *arguments, **named):
    if host and not str(host).startswith(_LOCAL):
        raise socket.gaierror("the network is cut off")
    return _look_up(host, *arguments, **named)

for _name in _real:
    setattr(socket.socket, _name, _guarded(_name))
socket.getaddrinfo = _resolve
"""


def can_unshare() -> bool:
    """Whether this machine lets us start a process without any network."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    return tried.returncode == 0


@dataclass
class Demo:
    """The daemon on a copy of the shipped config."""

    folder: Path
    process: "subprocess.Popen[str]"
    begun: float
    lines: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()

    def printed(self, words: str) -> int | None:
        return next((at for at, line in enumerate(self.lines) if words in line), None)

    def wait_for(self, words: str, within_s: float) -> int:
        """Return the number of the first line that holds these words, once it is printed."""
        with self.changed:
            self.changed.wait_for(lambda: self.printed(words) is not None, within_s)
        found = self.printed(words)
        assert found is not None, f"{words!r} is not in:\n" + "\n".join(self.lines[-40:])
        return found

    def queue(self) -> list[dict[str, Any]]:
        answer = run_in(self.folder, "queue", "list", "--json")
        return json.loads(answer.out) if answer.code == 0 and answer.out.startswith("[") else []


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    shipped = (ROOT / "config.yaml").read_text("utf-8")
    (folder / "config.yaml").write_text(shipped.replace("127.0.0.1:8787", "127.0.0.1:0"))
    blocked = folder / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(CUT_OFF)
    command = [*(["unshare", "-n"] if can_unshare() else []), *START, "run"]
    environ = environment(PYTHONPATH=f"{blocked}{os.pathsep}{ROOT}", PYTHONUNBUFFERED="1")
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    demo = Demo(folder, process, monotonic())
    reader = threading.Thread(target=demo.listen, daemon=True)
    reader.start()
    yield demo
    process.kill()
    process.wait()
    reader.join(10)
    if process.stdout is not None:
        process.stdout.close()


def test_the_cut_off_process_reaches_nothing(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(CUT_OFF)
    code = "import socket; socket.create_connection(('192.0.2.1', 9), timeout=5)"
    command = [*(["unshare", "-n"] if can_unshare() else []), sys.executable, "-c", code]
    tried = subprocess.run(
        command, env=environment(PYTHONPATH=str(tmp_path)), capture_output=True, text=True, check=False
    )
    assert tried.returncode != 0
    assert "cut off" in tried.stderr or "unreachable" in tried.stderr


def test_the_first_case_is_soon_in_the_queue(demo: Demo) -> None:
    while not (found := demo.queue()) and monotonic() - demo.begun < FIRST_CASE_S * PATIENCE:
        assert demo.process.poll() is None, "\n".join(demo.lines)
    assert found, "\n".join(demo.lines)
    assert monotonic() - demo.begun <= FIRST_CASE_S * PATIENCE


def test_an_alert_is_printed(demo: Demo) -> None:
    at = demo.wait_for("[demo] CRITICAL lumo:", ALERT_S * PATIENCE)
    assert demo.lines[at].startswith("[demo] CRITICAL lumo: ")


def test_a_digest_follows_the_alerts(demo: Demo) -> None:
    at = demo.wait_for("[demo] hourly digest:", DIGEST_S * PATIENCE)
    first_alert = demo.printed("[demo] CRITICAL lumo:")
    assert first_alert is not None
    assert first_alert < at


def test_every_case_has_reasons_whose_points_sum_to_its_score(demo: Demo) -> None:
    queue = demo.queue()
    assert len(queue) >= 20
    assert [case["id"] for case in queue if not case["reasons"]] == []
    sums = {case["id"]: (case["score"], sum(reason["points"] for reason in case["reasons"])) for case in queue}
    assert {number: both for number, both in sums.items() if abs(both[0] - both[1]) > 0.05} == {}


def test_the_most_urgent_case_stands_first(demo: Demo) -> None:
    levels = [case["level"] for case in demo.queue()]
    assert levels[0] == "critical"
    assert "low" in levels or "normal" in levels


def test_it_says_that_it_is_a_demo(demo: Demo) -> None:
    assert run_in(demo.folder, "queue", "list").out.startswith("demo: these posts are invented")


def test_sigterm_ends_it_in_order(demo: Demo) -> None:
    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(10 * PATIENCE) == 0
