"""Chains at work: who is told when, and what people's moves do to it."""

from datetime import timedelta

import pytest

from monitor import desk
from monitor.config.receivers import StdoutReceiver
from monitor.config.schema import Settings
from monitor.desk import Turn
from monitor.desk.chains import ChainView, chain_view
from monitor.domain import Level
from monitor.rules.chain import ChainState
from monitor.rules.shifts import Kind, ShiftChange
from monitor.steps.chain import begin_chains, follow_chain
from monitor.steps.deliver import deliver
from monitor.steps.escalate import escalate
from monitor.steps.services import Services
from monitor.store.chains import StepKind, StepState
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.services import FakeReceiver
from tests.staff import RECEIVERS, make_chain, make_staffed, staffed_services, step

SHORT = make_chain(step("ana", wait=5), step("ben", wait=5), step("everyone"))


class Desk:
    """A store with one told case, its phones, and the moves of people at minutes after NOW."""

    def __init__(self, settings: Settings, level: Level = Level.CRITICAL, due: float = 30) -> None:
        self.store = SqliteStore(None)
        self.settings = settings
        self.phones = {name: FakeReceiver() for name in settings.receivers}
        self.case_id = store_case(self.store, level)
        told = {"told_level": level, "told_at": NOW, "due_at": NOW + minutes(due), "escalate_at": NOW + minutes(due)}
        self.store.update_case(self.case_id, **told)
        follow_chain(self.store, settings, self.case_id, NOW, begins=True)

    @property
    def services(self) -> Services:
        return staffed_services(self.settings, self.phones)

    def open(self, minute: float) -> int:
        """Open and tell a further critical case; returns its id."""
        now = NOW + minutes(minute)
        case_id = store_case(self.store, Level.CRITICAL, now=now)
        self.store.update_case(case_id, told_level=Level.CRITICAL, told_at=now)
        follow_chain(self.store, self.settings, case_id, now, begins=True)
        return case_id

    def turn(self, minute: float) -> None:
        """Turn the timers and send what is due."""
        now = NOW + minutes(minute)
        escalate(self.store, self.services, now)
        deliver(self.store, self.services, now)

    def run(self, since: int, until: int) -> None:
        for minute in range(since, until + 1):
            self.turn(minute)

    def by(self, who: str, minute: float) -> Turn:
        return Turn(self.store, self.settings, who, NOW + minutes(minute))

    def told(self) -> list[tuple[float, tuple[str, ...]]]:
        """Return (minute, who was told) of every step that was taken."""
        rows = [row for row in self.store.chain_steps(self.case_id) if row.kind is StepKind.STEP and row.done_at]
        return [((row.done_at - NOW) / minutes(1), row.told) for row in rows if row.done_at]

    def warned(self) -> list[tuple[float, tuple[str, ...]]]:
        rows = [row for row in self.store.chain_steps(self.case_id) if row.kind is StepKind.WARNING]
        return [
            ((row.done_at - NOW) / minutes(1), row.told) for row in rows if row.state is StepState.DONE and row.done_at
        ]

    def view(self, minute: float) -> ChainView:
        case = self.store.case(self.case_id)
        assert case is not None
        found = chain_view(self.store, self.settings, case, NOW + minutes(minute))
        assert found is not None
        return found


ALL = ("ana", "ben", "cleo")


def test_steps_come_one_after_the_other_each_in_a_message_of_its_own() -> None:
    site = Desk(make_staffed(SHORT))
    site.run(0, 20)
    assert site.told() == [(0, ("ana",)), (5, ("ben",)), (10, ALL)]
    assert [len(site.phones[f"{name}-phone"].sent) for name in ALL] == [2, 2, 1]
    assert {message.event for message in site.phones["ana-phone"].sent} == {"case.escalated"}


def test_without_a_chain_a_late_case_is_told_once_as_ever() -> None:
    site = Desk(make_staffed(None), due=5)
    site.run(0, 20)
    assert site.store.chain_steps(site.case_id) == []
    assert [message.event for message in site.phones["desk"].sent] == ["case.escalated"]


def test_while_a_chain_goes_on_a_late_case_is_not_told_besides_and_after_its_end_it_is() -> None:
    goes_on, over = Desk(make_staffed(SHORT), due=5), Desk(make_staffed(SHORT), due=25)
    goes_on.run(0, 9)
    over.run(0, 30)
    assert goes_on.phones["desk"].sent == []
    assert [message.event for message in over.phones["desk"].sent] == ["case.escalated"]


def test_a_claim_pauses_and_its_release_resumes_where_the_chain_stopped() -> None:
    site = Desk(make_staffed(SHORT))
    site.run(0, 2)
    desk.claim(site.by("ana", 2), site.case_id)
    desk.release(site.by("ana", 6), site.case_id)
    site.run(3, 20)
    assert site.told() == [(0, ("ana",)), (9, ("ben",)), (14, ALL)]


def test_a_claim_that_runs_out_without_a_reply_resumes_the_chain_by_itself() -> None:
    site = Desk(make_staffed(SHORT))
    site.run(0, 2)
    desk.claim(site.by("ana", 2), site.case_id)
    site.run(3, 20)
    assert site.told() == [(0, ("ana",)), (10, ("ben",)), (15, ALL)]


@pytest.mark.parametrize("end", ["reply", "resolve", "dismiss"])
def test_an_answer_and_every_close_end_the_chain(end: str) -> None:
    site = Desk(make_staffed(SHORT))
    site.run(0, 2)
    turn = site.by("ana", 2)
    {
        "reply": lambda: desk.reply(turn, site.case_id, "on it", None),
        "resolve": lambda: desk.resolve(turn, site.case_id),
        "dismiss": lambda: desk.dismiss(turn, site.case_id, "spam"),
    }[end]()
    site.run(3, 40)
    assert site.told() == [(0, ("ana",))]
    assert site.view(40).state is ChainState.ENDED


def test_a_snooze_stops_nothing() -> None:
    site = Desk(make_staffed(SHORT))
    desk.snooze(site.by("ana", 0), site.case_id, NOW + timedelta(hours=5))
    site.run(0, 12)
    assert [minute for minute, _ in site.told()] == [0, 5, 10]


def test_a_reopened_case_begins_its_chain_anew() -> None:
    site = Desk(make_staffed(SHORT))
    site.run(0, 6)
    desk.resolve(site.by("ana", 6), site.case_id)
    desk.reopen(site.by("ben", 10), site.case_id)
    site.run(10, 30)
    assert site.told() == [(0, ("ana",)), (5, ("ben",)), (10, ("ana",)), (15, ("ben",)), (20, ALL)]


def test_a_dismissal_that_is_taken_back_begins_the_chain_anew() -> None:
    site = Desk(make_staffed(SHORT))
    site.run(0, 2)
    desk.give_feedback(site.by("ana", 2), site.case_id, desk.Feedback.NOT_A_COMPLAINT)
    site.turn(5)
    desk.undo_feedback(site.by("ana", 6), site.case_id)
    site.run(6, 12)
    assert site.told() == [(0, ("ana",)), (6, ("ana",)), (11, ("ben",))]


def test_a_raise_moves_to_the_higher_chain_and_takes_its_first_step_now() -> None:
    high = make_chain(step(wait=10), step("cleo"))
    site = Desk(make_staffed(SHORT, high), Level.HIGH)
    site.run(0, 3)
    desk.escalate(site.by("kim", 3), site.case_id, "the press calls")
    assert site.told() == [(3, ("ana",))]
    site.run(3, 20)
    assert site.told() == [(3, ("ana",)), (8, ("ben",)), (13, ALL)]


def test_escalating_takes_the_next_step_now_also_while_somebody_has_the_case() -> None:
    site = Desk(make_staffed(SHORT))
    site.run(0, 1)
    desk.claim(site.by("ana", 1), site.case_id)
    desk.escalate(site.by("kim", 2), site.case_id, "")
    assert site.told() == [(0, ("ana",)), (2, ("ben",))]
    assert site.view(2).state is ChainState.PAUSED
    desk.release(site.by("ana", 3), site.case_id)
    site.run(3, 20)
    assert site.told()[2:] == [(8, ALL)]


def test_the_owner_is_warned_before_the_case_is_late_else_who_is_on_shift() -> None:
    owned, nobodys = Desk(make_staffed(SHORT), due=30), Desk(make_staffed(SHORT), due=30)
    desk.claim(owned.by("Cleo", 27), owned.case_id)
    for site in (owned, nobodys):
        site.run(27, 31)
    assert owned.warned() == [(28, ("cleo",))]
    assert nobodys.warned() == [(28, ("ana", "ben"))]


def test_a_case_that_is_answered_in_time_is_not_warned_of() -> None:
    site = Desk(make_staffed(SHORT))
    desk.reply(site.by("ana", 20), site.case_id, "on it", None)
    site.run(20, 31)
    assert site.warned() == []


def test_turns_go_round_over_cases_and_steps() -> None:
    chain = make_chain(step("next-on-shift", wait=5, repeat=3))
    site = Desk(make_staffed(chain))
    site.run(0, 12)
    assert [told for _, told in site.told()] == [("ana",), ("ben",), ("ana",)]
    other = site.open(13)
    site.turn(13)
    assert [row.told for row in site.store.chain_steps(other) if row.state is StepState.DONE] == [("ben",)]


def test_whoever_is_said_to_be_away_is_passed_over_from_then_on() -> None:
    site = Desk(make_staffed(SHORT))
    site.run(0, 2)
    site.store.add_shift_change(ShiftChange(Kind.ABSENT, "ben", NOW + minutes(2), NOW + minutes(60)))
    site.run(3, 12)
    assert site.told() == [(0, ("ana",)), (5, ("ana",)), (10, ("ana", "cleo"))]
    assert site.phones["ben-phone"].sent == []


def test_a_step_hands_over_to_a_receiver() -> None:
    chain = make_chain(step("ana", wait=5), step("pager"))
    receivers = {**RECEIVERS, "pager": StdoutReceiver(kind="stdout")}
    site = Desk(make_staffed(chain, receivers=receivers))
    site.run(0, 6)
    assert site.told() == [(0, ("ana",)), (5, ("pager",))]
    assert len(site.phones["pager"].sent) == 1


def test_a_case_about_which_a_message_is_waiting_is_told_by_that_message_at_once() -> None:
    people_at_the_desk = {"ana": make_staffed().people["ana"].model_copy(update={"receivers": ("desk",)})}
    site = Desk(make_staffed(make_chain(step("ana")), people=people_at_the_desk, shifts=()))
    site.store.add_to_message("desk", "brand=lumo", "case.opened", site.case_id, Level.CRITICAL, NOW + minutes(5), NOW)
    site.turn(0)
    assert [message.event for message in site.phones["desk"].sent] == ["case.opened"]
    site.run(1, 10)
    assert len(site.phones["desk"].sent) == 1


def test_many_cases_at_once_are_one_message_a_minute_to_each_person() -> None:
    site = Desk(make_staffed(make_chain(step("ana"))))
    for second in range(0, 300, 2):
        last = site.open(second / 60)
        site.turn(second / 60)
    site.turn(6)
    assert 5 <= len(site.phones["ana-phone"].sent) <= 6
    assert [row.told for row in site.store.chain_steps(last) if row.done_at] == [("ana",)]


def test_a_config_that_brings_the_first_chain_begins_those_of_open_cases() -> None:
    site = Desk(make_staffed(None))
    assert site.store.chain(site.case_id) is None
    site.settings = make_staffed(SHORT)
    assert begin_chains(site.store, site.settings, NOW + minutes(7)) == 1
    site.run(7, 8)
    assert site.told() == [(7, ("ana",))]


def test_a_config_that_takes_the_chain_away_or_shortens_it_ends_it() -> None:
    gone, shorter = Desk(make_staffed(SHORT)), Desk(make_staffed(SHORT))
    for site, chain in ((gone, None), (shorter, make_chain(step("cleo")))):
        site.run(0, 2)
        site.settings = make_staffed(chain)
        site.run(3, 20)
        assert site.told() == [(0, ("ana",))]
    assert (gone.view(20).state, shorter.view(20).state) == (ChainState.ENDED, ChainState.FINISHED)


def test_the_desk_shows_what_comes_next_and_whom_it_tells() -> None:
    site = Desk(make_staffed(make_chain(step("ana", wait=5), step("on-shift"))))
    site.run(0, 2)
    view = site.view(2)
    assert (view.taken, view.steps, view.next_at, view.next_told) == (1, 2, NOW + minutes(5), ("ana", "ben"))
    desk.claim(site.by("ana", 3), site.case_id)
    paused = site.view(3)
    assert (paused.state, paused.next_at, paused.left) == (ChainState.PAUSED, None, minutes(2))
    shown = paused.to_json()
    assert (shown["left_s"], shown["next_told"], shown["done"][0]["told"]) == (120.0, ["ana", "ben"], ["ana"])


def test_history_that_was_never_told_has_no_chain_until_somebody_escalates_it() -> None:
    site = Desk(make_staffed(SHORT))
    old = store_case(site.store, Level.HIGH)
    desk.claim(site.by("ana", 1), old)
    desk.release(site.by("ana", 2), old)
    assert site.store.chain(old) is None
    desk.escalate(site.by("ana", 3), old, "it matters")
    assert [row.told for row in site.store.chain_steps(old) if row.done_at] == [("ana",)]
