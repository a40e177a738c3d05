"""The page of pins: what somebody may see and do there, and what they are told."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor import desk
from monitor.config.keeper import ConfigKeeper
from monitor.config.pins import Expect, Pin, add_pin, read_pins
from monitor.config.schema import Brand, Watch
from monitor.lab.pins import PinResult
from tests.builders import NOW, make_mention, store_mentions
from tests.web_site import Browser, WebSite

HOSTILE = "<script>alert(1)</script>"


def results(pins: Sequence[Pin]) -> tuple[PinResult, ...]:
    return tuple(PinResult(pin, pin.id != "p2", "it would be dropped") for pin in pins)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    brand, file = Brand(watches=(Watch(name="name", query="lumo"),)), tmp_path / "pins.yaml"
    with closing(WebSite(tmp_path, brands={"lumo": brand, "nova": brand}, pins=str(file))) as made:
        keeper = ConfigKeeper(tmp_path / "config.yaml", {}, lambda _: None)
        made.site = replace(
            made.site,
            run_pins=results,
            execute=lambda command: desk.execute(made.store, made.settings, command, made.now, keeper),
        )
        add_pin(file, Pin("p1", "lumo", Expect.ALERT, f"a fire {HOSTILE}", because="a fire"))
        add_pin(file, Pin("p2", "nova", Expect.IGNORE, "a fair of theirs"))
        store_mentions(made.store, [make_mention("my lumo melted on the table", native_id="77")], now=NOW)
        made.add("tim", lumo="tuner")
        made.add("ada", every="agent")
        made.add("moe", every="tuner")
        yield made


def ids(site: WebSite) -> list[str]:
    return [pin.id for pin in read_pins(site.settings.pins_path, "pins.yaml")[0]]


def test_a_tuner_sees_the_pins_of_their_brand_alone_and_texts_are_harmless(site: WebSite) -> None:
    with site.served() as address, Browser(address) as browser:
        browser.log_in("tim")
        page = browser.get("/tuning/pins").text
        assert "pin-p1" in page
        assert "pin-p2" not in page
        assert HOSTILE not in page
        assert "not run" in page


def test_running_tells_what_is_broken(site: WebSite) -> None:
    with site.served() as address, Browser(address) as browser:
        browser.log_in("moe")
        assert "1 of 2 does not hold" in browser.get("/tuning/pins?run=1").text
        told = browser.get("/tuning/pins", headers={"Accept": "application/json"}).json()["pins"]
        assert [(pin["id"], pin["holds"]) for pin in told] == [("p1", True), ("p2", False)]


def test_a_pin_is_added_and_taken_back(site: WebSite) -> None:
    told = {"brand": "lumo", "expect": "alert", "post": "x:77", "text": "theirs went soft", "because": "heat"}
    with site.served() as address, Browser(address) as browser:
        browser.log_in("tim")
        added = browser.submit("/tuning/pins/add", **told)
        assert (added.status_code, added.headers["location"]) == (303, "/tuning/pins?run=1#pin-p3")
        assert browser.submit("/tuning/pins/remove", brand="lumo", pin="p1").status_code == 303
    assert ids(site) == ["p2", "p3"]


def test_nobody_touches_the_pins_of_a_brand_that_they_do_not_tune(site: WebSite) -> None:
    with site.served() as address, Browser(address) as browser:
        browser.log_in("tim")
        assert browser.submit("/tuning/pins/remove", brand="nova", pin="p2").status_code == 404
        assert browser.submit("/tuning/pins/remove", brand="lumo", pin="p2").status_code == 400
    with site.served() as address, Browser(address) as browser:
        browser.log_in("ada")
        assert browser.get("/tuning/pins").status_code == 403
        assert browser.submit("/tuning/pins/remove", brand="lumo", pin="p1").status_code == 403
    assert ids(site) == ["p1", "p2"]
