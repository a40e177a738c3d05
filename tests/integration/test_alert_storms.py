"""What a receiver hears of a storm, of a long outage of its own, and of a race: few messages, and nothing lost."""

import sys
import threading
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from monitor.config.receivers import StdoutReceiver
from monitor.config.routes import Route
from monitor.config.schema import Settings
from monitor.domain import Level, Severity
from monitor.errors import SendError, SendReason
from monitor.notify.receiver import Message
from monitor.steps.deliver import LEASE_S
from monitor.steps.subjects import RENDERERS, Told
from monitor.steps.telling import Event, Topic, tell_topic
from monitor.store.sqlite import SqliteStore
from tests.alerts import AlertDesk
from tests.builders import NOW, minutes
from tests.services import FakeReceiver

TWO = {"desk": StdoutReceiver(kind="stdout"), "boss": StdoutReceiver(kind="stdout")}
SECOND = timedelta(seconds=1)


class DownReceiver(FakeReceiver):
    """Takes nothing until it is healed; remembers when it was asked."""

    def __init__(self, heals_at: datetime) -> None:
        super().__init__()
        self.heals_at = heals_at
        self.now = NOW
        self.asked: list[datetime] = []

    def send(self, message: Message) -> None:
        self.asked.append(self.now)
        if self.now < self.heals_at:
            raise SendError("desk", "503", reason=SendReason.SERVER, permanent=False)
        super().send(message)


def grave(messages: list[Message]) -> list[Message]:
    return [message for message in messages if "safety" in message.payload["case"]["severity"]]


@pytest.mark.slow
def test_ten_thousand_rants_in_a_minute_are_three_messages_besides_the_threats() -> None:
    desk = AlertDesk("desk", "boss", receivers=TWO, routes=(Route(to=("desk", "boss")),))
    threats = 0
    for second in range(60):
        now = NOW + second * SECOND
        desk.cases(166, now=now)
        if second % 12 == 3:
            desk.case(Level.CRITICAL, Severity.SAFETY, now=now)
            threats += 1
        desk.deliver(now)
    desk.cases(35, now=NOW + minutes(1))
    for second in range(60, 900, 5):
        desk.deliver(NOW + second * SECOND)
    assert len(desk.store.queue(NOW)) == 10_000
    for name in ("desk", "boss"):
        told = grave(desk.heard(name))
        assert sum(message.payload["count"] for message in told) == threats == 5
        assert len(told) <= threats
        assert len(desk.heard(name)) - len(told) <= 3
        assert sum(message.payload["count"] for message in desk.heard(name)) == 10_000


def told_incident(
    store: SqliteStore, settings: Settings, number: int, event: str, receiver: str, now: datetime, key: str
) -> Told:
    size = len(store.queue(now))
    message = Message(
        event, receiver, event, event, None, {"event": event, "count": size, "case": {"severity": []}}, key
    )
    return Told(message, "lumo", Level.HIGH, size)


class Outage:
    """An incident as the incident step keeps it: told of at five cases, and again whenever it has doubled."""

    def __init__(self, desk: AlertDesk) -> None:
        self.desk, self.told = desk, 0

    def gather(self, now: datetime) -> None:
        """Place all cases, and tell."""
        store = self.desk.store
        with store.write():
            store.connection.query(
                "UPDATE cases SET incident_id = 7 WHERE incident_id IS NULL AND severity NOT LIKE '%safety%'", {}
            )
            size = int(store.connection.query("SELECT count(*) AS n FROM cases WHERE incident_id = 7", {})[0]["n"])
            if size >= 5 and size >= 2 * self.told:
                worst = store.case_views([1])
                topic = Topic("incident:7", "lumo", Level.HIGH, size, worst)
                tell_topic(store, self.desk.settings, topic, f"incident.{'updated' if self.told else 'opened'}", now)
                self.told = size


@pytest.mark.slow
def test_five_thousand_posts_of_a_three_hour_outage_are_eight_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    # tests are imported by path: say where the renderer is found
    monkeypatch.setitem(sys.modules, "outage_renderer", SimpleNamespace(told_incident=told_incident))
    monkeypatch.setitem(RENDERERS, "incident", "outage_renderer:told_incident")
    desk = AlertDesk("desk", "boss", receivers=TWO, routes=(Route(to=("desk", "boss")),))
    outage = Outage(desk)
    for turn in range(1_250):
        now = NOW + turn * timedelta(seconds=10)
        if turn < 1_080 and turn % 2 == 0:
            desk.cases(9 if turn % 54 else 23, now=now)
        if turn == 300:
            desk.case(Level.CRITICAL, Severity.SAFETY, now=now)
        outage.gather(now)
        if turn % 6 == 0:
            for case_id in range(turn, turn + 3):
                desk.tell(case_id + 1, Event.ESCALATED, now, again=True)
        desk.deliver(now)
    assert len(desk.store.queue(NOW)) >= 5_000
    for name in ("desk", "boss"):
        told = grave(desk.heard(name))
        assert len(told) == 1, "the threat in it still wakes somebody"
        assert len(desk.heard(name)) - len(told) <= 8, Counter(message.event for message in desk.heard(name))


@pytest.mark.parametrize("level", [Level.CRITICAL, Level.HIGH])
def test_five_hundred_injuries_in_an_hour_are_told_at_once_then_once_a_minute(level: Level) -> None:
    desk = AlertDesk()
    sent_at: list[datetime] = []
    for number in range(600):
        now = NOW + number * timedelta(seconds=7.2)
        if number < 500:
            desk.case(level, Severity.SAFETY, now=now)
        if number % 9 == 4:
            desk.tell(1, Event.ESCALATED, now, again=True)
        desk.deliver(now)
        sent_at += [now] * (len(desk.heard()) - len(sent_at))
    assert sent_at[0] == NOW
    gaps = [later - earlier for earlier, later in pairwise(sent_at)]
    assert (min(gaps) >= minutes(1), max(gaps) <= minutes(2)) == (True, True)
    heard = Counter(case["id"] for message in desk.heard() for case in message.payload["cases"])
    assert len(heard) == 500
    assert {times for case, times in heard.items() if case != 1} == {1}


def test_what_a_receiver_that_was_down_for_six_hours_missed_comes_as_two_messages_a_group() -> None:
    desk = AlertDesk()
    receiver = DownReceiver(NOW + minutes(360))
    desk.receivers["desk"] = receiver
    opened = []
    for second in range(0, 370 * 60, 20):
        receiver.now = NOW + second * SECOND
        if second % 600 == 0 and second < 360 * 60:
            opened += [desk.case(now=receiver.now), desk.case(Level.CRITICAL, Severity.SAFETY, now=receiver.now)]
        if second % 900 == 40 and second < 360 * 60:
            desk.tell(opened[-2], Event.ESCALATED if second % 1800 == 40 else Event.RELEASED, receiver.now, again=True)
        desk.deliver(receiver.now)
    groups = Counter("grave" if "safety" in m.payload["case"]["severity"] else "other" for m in receiver.sent)
    assert max(groups.values()) <= 2
    told = desk.store.tellings_of("desk", opened)
    assert sorted(told) == opened
    a_minute = Counter((moment - NOW) // minutes(1) for moment in receiver.asked if moment < receiver.heals_at)
    assert max(a_minute.values()) == 1
    apart = [later - earlier for earlier, later in pairwise(receiver.asked)
             if later < receiver.heals_at]  # fmt: skip
    assert min(apart) >= minutes(1)


def test_what_gathered_comes_oldest_urgent_first() -> None:
    desk = AlertDesk(routes=(Route.model_validate({"to": "desk", "group_by": ["platform"]}),))
    receiver = DownReceiver(NOW + minutes(60))
    desk.receivers["desk"] = receiver
    names = ["reddit", "x", "rss", "hackernews"]
    for second in range(0, 70 * 60, 10):
        receiver.now = NOW + second * SECOND
        if second % 600 == 0 and second // 600 < len(names):
            desk.case(now=receiver.now, platform=names[second // 600])
        desk.deliver(receiver.now)
    told = [message.payload["case"]["platform"] for message in receiver.sent]
    assert told == names
    assert max(receiver.asked) <= receiver.heals_at + minutes(6), "and soon after it was healed"


def test_a_receiver_that_answers_after_25_seconds_gets_a_digest_once() -> None:
    desk = AlertDesk()
    now = NOW

    class Slow(FakeReceiver):
        def send(self, message: Message) -> None:
            nonlocal now
            for _ in range(25):
                now += SECOND
                add_digests(now)
            # another loop delivers meanwhile: it may take what waits, never what is on its way
            other = desk.store.claim_message(["desk"], now, LEASE_S)
            assert other is None or other.idempotency_key not in {message.idempotency_key, *sent_keys()}
            super().send(message)

    def sent_keys() -> set[str]:
        return {message.idempotency_key for message in desk.heard()}

    def add_digests(moment: datetime) -> None:
        number = (moment - NOW) // timedelta(seconds=10)
        if moment == NOW + number * timedelta(seconds=10) and number < 6:
            key = f"key-{number}"
            body = Message("digest", "desk", f"digest {number}", "text", None, {}, key)
            desk.store.add_sealed("desk", "digest", body.to_json(), key, moment, urgent=False)

    add_digests(NOW)
    desk.receivers["desk"] = Slow()
    for _ in range(400):
        desk.deliver(now, limit=1)
        now += SECOND
        add_digests(now)
    counted = Counter(message.subject for message in desk.heard())
    assert counted == {f"digest {number}": 1 for number in range(6)}


def test_two_loops_that_race_on_one_outbox_send_each_message_once(tmp_path: Path) -> None:
    file = tmp_path / "monitor.db"
    routes = (Route.model_validate({"to": "desk", "group_by": ["platform"]}),)
    first = AlertDesk(store=SqliteStore(file), routes=routes)
    second = AlertDesk(store=SqliteStore(file), routes=routes)
    for number in range(40):
        first.case(platform=f"platform{number}")
    go, failures = threading.Barrier(2), []

    def run(desk: AlertDesk) -> None:
        go.wait()
        try:
            while desk.deliver(NOW + minutes(1), limit=3).count:
                pass
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=run, args=(desk,)) for desk in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = Counter(message.idempotency_key for message in (*first.heard(), *second.heard()))
    assert failures == []
    assert (len(sent), set(sent.values())) == (40, {1})
