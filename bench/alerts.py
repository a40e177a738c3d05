"""What people hear of a storm, and what the store pays for it: `python -m bench.alerts`.

Stores in a file, a simulated clock, a receiver that keeps what it is sent. `longest turn` is the longest time that one
turn of sealing and sending took, on the machine that ran it; the other figures are exact.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from monitor.config.routes import Route
from monitor.domain import Level, Severity
from monitor.errors import SendError, SendReason
from monitor.notify.receiver import Message
from monitor.steps.telling import Event
from monitor.store.sqlite import SqliteStore
from tests.alerts import AlertDesk
from tests.builders import NOW
from tests.services import FakeReceiver
from tests.storm_site import StormSite, is_grave, run_outage, run_storm

RESULT = Path(__file__).parent / "results" / "alerts.md"
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Storm:
    """What is measured: how long it goes on, how often deliver turns, what happens at each turn, the bound."""

    name: str
    turns: int
    turn: timedelta
    happens: Callable[[AlertDesk, int, datetime], None]
    bound: int
    down_for: timedelta = timedelta()


@dataclass(frozen=True)
class Outcome:
    """What came of a storm."""

    storm: Storm
    cases: int
    messages: int
    told: int
    attempts_a_minute: int
    longest_turn_s: float

    @property
    def kept(self) -> bool:
        """Whether it stayed within its bound and left no case untold."""
        return self.messages <= self.storm.bound and self.told == self.cases and self.attempts_a_minute <= 1


class _Receiver(FakeReceiver):
    """Takes nothing until it is healed; counts failed attempts by the minute."""

    def __init__(self, heals_at: datetime) -> None:
        super().__init__()
        self.heals_at, self.now = heals_at, NOW
        self.failed: dict[int, int] = {}

    def send(self, message: Message) -> None:
        if self.now < self.heals_at:
            minute = (self.now - NOW) // timedelta(minutes=1)
            self.failed[minute] = self.failed.get(minute, 0) + 1
            raise SendError("desk", "503", reason=SendReason.SERVER, permanent=False)
        super().send(message)


def _rants(desk: AlertDesk, turn: int, now: datetime) -> None:
    if turn < 60:
        desk.cases(166, now=now)
        if turn % 12 == 3:
            desk.case(Level.CRITICAL, Severity.SAFETY, now=now)
    elif turn == 60:
        desk.cases(35, now=now)


def _injuries(desk: AlertDesk, turn: int, now: datetime) -> None:
    if turn < 3_600 and turn * 500 // 3_600 != (turn - 1) * 500 // 3_600:
        desk.case(Level.CRITICAL, Severity.SAFETY, now=now)


def _all_day(desk: AlertDesk, turn: int, now: datetime) -> None:
    if turn % 60 == 0 and turn < 6 * 360:
        desk.case(now=now)
        case_id = desk.case(Level.CRITICAL, Severity.LEGAL, now=now)
        desk.tell(case_id - 1, Event.ESCALATED, now, again=True)


STORMS = (
    Storm("10,000 rants on one brand in 60 s, five threats among them", 900, SECOND, _rants, 8),
    Storm("500 injuries in an hour", 3_700, SECOND, _injuries, 62),
    Storm("a receiver that is down for six hours, 72 cases of two groups meanwhile", 6 * 366, 10 * SECOND, _all_day, 4,
          timedelta(hours=6)),
)  # fmt: skip


def measure(storm: Storm) -> Outcome:
    """Run one storm on a store in a file."""
    with tempfile.TemporaryDirectory() as folder:
        desk = AlertDesk(store=SqliteStore(Path(folder) / "monitor.db"), routes=(Route(to=("desk",)),))
        receiver = _Receiver(NOW + storm.down_for)
        desk.receivers["desk"] = receiver
        longest = 0.0
        for turn in range(storm.turns):
            receiver.now = now = NOW + turn * storm.turn
            storm.happens(desk, turn, now)
            began = time.perf_counter()
            desk.deliver(now)
            longest = max(longest, time.perf_counter() - began)
        ids = [case.id for case in desk.store.queue(NOW)]
        told = len(desk.store.tellings_of("desk", ids))
        desk.store.close()
        return Outcome(storm, len(ids), len(receiver.sent), told, max(receiver.failed.values(), default=0), longest)


@dataclass(frozen=True)
class Whole:
    """What the receiver that hears most is told of a storm with every step on; `threats` of its messages are about
    threats, which do not count against the bound but have one of their own, five."""

    name: str
    cases: int
    posts: int
    messages: int
    threats: int
    bound: int

    @property
    def kept(self) -> bool:
        """Whether it stayed within its bounds, with every complaint in the queue."""
        return self.cases == self.posts and self.messages - self.threats <= self.bound and self.threats <= 5


def measure_whole() -> list[Whole]:
    """Run the storms on whole installations: triage, incidents, spikes, timers, delivery."""
    found = []
    for warm in (False, True):
        kind = "spikes possible" if warm else "new installation"
        storms = ((run_storm, 10_000, 3, "10,000 rants in 60 s and the hour after"),
                  (run_outage, 5_000, 8, "an outage of three hours, and eight after"))  # fmt: skip
        for run, posts, bound, name in storms:
            site = StormSite(warm=warm)
            run(site, posts)
            most = max(site.receivers, key=lambda receiver: len(site.heard(receiver)))
            threats = sum(map(is_grave, site.heard(most)))
            cases = len(site.store.queue(NOW))
            found.append(Whole(f"{name}, {kind}", cases, posts, len(site.heard(most)), threats, bound))
            site.store.close()
    return found


def report(outcomes: list[Outcome], whole: list[Whole]) -> Iterator[str]:
    """Return the lines of the report."""
    yield "# What people hear of a storm"
    yield ""
    yield "`python -m bench.alerts`: cases on a simulated clock, one receiver with the default times of a route, and no"
    yield "incidents, which inhibit their cases: these bounds hold without them. `longest turn` is one turn of sealing"
    yield "and sending, on two shared cores; the other figures are exact."
    yield ""
    yield "| storm | cases | told | messages | at most | failed attempts in a minute | longest turn |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for found in outcomes:
        figures = f"{found.cases:,} | {found.told:,} | {found.messages} | {found.storm.bound}"
        yield f"| {found.storm.name} | {figures} | {found.attempts_a_minute} | {found.longest_turn_s:.2f} s |"
    yield ""
    yield "With every step on (triage, incidents, spikes, timers, delivery; a model that hashes words; cases, incidents"
    yield "and spikes counted together, for the receiver that hears most). Messages about the five threats, their"
    yield "escalations among them, are counted apart: five at most."
    yield ""
    yield "| storm | cases | messages | at most | about threats | at most |"
    yield "|---|---:|---:|---:|---:|---:|"
    for each in whole:
        rest = each.messages - each.threats
        yield f"| {each.name} | {each.cases:,} | {rest} | {each.bound} | {each.threats} | 5 |"


def main() -> None:
    """Measure, print a table, write the report; exit 1 where a bound is broken."""
    outcomes = [measure(storm) for storm in STORMS]
    table = Table("storm", "cases", "told", "messages", "at most", "longest turn")
    for found in outcomes:
        figures = (found.cases, found.told, found.messages, found.storm.bound)
        table.add_row(found.storm.name, *(f"{figure:,}" for figure in figures), f"{found.longest_turn_s:.2f} s")
    Console().print(table)
    whole = measure_whole()
    RESULT.write_text("\n".join(report(outcomes, whole)) + "\n", encoding="utf-8")
    kept = [found.kept for found in outcomes] + [found.kept for found in whole]
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
