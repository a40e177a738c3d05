"""The dashboard over HTTP: numbers that lead to what they count, brands kept apart, nothing that is not known."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.options import ReplayOptions
from monitor.desk.dashboard import Day, DayMemory
from monitor.domain import Level, Status
from monitor.store.sqlite import SqliteStore
from tests.builders import (
    NOW,
    make_decision,
    make_drop,
    make_mention,
    make_verdict,
    minutes,
    store_case,
    store_mentions,
)
from tests.incident_cases import store_complaint, store_incident
from tests.services import make_settings
from tests.web_site import Browser, WebSite

BRANDS = {name: make_settings().brands["lumo"] for name in ("lumo", "nova")}
SOURCES = {"x": ReplayOptions(kind="replay", path="posts.jsonl")}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    opened = WebSite(tmp_path, brands=BRANDS, sources=SOURCES)
    opened.add("vic", every="viewer")
    opened.add("nova_only", nova="viewer")
    yield opened
    opened.close()


@pytest.fixture
def vic(site: WebSite) -> Iterator[Browser]:
    with site.served() as address, Browser(address) as browser:
        browser.log_in("vic")
        yield browser


def store_post(store: SqliteStore, posted_at: datetime, *, complaint: bool, native_id: str) -> None:
    """Decide a post at the time of its posting; a complaint opens a case."""
    store_mentions(store, [make_mention(posted_at=posted_at, native_id=native_id)], now=posted_at + minutes(1))
    ((hit, _),) = store.claim_hits(posted_at + minutes(1), 60, 10)
    decision = make_decision(Level.HIGH, 70) if complaint else make_drop()
    history = store.history(hit, posted_at, ())
    assert store.save_decision(hit, decision, make_verdict(), history, "r1", posted_at + minutes(1))
    if complaint:
        store.open_case(hit, decision, posted_at + minutes(30), posted_at + minutes(1))


def board(browser: Browser, query: str = "") -> dict[str, Any]:
    answer = browser.get(f"/dashboard{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_every_number_of_the_queue_is_that_of_the_page_it_leads_to(site: WebSite, vic: Browser) -> None:
    times = (-30, -5, 4, 25, 300)
    for number, level in enumerate(tuple(Level) * 5):
        case = store_case(site.store, level, posted_at=NOW - minutes(40))
        site.store.update_case(case, due_at=NOW + minutes(times[number % 5]), clock_at=NOW - minutes(40))
    site.store.update_case(1, status=Status.CLAIMED, claimed_by="ben")
    site.store.update_case(2, status=Status.REPLIED, replied_at=NOW)
    site.store.update_case(3, status=Status.RESOLVED)
    page = vic.get("/dashboard").text
    links = re.findall(r'<a href="(/queue[^"]*)"[^>]*>(?:<span[^>]*>)?([\d,]+|\w+</span> [\d,]+)', page)
    assert len(links) == 1 + len(Level) + 3
    for address, words in links:
        counted = int(re.sub(r"\D", "", words.replace("</span>", "")))
        rows = vic.get(address.replace("&amp;", "&")).text.count('class="case ')
        assert rows == counted, address


def test_nothing_of_another_brand_is_counted_or_named(site: WebSite) -> None:
    store_post(site.store, NOW - minutes(9), complaint=True, native_id="1")
    incident = store_incident(site.store, [store_complaint(site.store, native_id="i", text="lumo login secret")])
    with site.served() as address, Browser(address) as browser:
        browser.log_in("nova_only")
        told = board(browser)
        assert told["brands"] == ["nova"]
        assert sum(each["open"] for each in told["now"]["levels"].values()) == 0
        assert (told["now"]["incidents_open"], told["today"]["posts"]) == (0, 0)
        assert sum(day["posts"] + day["first_replies"] for day in told["days"]) == 0
        page = browser.get("/dashboard").text
        assert f"/incidents/{incident}" not in page
        assert "lumo" not in page
        for query in ("?brand=lumo", "?brand=lumo&part=1"):
            assert browser.get(f"/dashboard{query}").status_code == 403
        assert browser.get("/api/v1/dashboard?brand=lumo").status_code == 403


def test_today_stands_beside_the_same_weekdays_up_to_the_same_time(site: WebSite, vic: Browser) -> None:
    week = timedelta(days=7)
    for back, posts in enumerate((3, 2, 4, 6, 8)):
        for number in range(posts):
            at = NOW - back * week - minutes(30 + number)
            store_post(site.store, at, complaint=number % 2 == 0, native_id=f"{back}-{number}")
        store_post(site.store, NOW - back * week + minutes(30), complaint=True, native_id=f"late-{back}")
    with site.store.write():
        first = int((NOW - 5 * week).timestamp() * 1000)
        site.store.connection.query("UPDATE sources SET first_poll_at = :first", {"first": first})
    today = board(vic)["today"]
    assert (today["posts"], today["complaints"]) == (3, 2)
    assert (today["usual_posts"], today["usual_complaints"]) == (5, 2.5)
    assert today["hours"][11] == {"at": "2026-03-04T11:00:00.000Z", "complaints": 2, "usual": 2.5}
    assert len(today["hours"]) == 24


def test_the_usual_is_unknown_until_three_weeks_were_heard(site: WebSite, vic: Browser) -> None:
    store_post(site.store, NOW - minutes(30), complaint=True, native_id="1")
    assert board(vic)["today"]["usual_complaints"] is None
    assert ">unknown<" in vic.get("/dashboard").text


def test_replies_count_on_the_day_on_which_they_were_given(site: WebSite, vic: Browser) -> None:
    for number, (posted, waited) in enumerate(((26, 60), (26, 600), (3, 10), (3, 60), (3, 120))):
        at = NOW - timedelta(hours=posted)
        store_post(site.store, at, complaint=True, native_id=str(number))
        replied = at + minutes(waited)
        site.store.update_case(number + 1, status=Status.REPLIED, replied_at=replied, answered_at=replied)
    yesterday, today = board(vic)["days"][-2:]
    assert (yesterday["date"], yesterday["posts"], yesterday["first_replies"]) == ("2026-03-03", 2, 2)
    assert (yesterday["first_reply_median_s"], yesterday["sla_share"]) == (330 * 60, 0)
    assert (today["first_replies"], today["first_reply_median_s"]) == (3, 3600)
    assert today["sla_share"] == pytest.approx(1 / 3)


def test_sources_and_receivers_that_fail_are_named(site: WebSite, vic: Browser) -> None:
    site.store.register_sources({"x": "replay"})
    site.store.stop_source("x", "the token <b>ran out</b>", NOW)
    site.store.receiver_failed("desk", "auth", "401 Unauthorized", NOW)
    told = board(vic)["now"]
    assert [one["source"] for one in told["deaf_sources"]] == ["x"]
    assert [(one["name"], one["failures"]) for one in told["failing_receivers"]] == [("desk", 1)]
    page = vic.get("/dashboard").text
    assert "the token &lt;b&gt;ran out" in page
    assert "1 failure in a row (auth)" in page
    assert "401 Unauthorized" not in page


def test_an_empty_store_says_what_to_do_next(vic: Browser) -> None:
    page = vic.get("/dashboard").text
    assert "No post was heard yet" in page
    assert "Every case is answered or closed" in page
    assert "Charts appear with the first posts" in page
    assert "<svg" not in page


def test_live_updates_fetch_only_what_changes(site: WebSite, vic: Browser) -> None:
    store_case(site.store)
    part = vic.get("/dashboard?part=1").text
    assert part.lstrip().startswith('<div id="live-board">')
    assert "The last 30 days" not in part
    assert 'data-part="/dashboard?brand=lumo&amp;part=1"' in vic.get("/dashboard?brand=lumo").text


def test_the_page_holds_neither_script_nor_style(site: WebSite, vic: Browser) -> None:
    store_post(site.store, NOW - minutes(9), complaint=True, native_id="1")
    page = vic.get("/dashboard").text
    assert page.count("<svg") >= 3
    assert not re.search(r"<script(?! src=)|<style| style=| on\w+=", page)


def test_days_that_are_over_are_read_again_after_ten_minutes_alone() -> None:
    memory, asked = DayMemory(), []
    dates = [date(2026, 3, day) for day in (1, 2, 3, 4)]

    def read(wanted: Any) -> list[Day]:
        asked.append([day.day for day in wanted])
        return [Day(day, 1, 0, 0, 0, None) for day in wanted]

    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    for later in (0, 5, 11):
        found = memory.days(("lumo",), "UTC", dates, now + minutes(later), read)
        assert [day.date for day in found] == dates
    memory.days(("nova",), "UTC", dates, now, read)
    assert asked == [[1, 2, 3, 4], [3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]
