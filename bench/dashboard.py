"""How fast the dashboard is on a large store: `python -m bench.dashboard`.

The store of `bench.inbox`: 1,000,000 decided mentions of 35 days, 20,000 of their cases open. A server in a process of
its own, asked over HTTP by one person, logged in: first right after its start, when no day is kept in memory, then
again and again. The plans of the statements are looked at as well: none may read a large table whole.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console
from rich.table import Table

from bench.digest import LARGE, NOW, fill
from bench.inbox import OPEN, open_cases
from bench.pipeline import Figure
from bench.posts import ROOT
from monitor.store.connection import ms
from monitor.store.sqlite import SqliteStore
from monitor.store.statements import statement

RESULTS: Final = ROOT / "bench/results/dashboard.md"
BOUND_MS, ASKED, STARTS = 100.0, 80, 5
PAGES: Final = {
    "the dashboard": "/dashboard",
    "the part that live updates fetch": "/dashboard?part=1",
    "one brand": "/dashboard?brand=lumo",
    "as JSON": "/api/v1/dashboard",
}
READS: Final = ("standing_by_level", "post_windows", "post_quarters", "first_replies", "first_heard", "first_written")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, write it to bench/results."""
    parser = argparse.ArgumentParser(description="Measure the dashboard.")
    parser.add_argument("--mentions", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve)
        return
    console, load = Console(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, console.status(f"{options.mentions:,} mentions"):
        path = Path(folder) / "web.db"
        fill(path, options.mentions)
        open_cases(path)
        figures = [Figure("stored mentions", f"{options.mentions:,}", "-", None),
                   Figure("open cases", f"{OPEN:,}", "-", None), *measure(Path(folder)), plans(path)]  # fmt: skip
    table = Table("figure", "value", "bound", "", title="The dashboard")
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.bound, _word(figure))
    console.print(table)
    RESULTS.write_text(_page(figures, load), "utf-8")
    console.print(f"written to {RESULTS.relative_to(ROOT)}")
    if any(figure.kept is False for figure in figures):
        raise SystemExit(1)


def measure(folder: Path) -> list[Figure]:
    """Return how long each kind of page takes."""
    first = []
    for _ in range(STARTS):
        with served(folder) as client:
            client.get("/static/report.css")
            first.append(_timed(client, "/dashboard"))
    figures = [Figure(f"the first page after a start, slowest of {STARTS}, ms", f"{max(first):.0f}", "-", None)]
    with served(folder) as client:
        for name, path in PAGES.items():
            _timed(client, path)
            took = sorted(_timed(client, path) for _ in range(ASKED))[int(ASKED * 0.95)]
            figures.append(Figure(f"{name}, p95 of {ASKED}, ms", f"{took:.0f}", f"<= {BOUND_MS:g}", took <= BOUND_MS))
    return figures


def plans(path: Path) -> Figure:
    """Return whether a statement reads a large table from end to end."""
    values = {"now": ms(NOW), "since": ms(NOW - timedelta(days=1)), "until": ms(NOW), "brands": '["lumo"]',
              "windows": "[[0, 1]]"}  # fmt: skip
    whole = []
    with closing(SqliteStore(path, read_only=True)) as store:
        for name in READS:
            sql = statement(name)
            used = {key: value for key, value in values.items() if f":{key}" in sql}
            steps = [row["detail"] for row in store.connection.query(f"EXPLAIN QUERY PLAN {sql}", used)]
            large = {*LARGE, "cases", "p"}
            whole += [f"{name}: {step}" for step in steps if step.startswith("SCAN ") and step.split(" ")[1] in large]
    return Figure("large tables that are read whole", "; ".join(whole) or "none", "none", not whole)


@contextmanager
def served(folder: Path) -> Iterator[httpx.Client]:
    """Serve the store in a process of its own; gives a client that is logged in."""
    command = [sys.executable, "-m", "bench.dashboard", "--serve", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        with httpx.Client(base_url=told["address"], cookies=told["cookies"], trust_env=False, timeout=30) as client:
            yield client
    finally:
        process.communicate("end\n", timeout=30)


def serve(folder: Path) -> None:
    """Serve until told to end; the clock stands at the end of what is stored."""
    from monitor.access.person import EVERY, Role  # noqa: PLC0415
    from monitor.config.schema import Brand, Watch  # noqa: PLC0415
    from tests.web_site import Browser, WebSite, hash_once  # noqa: PLC0415

    brand = Brand(handles={"x": ("lumo",)}, watches=(Watch(name="name", query="lumo"),), zone="Europe/Berlin")
    with closing(WebSite(folder, brands={"lumo": brand, "nova": brand})) as site:
        site.now = NOW
        if site.store.user("ada") is None:
            site.store.add_user("ada", {EVERY: Role.VIEWER}, hash_once(), "bench", NOW)
        with site.served() as address, Browser(address) as browser:
            browser.log_in("ada")
            print(json.dumps({"address": address, "cookies": dict(browser.cookies)}), flush=True)
            sys.stdin.readline()


def _timed(client: httpx.Client, path: str) -> float:
    begun = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - begun) * 1000
    if answer.status_code != 200 or "incidents" not in answer.text:
        raise SystemExit(f"{path}: {answer.status_code}")
    return took


def _word(figure: Figure) -> str:
    return {True: "kept", False: "BROKEN", None: ""}[figure.kept]


def _page(figures: Sequence[Figure], load: float) -> str:
    rows = "\n".join(f"| {one.name} | {one.value} | {one.bound} | {_word(one)} |" for one in figures)
    busy = ": **busy with other programs: preliminary figures**" if load > 0.5 else ""
    return f"""# The dashboard

Written by `python -m bench.dashboard` on {datetime.now(UTC):%Y-%m-%d}: {platform.machine()}, {os.cpu_count()} cores,
Python {platform.python_version()}. Load average {load:.1f} at the start{busy}.

| figure | value | bound | |
| --- | ---: | ---: | --- |
{rows}

A page is the whole answer over HTTP on loopback, for somebody who is logged in: how open cases stand, today against the
usual, and counts and first replies of 30 days, with their charts. Days before yesterday are kept in memory for ten
minutes; the first page after a start reads all of them.
"""


if __name__ == "__main__":
    main()
