"""Operations over HTTP: sources and their deaf times, receivers, silences, shifts, events, spend, causes."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.config.events import PlannedEvent
from monitor.config.people import Person, Shift
from monitor.config.schema import Brand, Watch
from monitor.desk.spend import month_spend
from monitor.digest.figures import BlindWindow
from monitor.web.operations_pages import strip_of
from tests.builders import NOW, make_mention, minutes, store_case, store_mentions
from tests.web_site import Browser, WebSite

JSON = {"Accept": "application/json"}
PATHS = ("", "/receivers", "/silences", "/shifts", "/events", "/spend", "/causes")
BRANDS = {name: Brand(handles={"x": (name,)}, watches=(Watch(name="name", query=name),)) for name in ("lumo", "nova")}
SALE = PlannedEvent(name="sale", brand=("lumo",), start=NOW - minutes(60), end=NOW + minutes(600), factor=3)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    people = {"kim": Person(receivers=("desk",), zone="UTC"), "lee": Person(receivers=("desk",), zone="UTC")}
    shift = Shift(who=("kim",), days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    opened = WebSite(tmp_path, brands=BRANDS, events=(SALE,), people=people, shifts=(shift,))
    for name, roles in {
        "vic": {"lumo": "viewer"},
        "max": {"lumo": "manager"},
        "eva": {"every": "admin"},
        "nina": {"nova": "viewer"},
    }.items():
        opened.add(name, **roles)
    yield opened
    opened.close()


def ask(site: WebSite, name: str, path: str) -> dict[str, Any]:
    with site.served() as address, Browser(address) as browser:
        browser.log_in(name)
        told: dict[str, Any] = browser.get(f"/operations{path}", headers=JSON).json()
        return told


def test_every_page_answers_with_nothing_stored_and_says_what_comes_next(site: WebSite) -> None:
    with site.served() as address, Browser(address) as vic:
        vic.log_in("vic")
        pages = {path: vic.get(f"/operations{path}") for path in PATHS}
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(PATHS, 200)
    assert "No source was polled yet" in pages[""].text
    assert "No silence is in force" in pages["/silences"].text


def test_a_source_shows_its_state_with_the_reason_and_its_deaf_times(site: WebSite) -> None:
    store_mentions(site.store, [make_mention("lumo")], now=NOW - timedelta(hours=6))
    site.store.add_coverage("x", "blind", NOW - timedelta(days=1), NOW - timedelta(hours=12), "<i>no network</i>")
    site.store.stop_source("x", "the token is <b>wrong</b>", NOW)
    with site.served() as address, Browser(address) as vic:
        vic.log_in("vic")
        page, told = vic.get("/operations").text, vic.get("/operations", headers=JSON).json()
    assert "the token is &lt;b&gt;wrong&lt;/b&gt;" in page
    assert "&lt;i&gt;no network&lt;/i&gt;" in page
    assert [window["state"] for window in told["blind"]] == ["stopped", "blind"]


def test_the_strip_of_a_source_puts_each_gap_where_it_was() -> None:
    window = BlindWindow("x", "blind", NOW - timedelta(days=3.5), NOW, None)
    strip = strip_of("x", [window], NOW - timedelta(days=7), NOW)
    assert strip.gaps == ((50.0, 50.0, "blind"),)
    assert strip.heard_from == 0
    assert strip_of("x", [], None, NOW).heard_from == 100


def test_messages_that_were_given_up_are_shown_and_sent_again_by_whoever_manages_all(site: WebSite) -> None:
    case = store_case(site.store)
    site.store.add_to_message("desk", "brand=lumo", "case.opened", case, site.store.queue(NOW)[0].level, NOW, NOW)
    site.store.connection.query("UPDATE outbox SET state = 'dead', error = '404 <x>'", {})
    with site.served() as address, Browser(address) as eva, Browser(address) as max_:
        eva.log_in("eva")
        max_.log_in("max")
        assert "404 &lt;x&gt;" in eva.get("/operations/receivers").text
        assert "Send them again" not in max_.get("/operations/receivers").text
        assert max_.submit("/operations/receivers/replay").status_code == 403
        eva.submit("/operations/receivers/replay")
    assert site.store.dead_messages() == []


def test_a_manager_mutes_their_brand_and_ends_that_alone(site: WebSite) -> None:
    with site.served() as address, Browser(address) as manager, Browser(address) as nina:
        manager.log_in("max")
        nina.log_in("nina")
        refused = manager.submit("/operations/silences", level="high", span="1h", reason="drill")
        assert refused.status_code == 403, "it would mute every brand"
        manager.submit("/operations/silences", brand="lumo", level="high,critical", span="4h", reason="drill")
        site.store.add_silence({"level": ["low"]}, "eva", "all", NOW, NOW + minutes(60))
        mine, every = manager.get("/operations/silences", headers=JSON).json()["silences"]
        assert (mine["matchers"], mine["author"]) == ({"brand": ["lumo"], "level": ["high", "critical"]}, "max")
        assert [one["id"] for one in nina.get("/operations/silences", headers=JSON).json()["silences"]] == [every["id"]]
        assert nina.submit(f"/operations/silences/{mine['id']}/end").status_code == 404
        assert manager.submit(f"/operations/silences/{every['id']}/end").status_code == 403
        assert manager.submit(f"/operations/silences/{mine['id']}/end").status_code == 303
    assert [one["id"] for one in site.store.active_silences(NOW + minutes(1))] == [every["id"]]


def test_a_span_that_is_not_offered_is_refused(site: WebSite) -> None:
    with site.served() as address, Browser(address) as eva:
        eva.log_in("eva")
        assert eva.submit("/operations/silences", level="low", span="9y", reason="x").status_code == 400
    assert site.store.active_silences(NOW) == []


def test_shifts_tell_who_is_on_and_an_absence_is_noted_and_ended(site: WebSite) -> None:
    assert [one["name"] for one in ask(site, "vic", "/shifts")["on_shift"]] == ["kim"]
    with site.served() as address, Browser(address) as eva:
        eva.log_in("eva")
        eva.submit("/operations/shifts", kind="absent", who="kim", span="8h", reason="ill")
        (change,) = eva.get("/operations/shifts", headers=JSON).json()["changes"]
        assert (change["who"], change["reason"], change["author"]) == ("kim", "ill", "eva")
        eva.submit(f"/operations/shifts/{change['id']}/end")
        assert eva.get("/operations/shifts", headers=JSON).json()["changes"] == []


def test_events_are_those_of_the_brands_that_one_may_see(site: WebSite) -> None:
    assert [event["name"] for event in ask(site, "vic", "/events")["events"]] == ["sale"]
    assert ask(site, "nina", "/events")["events"] == []


def test_spend_counts_the_month_and_projects_it_within_the_limit(site: WebSite) -> None:
    store_mentions(site.store, [make_mention("lumo") for _ in range(6)], now=NOW)
    limited = site.settings.sources["x"].model_copy(update={"posts_per_day": 2})
    settings = site.settings.model_copy(update={"sources": {"x": limited}})
    (spend,) = month_spend(site.store, settings, {"x": 0.005}, NOW)
    days_left = 31 - NOW.day
    assert spend.posts == 6
    assert spend.usd == pytest.approx(0.03)
    assert spend.projected_posts == 6 + 2 * days_left
    assert spend.most_usd == pytest.approx(0.3)


def test_causes_are_counted_by_brand_with_the_text_that_is_offered(site: WebSite) -> None:
    case = store_case(site.store)
    site.store.update_case(case, cause="billing")
    told = ask(site, "vic", "/causes")
    assert set(told) == {"lumo"}
    assert (told["lumo"][0]["name"], told["lumo"][0]["cases"]) == ("billing", 1)
    assert [draft["language"] for draft in told["lumo"][0]["drafts"]] == ["en", "de", "fr", "es"]
    assert all(draft["text"] for draft in told["lumo"][0]["drafts"])


def test_whoever_sees_no_brand_sees_no_operations(site: WebSite) -> None:
    site.add("nobody", other="viewer")
    with site.served() as address, Browser(address) as nobody:
        nobody.log_in("nobody")
        assert {nobody.get(f"/operations{path}").status_code for path in PATHS[:-1]} == {403}
