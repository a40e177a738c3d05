"""The command line as its users meet it: a process of its own, in a folder with a config and a store."""

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from monitor.store.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]
CONFIG = """\
store: sqlite:///monitor.db
brands:
  lumo:
    watches: [{name: name, query: lumo}]
sources:
  file: {kind: replay, path: posts.jsonl}
receivers:
  desk: {kind: stdout}
routes:
  - {level: [critical, high], to: [desk]}
"""
START = [sys.executable, "-c", "from monitor.cli import main; main()"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, how it ended, and the seconds of processor time it took."""

    code: int
    out: str
    err: str
    cpu_s: float


def make_home(folder: Path, config: str = CONFIG) -> SqliteStore:
    """Write a config and an empty store into a folder; returns the store, open."""
    (folder / "config.yaml").write_text(config)
    (folder / "posts.jsonl").touch()
    return SqliteStore(folder / "monitor.db")


def environment(**extra: str) -> dict[str, str]:
    """Return a plain environment in which our packages are found."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "TZ": "UTC", **extra}


def run_in(folder: Path, *arguments: str, stdin: str | bytes = b"", **extra: str) -> Answer:
    """Run one command in a folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*START, *arguments],
        cwd=folder,
        env=environment(**extra),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=100,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode(), spent)


def start_in(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start one command in a folder and return at once."""
    return subprocess.Popen(
        [*START, *arguments], cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
