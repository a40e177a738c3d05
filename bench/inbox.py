"""How fast the queue page is on a large store, alone and for a team at work: `python -m bench.inbox`.

A store of 1,000,000 decided mentions, 20,000 of their cases open, a tenth of those in 20 incidents. First one person
asks for pages one after another, over HTTP, logged in; then 20 agents ask every second, while 50 posts a second are
stored and decided by the model in the process of the web server, as the daemon does it.
"""

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console
from rich.table import Table

from bench.digest import NOW, fill
from bench.pipeline import Figure
from bench.posts import ROOT, posts
from monitor.store.connection import ms
from monitor.store.sqlite import SqliteStore

RESULTS: Final = ROOT / "bench/results/inbox.md"
OPEN, INCIDENTS = 20_000, 20
AGENTS, POSTS_A_SECOND = 20, 50
ALONE_MS, TEAM_MS = 50.0, 200.0
PAGES: Final = {
    "everything": "/queue",
    "the part that live updates fetch": "/queue?part=1",
    "complaints": "/queue?tab=complaints",
    "level and platform": "/queue?level=high&platform=x",
    "cause and language": "/queue?cause=billing&language=en",
    "a search that finds many": "/queue?q=refund",
    "a search that finds nothing": "/queue?q=zebra+lamp",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, write it to bench/results."""
    parser = argparse.ArgumentParser(description="Measure the queue page.")
    parser.add_argument("--mentions", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--seconds", type=float, default=40, help="how long the team works")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve)
        return
    console, load = Console(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "monitor.db"
        with console.status(f"{options.mentions:,} mentions"):
            fill(path, options.mentions)
            open_cases(path)
        with console.status("one person"):
            figures = [Figure("stored mentions", f"{options.mentions:,}", "-", None),
                       Figure("open cases", f"{OPEN:,}", "-", None), *alone(path)]  # fmt: skip
        with console.status("a team"):
            figures += team(path, options.seconds)
    table = Table("figure", "value", "bound", "", title="The queue page")
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.bound, _word(figure))
    console.print(table)
    RESULTS.write_text(_page(figures, load), "utf-8")
    console.print(f"written to {RESULTS.relative_to(ROOT)}")
    if any(figure.kept is False for figure in figures):
        raise SystemExit(1)


def alone(path: Path) -> list[Figure]:
    """Return how long each kind of page takes for one person."""
    figures = []
    with served(path) as (address, cookie, _), _client(address, cookie) as client:
        for address_ in PAGES.values():
            client.get(address_).raise_for_status()
        for name, address_ in PAGES.items():
            took = _percentile([_timed(client, address_) for _ in range(80)], 0.95)
            figures.append(Figure(f"{name}, p95 of 80, ms", f"{took:.0f}", f"<= {ALONE_MS:g}", took <= ALONE_MS))
    return figures


def team(path: Path, seconds: float) -> list[Figure]:
    """Return how long agents wait while posts flow in."""
    took: list[list[float]] = [[] for _ in range(AGENTS)]
    with served(path) as (address, cookie, process):
        _tell(process, "flow")
        ends = time.monotonic() + seconds
        threads = [threading.Thread(target=_agent, args=(address, cookie, ends, number, took[number]))
                   for number in range(AGENTS)]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        flowed = json.loads(_tell(process, "stop"))
    waits = [one for each in took for one in each]
    slowest, rate = _percentile(waits, 0.95), flowed["posts"] / flowed["seconds"]
    return [
        Figure(f"pages that {AGENTS} agents asked for in {seconds:.0f} s", f"{len(waits):,}", "-", None),
        Figure("posts decided meanwhile, a second", f"{rate:.0f}", f">= {POSTS_A_SECOND * 0.95:g}",
               rate >= POSTS_A_SECOND * 0.95),
        Figure("cases opened meanwhile", f"{flowed['cases']:,}", "-", None),
        Figure("a page for an agent, median, ms", f"{_percentile(waits, 0.5):.0f}", "-", None),
        Figure("a page for an agent, p95, ms", f"{slowest:.0f}", f"<= {TEAM_MS:g}", slowest <= TEAM_MS),
    ]  # fmt: skip


def _agent(address: str, cookie: dict[str, str], ends: float, number: int, took: list[float]) -> None:
    paths = list(PAGES.values())
    with _client(address, cookie) as client:
        time.sleep(number / AGENTS)
        turn = 0
        while time.monotonic() < ends:
            # mostly what live updates fetch; now and then somebody filters or searches
            path = paths[(number + turn) % len(paths)] if turn % 10 == 9 else paths[1]
            took.append(_timed(client, path))
            turn += 1
            time.sleep(max(0.0, 1 - took[-1] / 1000))


def _client(address: str, cookie: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=address, cookies=cookie, trust_env=False, timeout=30, headers={"Accept": "text/html"})


def _timed(client: httpx.Client, path: str) -> float:
    begun = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - begun) * 1000
    if answer.status_code != 200 or ("/cases/" not in answer.text and "zebra" not in path):
        raise SystemExit(f"{path}: {answer.status_code}")
    return took


def _percentile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def open_cases(path: Path) -> None:
    """Leave the newest cases open and close all others; put a tenth of them into incidents."""
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE cases SET status = 'resolved' WHERE status = 'new'")
        raw.execute(f"UPDATE cases SET status = 'new' WHERE id IN (SELECT id FROM cases ORDER BY id DESC LIMIT {OPEN})")
        raw.execute("UPDATE cases SET status = 'claimed', claimed_by = 'ada' WHERE status = 'new' AND id % 9 = 0")
        raw.execute("UPDATE cases SET lane = 'tr' WHERE id % 11 = 0")
        raw.executemany(
            "INSERT INTO incidents (id, brand, model, state, size, total, words, first_at, last_at, opened_at) "
            "VALUES (?, 'lumo', 'bench', 'open', ?, x'', '{\"login\": 9}', ?, ?, ?)",
            [(number, OPEN // 10 // INCIDENTS, ms(NOW), ms(NOW), ms(NOW)) for number in range(1, INCIDENTS + 1)],
        )
        raw.execute(
            "INSERT INTO incident_cases (case_id, incident_id, at, who) "
            "SELECT id, 1 + id / 160 % :incidents, clock_at, 'monitor' FROM cases "
            "WHERE status IN ('new', 'claimed') AND id % 160 = 0 AND brand = 'lumo'",
            {"incidents": INCIDENTS},
        )
        raw.execute("UPDATE cases SET incident_id = (SELECT incident_id FROM incident_cases WHERE case_id = cases.id) "
                    "WHERE id IN (SELECT case_id FROM incident_cases)")  # fmt: skip


@contextmanager
def served(path: Path) -> Iterator[tuple[str, dict[str, str], "subprocess.Popen[str]"]]:
    """Serve a store in a process of its own; gives address, cookie and process."""
    command = [sys.executable, "-m", "bench.inbox", "--serve", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        yield told["address"], told["cookie"], process
    finally:
        process.communicate("end\n", timeout=30)


def _tell(process: "subprocess.Popen[str]", word: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    return process.stdout.readline()


def serve(path: Path) -> None:
    """Serve until told to end; between `flow` and `stop` posts flow in."""
    from monitor.config.schema import Brand, Watch  # noqa: PLC0415
    from tests.browser.inbox_site import InboxSite  # noqa: PLC0415

    brand = Brand(handles={"x": ("lumo",)}, watches=(Watch(name="name", query="lumo"),))
    site = InboxSite(path, brands={"lumo": brand, "nova": brand})
    flow = Flow(site.store)
    print(json.dumps({"address": site.address, "cookie": {site.cookie: site.key_of("ada")}}), flush=True)
    for line in sys.stdin:
        if line.strip() == "flow":
            flow.start()
            print("{}", flush=True)
        elif line.strip() == "stop":
            print(json.dumps(flow.stop()), flush=True)
        else:
            break
    site.stop()


class Flow:
    """Stores and decides posts at a steady pace, in a thread, as the steps do."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._told: dict[str, Any] = {}
        self._ready = threading.Event()

    def start(self) -> None:
        """Load the model, then begin."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> dict[str, Any]:
        """End, and return how much flowed in."""
        self._ends.set()
        self._thread.join()
        return self._told

    def _run(self) -> None:
        from connectors.mention import parse_mention  # noqa: PLC0415
        from models.registry import load_or_fall_back  # noqa: PLC0415
        from monitor.steps.triage import triage  # noqa: PLC0415
        from tests.builders import store_mentions  # noqa: PLC0415
        from tests.services import make_services  # noqa: PLC0415

        services = make_services(classifier=load_or_fall_back(threads=1).classifier)  # type: ignore[arg-type]
        stream = [parse_mention(post) for post in posts(10_000)]
        services.classifier.classify([stream[0].text])
        self._ready.set()
        begun, stored, before = time.monotonic(), 0, self._cases()
        while not self._ends.is_set() and stored < len(stream):
            now, due = datetime.now(UTC), int((time.monotonic() - begun) * POSTS_A_SECOND)
            fresh = stream[stored:due]
            if fresh:
                store_mentions(self._store, fresh, source="flow", now=now - timedelta(seconds=1))
                stored = due
                while triage(self._store, services, now).count:
                    pass
            self._ends.wait(0.2)
        seconds = time.monotonic() - begun
        self._told = {"posts": stored, "seconds": seconds, "cases": self._cases() - before}

    def _cases(self) -> int:
        return int(self._store.connection.query("SELECT count(*) AS number FROM cases", {})[0]["number"])


def _word(figure: Figure) -> str:
    return {True: "kept", False: "BROKEN", None: ""}[figure.kept]


def _page(figures: Sequence[Figure], load: float) -> str:
    rows = "\n".join(f"| {one.name} | {one.value} | {one.bound} | {_word(one)} |" for one in figures)
    busy = ": **busy with other programs: preliminary figures**" if load > 0.5 else ""
    return f"""# The queue page

Written by `python -m bench.inbox` on {datetime.now(UTC):%Y-%m-%d}: {platform.machine()}, {os.cpu_count()} cores, Python
{platform.python_version()}. Load average {load:.1f} at the start{busy}.

| figure | value | bound | |
| --- | ---: | ---: | --- |
{rows}

A page is the whole answer over HTTP on loopback, for somebody who is logged in: 50 rows with their counts, filters and
reasons. While the team works, the server's process also stores and decides the posts with the default model, and the
agents' own programs share the cores; every tenth of their pages is filtered or searched, the others are what live
updates fetch.
"""


if __name__ == "__main__":
    main()
