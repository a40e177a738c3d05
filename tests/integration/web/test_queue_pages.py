"""The queue over HTTP: what an address means, what nobody may see, streams that end, and who looks at what."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.access.person import EVERY, Person, Role
from monitor.domain import Level
from monitor.web.live import STREAMS, Hub, Presence
from monitor.web.queue import due_words, reach, read_cursor, write_cursor
from tests.builders import NOW, store_case
from tests.incident_cases import store_complaint, store_incident
from tests.services import make_settings
from tests.web_site import Browser, WebSite

BRANDS = {name: make_settings().brands["lumo"] for name in ("lumo", "nova")}
NEXT = re.compile(r'href="([^"]*)" rel="next"')
ADA = Person("ada", {EVERY: Role.AGENT})


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    opened = WebSite(tmp_path, brands=BRANDS)
    opened.add("ada", every="agent")
    opened.add("nova_only", nova="agent")
    yield opened
    opened.close()


def test_nobody_reaches_cases_of_a_brand_that_is_not_theirs(site: WebSite) -> None:
    case = store_case(site.store, text="a secret of lumo")
    incident = store_incident(site.store, [store_complaint(site.store, native_id="i")])
    with site.served() as address, Browser(address) as browser:
        browser.log_in("nova_only")
        assert "secret" not in browser.get("/queue").text
        assert browser.get("/queue?brand=lumo").status_code == 403
        assert "No open case matches" in browser.get("/queue?q=secret").text
        assert browser.get(f"/incidents/{incident}").status_code == 404
        assert browser.submit(f"/incidents/{incident}/claim").status_code == 404
        assert browser.submit(f"/cases/{case}/looking").status_code == 404
    assert site.executed == []


def test_a_page_stands_whatever_its_address_says(site: WebSite) -> None:
    store_case(site.store)
    wild = ("tab=x&level=y&show=z&after=1_2_3", "q=%00%ff%E2%80%AE&cause=%00", "after=9_9_9_9", f"q={'a+' * 500}")
    with site.served() as address, Browser(address) as browser:
        browser.log_in("ada")
        assert {browser.get(f"/queue?{query}").status_code for query in wild} == {200}
        for path in ("/incidents/999", f"/incidents/{2**64}"):
            assert browser.get(path).status_code == 404
        assert browser.submit("/incidents/1/burn").status_code == 404


def test_a_claim_returns_to_the_rows_that_were_seen(site: WebSite) -> None:
    case = store_case(site.store, Level.CRITICAL)
    with site.served() as address, Browser(address) as browser:
        browser.log_in("ada")
        answer = browser.submit(f"/cases/{case}/claim", back="/queue?level=critical")
        assert (answer.status_code, answer.headers["location"]) == (303, "/queue?level=critical")
        away = browser.submit(f"/cases/{case}/release", back="//evil.example/queue")
        assert away.headers["location"].startswith("/")
        assert not away.headers["location"].startswith("//")


def test_noting_an_answer_wants_words_or_a_place(site: WebSite) -> None:
    incident = store_incident(site.store, [store_complaint(site.store, native_id="i")])
    with site.served() as address, Browser(address) as browser:
        browser.log_in("ada")
        assert "neither the words nor the place" in browser.submit(f"/incidents/{incident}/reply").text
    assert site.executed == []


def test_places_of_pages_survive_the_address(site: WebSite) -> None:
    for number in range(120):
        store_case(site.store)
        site.store.update_case(number + 1, score=number / 7)
    with site.served() as address, Browser(address) as browser:
        browser.log_in("ada")
        path, seen = "/queue", []
        while path:
            text = browser.get(path).text
            seen += [piece.partition('"')[0] for piece in text.split('data-case="')[1:]]
            path = (
                text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
                if 'rel="next"' in text
                else ""
            )
    assert len(seen) == len(set(seen)) == 120
    assert read_cursor("1_2_3.5_4") == read_cursor(write_cursor(read_cursor("1_2_3.5_4")))  # type: ignore[arg-type]


def test_people_count_as_looking_for_twenty_seconds_at_one_case() -> None:
    presence = Presence()
    presence.note(1, "lumo", "ada", NOW)
    presence.note(1, "lumo", "ben", NOW)
    presence.note(2, "nova", "ada", NOW + timedelta(seconds=5))
    assert presence.now(NOW + timedelta(seconds=6)) == {1: {"ben": "lumo"}, 2: {"ada": "nova"}}
    assert presence.now(NOW + timedelta(seconds=21)) == {2: {"ada": "nova"}}
    assert presence.now(NOW + timedelta(seconds=26)) == {}


def test_streams_tell_of_changes_and_of_others_of_ones_own_brands_alone(site: WebSite) -> None:
    presence = Presence()
    hub = Hub(site.site, presence)
    nova = Person("nova_only", {"nova": Role.AGENT})

    async def read() -> list[list[str]]:
        streams = [hub.stream(person, "", lambda: True) for person in (ADA, nova)]
        hello = [await anext(stream) for stream in streams]
        assert all("event: hello" in event for event in hello)
        presence.note(store_case(site.store), "lumo", "ben", site.now)
        told = [[await anext(stream), await anext(stream)] for stream in streams[:1]]
        told += [[await anext(stream)] for stream in streams[1:]]
        hub.stopping = lambda: True
        for stream in streams:
            assert [event async for event in stream] == []
        return told

    (queue, looking), (others,) = asyncio.run(read())
    assert "event: queue" in queue
    assert looking == 'event: looking\ndata: {"1": ["ben"]}\n\n'
    assert "event: queue" in others


def test_a_stream_says_at_once_what_was_missed_and_ends_with_the_login(
    site: WebSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.web.live.HEARTBEAT_S", 0.05)
    hub = Hub(site.site, Presence())

    async def read() -> list[str]:
        return [event async for event in hub.stream(ADA, "0-0-0-0-old", lambda: False)]

    events = asyncio.run(read())
    assert "event: queue" in events[1]
    assert events[-1] == ": still here\n\n"


def test_there_are_never_more_streams_than_bounded(site: WebSite) -> None:
    hub = Hub(site.site, Presence())

    async def read() -> list[bool]:
        streams = [hub.stream(ADA, "", lambda: True) for _ in range(STREAMS)]
        full = []
        for stream in streams:
            full.append(hub.full)
            await anext(stream)
        full.append(hub.full)
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        return [*full, hub.full]

    assert asyncio.run(read()) == [False] * STREAMS + [True, False]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(30, "due in 30 s"), (720, "due in 12 min"), (7300, "due in 2 h"), (-59, "59 s late"), (-200_000, "2 d late")],
)
def test_countdowns_are_short(seconds: int, words: str) -> None:
    assert due_words(NOW + timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("followers", "words"),
    [(None, "reach unknown"), (0, "0 followers"), (1, "1 follower"), (3100, "3.1k followers"),
     (48_211, "48k followers"), (2_000_000, "2.0M followers")],
)  # fmt: skip
def test_reach_is_short_and_unknown_stays_unknown(followers: int | None, words: str) -> None:
    assert reach(followers) == words
