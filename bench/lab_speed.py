"""How fast the replay lab is on stored posts: `python -m bench.lab_speed`.

`run --once` reads and decides varied posts in a process of its own. Their store is then replayed through the config in
force and a changed one at once: with another keyword, with another threshold, and by `lab run` as a user types it.
Speeds are of one core's time, the fastest of several rounds, since other programs only take away.
"""

import argparse
import hashlib
import json
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.pipeline import COMMAND, SMALL_LOAD, Figure, _spend, run_once
from bench.posts import ROOT
from models.cores import usable_cores
from monitor.app import build_side
from monitor.config.load import load_config
from monitor.lab.replay import Replayed, replay
from monitor.lab.side import Side
from monitor.store.opening import open_store

RESULTS: Final = ROOT / "bench/results/lab_speed.md"
ROUNDS: Final = 3
BOUND: Final = 5_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, write it to bench/results."""
    parser = argparse.ArgumentParser(description="Measure the replay lab on stored posts.")
    parser.add_argument("--posts", type=int, default=20_000, metavar="N")
    options = parser.parse_args(arguments)
    console, load = Console(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, console.status(f"{options.posts:,} posts"):
        run_once(Path(folder) / "home", options.posts)
        figures = measure(Path(folder) / "home", options.posts)
    table = Table("figure", "value", "bound", "", title="The replay lab")
    for figure in figures:
        table.add_row(figure.name, figure.value, figure.bound, _word(figure))
    console.print(table)
    RESULTS.write_text(_page(figures, load), "utf-8")
    console.print(f"written to {RESULTS.relative_to(ROOT)}")
    if any(figure.kept is False for figure in figures):
        raise SystemExit(1)


def measure(home: Path, number: int) -> list[Figure]:
    """Return all figures of a store that `run --once` has filled."""
    keyword = _changed(home, "keyword.yaml", query="(lumo OR lumohelp) -refund")
    threshold = _changed(home, "threshold.yaml", triage={"complaint": 0.6})
    weight = _changed(home, "weight.yaml", triage={"weights": {"anger": 9}})
    before = _dump(home)
    present = build_side("present", load_config(home / "config.yaml", environ=os.environ).usable())
    speeds = {}
    for name, path in (("keyword", keyword), ("threshold", threshold), ("weight", weight)):
        new = build_side(name, load_config(path, environ=os.environ).usable(), present)
        speeds[name] = max(_speed(home, present, new) for _ in range(ROUNDS))
    replayed = _replay(home, present, new)
    whole = min((_spend([*COMMAND, "lab", "run", "--config", str(keyword)], home) for _ in range(ROUNDS)),
                key=lambda spent: spent.cpu_s)  # fmt: skip
    base, same = replayed.runs[0], _dump(home) == before
    return [
        Figure("stored posts", f"{replayed.posts:,}", f"{number:,}", replayed.posts == number),
        Figure("posts/s, another keyword", f"{speeds['keyword']:,.0f}", f">= {BOUND:,}", speeds["keyword"] >= BOUND),
        Figure("posts/s, another threshold", f"{speeds['threshold']:,.0f}", f">= {BOUND:,}",
               speeds["threshold"] >= BOUND),
        Figure("posts/s, another weight: every case is decided anew", f"{speeds['weight']:,.0f}", "-", None),
        Figure("texts classified again", f"{replayed.classified:,}", "0", replayed.classified == 0),
        Figure("stored decisions that came out the same", f"{base.agreed:,} of {base.compared:,}", "all",
               base.agreed == base.compared),
        Figure("`lab run`, whole process: processor seconds", f"{whole.cpu_s:.1f}", "-", None),
        Figure("`lab run`, whole process: peak memory, MB", f"{whole.peak_mb:.0f}", "-", None),
        Figure("rows changed by all of this", "none" if same else "some", "none", same),
    ]  # fmt: skip


def _changed(home: Path, name: str, *, query: str = "", triage: Mapping[str, Any] | None = None) -> Path:
    values = json.loads((home / "config.yaml").read_text())
    if query:
        values["brands"]["lumo"]["watches"][0]["query"] = query
    (home / name).write_text(json.dumps({**values, "triage": dict(triage or {})}))
    return home / name


def _speed(home: Path, *sides: Side) -> float:
    begun = time.process_time()
    replayed = _replay(home, *sides)
    return replayed.posts / (time.process_time() - begun)


def _replay(home: Path, *sides: Side) -> Replayed:
    now = datetime.now(UTC)
    store = open_store(sides[0].settings, read_only=True)
    try:
        return replay(store, sides, now - timedelta(days=30), now, lambda _: None)
    finally:
        store.close()


def _dump(home: Path) -> str:
    digest = hashlib.sha256()
    with sqlite3.connect(f"file:{home / 'monitor.db'}?mode=ro", uri=True) as store:
        for line in store.iterdump():
            digest.update(line.encode())
    store.close()
    return digest.hexdigest()


def _word(figure: Figure) -> str:
    return {True: "kept", False: "BROKEN", None: ""}[figure.kept]


def _page(figures: Sequence[Figure], load: float) -> str:
    facts = f"{usable_cores()} cores, {platform.machine()}, Python {platform.python_version()}"
    idle = "idle" if load <= SMALL_LOAD else "**busy with other programs: preliminary figures**"
    rows = "\n".join(f"| {one.name} | {one.value} | {one.bound} | {_word(one)} |" for one in figures)
    return f"""\
# The replay lab

Written by `python -m bench.lab_speed` on {datetime.now(UTC):%Y-%m-%d}: {facts}, SQLite {sqlite3.sqlite_version}.
Load average {load:.1f} at the start: {idle}.

| figure | value | bound | |
| --- | ---: | ---: | --- |
{rows}

Each speed is of the present config and the changed one together, by the time of one core. A changed keyword leaves most
decisions as they were: where rules, model and history are the same, the stored decision is the one that would be made
again. A changed threshold has each post decided anew, by its stored verdict. The posts are those of the pipeline's
bench: six in ten become cases, many more than in a real stream, and cases take longest.
"""


if __name__ == "__main__":
    main()
