"""What a look at every brand costs in a large store: `python -m bench.spike_speed`.

A store of 1,000,000 decided mentions of the last four weeks, half of them of one brand; then turns of the spikes step:
a quiet one, one that learns anew what is usual, and one that opens a spike, with the words and posts that explain it.
"""

import argparse
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import process_time
from types import SimpleNamespace
from typing import Any

from monitor.config.receivers import StdoutReceiver
from monitor.config.routes import Route
from monitor.config.schema import Brand, Settings, Watch
from monitor.steps.spikes import spikes
from monitor.store.connection import ms
from monitor.store.sqlite import SqliteStore

RESULT = Path(__file__).parent / "results" / "spike_speed.md"
BOUND_MS = 50.0
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAYS = 28
BRANDS = ("lumo", "korvo", "brightloaf", "tandem", "nimbus")

_FILL = (
    """
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
    INSERT INTO mentions (id, platform, native_id, source, author, author_handle, text, posted_at, seen_at, matched)
    SELECT i, 'x', 'p' || i, 'x', 'a' || (i % 50000), 'a' || (i % 50000),
           'post ' || i || ' about the late parcel and the broken app of this brand', :first + i * :step,
           :first + i * :step + 60000, 1 FROM n
    """,
    """
    INSERT INTO hits (id, brand, mention_id, watches, source, seen_at, state)
    SELECT id, CASE WHEN id % 2 THEN 'lumo' ELSE :brands ->> (id / 2 % 5) END, id, '["name"]', 'x', seen_at, 'decided'
    FROM mentions
    """,
    """
    INSERT INTO cases (id, brand, join_key, kind, status, level, score, reasons, severity, hit_id, opened_at, clock_at,
                       due_at)
    SELECT id, brand, 'k' || id, 'complaint', 'resolved', 'normal', 50, '[]', '[]', id, seen_at, seen_at, seen_at
    FROM hits WHERE id % 5 = 1
    """,
    """
    INSERT INTO decisions (hit_id, case_id, drop_rule, kind, level, score, complaint, body, verdict, history, model,
                           rules, mention_version, decided_at)
    SELECT id, CASE WHEN id % 5 = 1 THEN id END, CASE WHEN id % 5 = 1 THEN NULL ELSE 'not-a-complaint' END,
           CASE WHEN id % 5 = 1 THEN 'complaint' END, 'normal', 50, 0.5, '{}', '{}', '{}', 'm', 'r', 1, seen_at
    FROM hits
    """,
    """
    INSERT INTO tallies (brand, minute, source, posts, complaints)
    SELECT h.brand, m.posted_at / 60000, h.source, count(*), sum(h.id % 5 = 1)
    FROM hits AS h JOIN mentions AS m ON m.id = h.mention_id GROUP BY 1, 2, 3
    """,
)

_RISE = """
    INSERT INTO tallies VALUES ('lumo', :minute, 'x', :count, :count)
    ON CONFLICT DO UPDATE SET posts = posts + :count, complaints = complaints + :count
"""


def fill(path: Path, count: int) -> SqliteStore:
    """Return a store of so many decided mentions of the weeks before `NOW`."""
    store = SqliteStore(path)
    first = NOW - timedelta(days=DAYS)
    step = DAYS * 86_400_000 // count
    store.register_sources({"x": "replay"})
    values = {"count": count, "first": ms(first), "step": step, "brands": str(list(BRANDS)).replace("'", '"')}
    with store.write():
        store.connection.query("UPDATE sources SET first_poll_at = :at, ok_at = :at", {"at": ms(first)})
        for statement in _FILL:
            store.connection.query(statement, {name: values[name] for name in values if f":{name}" in statement})
    store.connection.query("ANALYZE", {})
    return store


def settings() -> Settings:
    """Return a config of these brands with one receiver."""
    return Settings(
        brands={name: Brand(watches=(Watch(name="name", query=name),)) for name in BRANDS},
        sources={"x": {"kind": "replay"}},  # type: ignore[dict-item]
        receivers={"desk": StdoutReceiver(kind="stdout")},
        routes=(Route(to=("desk",)),),
    )


def turns(store: SqliteStore, services: Any, start: datetime, every: timedelta, number: int) -> list[float]:
    """Return the milliseconds of so many turns."""
    found = []
    for at in range(number):
        begin = process_time()
        spikes(store, services, start + at * every, 1)
        found.append((process_time() - begin) * 1000)
    return found


def rise(store: SqliteStore, now: datetime, count: int) -> None:
    """Have so many complaints of one brand come within ten minutes."""
    at = {"since": ms(now - timedelta(minutes=10)), "now": ms(now), "count": count}
    newest = "SELECT id FROM hits WHERE brand = 'lumo' AND id % 5 = 1 ORDER BY id DESC LIMIT :count"
    ids = store.connection.query(newest, {"count": count})
    with store.write():
        for row in ids:
            for sql in (
                "UPDATE mentions SET posted_at = :since + :id % 600000 WHERE id = :id",
                "UPDATE decisions SET decided_at = :now WHERE hit_id = :id",
            ):
                values = {**at, "id": row["id"]}
                store.connection.query(sql, {name: values[name] for name in values if f":{name}" in sql})
        store.connection.query(_RISE, {"minute": ms(now) // 60_000 - 3, "count": count})


def report(rows: Sequence[tuple[str, list[float]]], count: int) -> str:
    """Return the table."""
    lines = [
        "# What a look at every brand costs",
        "",
        f"`python -m bench.spike_speed`: {count:,} decided mentions of {DAYS} days, {len(BRANDS)} brands, half of the",
        "mentions of one. A turn looks at every brand, at most every 20 s. CPU time, in the median at most",
        f"{BOUND_MS:g} ms.",
        "",
        "| turn | turns | median | slowest |",
        "|---|---:|---:|---:|",
    ]
    for name, found in rows:
        lines.append(f"| {name} | {len(found)} | {median(found):.1f} ms | {max(found):.1f} ms |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table; exit 1 if the bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=1_000_000)
    count = parser.parse_args().mentions
    services = SimpleNamespace(settings=settings())
    with tempfile.TemporaryDirectory() as folder:
        store = fill(Path(folder) / "store.db", count)
        learning = turns(store, services, NOW, timedelta(seconds=20), len(BRANDS))
        again = turns(store, services, NOW + timedelta(hours=2), timedelta(hours=2), 5)
        quiet = turns(store, services, NOW + timedelta(hours=10, seconds=20), timedelta(seconds=20), 50)
        opening = []
        for at in range(5):
            now = NOW + timedelta(hours=11 + at)
            rise(store, now, 200 * (at + 1))
            opening += turns(store, services, now, timedelta(seconds=20), 1)
            store.connection.query("UPDATE spikes SET state = 'over', ended_at = opened_at", {})
        store.close()
    rows = (("nothing rises", quiet), ("what is usual is learnt", [*learning, *again]), ("a spike is opened", opening))
    text = report(rows, count)
    RESULT.write_text(text, "utf-8")
    print(text)
    if median(quiet) > BOUND_MS:
        raise SystemExit("a look at the brands takes too long")


if __name__ == "__main__":
    main()
