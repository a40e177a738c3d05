"""Four mistakes that queues in use have made: reposts although switched off, own replies read back, a lone #, a flood.

Each goes through poll, triage and delivery over a real store.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from connectors.connector import Page
from connectors.mention import Mention
from monitor.config.routes import Route
from monitor.config.schema import Brand, Watch
from monitor.domain import DropRule, Status
from monitor.rules.match import parse_watches
from monitor.rules.query import QueryError
from monitor.steps.deliver import deliver
from monitor.steps.poll import poll
from monitor.steps.services import Services
from monitor.steps.triage import triage
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention
from tests.services import FakeReceiver, make_services

FIRE = "@lumo my lumo lamp caught fire and burned my hand last night"
EVERY_LEVEL = (Route(to=("desk",), level=()),)


def pages_of(mentions: Sequence[Mention], size: int = 100) -> Iterator[Page]:
    for at in range(0, len(mentions), size):
        page = tuple(mentions[at : at + size])
        yield Page(page, returned=len(page))


def go_through(
    mentions: Sequence[Mention], store: SqliteStore | None = None, now: datetime = NOW
) -> tuple[SqliteStore, FakeReceiver]:
    """Poll, decide and send page by page, a minute apart."""
    store, receiver = store or SqliteStore(None), FakeReceiver()
    pages = tuple(pages_of(mentions))
    services = make_services(*pages, receiver=receiver, routes=EVERY_LEVEL)
    store.register_sources({"x": "replay"})
    for _ in pages:
        assert poll(store, services, now).count == 1
        decide_all(store, services, now)
        now += timedelta(minutes=1)
        deliver(store, services, now, 100)
    deliver(store, services, now + timedelta(hours=1), 100)
    return store, receiver


def decide_all(store: SqliteStore, services: Services, now: datetime) -> None:
    while store.waiting_hits():
        triage(store, services, now, 500)


def drop_of(store: SqliteStore, mention: Mention) -> str | None:
    (explained,) = store.explain(mention.native_id)
    return explained.decision["drop"] if explained.decision else None


@pytest.mark.parametrize(
    "repost",
    [
        make_mention(FIRE, repost_of="1990000000000000001"),
        make_mention(f"RT @ann: {FIRE}"),
        make_mention(f" RT @ann: {FIRE}", lang="de"),
        make_mention("my lumo is broken again", repost_of="1990000000000000002", parent_id="3"),
    ],
)
def test_reposts_stay_switched_off_in_every_form(repost: Mention) -> None:
    store, receiver = go_through([repost])
    assert store.queue(NOW) == []
    assert receiver.sent == []
    assert drop_of(store, repost) == DropRule.REPOST


@pytest.mark.parametrize("handle", ["lumo", "Lumo", "LUMO", "@lumo"])
def test_our_own_replies_read_back_are_no_cases_and_wake_nobody(handle: str) -> None:
    complaint = make_mention(FIRE, thread_id="t1", author="ann")
    reply = make_mention(
        "@ann so sorry your lumo lamp is broken, please unplug it", author=handle, thread_id="t1", parent_id="t1"
    )
    store, receiver = go_through([complaint])
    told = len(receiver.sent)
    again, second = go_through([reply, make_mention("lumo is broken?", author=handle)], store, NOW + timedelta(hours=1))
    (case,) = again.queue(NOW)
    assert (case.posts, case.status, case.author) == (1, Status.NEW, "ann")
    assert told == 1
    assert second.sent == []
    assert drop_of(again, reply) == DropRule.OWN_HANDLE


@pytest.mark.parametrize("query", ["#", " # ", "lumo OR #", "lumo #", "-#", "(#)", "@", "##"])
def test_a_lone_mark_is_refused_as_a_query(query: str) -> None:
    with pytest.raises(QueryError):
        parse_watches({"lumo": Brand(watches=(Watch(name="tag", query=query),))})


@pytest.mark.parametrize("text", ["#", "lumo #", "# lumo # @ #", "@lumo #", "#️⃣ lumo"])
def test_a_lone_mark_in_a_post_neither_matches_a_tag_nor_stops_anything(text: str) -> None:
    store, receiver = go_through([make_mention(text), make_mention(FIRE)])
    assert [case.text for case in store.queue(NOW)] == [FIRE]
    assert len(receiver.sent) == 1


FLOOD = 2_400


def flood_of(kind: str) -> list[Mention]:
    first = make_mention(FIRE, author="ann")
    if kind == "reposts":
        return [first, *(make_mention(FIRE, repost_of=first.native_id) for _ in range(FLOOD))]
    if kind == "reposts of a post never read":
        return [make_mention(FIRE, repost_of="77") for _ in range(FLOOD)]
    if kind == "RT @":
        return [first, *(make_mention(f"RT @ann: {FIRE}") for _ in range(FLOOD))]
    if kind == "read again and again":
        return [first] * FLOOD
    return [first, *(make_mention(FIRE.upper() if at % 2 else FIRE) for at in range(FLOOD))]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("kind", "cases"),
    [
        ("reposts", 1),
        ("reposts of a post never read", 0),
        ("RT @", 1),
        ("read again and again", 1),
        ("copies by others", 1),
    ],
)
def test_one_post_sent_on_2400_times_is_one_case_and_one_alert(kind: str, cases: int) -> None:
    store, receiver = go_through(flood_of(kind))
    assert len(store.queue(NOW)) == cases
    assert len(receiver.sent) == cases
    assert store.waiting_hits() == 0
