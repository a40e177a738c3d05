"""kill -9 at random moments of poll → triage → deliver; the same cases and alerts as a run that nobody killed.

    python -m bench.kill_soak --kills 200

Each round appends posts to a replayed file, starts the daemon, and kills it at a moment drawn from a fixed seed: while
it starts, while it works, when a webhook request has arrived and is not answered, or right after the answer. Then one
last start finishes the work, and what the tables and the webhook hold is compared with an undisturbed run.
"""

import argparse
import os
import random
import sqlite3
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any

from tests.acceptance.running import Daemon, Hook, post, write_config

RESULTS = Path(__file__).parent / "results" / "kill_soak.md"
POSTS_A_ROUND = 30
SETTLE_S = 600.0
_CALM_TRIAGE = {"model": "lexicon", "sla": {"critical": "20h", "high": "21h", "normal": "22h", "low": "23h"}}
"""No case falls due while the soak runs: what time alone does would differ between two runs."""

_APART: dict[str, Any] = {"incidents": {"enabled": False}, "spikes": {"enabled": False}}
"""What is told of an incident depends on how many of its cases were there at a moment, which a kill changes."""


_URGENT = (
    "the charger of my lumo lamp number {n} exploded and burned my daughter, she is in hospital",
    "my lumo {n} caught fire tonight, my whole kitchen is full of smoke and I burned my hand",
    "@lumo my lawyer will file a lawsuit about lamp {n}, you sold me a dangerous broken product",
)
_PLAIN = (
    "my lumo {n} is broken again, worst lamp I ever bought",
    "still no refund for order {n} from lumo, three weeks now, this is a joke",
    "lumo support has not answered ticket {n} for ten days, terrible service",
    "does anyone know whether lumo {n} works with a dimmer?",
    "love my new lumo {n}, so bright",
    "win one of {n} lumo lamps! follow and retweet to enter the giveaway",
    "nothing about that brand here, just post {n}",
)


_LEDGERS = ("posts", "decisions", "cases", "alerts")


class Moment(StrEnum):
    """When a daemon is killed."""

    START = "while it starts"
    WORK = "while it works"
    RECEIPT = "before the webhook answers"
    ANSWER = "after the webhook answered"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a run left: posts, decisions and cases of the tables, alerts of the webhook. Ids and times are left out."""

    posts: frozenset[tuple[Any, ...]]
    decisions: frozenset[tuple[Any, ...]]
    cases: frozenset[tuple[Any, ...]]
    alerts: frozenset[tuple[Any, ...]]

    def differences(self, other: "Ledger") -> dict[str, int]:
        """Return how many entries of each kind are in one ledger alone."""
        return {name: len(getattr(self, name) ^ getattr(other, name)) for name in _LEDGERS}

    def examples(self, other: "Ledger") -> list[str]:
        """Return some of what differs: a minus where it is missing in the other ledger, a plus where it is too much."""
        found = []
        for name in _LEDGERS:
            mine, theirs = getattr(self, name), getattr(other, name)
            found += [f"- {name} {row}" for row in sorted(mine - theirs, key=str)[:5]]
            found += [f"+ {name} {row}" for row in sorted(theirs - mine, key=str)[:5]]
        return found


@dataclass(slots=True)
class Soak:
    """What came of it."""

    kills: Counter[Moment] = field(default_factory=Counter)
    posts: int = 0
    cases: int = 0
    messages: int = 0
    duplicates: int = 0
    repeated_rows: int = 0
    parked: int = 0
    took_s: float = 0.0
    differences: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.kills.values())

    @property
    def good(self) -> bool:
        """Whether nothing was lost, nothing doubled in the tables, and at most one send a kill was repeated."""
        lost = any(self.differences.values()) or self.repeated_rows or self.parked
        return not lost and self.duplicates <= self.total


def make_posts(rng: random.Random, count: int) -> list[str]:
    """Return lines of a replayed file: urgent and plain posts, copies, posts that share a thread."""
    lines = []
    for number in range(count):
        kind = rng.random()
        changes: dict[str, Any] = {}
        if kind < 0.25:
            text = rng.choice(_URGENT).format(n=number)
        elif kind < 0.35:
            text, changes = _PLAIN[0].format(n=0), {"platform": "copies"}
        else:
            text = rng.choice(_PLAIN).format(n=number)
            if kind > 0.85:
                changes = {"platform": "forum", "thread_id": f"thread{number // 20}"}
        lines.append(post(number, text, **changes))
    return lines


def soak(folder: Path, kills: int, seed: int) -> Soak:
    """Kill a daemon so many times, and compare what is left with an undisturbed run of the same posts."""
    rng = random.Random(seed)
    lines = make_posts(rng, POSTS_A_ROUND * (kills + 1))
    begun = monotonic()
    result = Soak(posts=len(lines))
    calm, _ = _run(folder / "calm", [lines], None, result)
    rounds = [lines[start : start + POSTS_A_ROUND] for start in range(0, len(lines), POSTS_A_ROUND)]
    killed, hook = _run(folder / "killed", rounds, rng, result)
    result.differences = calm.differences(killed)
    result.examples = calm.examples(killed)
    result.cases, result.messages = len(killed.cases), len({key for key, _ in hook})
    result.duplicates = len(hook) - result.messages
    result.took_s = monotonic() - begun
    return result


def _run(
    folder: Path, rounds: list[list[str]], rng: random.Random | None, result: Soak
) -> tuple[Ledger, list[tuple[str, dict[str, Any]]]]:
    folder.mkdir()
    with Hook() as hook:
        config = write_config(folder, hook.url, triage=_CALM_TRIAGE, **_APART)
        for lines in rounds[:-1]:
            assert rng is not None
            _append(folder, lines)
            result.kills[_kill_once(config, hook, rng)] += 1
        _append(folder, rounds[-1])
        with Daemon(config) as daemon:
            daemon.wait_for("the daemon works")
            _settle(folder, sum(map(len, rounds)), daemon)
            code, _ = daemon.stop()
            assert code == 0, daemon.lines[-5:]
        return _ledger(folder, hook.received, result), hook.received


def _append(folder: Path, lines: list[str]) -> None:
    with (folder / "posts.jsonl").open("a") as file:
        file.writelines(lines)


def _kill_once(config: Path, hook: Hook, rng: random.Random) -> Moment:
    """Start a daemon and kill it at a moment of the seed's choice."""
    moment, wait_s, requests = rng.choice(list(Moment)), rng.random(), rng.randint(1, 6)
    before = len(hook.received)
    arrived = threading.Event()
    daemon = Daemon(config)

    def strike(number: int) -> None:
        if number >= before + requests:
            if moment is Moment.RECEIPT:
                daemon.process.kill()
            arrived.set()

    if moment in {Moment.RECEIPT, Moment.ANSWER}:
        hook.before_answer = strike
    with daemon:
        if moment is Moment.START:
            threading.Event().wait(2.0 * wait_s)
        elif moment is Moment.WORK:
            daemon.wait_for("the daemon works")
            threading.Event().wait(0.5 * wait_s)
        else:
            # the posts of earlier rounds may all be told already: then it dies idle
            arrived.wait(6.0)
            threading.Event().wait(0.02 * wait_s)
    hook.before_answer = lambda _: None
    return moment


def _settle(folder: Path, posts: int, daemon: Daemon) -> None:
    """Wait until every post is stored and decided, and every message sent."""
    end = monotonic() + SETTLE_S
    while _open_work(folder) != (posts, 0, 0):
        assert monotonic() < end, f"not settled: {_open_work(folder)} of {posts}\n" + "\n".join(daemon.lines[-20:])
        threading.Event().wait(0.05)


def _open_work(folder: Path) -> tuple[Any, ...]:
    (row,) = _rows(
        folder,
        "SELECT (SELECT count(*) FROM mentions), (SELECT count(*) FROM hits WHERE state IN ('new', 'doing')),"
        " (SELECT count(*) FROM outbox WHERE state IN ('open', 'sealed'))",
    )
    return row


def _ledger(folder: Path, received: list[tuple[str, dict[str, Any]]], result: Soak) -> Ledger:
    posts = _rows(folder, "SELECT platform, native_id FROM mentions")
    decisions = _rows(
        folder,
        "SELECT m.platform, m.native_id, h.brand, d.drop_rule, d.kind, d.level, d.score FROM hits AS h"
        " JOIN mentions AS m ON m.id = h.mention_id LEFT JOIN decisions AS d ON d.hit_id = h.id",
    )
    cases = _rows(
        folder,
        "SELECT m.platform, m.native_id, c.kind, c.level, c.score, c.status, c.told_level,"
        " (SELECT count(*) FROM case_posts AS p WHERE p.case_id = c.id) FROM cases AS c"
        " JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id",
    )
    ((parked,),) = _rows(folder, "SELECT count(*) FROM hits WHERE state = 'parked'")
    result.parked += parked
    result.repeated_rows += sum(len(rows) - len(set(rows)) for rows in (posts, cases))
    alerts = {
        (body["event"], case["platform"], case["native_id"], case["level"])
        for _, body in received
        for case in body["cases"]
    }
    return Ledger(frozenset(posts), frozenset(decisions), frozenset(cases), frozenset(alerts))


def _rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    store = sqlite3.connect(f"file:{folder / 'monitor.db'}?mode=ro", uri=True, timeout=10)
    try:
        return store.execute(query).fetchall()
    finally:
        store.close()


def _report(result: Soak, seed: int) -> Iterator[str]:
    yield "# Killed and killed again"
    yield ""
    yield "`python -m bench.kill_soak` replays invented posts, kills the daemon with SIGKILL at random moments, lets it"
    yield "finish, and compares posts, decisions, cases and alerts with a run of the same posts that nobody killed."
    yield ""
    yield f"{result.total} kills (seed {seed}), {result.posts} posts, {os.cpu_count()} cores, {result.took_s:.0f} s."
    yield ""
    yield "| killed | times |"
    yield "|---|---:|"
    for moment in Moment:
        yield f"| {moment.value} | {result.kills[moment]} |"
    yield ""
    yield "| figure | wanted | found |"
    yield "|---|---:|---:|"
    for name, count in result.differences.items():
        yield f"| {name} that differ | 0 | {count} |"
    yield f"| rows stored twice | 0 | {result.repeated_rows} |"
    yield f"| posts parked | 0 | {result.parked} |"
    yield f"| sends repeated | ≤ {result.total} | {result.duplicates} |"
    yield ""
    yield f"{result.cases} cases, {result.messages} messages."
    yield ""


def main() -> int:
    """Run the soak and write its table; exits 1 where anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m bench.kill_soak", description="Kill the daemon again and again.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = soak(Path(folder), arguments.kills, arguments.seed)
    text = "\n".join(_report(result, arguments.seed))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(text)
    print(text)
    print("\n".join(result.examples), file=sys.stderr)
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
