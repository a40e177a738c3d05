"""The tutorials, done as they say: their commands run in order, on a copy of the demo, beside a running daemon."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.acceptance.command_line import ROOT, START, environment, run_in

PAGES = [ROOT / "docs" / "tutorial" / f"{name}.md" for name in ("index", "agent", "brand-manager", "lead", "ops")]
EXPECTED = re.compile(r"\s+# exit (\d+)$")
START_S = 60.0


def lines() -> list[tuple[str, int]]:
    """Return the commands of the pages with their exit codes."""
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    found = []
    for line in "".join(blocks).splitlines():
        code = EXPECTED.search(line)
        found.append((EXPECTED.sub("", line), int(code[1]) if code else 0))
    return found


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that looks like a clone after `make`: the demo's config, and the command in .venv/bin."""
    config = (ROOT / "config.yaml").read_text("utf-8")
    (tmp_path / "config.yaml").write_text(config.replace("127.0.0.1:8787", "127.0.0.1:0"))
    command = tmp_path / ".venv" / "bin" / "complaint-monitor"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, *START[1:]])} "$@"\n')
    command.chmod(0o755)
    return tmp_path


@pytest.fixture
def daemon(clone: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """What `make run` starts, once it has queued something."""
    process = subprocess.Popen(
        [*START, "run"], cwd=clone, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    begun = monotonic()
    while '"id": 1,' not in run_in(clone, "queue", "list", "--json").out:
        assert process.poll() is None
        assert monotonic() - begun < START_S
    yield process
    process.kill()
    process.wait()


@pytest.mark.timeout(300)
def test_every_command_ends_as_the_pages_say(clone: Path, daemon: "subprocess.Popen[bytes]") -> None:
    first, *others = lines()
    assert first == ("make run", 0)
    environ = environment(PATH=f"{clone / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    surprises = []
    for line, code in others:
        ran = subprocess.run(
            ["/bin/sh", "-c", line], cwd=clone, env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        if ran.returncode != code:
            surprises.append((line, ran.returncode, ran.stdout[-300:] + ran.stderr[-300:]))
    assert surprises == []
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(30) == 0


def test_each_of_the_four_readers_has_commands() -> None:
    named = " ".join(line for line, _ in lines())
    wanted = ("queue list", "queue claim", "explain", "sources", "doctor", "silence add", "match", "check", "classify",
              "report --since", "lab run", "pin", "cost")  # fmt: skip
    assert [words for words in wanted if words not in named] == []
