"""How fast the digest step is on a large store, and what it costs in memory: `python -m bench.digest`.

A store of 1,000,000 decided mentions of five weeks, 62,500 of them cases of two brands, a tenth still open; then the
step, for a receiver of mail, in a process of its own: with the charts as pictures, and without. The plans of the
statements are looked at as well: none may read a large table whole.
"""

import argparse
import json
import os
import platform
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.pipeline import Figure
from bench.posts import ROOT
from monitor.store.connection import ms
from monitor.store.sqlite import SqliteStore
from monitor.store.statements import statement

RESULTS: Final = ROOT / "bench/results/digest.md"
NOW: Final = datetime(2026, 11, 18, 8, tzinfo=UTC)
SPAN: Final = timedelta(days=35)
BOUND_S, BOUND_MB = 2.0, 60.0
LARGE: Final = ("mentions", "hits", "decisions")
READS: Final = (
    "cases_to_act_on", "count_to_act_on", "cases_at_risk", "worst_urgent", "open_by_level", "late_by_level", "at_risk",
    "opened_between", "mentions_between", "replies_by_level", "causes_between", "complaints_by_quarter",
    "praise_in_cases", "praise_in_drops", "incidents_to_tell", "drops_by_rule", "texts_of_complaints",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, write it to bench/results."""
    parser = argparse.ArgumentParser(description="Measure the digest step.")
    parser.add_argument("--mentions", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--step", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--without-charts", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step:
        print(json.dumps(run_step(options.step, charts=not options.without_charts)))
        return
    console, load = Console(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, console.status(f"{options.mentions:,} mentions"):
        path = Path(folder) / "monitor.db"
        fill(path, options.mentions)
        figures = measure(path, options.mentions)
    table = Table("figure", "value", "bound", "", title="The digest step")
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.bound, _word(figure))
    console.print(table)
    RESULTS.write_text(_page(figures, load), "utf-8")
    console.print(f"written to {RESULTS.relative_to(ROOT)}")
    if any(figure.kept is False for figure in figures):
        raise SystemExit(1)


def measure(path: Path, number: int) -> list[Figure]:
    """Return all figures of a filled store."""
    drawn = [_in_a_process(path) for _ in range(3)]
    plain = _in_a_process(path, "--without-charts")
    best = min(drawn, key=lambda run: run["first_s"])
    more = min(run["peak_mb"] - run["before_mb"] for run in drawn)
    whole = [f"{name}: {step}" for name in READS for step in _plan(path, name) if _reads_whole(step)]
    return [
        Figure("stored mentions", f"{number:,}", "-", None),
        Figure("cases", f"{best['cases']:,}", "-", None),
        Figure("first digest, the libraries of charts imported in it, s", f"{best['first_s']:.2f}", f"<= {BOUND_S:g}",
               best["first_s"] <= BOUND_S),
        Figure("second digest, s", f"{best['second_s']:.2f}", f"<= {BOUND_S:g}", best["second_s"] <= BOUND_S),
        Figure("first digest without charts, s", f"{plain['first_s']:.2f}", "-", None),
        Figure("memory that a digest adds at its peak, MB", f"{more:.1f}", f"<= {BOUND_MB:g}", more <= BOUND_MB),
        Figure("the same without charts, MB", f"{plain['peak_mb'] - plain['before_mb']:.1f}", "-", None),
        Figure("size of the mail in the outbox, kB", f"{best['body_kb']:.0f}", "-", None),
        Figure("large tables that are read whole", "; ".join(whole) or "none", "none", not whole),
    ]  # fmt: skip


def run_step(path: Path, *, charts: bool) -> dict[str, Any]:
    """Run the step twice, a day apart, and return what it took."""
    from monitor.config.digests import Digest, Part  # noqa: PLC0415
    from monitor.config.receivers import MailReceiver  # noqa: PLC0415
    from monitor.steps.digest import digest  # noqa: PLC0415
    from tests.services import make_services  # noqa: PLC0415

    mail = MailReceiver(kind="mail", host="127.0.0.1", security="none", sender="a@example.com", to=("b@example.com",))
    sections = tuple(part for part in Part if charts or part is not Part.CHARTS)
    daily = Digest(name="morning", to=("desk",), at=NOW.time(), sections=sections)
    services = make_services(receivers={"desk": mail}, digests=(daily,))
    store = SqliteStore(path)
    with store.write():
        store.connection.query("DELETE FROM digests_sent", {})
        store.connection.query("DELETE FROM outbox", {})
        store.set_meta("first_run_at", (NOW - SPAN).isoformat())
        store.record_digest("morning", "2026-11-17", NOW - timedelta(days=1))
    before = _peak_mb()
    took = [_timed(lambda day=day: digest(store, services, NOW + timedelta(days=day, seconds=1))) for day in (0, 1)]
    body = store.connection.query("SELECT max(length(body)) AS size FROM outbox", {})[0]["size"]
    cases = store.connection.query("SELECT count(*) AS cases FROM cases", {})[0]["cases"]
    store.close()
    return {"first_s": took[0], "second_s": took[1], "before_mb": before, "peak_mb": _peak_mb(),
            "body_kb": body / 1000, "cases": cases}  # fmt: skip


def _timed(work: Any) -> float:
    begun = time.perf_counter()
    done = work()
    assert done.count == 1
    return time.perf_counter() - begun


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_a_process(path: Path, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.digest", "--step", str(path), *more]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return found


def _plan(path: Path, name: str) -> list[str]:
    store = SqliteStore(path)
    values = {"now": ms(NOW), "since": ms(NOW - timedelta(days=1)), "until": ms(NOW), "brands": "[]", "limit": 20,
              "positive": 0.9}  # fmt: skip
    sql = statement(name)
    used = {key: value for key, value in values.items() if f":{key}" in sql}
    steps = [row["detail"] for row in store.connection.query(f"EXPLAIN QUERY PLAN {sql}", used)]
    store.close()
    return steps


def _reads_whole(step: str) -> bool:
    """Whether a step of a plan reads a large table from end to end; cases are read by their state or their time."""
    table = step.removeprefix("SCAN ").split(" ")[0]
    return step.startswith("SCAN ") and table in {*LARGE, "cases", "m", "h", "d", "c"}


def fill(path: Path, number: int) -> None:
    """Fill a store with mentions in time order; every tenth is praise, every sixteenth a case."""
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as raw, raw:
        for table, rows in (("mentions", _mentions(number)), ("hits", _hits(number)), ("cases", _cases(number)),
                            ("decisions", _decisions(number)), ("tallies", _tallies())):  # fmt: skip
            _insert(raw, table, rows)
        raw.execute(
            "INSERT INTO sources (name, kind, state, due_at, first_poll_at, polled_at, ok_at) "
            "VALUES ('x', 'x', 'ok', :due, :first, :now, :now)",
            {"due": ms(NOW) + 60_000, "first": ms(NOW - SPAN), "now": ms(NOW)},
        )


def _insert(raw: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    names = list(first)
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"
    raw.execute(sql, first)
    raw.executemany(sql, rows)


def _time(number: int, total: int) -> int:
    return ms(NOW) - int(SPAN.total_seconds() * 1000 * (1 - number / total))


def _mentions(total: int) -> Iterator[dict[str, Any]]:
    words = random.Random(1)
    for number in range(1, total + 1):
        text = " ".join(words.choices(("lamp", "login", "refund", "the", "never", "works", "since", "update"), k=14))
        yield {"id": number, "platform": "x", "native_id": str(number), "source": "x", "author": f"a{number % 90_000}",
               "author_handle": f"a{number % 90_000}", "author_followers": number % 5_000, "text": f"lumo {text}",
               "posted_at": _time(number, total), "seen_at": _time(number, total) + 30_000, "matched": 1}  # fmt: skip


def _brand(number: int) -> str:
    return "lumo" if number % 3 else "nova"


def _hits(total: int) -> Iterator[dict[str, Any]]:
    for number in range(1, total + 1):
        yield {"id": number, "brand": _brand(number), "mention_id": number, "watches": "[]", "source": "x",
               "seen_at": _time(number, total) + 30_000, "state": "decided"}  # fmt: skip


def _cases(total: int) -> Iterator[dict[str, Any]]:
    reasons = json.dumps([{"name": "complaint", "points": 27.0, "evidence": "complaint 0.93"}] * 4)
    levels = ("critical", "high", "normal", "low", "low", "normal", "low", "low")
    causes = ("outage", "delivery", "billing", None)
    for number in range(16, total + 1, 16):
        at, still = _time(number, total), number % 160 == 0
        yield {"id": number, "brand": _brand(number), "join_key": str(number), "hit_id": number,
               "kind": "praise" if number % 96 == 0 else "complaint", "status": "new" if still else "resolved",
               "level": levels[number // 16 % 8], "score": 50.0, "reasons": reasons, "severity": "[]",
               "opened_at": at + 60_000, "clock_at": at, "due_at": at + 14_400_000,
               "replied_at": None if still else at + number % 20_000_000,
               "cause": causes[number // 16 % 4]}  # fmt: skip


def _decisions(total: int) -> Iterator[dict[str, Any]]:
    body = json.dumps({"reasons": [{"name": "complaint", "points": 7.0, "evidence": "complaint 0.2"}], "score": 0})
    for number in range(1, total + 1):
        case = number % 16 == 0
        positive = 0.97 if number % 10 == 0 else 0.1
        yield {"hit_id": number, "case_id": number if case else None,
               "drop_rule": None if case else "not-a-complaint", "kind": "complaint" if case else None,
               "score": 50.0 if case else 0.0, "body": body,
               "verdict": json.dumps({"sentiment": {"negative": 0.02, "neutral": 0.01, "positive": positive}}),
               "history": "{}", "rules": "r1", "mention_version": 1,
               "decided_at": _time(number, total) + 60_000}  # fmt: skip


def _tallies() -> Iterator[dict[str, Any]]:
    last = ms(NOW) // 60_000
    for brand in ("lumo", "nova"):
        for minute in range(last - int(SPAN.total_seconds()) // 60, last):
            yield {"brand": brand, "minute": minute, "source": "x", "posts": 10, "complaints": minute % 3}


def _word(figure: Figure) -> str:
    return {True: "kept", False: "BROKEN", None: ""}[figure.kept]


def _page(figures: Sequence[Figure], load: float) -> str:
    rows = "\n".join(f"| {one.name} | {one.value} | {one.bound} | {_word(one)} |" for one in figures)
    busy = ": **busy with other programs: preliminary figures**" if load > 0.5 else ""
    return f"""# The digest step

Written by `python -m bench.digest` on {datetime.now(UTC):%Y-%m-%d}: {platform.machine()}, Python
{platform.python_version()}. Load average {load:.1f} at the start{busy}.

| figure | value | bound | |
| --- | ---: | ---: | --- |
{rows}

The step makes one digest of a day for a receiver of mail, all sections in it, and puts it into the outbox. Each process
runs it twice; the fastest of three processes counts. Memory is the highest resident size of the process, less what it
was before the first digest. Pictures are made by pygal and resvg; matplotlib, tried beside them, adds 45 MB and 0.4 s,
and 97 MB on disk where these add 5 MB.
"""


if __name__ == "__main__":
    main()
