"""Random claims, releases, replies, raises, shift changes and nights on which clocks change, against a chain.

Whatever people do: no step is taken twice, none is skipped, none is more than a minute late, a claim costs a chain no
time and gives it none, and nobody is told who is away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import desk
from monitor.desk import Turn
from monitor.domain import Level, Status
from monitor.errors import MoveRefused
from monitor.rules.chain import GRACE, ChainState, steps_of
from monitor.rules.shifts import Kind, ShiftChange
from monitor.steps.auditor import lost_chains
from monitor.steps.chain import follow_chain
from monitor.steps.escalate import escalate
from monitor.store.chains import ChainStepRow, StepKind, StepState
from monitor.store.sqlite import SqliteStore
from tests.builders import minutes, store_case
from tests.staff import PEOPLE, make_chain, make_staffed, staffed_services, step

BERLIN = ZoneInfo("Europe/Berlin")
CRITICAL = make_chain(
    step("ana", wait=2), step("next-on-shift", wait=3, repeat=3), step("on-shift", wait=4), step("everyone")
)
HIGH = make_chain(step(wait=3), step("on-shift", wait=5, repeat=2), step("cleo"))
CONFIG = make_staffed(CRITICAL, HIGH)
SERVICES = staffed_services(CONFIG, {})
STARTS = (
    datetime(2026, 3, 29, 0, 40, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 40, tzinfo=UTC),
    datetime(2026, 3, 28, 18, 50, tzinfo=UTC),
    datetime(2026, 10, 25, 6, 45, tzinfo=UTC),
    datetime(2026, 6, 10, 17, 50, tzinfo=UTC),
)
TICK = timedelta(seconds=40)


@dataclass
class Trial:
    """A case, the clock, and what a test knows without asking the code: how long nobody had it, who is away when."""

    now: datetime
    level: Level
    store: SqliteStore = field(default_factory=lambda: SqliteStore(None))
    away: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    waited: timedelta = timedelta(0)
    begun: dict[int, timedelta] = field(default_factory=dict)
    hastened: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.case_id = store_case(self.store, self.level, now=self.now)
        due = self.now + timedelta(hours=3)
        self.store.update_case(self.case_id, told_level=self.level, told_at=self.now, due_at=due, escalate_at=due)
        follow_chain(self.store, CONFIG, self.case_id, self.now, begins=True)
        self.look()

    @property
    def status(self) -> Status:
        case = self.store.case(self.case_id)
        assert case is not None
        return case.status

    def wait(self, span: timedelta) -> None:
        """Let time pass, the timers turning all the while."""
        end = self.now + span
        while self.now < end:
            pause = min(TICK, end - self.now)
            self.waited += pause if self.status is Status.NEW else timedelta(0)
            self.now += pause
            escalate(self.store, SERVICES, self.now)
            self.look()

    def move(self, name: str) -> None:
        """Make a move of a person; one that the case does not allow changes nothing."""
        turn = Turn(self.store, CONFIG, "ana", self.now)
        before = self.store.chain(self.case_id)
        moves = {
            "claim": lambda: desk.claim(turn, self.case_id),
            "release": lambda: desk.release(turn, self.case_id),
            "reply": lambda: desk.reply(turn, self.case_id, "on it", None),
            "resolve": lambda: desk.resolve(turn, self.case_id),
            "reopen": lambda: desk.reopen(turn, self.case_id),
            "raise": lambda: desk.escalate(turn, self.case_id, ""),
            "note": lambda: desk.note(turn, self.case_id, "hm"),
            "snooze": lambda: desk.snooze(turn, self.case_id, self.now + minutes(30)),
        }
        try:
            moves[name]()
        except MoveRefused:
            return
        after = self.store.chain(self.case_id)
        if name == "raise" and before is not None and after is not None:
            self.hastened.add(after.run)
        self.look()

    def change_shift(self, kind: Kind, who: str, length: int) -> None:
        end = self.now + minutes(length)
        instead = "cleo" if kind is Kind.OVERRIDE and who != "cleo" else None
        self.store.add_shift_change(ShiftChange(kind, who, self.now, end, instead))
        if kind is Kind.ABSENT:
            self.away.append((who, self.now, end))

    def look(self) -> None:
        """Judge the steps that were taken since the last look."""
        chain = self.store.chain(self.case_id)
        if chain is not None:
            self.begun.setdefault(chain.run, self.waited)
        for row in self.store.chain_steps(self.case_id):
            if row.state is StepState.DONE and row.id not in self.seen:
                self.seen.add(row.id)
                self.judge(row)
        assert lost_chains(self.store, CONFIG, self.now) == []

    def judge(self, row: ChainStepRow) -> None:
        assert row.done_at is not None
        assert row.due_at is not None
        assert timedelta(0) <= row.done_at - row.due_at <= GRACE
        gone = {who for who, since, until in self.away if since <= row.done_at < until}
        assert row.told
        assert not gone & set(row.told)
        if row.kind is StepKind.STEP and row.run not in self.hastened:
            chain = CONFIG.escalation.chain(row.level)
            assert chain is not None
            planned = sum((part.after for part in steps_of(chain)[: row.step + 1]), timedelta(0))
            assert planned <= self.waited - self.begun[row.run] <= planned + GRACE
            self.judge_shift(row, steps_of(chain)[row.step].notify)

    def judge_shift(self, row: ChainStepRow, notify: Sequence[str]) -> None:
        """Compare who was told with the wall clock, where nobody was away and nobody stood in."""
        assert row.done_at is not None
        if notify == ("on-shift",) and not self.store.shift_changes(row.done_at):
            by_day = 8 <= row.done_at.astimezone(BERLIN).hour < 20
            assert set(row.told) == ({"ana", "ben"} if by_day else {"cleo"})

    def finish(self) -> dict[int, list[int]]:
        """Leave the case alone until its chain is over; returns the steps that each run took."""
        if self.status is Status.CLAIMED:
            self.move("release")
        if self.status is Status.NEW:
            self.wait(timedelta(minutes=45))
            chain = self.store.chain(self.case_id)
            assert chain is not None
            assert chain.state is ChainState.FINISHED
        runs: dict[int, list[int]] = {}
        for row in self.store.chain_steps(self.case_id):
            if row.kind is StepKind.STEP and row.state is StepState.DONE:
                runs.setdefault(row.run, []).append(row.step)
        if self.status is Status.NEW:
            last = CONFIG.escalation.chain(self.store.chain_steps(self.case_id)[-1].level)
            assert last is not None
            assert len(runs[max(runs)]) == len(steps_of(last))
        return runs


waits = st.integers(1, 500).map(lambda seconds: ("wait", seconds))
MOVES = ("claim", "release", "raise", "note", "snooze", "claim", "release", "reply", "resolve", "reopen")
moves = st.sampled_from(MOVES)
people = st.sampled_from(list(PEOPLE))
deeds = st.one_of(
    waits,
    waits,
    moves.map(lambda name: ("move", name)),
    st.tuples(st.sampled_from([Kind.ABSENT, Kind.OVERRIDE]), people, st.integers(1, 60)),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(STARTS), st.sampled_from([Level.CRITICAL, Level.HIGH]), st.lists(deeds, max_size=20))
def test_no_step_is_lost_doubled_or_late_and_nobody_is_told_who_is_away(
    start: datetime, level: Level, done: list[tuple[object, ...]]
) -> None:
    trial = Trial(start, level)
    try:
        for deed in done:
            match deed:
                case ("wait", int(seconds)):
                    trial.wait(timedelta(seconds=seconds))
                case ("move", str(name)):
                    trial.move(name)
                case (Kind() as kind, str(who), int(length)):
                    trial.change_shift(kind, who, length)
        for run, taken in trial.finish().items():
            assert sorted(taken) == list(range(len(taken))), run
    finally:
        trial.store.close()
