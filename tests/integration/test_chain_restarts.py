"""A chain of half an hour survives a restart at every minute: each step once, at most 60 s late; the auditor looks."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import desk
from monitor.desk import Turn
from monitor.rules.chain import GRACE
from monitor.service.figures import Machinery, gather
from monitor.service.health import judge_health
from monitor.steps.auditor import lost_chains
from monitor.steps.deliver import deliver
from monitor.steps.escalate import escalate
from monitor.steps.triage import triage
from monitor.store.chains import ChainStepRow, StepKind, StepState
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_mentions
from tests.services import FakeReceiver
from tests.staff import RECEIVERS, make_staffed, staffed_services

LENGTH = 30
OFFSETS = (0, 4, 10, 16, 25, 30)
INJURY = "@lumo broken, my lumo lamp caught fire and burned my hand"


class Site:
    """One installation on disk that a test restarts as often as it likes; its phones remember what they were sent."""

    def __init__(self, file: Path, **config: object) -> None:
        self.file = file
        self.phones = {name: FakeReceiver() for name in RECEIVERS}
        self.config = config
        self.restart()

    def restart(self) -> None:
        """Open the store anew and build the services anew, as a process that starts does."""
        if hasattr(self, "store"):
            self.store.close()
        self.store = SqliteStore(self.file)
        self.store.void_leases()
        self.services = staffed_services(make_staffed(**self.config), self.phones)  # type: ignore[arg-type]

    def open(self) -> int:
        """Have an injury become a critical case; returns its id."""
        store_mentions(self.store, [make_mention(INJURY, posted_at=NOW)])
        triage(self.store, self.services, NOW)
        (case,) = self.store.queue(NOW)
        return case.id

    def turn(self, now: datetime) -> None:
        """Turn the loops once."""
        escalate(self.store, self.services, now)
        deliver(self.store, self.services, now)

    def steps(self, case_id: int) -> list[ChainStepRow]:
        """Return the rows of the steps, warnings left out."""
        return [row for row in self.store.chain_steps(case_id) if row.kind is StepKind.STEP]

    def sent(self, name: str) -> int:
        """Return how many messages a phone has got."""
        return len(self.phones[f"{name}-phone"].sent)


@pytest.mark.parametrize("phase", [0, 31, 59])
def test_a_restart_at_every_minute_loses_doubles_and_delays_no_step(tmp_path: Path, phase: int) -> None:
    site = Site(tmp_path / "store.db")
    case_id = site.open()
    for minute in range(LENGTH + 2):
        site.restart()
        now = NOW + minutes(minute) + timedelta(seconds=phase)
        site.turn(now)
        assert lost_chains(site.store, site.services.settings, now) == []
    rows = site.steps(case_id)
    assert [row.step for row in rows] == [0, 1, 2, 3, 4, 5]
    assert [row.due_at for row in rows] == [NOW + minutes(offset) for offset in OFFSETS]
    assert all(row.done_at and timedelta(0) <= row.done_at - row.due_at <= GRACE for row in rows if row.due_at)
    assert [row.told for row in rows] == [
        ("ana",), ("ana",), ("ben",), ("ana",), ("ana", "ben"), ("ana", "ben", "cleo"),
    ]  # fmt: skip
    assert (site.sent("ana"), site.sent("ben"), site.sent("cleo")) == (5 + 1, 3 + 1, 1)


@pytest.mark.parametrize("minute", OFFSETS)
def test_a_death_in_the_middle_of_a_step_tells_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minute: int
) -> None:
    site = Site(tmp_path / "store.db")
    case_id = site.open()
    for past in range(minute):
        site.turn(NOW + minutes(past))
    with monkeypatch.context() as patched:
        patched.setattr(site.store, "put_chain", _die)
        with pytest.raises(_Died):
            site.turn(NOW + minutes(minute))
    site.restart()
    for later in range(minute, LENGTH + 2):
        site.turn(NOW + minutes(later))
    rows = site.steps(case_id)
    assert [row.step for row in rows] == [0, 1, 2, 3, 4, 5]
    assert {row.state for row in rows} == {StepState.DONE}
    assert (site.sent("ana"), site.sent("ben"), site.sent("cleo")) == (5 + 1, 3 + 1, 1)


class _Died(BaseException):
    pass


def _die(*_: object) -> None:
    raise _Died


def test_a_row_that_somebody_deletes_is_found_told_to_everybody_and_mended(tmp_path: Path) -> None:
    site = Site(tmp_path / "store.db")
    case_id = site.open()
    site.turn(NOW)
    with site.store.write():
        site.store.connection.query("DELETE FROM chain_steps WHERE state = 'waiting' AND kind = 'step'", {})
    site.restart()
    now = NOW + minutes(2)
    before = {name: site.sent(name) for name in ("ana", "ben", "cleo")}
    site.turn(now)
    assert {name: site.sent(name) - before[name] for name in before} == {"ana": 1, "ben": 1, "cleo": 1}
    assert len(site.phones["desk"].sent) == 2
    health = judge_health(gather(site.store, site.services, Machinery(), now))
    assert f"the escalation of case {case_id} (critical) had stopped; everybody was told" in " ".join(health.reasons)
    for minute in range(3, LENGTH + 10):
        site.turn(NOW + minutes(minute))
    assert [row.step for row in site.steps(case_id)] == [0, 1, 2, 3, 4, 5]
    assert [entry.action for entry in site.store.audit_trail(case_id)].count("chain-lost") == 1


def test_health_is_well_again_once_somebody_takes_the_case(tmp_path: Path) -> None:
    site = Site(tmp_path / "store.db")
    case_id = site.open()
    with site.store.write():
        site.store.connection.query("DELETE FROM chain_steps", {})
    site.turn(NOW + minutes(1))
    settings = site.services.settings
    assert [lost.case_id for lost in lost_chains(site.store, settings, NOW + minutes(1))] == [case_id]
    desk.claim(Turn(site.store, settings, "ana", NOW + minutes(2)), case_id)
    assert lost_chains(site.store, settings, NOW + minutes(2)) == []
    desk.release(Turn(site.store, settings, "ana", NOW + minutes(3)), case_id)
    assert lost_chains(site.store, settings, NOW + minutes(3)) == []


def test_an_overdue_step_is_found_while_nothing_turns(tmp_path: Path) -> None:
    site = Site(tmp_path / "store.db")
    case_id = site.open()
    site.turn(NOW)
    late = NOW + minutes(4) + GRACE
    assert lost_chains(site.store, site.services.settings, late) == []
    (lost,) = lost_chains(site.store, site.services.settings, late + timedelta(seconds=1))
    assert (lost.case_id, lost.due_at) == (case_id, NOW + minutes(4))


def test_after_a_long_stop_the_steps_that_were_missed_come_one_after_the_other(tmp_path: Path) -> None:
    site = Site(tmp_path / "store.db")
    case_id = site.open()
    site.turn(NOW)
    site.restart()
    back = NOW + timedelta(hours=2)
    for minute in range(40):
        site.turn(back + minutes(minute))
    done = [row.done_at for row in site.steps(case_id)]
    assert done == [NOW, *(back + minutes(offset - 4) for offset in OFFSETS[1:])]


def test_a_customer_who_complains_again_begins_the_chain_anew_once_the_owner_lets_go(tmp_path: Path) -> None:
    site = Site(tmp_path / "store.db")
    store_mentions(site.store, [make_mention(INJURY, posted_at=NOW, author="eve", thread_id="t1")])
    triage(site.store, site.services, NOW)
    (case,) = site.store.queue(NOW)
    site.turn(NOW)
    desk.reply(Turn(site.store, site.services.settings, "ana", NOW + minutes(1)), case.id, "on it", None, native=True)
    again = make_mention(f"{INJURY}, and nobody helps", posted_at=NOW + minutes(20), author="eve", thread_id="t1")
    store_mentions(site.store, [again], now=NOW + minutes(20))
    triage(site.store, site.services, NOW + minutes(20))
    for minute in range(20, 32):
        site.turn(NOW + minutes(minute))
    taken = [row for row in site.steps(case.id) if row.state is StepState.DONE]
    assert [(row.run, row.step, row.done_at) for row in taken] == [
        (1, 0, NOW), (2, 0, NOW + minutes(25)), (2, 1, NOW + minutes(29)),
    ]  # fmt: skip
    assert "claim-released" in [entry.action for entry in site.store.audit_trail(case.id)]
