"""Approvals as they are lived through: asked for, told, told again until somebody decides, told how it ended."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor import desk
from monitor.config.receivers import StdoutReceiver, WebhookReceiver
from monitor.desk import Command
from monitor.domain import Level, Severity
from monitor.steps.deliver import deliver
from monitor.steps.escalate import escalate
from monitor.steps.services import Services
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.services import FakeReceiver, make_services

WORDS = "We're very sorry. Please stop using it; we come back to you here."
STAFF: dict[str, Any] = {
    "receivers": {name: StdoutReceiver(kind="stdout") for name in ("desk", "ana", "ben", "cleo")},
    "people": {name: {"receivers": [name]} for name in ("ana", "ben", "cleo")},
    "shifts": [{"who": ["ana", "ben"]}],
}


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    opened = SqliteStore(None)
    yield opened
    opened.close()


class Team:
    """A store, the config of a team, and what each of its receivers was sent."""

    def __init__(self, store: SqliteStore, **settings: Any) -> None:
        names = ("desk", "ana", "ben", "cleo")
        self.store = store
        self.boxes = {name: FakeReceiver() for name in names}
        services = make_services(**{**STAFF, **settings})
        self.services = Services(
            **{name: getattr(services, name) for name in Services.__dataclass_fields__ if name != "receivers"},
            receivers=self.boxes,
        )
        self.case = store_case(store, Level.CRITICAL, text="my lumo lamp burns", permalink="https://x.com/kim/status/1")
        store.update_case(self.case, severity=(Severity.SAFETY,))

    def act(self, name: str, who: str = "ana", at: datetime = NOW, **values: Any) -> None:
        desk.execute(self.store, self.services.settings, Command(name, who, {"case": self.case, **values}), at)

    def ask(self) -> None:
        self.act("answer-write", text=WORDS)
        self.act("answer-ask")

    def go_on(self, until: datetime) -> None:
        """Run the steps whenever one of them is due, up to a time."""
        now = NOW
        while now <= until:
            escalate(self.store, self.services, now)
            deliver(self.store, self.services, now)
            due = self.store.next_answer_step()
            now = until if due is None and now < until else due if due is not None and due > now else now + minutes(1)
        deliver(self.store, self.services, until)

    def told(self, name: str) -> list[str]:
        return [message.event for message in self.boxes[name].sent if message.event.startswith("answer.")]


def test_whoever_is_on_shift_is_asked_at_once_and_never_the_author(store: SqliteStore) -> None:
    team = Team(store)
    team.ask()
    team.go_on(NOW)
    assert (team.told("ben"), team.told("ana"), team.told("cleo")) == (["answer.waiting"], [], [])
    (message,) = team.boxes["ben"].sent
    assert message.urgent
    assert "an answer waits for approval: case 1 (safety)" in message.subject
    for part in (WORDS, "my lumo lamp burns", "written by", "answer approve 1"):
        assert part in message.text
    assert message.payload["event"] == "answer.waiting"
    assert message.payload["answer"]["text"] == WORDS
    assert message.payload["case"]["id"] == team.case


def test_nobody_decides_and_more_people_are_asked_again_and_again(store: SqliteStore) -> None:
    team = Team(store)
    team.ask()
    team.go_on(NOW + timedelta(hours=2))
    assert len(team.told("ben")) == 5
    assert len(team.told("cleo")) == 4
    assert team.told("ana") == []
    asked = [entry for entry in store.audit_trail(team.case) if entry.action.startswith("approval-asked")]
    times = [entry.at - NOW for entry in asked]
    assert times == [minutes(0), minutes(5), minutes(20), minutes(35), minutes(50)]
    assert [answer.case_id for answer in store.waiting_answers()] == [team.case]
    assert store.next_answer_step() is None


def test_after_a_decision_nobody_is_asked_and_all_who_were_are_told(store: SqliteStore) -> None:
    team = Team(store)
    team.ask()
    team.go_on(NOW)
    team.act("answer-approve", "ben", NOW + minutes(2))
    team.go_on(NOW + timedelta(hours=1))
    assert team.told("ben") == ["answer.waiting", "answer.approved"]
    assert team.told("ana") == ["answer.approved"]
    assert team.told("cleo") == []
    assert [message.over for message in team.boxes["ben"].sent] == [False, True]
    assert len({message.thread for message in team.boxes["ben"].sent}) == 1


def test_the_author_reads_why_an_answer_was_rejected(store: SqliteStore) -> None:
    team = Team(store)
    team.ask()
    team.act("answer-reject", "ben", reason="ask for the model")
    team.go_on(NOW)
    (message,) = team.boxes["ana"].sent
    assert message.event == "answer.rejected"
    assert "rejected by" in message.text
    assert "ask for the model" in message.text
    assert team.told("ben") == []


def test_a_question_that_is_settled_before_it_was_sent_is_not_sent(store: SqliteStore) -> None:
    team = Team(store)
    team.ask()
    team.act("answer-write", text=WORDS + " Soon.")
    team.go_on(NOW + timedelta(hours=1))
    assert "answer.waiting" not in team.told("ben")


def test_asking_ends_with_the_case(store: SqliteStore) -> None:
    team = Team(store)
    team.ask()
    team.go_on(NOW)
    team.act("dismiss", "cleo", reason="a hoax")
    team.go_on(NOW + timedelta(hours=1))
    assert team.told("ben") == ["answer.waiting", "answer.withdrawn"]
    assert store.answers_of_case(team.case)[0].state == "withdrawn"
    assert store.audit_trail(team.case)[-1].detail["reason"] == "the case is dismissed"


def test_a_team_without_people_is_asked_where_it_hears_of_its_cases(store: SqliteStore) -> None:
    team = Team(store, people={}, shifts=())
    team.ask()
    team.go_on(NOW)
    assert team.told("desk") == ["answer.waiting"]


def test_the_steps_are_those_of_the_config(store: SqliteStore) -> None:
    approval = {"steps": [{"notify": "cleo", "wait": "1h"}, {"notify": "desk"}]}
    team = Team(store, answers={"approval": approval})
    team.ask()
    team.go_on(NOW + timedelta(minutes=59))
    assert (team.told("cleo"), team.told("desk")) == (["answer.waiting"], [])
    team.go_on(NOW + timedelta(hours=3))
    assert team.told("desk") == ["answer.waiting"]


def test_asking_breaks_quiet_hours_and_silences_as_grave_cases_do(store: SqliteStore) -> None:
    quiet = WebhookReceiver.model_validate(
        {"kind": "webhook", "url": "https://a.example/h", "quiet": [{"start": "00:00", "end": "23:59"}]}
    )
    team = Team(store, receivers={**STAFF["receivers"], "ben": quiet})
    values = {"matchers": {"brand": ["lumo"]}, "reason": "noise", "until": "2027-01-01T00:00:00Z"}
    desk.execute(store, team.services.settings, Command("silence", "ana", values), NOW)
    team.ask()
    team.go_on(NOW)
    assert team.told("ben") == ["answer.waiting"]


def test_a_restart_loses_no_step_and_takes_none_twice(store: SqliteStore) -> None:
    team = Team(store)
    team.ask()
    later = NOW + minutes(30)
    for _ in range(3):
        escalate(store, team.services, later)
    asked = [entry.action for entry in store.audit_trail(team.case) if entry.action.startswith("approval-asked")]
    assert asked == ["approval-asked 1 of 5", "approval-asked 2 of 5"]
    assert store.next_answer_step() == later + minutes(15)
