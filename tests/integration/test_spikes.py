"""Spikes from posts to messages: the store, triage, the step and delivery together, on a clock of the test's own."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from connectors.options import ReplayOptions
from monitor.config.events import PlannedEvent, Spikes
from monitor.config.receivers import StdoutReceiver
from monitor.config.routes import Route
from monitor.config.schema import Brand, Watch
from monitor.domain import Level
from monitor.notify.receiver import Message
from monitor.steps.deliver import deliver
from monitor.steps.scene import event_course, planned
from monitor.steps.services import Done, Services
from monitor.steps.spikes import EVERY, OPENED, OVER, UPDATED, spikes
from monitor.steps.triage import triage
from monitor.store.connection import ms
from monitor.store.spikes import Spike
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_mentions
from tests.services import FakeReceiver, make_services
from tests.spiking import heard_store, rant

LATER = NOW + minutes(30)


def look(store: SqliteStore, services: Services, now: datetime = NOW) -> Done:
    return spikes(store, services, now, 10)


def only(store: SqliteStore) -> Spike:
    (found,) = store.spikes(NOW - timedelta(days=30))
    return found


def told(store: SqliteStore, services: Services, now: datetime) -> list[Message]:
    """Deliver what is due, and return what was said of spikes."""
    receiver = services.receivers["desk"]
    assert isinstance(receiver, FakeReceiver)
    deliver(store, services, now)
    return [message for message in receiver.sent if message.event.startswith("spike.")]


def test_a_rise_opens_one_spike_and_is_told_once() -> None:
    store, services = heard_store(), make_services()
    rant(store, services, 20)
    for turn in range(5):
        look(store, services, NOW + turn * EVERY)
    spike = only(store)
    assert (spike.brand, spike.state, spike.level) == ("lumo", "open", "high")
    assert NOW - minutes(11) <= spike.since <= NOW
    assert 20 <= spike.seen <= 21, "one of the usual ones may have come as well"
    assert spike.expected < 3
    (message,) = told(store, services, NOW + minutes(2))
    assert (message.event, message.urgent) == (OPENED, True)
    assert message.thread.endswith(f"spike:{spike.id}")
    assert told(store, services, NOW + minutes(20)) == [message]


def test_a_message_names_figures_words_posts_and_shares() -> None:
    store, services = heard_store(), make_services()
    rant(store, services, 5, NOW - timedelta(days=2), text="lumo parcel late and broken")
    rant(store, services, 20)
    look(store, services)
    (message,) = told(store, services, NOW + minutes(2))
    spike = message.payload["spike"]
    assert (spike["brand"], spike["state"]) == ("lumo", "open")
    assert f"{spike['seen']} complaints since" in message.subject
    assert any("checkout" in word["word"] for word in spike["words"])
    assert not any("parcel" in word["word"] or "lumo" in word["word"] for word in spike["words"])
    assert len(spike["posts"]) == 1, "twenty posts of the same words explain no more than one"
    assert spike["posts"][0]["text"].startswith("lumo checkout is broken")
    assert (spike["platforms"], message.payload["count"]) == ({"x": 1.0}, spike["seen"])
    assert message.payload["case"]["brand"] == "lumo"
    for part in ("usual", "words: ", "checkout", "platforms: ", "100%", "complaint-monitor queue"):
        assert part in message.text


def test_the_end_is_told_once() -> None:
    store, services = heard_store(), make_services()
    rant(store, services, 20)
    look(store, services)
    told(store, services, NOW + minutes(1))
    over = NOW + minutes(70)
    store.connection.query("UPDATE sources SET state = 'ok', ok_at = :at, due_at = :at", {"at": ms(over)})
    look(store, services, over)
    look(store, services, over + EVERY)
    spike = only(store)
    assert (spike.state, spike.ended_at) == ("over", over)
    assert [message.event for message in told(store, services, over + minutes(40))] == [OPENED, OVER]


def test_a_spike_that_doubles_is_told_again_and_a_steady_one_is_not() -> None:
    store, services = heard_store(), make_services()
    rant(store, services, 20)
    look(store, services)
    told(store, services, NOW + minutes(1))
    rant(store, services, 40, LATER, ago=20, text="lumo app still broken")
    look(store, services, LATER)
    assert len(told(store, services, LATER + minutes(2))) == 1, "no faster than before"
    rant(store, services, 120, LATER + minutes(10), ago=9, text="lumo site broken too")
    look(store, services, LATER + minutes(10))
    look(store, services, LATER + minutes(11))
    events = [message.event for message in told(store, services, LATER + minutes(50))]
    assert events == [OPENED, UPDATED]


def test_a_spike_is_critical_from_its_set_size_and_its_rise_is_told() -> None:
    store, services = heard_store(), make_services(spikes=Spikes(critical=50))
    rant(store, services, 20)
    look(store, services)
    assert only(store).level is Level.HIGH
    told(store, services, NOW + minutes(1))
    rant(store, services, 50, NOW + minutes(5), ago=4, text="lumo login broken")
    look(store, services, NOW + minutes(5))
    assert only(store).level is Level.CRITICAL
    assert [message.event for message in told(store, services, NOW + minutes(6))] == [OPENED, UPDATED]


def test_the_first_poll_of_a_source_raises_no_alarm() -> None:
    store, services = SqliteStore(None), make_services()
    rant(store, services, 300, ago=60)
    for turn in range(3):
        look(store, services, NOW + turn * minutes(5))
    assert store.spikes(NOW - timedelta(days=30)) == []


def test_a_source_that_was_added_is_no_rise_of_those_heard_for_long() -> None:
    sources = {name: ReplayOptions(kind="replay", path="posts.jsonl") for name in ("x", "reddit")}
    store, services = heard_store(), make_services(sources=sources)
    mentions = [make_mention("lumo is broken", posted_at=NOW - minutes(at), platform="reddit") for at in range(50)]
    store_mentions(store, mentions, source="reddit", now=NOW)
    triage(store, services, NOW)
    look(store, services)
    assert store.spikes(NOW - timedelta(days=30)) == []


def test_a_backlog_counts_in_its_own_time() -> None:
    store, services = heard_store(), make_services()
    mentions = [make_mention("lumo is broken", posted_at=NOW - timedelta(hours=3, minutes=at)) for at in range(50)]
    store_mentions(store, mentions)
    triage(store, services, NOW)
    look(store, services)
    assert store.spikes(NOW - timedelta(days=30)) == []


def test_a_blind_source_is_no_fall() -> None:
    store, services = heard_store(), make_services()
    rant(store, services, 20)
    look(store, services)
    over = NOW + minutes(70)
    store.connection.query("UPDATE sources SET state = 'failing', ok_at = :at", {"at": ms(NOW)})
    look(store, services, over)
    assert only(store).state == "open"


@pytest.mark.parametrize(("factor", "found"), [(1.0, 1), (10.0, 0)])
def test_an_event_lets_expect_more(factor: float, found: int) -> None:
    event = PlannedEvent(name="sale", brand=("lumo",), start=NOW - minutes(300), end=LATER, factor=factor)
    store, services = heard_store(), make_services(events=(event,))
    rant(store, services, 20)
    look(store, services)
    assert len(store.spikes(NOW - timedelta(days=30))) == found


def test_an_event_changes_no_case() -> None:
    event = PlannedEvent(name="sale", start=NOW - minutes(300), end=LATER, factor=100)
    words = "my lumo lamp caught fire and burned my daughter, broken"
    levels = []
    for services in (make_services(), make_services(events=(event,))):
        store = heard_store()
        rant(store, services, 1, text=words)
        levels.append([(case.level, case.severity, case.score) for case in store.queue(NOW)])
    assert levels[0] == levels[1]
    assert levels[0][0][0] is Level.CRITICAL


def test_an_event_that_has_passed_is_no_part_of_what_is_usual() -> None:
    event = PlannedEvent(name="sale", start=NOW - timedelta(days=3), end=NOW - timedelta(days=2), factor=10)
    store = heard_store()
    span = {"first": ms(event.start) // 60_000, "last": ms(event.end) // 60_000}
    store.connection.query("UPDATE tallies SET complaints = 10 WHERE minute >= :first AND minute < :last", span)
    learnt = []
    for services in (make_services(), make_services(events=(event,))):
        store.connection.query("DELETE FROM usuals", {})
        store.set_meta("spikes_looked_at", NOW.replace(year=2020).isoformat())
        look(store, services)
        known = store.usual("lumo")
        assert known is not None
        learnt.append(sum(known[1].rates) / 168)
    assert learnt[1] == pytest.approx(6, abs=0.3)
    assert learnt[0] > learnt[1]


def test_the_course_of_an_event_is_told_beside_what_is_usual() -> None:
    event = PlannedEvent(name="sale", start=NOW - minutes(120), end=LATER, factor=3)
    store, services = heard_store(), make_services(events=(event,))
    (expected,) = planned(services.settings, "lumo")
    assert event_course(store, services.settings, "lumo", expected, NOW).factor is None
    rant(store, services, 20)
    look(store, services)
    course = event_course(store, services.settings, "lumo", expected, NOW)
    assert course.usual == pytest.approx(12, abs=1)
    assert course.seen == pytest.approx(32, abs=1)


def test_only_receivers_of_the_brand_are_told() -> None:
    receivers = {name: StdoutReceiver(kind="stdout") for name in ("desk", "other")}
    routes = (Route(to=("desk",), brand=("lumo",)), Route(to=("other",), brand=("korvo",)))
    brands = {name: Brand(watches=(Watch(name="name", query=name),)) for name in ("lumo", "korvo")}
    base = make_services(receivers=receivers, routes=routes, brands=brands)
    services = replace(base, receivers={"desk": FakeReceiver(), "other": FakeReceiver()})
    store = heard_store(("lumo", "korvo"))
    rant(store, services, 20)
    look(store, services)
    assert [message.event for message in told(store, services, NOW + minutes(2))] == [OPENED]
    other = services.receivers["other"]
    assert isinstance(other, FakeReceiver)
    assert other.sent == []


def test_a_silence_of_the_brand_mutes_it() -> None:
    store, services = heard_store(), make_services()
    store.add_silence({"brand": ["lumo"]}, "ana", "known", NOW - minutes(1), LATER)
    rant(store, services, 20)
    look(store, services)
    assert told(store, services, NOW + minutes(2)) == []
    assert only(store).state == "open"


def test_a_spike_of_a_brand_that_left_the_config_ends() -> None:
    store, services = heard_store(), make_services()
    rant(store, services, 20)
    look(store, services)
    look(store, make_services(brands={"korvo": Brand()}), LATER)
    assert only(store).state == "over"


def test_a_clock_that_jumps_back_stops_nothing() -> None:
    store, services = heard_store(), make_services()
    look(store, services, NOW + timedelta(days=2))
    rant(store, services, 20)
    look(store, services)
    assert only(store).state == "open"


def test_nothing_is_looked_for_where_spikes_are_switched_off() -> None:
    store, services = heard_store(), make_services(spikes=Spikes(enabled=False))
    rant(store, services, 20)
    assert look(store, services) == Done(0)
    assert store.spikes(NOW - timedelta(days=30)) == []


def test_it_is_due_again_within_seconds_and_not_sooner() -> None:
    store, services = heard_store(), make_services()
    assert look(store, services).next_due_at == NOW + EVERY
    rant(store, services, 20)
    assert look(store, services, NOW + EVERY / 2) == Done(0, NOW + EVERY)
    assert look(store, services, NOW + EVERY).count == 1


def test_an_outage_of_three_hours_with_5000_complaints_is_told_in_a_few_messages() -> None:
    store, services = heard_store(), make_services()
    rant(store, services, 20)
    chance = Random("outage")
    for minute in range(240):
        now = NOW + minutes(minute)
        if minute < 180:
            several = max(0, round(chance.gauss(28, 10)))
            row = {"minute": ms(now) // 60_000, "count": several}
            store.connection.query(
                "INSERT INTO tallies VALUES ('lumo', :minute, 'x', :count, :count) ON CONFLICT DO UPDATE "
                "SET posts = posts + :count, complaints = complaints + :count",
                row,
            )
        store.connection.query("UPDATE sources SET state = 'ok', ok_at = :at, due_at = :at", {"at": ms(now)})
        look(store, services, now)
        messages = told(store, services, now)
    events = [message.event for message in messages]
    assert (events[0], events[-1]) == (OPENED, OVER)
    assert 2 <= len(events) <= 4
    assert only(store).level is Level.CRITICAL
    assert only(store).seen > 4_500
