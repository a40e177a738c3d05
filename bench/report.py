"""How long the report of a month takes on a large store: `python -m bench.report`.

A store of 1,000,000 mentions of one month and as many of the month before, some 115,000 cases a month with all that can
happen to them, as `tests/report_history.py` writes it; then the report of the month beside the one before, in a process
of its own, for all brands, for one, and without incidents. The plans of the statements are looked at as well.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.pipeline import Figure
from bench.posts import ROOT
from monitor.config.schema import Settings
from monitor.report.build import build_report
from monitor.report.render_json import to_json
from monitor.report.span import month_span
from monitor.store.connection import ms
from monitor.store.report import CauseFix
from monitor.store.sqlite import SqliteStore
from monitor.store.statements import statement
from tests.report_history import DECEMBER, NOVEMBER, NOW, ZONE, fill

RESULTS: Final = ROOT / "bench/results/report.md"
BOUND_S: Final = 5.0
LARGE: Final = ("mentions", "m", "hits", "h", "decisions", "d", "cases", "c", "case_times", "t", "post_counts")
READS: Final = ("report_cases", "report_complaints", "report_posts", "report_undecided", "report_causes")
RUNS: Final = {
    "all brands": (None, True),
    "one brand": ("lumo", True),
    "all brands, without incidents": (None, False),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, write it to bench/results."""
    parser = argparse.ArgumentParser(description="Measure the report of a month.")
    parser.add_argument("--mentions", type=int, default=1_000_000, metavar="N", help="mentions of each month")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.run:
        print(json.dumps(run(Path(options.run[0]), options.run[1])))
        return
    console, load = Console(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, console.status(f"twice {options.mentions:,} mentions"):
        path = Path(folder) / "monitor.db"
        fill_s = _fill(path, options.mentions)
        figures = measure(path, options.mentions, fill_s)
    table = Table("figure", "value", "bound", "", title="The report of a month")
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.bound, _word(figure))
    console.print(table)
    RESULTS.write_text(_page(figures, load), "utf-8")
    console.print(f"written to {RESULTS.relative_to(ROOT)}")
    if any(figure.kept is False for figure in figures):
        raise SystemExit(1)


def measure(path: Path, number: int, fill_s: float) -> list[Figure]:
    """Return all figures of a filled store."""
    found = [
        Figure("mentions of the month, and of the one before", f"{number:,}", "-", None),
        Figure("size of the store, MB", f"{path.stat().st_size / 1e6:,.0f}", "-", None),
        Figure("time to write it, triggers included, s", f"{fill_s:.0f}", "-", None),
    ]
    for name in RUNS:
        runs = [_in_a_process(path, name) for _ in range(3)]
        best = min(runs, key=lambda one: one["took_s"])
        kept = best["took_s"] <= BOUND_S
        if name == "all brands":
            found.append(Figure("cases of the month", f"{best['cases']:,}", "-", None))
            found.append(Figure("figures in it", f"{best['figures']:,}", "-", None))
            found.append(Figure("memory at its peak, MB", f"{best['peak_mb']:.0f}", "-", None))
        found.append(Figure(f"report, {name}, s", f"{best['took_s']:.2f}", f"<= {BOUND_S:g}", kept))
    whole = [f"{name}: {step}" for name in READS for step in _plan(path, name) if _reads_whole(step)]
    found.append(Figure("large tables that are read whole", "; ".join(whole) or "none", "none", not whole))
    return found


def run(path: Path, name: str) -> dict[str, Any]:
    """Make one report, from the opening of the store to its JSON, and return what it took."""
    brand, incidents = RUNS[name]
    settings = Settings(cost_per_hour=42.0)
    begun = time.perf_counter()
    store = SqliteStore(path, read_only=True)
    span = month_span("2026-11", ZONE, NOW)
    made = build_report(store, settings, span, brand, incidents=incidents, now=NOW, prices={"x": 0.005})
    told = to_json(made)
    took = time.perf_counter() - begun
    store.close()
    cases = made.figure("cases")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"took_s": took, "figures": len(told["figures"]), "cases": cases.n if cases else 0, "peak_mb": peak}


def _fill(path: Path, mentions: int) -> float:
    store = SqliteStore(path)
    begun = time.perf_counter()
    fill(store, mentions=mentions, before=mentions)
    for day, cause in ((11, "billing"), (5, "outage"), (20, "staff")):
        store.add_cause_fix(CauseFix("lumo", cause, date(2026, 11, day), "", "ana", NOW))
    took = time.perf_counter() - begun
    store.close()
    return took


def _in_a_process(path: Path, name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.report", "--run", str(path), name]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return found


def _plan(path: Path, name: str) -> list[str]:
    store = SqliteStore(path, read_only=True)
    values = {"since": ms(NOVEMBER), "until": ms(DECEMBER), "first": ms(NOVEMBER) // 900_000, "brand": None,
              "last": ms(DECEMBER) // 900_000, "incidents": 1, "causes": '["billing"]'}  # fmt: skip
    sql = statement(name)
    used = {key: value for key, value in values.items() if f":{key}" in sql}
    steps = [row["detail"] for row in store.connection.query(f"EXPLAIN QUERY PLAN {sql}", used)]
    store.close()
    return steps


def _reads_whole(step: str) -> bool:
    """Whether a step of a plan reads a large table from end to end; a partial index of what waits is none of those."""
    return step.startswith("SCAN ") and step.split(" ")[1] in LARGE and "USING" not in step


def _word(figure: Figure) -> str:
    return {True: "kept", False: "BROKEN", None: ""}[figure.kept]


def _page(figures: Sequence[Figure], load: float) -> str:
    rows = "\n".join(f"| {one.name} | {one.value} | {one.bound} | {_word(one)} |" for one in figures)
    busy = ": **busy with other programs: preliminary figures**" if load > 0.5 else ""
    return f"""# The report of a month

Written by `python -m bench.report` on {datetime.now(UTC):%Y-%m-%d}: {platform.machine()}, Python
{platform.python_version()}. Load average {load:.1f} at the start{busy}.

| figure | value | bound | |
| --- | ---: | ---: | --- |
{rows}

A report is timed from the opening of the store to its JSON, in a process of its own; the fastest of three counts. It
holds every figure of the month beside the one before, so that two months are read each time.
"""


if __name__ == "__main__":
    main()
