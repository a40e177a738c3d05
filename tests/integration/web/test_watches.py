"""Tuning over HTTP: drafts, previews, the lab, saving, going back, patches, and what may not be touched."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.config.keeper import Unwritable
from tests.builders import NOW
from tests.tuning_site import CONFIG, TunedSite
from tests.web_site import Browser

JSON = {"Accept": "application/json"}
HOME = "/tuning/brands/lumo"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TunedSite]:
    opened = TunedSite(tmp_path, now=NOW)
    opened.add("tim", lumo="tuner")
    opened.add("tess", every="tuner")
    opened.add("ana", lumo="agent")
    yield opened
    opened.close()


@contextmanager
def browsing(site: TunedSite, name: str = "tim") -> Iterator[Browser]:
    with site.served() as address, Browser(address, follow_redirects=True) as browser:
        browser.log_in(name)
        yield browser


def draft(browser: Browser, *, query: str = "lumo", exclude: str = "", **more: str) -> dict[str, Any]:
    seen = browser.get(HOME, headers=JSON).json()["config"]
    return {"seen": seen, "name-0": "name", "query-0": query, "exclude": exclude, **more}


def finished(browser: Browser) -> dict[str, Any]:
    for _ in range(2000):
        told: dict[str, Any] = browser.get(HOME + "/lab", headers=JSON).json()
        if not told["running"]:
            return told
    raise AssertionError("the lab is still at work")


def test_a_brand_is_shown_with_its_watches_and_only_to_its_tuners(site: TunedSite) -> None:
    with browsing(site) as tim:
        page = tim.get(HOME).text
        assert "lumo</textarea>" in page
        assert tim.get("/tuning/brands/nova").status_code == 404
        assert [each["brand"] for each in tim.get("/tuning", headers=JSON).json()["brands"]] == ["lumo"]
    with browsing(site, "ana") as ana:
        assert [ana.get(path).status_code for path in ("/tuning", HOME)] == [403, 403]


def test_each_watch_is_shown_with_what_it_found_of_late(site: TunedSite) -> None:
    with browsing(site) as tim:
        fresh = tim.get("/tuning").text
    site.now += timedelta(days=8)
    with browsing(site) as tim:
        late = tim.get("/tuning").text
    assert "<td>3</td><td>2</td></tr>" in fresh
    assert "<td>0</td><td>0</td></tr>" in late


def test_a_preview_tells_what_is_lost_and_which_of_it_are_cases(site: TunedSite) -> None:
    with browsing(site) as tim:
        told = tim.post(
            HOME, data={"csrf": tim.csrf(), **draft(tim, exclude="festival"), "do": "preview"}, headers=JSON
        )
        page = tim.submit(HOME, **draft(tim, **{"add-exclusion": "festival"}), do="preview").text
    found = told.json()
    assert found["wanted"] == {"before": 3, "after": 1}
    assert (found["lost"]["total"], found["lost"]["cases"], found["gained"]["total"]) == (2, 1, 0)
    assert "<mark>festival</mark>" in page
    assert "is a case." in page
    assert site.config.read_text() == CONFIG


def test_of_many_posts_of_one_hour_the_newest_are_previewed(site: TunedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.desk.workshop.MOST_POSTS", 2)
    with browsing(site, "tess") as tess:
        told = tess.post(
            HOME, data={"csrf": tess.csrf(), **draft(tess, query="lumo OR nova"), "do": "preview"}, headers=JSON
        )
    assert told.json()["posts"] == 2
    assert [post["text"] for post in told.json()["gained"]["newest"]] == ["nova is broken"]


def test_a_draft_shows_nobody_the_posts_of_brands_that_they_may_not_see(site: TunedSite) -> None:
    for name, gained in (("tim", 0), ("tess", 1)):
        with browsing(site, name) as person:
            asked = {"csrf": person.csrf(), **draft(person, query="lumo OR nova")}
            told = person.post(HOME, data={**asked, "do": "preview"}, headers=JSON).json()
            person.submit(HOME, **draft(person, query="lumo OR nova"), do="lab")
            report = finished(person)["report"]
            page = person.get(HOME + "/lab").text
        assert (told["gained"]["total"], report["gained"]["total"]) == (gained, gained)
        assert ("nova is broken" in page) is bool(gained)


def test_a_query_that_cannot_be_read_is_told_with_its_place_and_nothing_is_written(site: TunedSite) -> None:
    with browsing(site) as tim:
        for deed in ("preview", "lab", "save"):
            answer = tim.submit(HOME, **draft(tim, query="lumo (festival"), do=deed)
            assert answer.status_code == 400
            assert "config.yaml:7:" in answer.text
            assert "line 1, column 15: the query ends too early; close the parenthesis" in answer.text
    assert site.config.read_text() == CONFIG


def test_the_lab_names_the_pin_that_breaks_and_saving_is_refused_until_it_holds(site: TunedSite) -> None:
    with browsing(site) as tim:
        page = tim.submit(HOME, **draft(tim, exclude="festival"), do="lab")
        assert page.url.path == HOME + "/lab"
        told = finished(tim)
        assert [pin["id"] for pin in told["report"]["pins"] if not pin["holds"]] == ["p1"]
        assert "1 pin breaks: this cannot be saved." in tim.get(HOME + "/lab").text
        refused = tim.submit(HOME, **draft(tim, exclude="festival"), do="save")
        assert refused.status_code == 400
        assert "pin p1: must alert" in refused.text
        assert site.config.read_text() == CONFIG
        saved = tim.submit(HOME, **draft(tim, exclude="festival -stand"), do="save")
        assert "It is saved" in saved.text
    assert site.config.read_text() == CONFIG.replace(
        "# everything\n", "# everything\n    exclude: ['festival -stand']\n"
    )
    assert site.settings.brands["lumo"].exclude == ("festival -stand",)


def test_going_back_restores_every_byte_and_the_trail_says_who_did_what(site: TunedSite) -> None:
    with browsing(site) as tim:
        tim.submit(HOME, **draft(tim, query="lumo OR lumos", exclude="concert"), do="save")
        assert site.settings.brands["lumo"].exclude == ("concert",)
        site.now = site.now.replace(minute=59)
        with site.readers.reading() as store:
            first = store.config_history()[-1]["hash"]
        assert "exclude: concert" in tim.get(HOME).text
        tim.submit(HOME + "/revert", version=first)
    assert site.config.read_text() == CONFIG
    assert [entry["who"] for entry in site.store.config_history()] == ["tim", "tim", "test"]


def test_whoever_comes_second_is_told_and_overwrites_nothing(site: TunedSite) -> None:
    with browsing(site) as tim, browsing(site, "tess") as tess:
        late = draft(tim, exclude="concert")
        tess.submit(HOME, **draft(tess, exclude="band"), do="save")
        refused = tim.submit(HOME, **late, do="save")
        assert refused.status_code == 400
        assert "was changed meanwhile" in refused.text
        assert "concert" in refused.text, "the draft is not lost"
    assert site.settings.brands["lumo"].exclude == ("band",)


def test_a_draft_comes_as_a_patch_where_the_file_cannot_be_written(
    site: TunedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise Unwritable("config.yaml", "cannot be written: read-only file system")

    monkeypatch.setattr("monitor.config.keeper.replace_file", locked)
    with browsing(site) as tim:
        refused = tim.submit(HOME, **draft(tim, exclude="concert"), do="save")
        assert "download the patch" in refused.text
        patch = tim.submit(HOME, **draft(tim, exclude="concert"), do="patch")
    assert patch.headers["content-disposition"] == 'attachment; filename="lumo.patch"'
    assert "+    exclude: [concert]" in patch.text
    assert patch.text.startswith("--- a/config.yaml")


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs the command patch")
@pytest.mark.parametrize("name", ["tim", "tess"])
def test_a_downloaded_patch_can_be_applied(site: TunedSite, name: str) -> None:
    with browsing(site, name) as person:
        text = person.submit(HOME, **draft(person, exclude="concert"), do="patch").text
    subprocess.run(["patch", "-p1"], cwd=site.config.parent, input=text, text=True, check=True)
    assert site.config.read_text() == CONFIG.replace("# everything\n", "# everything\n    exclude: [concert]\n")


def test_a_patch_shows_the_lines_around_a_change_only_to_who_tunes_every_brand(site: TunedSite) -> None:
    found = {}
    for name in ("tim", "tess"):
        with browsing(site, name) as person:
            found[name] = person.submit(HOME, **draft(person, exclude="concert"), do="patch").text
    assert "+    exclude: [concert]" in found["tim"]
    assert "nova" not in found["tim"]
    assert "nova" in found["tess"]


def test_a_draft_reaches_no_other_brand_and_no_other_key(site: TunedSite) -> None:
    with browsing(site) as tim:
        hostile = draft(tim, exclude="a\nb: [x]\n- &a [*a]", query="'}]\nstore: sqlite:///other.db")
        answer = tim.submit(HOME, **hostile, store="x", do="save")
        assert tim.submit("/tuning/brands/nova", **draft(tim), do="save").status_code == 404
    loaded = site.keeper.load().usable()
    assert (answer.status_code, loaded.store_path.name, loaded.brands["nova"].watches[0].query) == (
        400,
        "web.db",
        "nova",
    )


@pytest.mark.parametrize(
    ("part", "other"),
    [("sqlite:///web.db", "sqlite:///other.db"), ("'nova'", "'lumo'"), ("x: [lumo]", "x: [nova]"), ("posts.", "p.")],
)
def test_an_edit_that_would_change_anything_else_is_refused_whatever_made_it(
    site: TunedSite, monkeypatch: pytest.MonkeyPatch, part: str, other: str
) -> None:
    monkeypatch.setattr(
        "monitor.desk.workshop.write_draft",
        lambda *_: {"config.yaml": CONFIG.replace(part, other).replace("'lumo'", "lamp")},
    )
    with browsing(site) as tim:
        answer = tim.submit(HOME, **draft(tim, query="lamp"), do="save")
    assert answer.status_code == 400
    assert "would change more than the watches and exclusions of lumo" in answer.text
    assert site.config.read_text() == CONFIG


def test_watches_are_added_and_removed(site: TunedSite) -> None:
    with browsing(site) as tim:
        more = {"name-1": "lamps", "query-1": '"smart lamp"'}
        tim.submit(HOME, **draft(tim, **more), do="save")
        assert [watch.name for watch in site.settings.brands["lumo"].watches] == ["name", "lamps"]
        tim.submit(HOME, **draft(tim, **more, **{"remove-1": "1"}), do="save")
    assert [watch.name for watch in site.settings.brands["lumo"].watches] == ["name"]
