"""From source to decided case, and how soon commands answer: `python -m bench.pipeline`.

10,000 varied posts are replayed by `run --once` in a process of its own. Its wall time counts whole, and less that of
the same command over an empty file. Then the store is filled up to 100,000 mentions and the commands are timed on it.
Times of commands are the fastest of several, since other programs only take away.
"""

import argparse
import json
import os
import platform
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Final

from rich.console import Console
from rich.status import Status
from rich.table import Table

from bench.posts import ROOT, write_posts
from models.cores import usable_cores

RESULTS: Final = ROOT / "bench/results/pipeline.md"
COMMAND: Final = (sys.executable, "-c", "from monitor.cli import main; main()")
SMALL_LOAD: Final = 0.5
"""A load average above this at the start says that the machine was not idle."""

CONFIG: Final = {
    "store": "sqlite:///monitor.db",
    "brands": {
        "lumo": {
            "handles": {"x": ["lumo", "lumohelp"], "reddit": ["lumo_official"]},
            "watches": [{"name": "name", "query": "lumo OR lumohelp", "sources": ["file"]}],
        }
    },
    "sources": {"file": {"kind": "replay", "path": "posts.jsonl", "shift": "now"}},
    "receivers": {"desk": {"kind": "stdout"}},
    "routes": [{"level": ["critical", "high"], "to": ["desk"]}],
    "web": {"listen": "127.0.0.1:0"},
}

FILL: Final = """
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :missing)
INSERT INTO mentions (platform, native_id, source, author, author_handle, text, posted_at, seen_at, matched)
SELECT 'y', i, 'file', 'a' || i % 5000, 'A' || i % 5000, 'a post about lumo that is no work for anybody, number ' || i,
       :now - i * 10000, :now - i * 10000, 1
FROM n WHERE :missing > 0
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took: seconds on the wall, seconds of processors, megabytes at its peak."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, and the bound that it must keep."""

    name: str
    value: str
    bound: str
    kept: bool | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, write it to bench/results."""
    parser = argparse.ArgumentParser(description="Measure the way from source to case, and the commands.")
    parser.add_argument("--posts", type=int, default=10_000, metavar="N")
    parser.add_argument("--mentions", type=int, default=100_000, metavar="N", help="in the store of `queue list`")
    options = parser.parse_args(arguments)
    console = Console()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, console.status("measuring") as status:
        figures = measure(Path(folder), options.posts, options.mentions, status)
    console.print(_table(figures))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(_page(figures, load), "utf-8")
    console.print(f"written to {RESULTS.relative_to(ROOT)}")
    if any(figure.kept is False for figure in figures):
        raise SystemExit(1)


def measure(folder: Path, number: int, mentions: int, status: Status) -> list[Figure]:
    """Return all figures."""
    status.update(f"{number:,} posts")
    empty, full = folder / "empty", folder / "full"
    start_up = min((run_once(empty / str(at), 0) for at in range(3)), key=lambda spent: spent.wall_s)
    whole = run_once(full, number)
    posts, cases, copies = _counted(full / "monitor.db")
    status.update(f"queue list on {mentions:,} mentions")
    _fill(full / "monitor.db", mentions)
    assert _counted(full / "monitor.db")[0] >= mentions
    listed = _fastest([*COMMAND, "queue", "list"], full)
    as_json = _fastest([*COMMAND, "queue", "list", "--json"], full)
    usage = _fastest([*COMMAND, "--help"], full)
    status.update("a second make run")
    ready = _second_make_run(folder / "daemon")
    net = whole.wall_s - start_up.wall_s
    return [
        Figure("posts read, matched and decided", f"{posts:,}", f"{number:,}", posts == number),
        Figure("open cases that came of them", f"{cases:,} ({copies:,} posts joined as copies)", "-", None),
        _at_least("posts/s, whole process", number / whole.wall_s, 500),
        Figure("posts/s, without start-up", f"{number / net:,.0f}", "-", None),
        Figure("seconds, whole process", f"{whole.wall_s:.1f}", "-", None),
        Figure("processor seconds of it", f"{whole.cpu_s:.1f}", "-", None),
        Figure("seconds of start-up (`run --once`, no posts)", f"{start_up.wall_s:.2f}", "-", None),
        _at_most("peak memory, MB", whole.peak_mb, 600),
        _at_most("`--help`, s", usage.wall_s, 0.3),
        _at_most(f"`queue list` on {mentions:,} mentions, s", listed.wall_s, 0.5),
        Figure("processor seconds of `--help` and `queue list`", f"{usage.cpu_s:.2f}, {listed.cpu_s:.2f}", "-", None),
        Figure(f"`queue list --json`, all {cases:,} cases, s", f"{as_json.wall_s:.2f}", "-", None),
        _at_most("second `make run` until the daemon works, s", ready, 3),
    ]


def run_once(folder: Path, number: int) -> Spent:
    """Replay so many posts by `run --once`, and wait for its end."""
    folder.mkdir(parents=True)
    write_posts(folder / "posts.jsonl", number)
    (folder / "config.yaml").write_text(json.dumps(CONFIG))
    return _spend([*COMMAND, "run", "--once"], folder)


def _spend(command: Sequence[str], folder: Path) -> Spent:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    begun = perf_counter()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=output, stderr=subprocess.STDOUT)
        _, code, usage = os.wait4(process.pid, 0)
    wall = perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise SystemExit(
            f"{' '.join(command[3:])}: exit {process.returncode}\n{(folder / 'output').read_text()[-2000:]}"
        )
    return Spent(wall, usage.ru_utime + usage.ru_stime, _peak_mb(usage))


def _peak_mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _fastest(command: Sequence[str], folder: Path, times: int = 7) -> Spent:
    return min((_spend(command, folder) for _ in range(times)), key=lambda spent: spent.wall_s)


def _counted(store: Path) -> tuple[int, int, int]:
    """Return mentions, open cases, and posts that joined one as copies."""
    with sqlite3.connect(store) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM mentions),"
            " (SELECT count(*) FROM cases WHERE status IN ('new', 'claimed', 'replied')),"
            " (SELECT count(*) FROM case_posts WHERE role = 'copy')"
        ).fetchone()
    return row[0], row[1], row[2]


def _fill(store: Path, mentions: int) -> None:
    missing = mentions - _counted(store)[0]
    with sqlite3.connect(store) as connection:
        connection.execute(FILL, {"missing": missing, "now": int(datetime.now(UTC).timestamp() * 1000)})


def _second_make_run(folder: Path) -> float:
    """Return the seconds from `make run` until the daemon says that it works, after an earlier one has ended."""
    folder.mkdir()
    write_posts(folder / "posts.jsonl", 300)
    (folder / "config.yaml").write_text(json.dumps(CONFIG))
    subprocess.run(["make", "install"], cwd=ROOT, check=True, capture_output=True)
    return min(_until_ready(folder) for _ in range(4))


def _until_ready(folder: Path) -> float:
    """Start the daemon by make, wait for READY=1 as systemd does, and stop it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        address = folder / "notify"
        address.unlink(missing_ok=True)
        told.bind(str(address))
        told.settimeout(60)
        environ = {**os.environ, "NOTIFY_SOCKET": str(address)}
        begun = perf_counter()
        command = ["make", "--silent", "run", f"CONFIG={folder / 'config.yaml'}"]
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environ, start_new_session=True, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            while b"READY=1" not in told.recv(4096):
                pass
            return perf_counter() - begun
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _at_most(name: str, value: float, bound: float) -> Figure:
    return Figure(name, f"{value:,.2f}" if bound < 100 else f"{value:,.0f}", f"<= {bound:g}", value <= bound)


def _at_least(name: str, value: float, bound: float) -> Figure:
    return Figure(name, f"{value:,.0f}", f">= {bound:g}", value >= bound)


def _table(figures: Sequence[Figure]) -> Table:
    table = Table("figure", "value", "bound", "", title="From source to case")
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.bound, _word(figure))
    return table


def _word(figure: Figure) -> str:
    return {True: "kept", False: "BROKEN", None: ""}[figure.kept]


def _page(figures: Sequence[Figure], load: float) -> str:
    facts = f"{usable_cores()} cores, {platform.machine()}, Python {platform.python_version()}"
    library = f"SQLite {sqlite3.sqlite_version}, onnxruntime {version('onnxruntime')}"
    idle = "idle" if load <= SMALL_LOAD else "**busy with other programs: preliminary figures**"
    rows = "\n".join(f"| {one.name} | {one.value} | {one.bound} | {_word(one)} |" for one in figures)
    return f"""\
# From source to case

Written by `python -m bench.pipeline` on {datetime.now(UTC):%Y-%m-%d}: {facts}, {library}.
Load average {load:.1f} at the start: {idle}.

| figure | value | bound | |
| --- | ---: | ---: | --- |
{rows}

The posts are those of the demo, of the held-out stream and of the tests, with other ids and authors and a few words
changed, 36 hours of them (`bench/posts.py`). The store holds what they became, and plain mentions beside them.
"""


if __name__ == "__main__":
    main()
