"""The recall sample and the suggestions as pages: who may judge, what is told before an answer, brands kept apart."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config.schema import Brand, Watch
from monitor.domain import DropRule, History
from monitor.rules.recall import Answer, Drawn, Drop
from monitor.store.feedback import Suggestion, SuggestionState
from monitor.store.records import Draw
from tests.builders import NOW, make_drop, make_mention, make_verdict, minutes, store_mentions
from tests.web_site import Browser, WebSite

JSON = {"Accept": "application/json"}
BRANDS = {name: Brand(handles={"x": (name,)}, watches=(Watch(name="name", query=name),)) for name in ("lumo", "nova")}
EXCLUSION = Suggestion(0, "exclusion", "lumo", "", "lumo <b>festival</b>", {"dismissed": 9, "confirmed": 0}, None, NOW)
THRESHOLD = Suggestion(0, "threshold", "", "", 0.6, {"answers": 80}, None, NOW)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    opened = WebSite(tmp_path, brands=BRANDS)
    opened.now = NOW + minutes(10)
    for name, role in (("ana", "agent"), ("tim", "tuner"), ("vic", "viewer")):
        opened.add(name, lumo=role)
    yield opened
    opened.close()


def draw(site: WebSite, *texts: str, brand: str = "lumo", day: str = "2026-03-04") -> None:
    store_mentions(site.store, [make_mention(text, author="eve") for text in texts], brand=brand)
    drops = []
    for hit, _ in site.store.claim_hits(NOW, 60, 10):
        site.store.save_decision(hit, make_drop(DropRule.NOT_A_COMPLAINT), make_verdict(0.3), History(), "r1", NOW)
        drops.append(Drop(hit.id, brand, "x", DropRule.NOT_A_COMPLAINT, 0.3))
    drawn = [Drawn(drop, 0.5) for drop in drops]
    assert site.store.save_draw(Draw(day, NOW - timedelta(days=1), NOW, NOW), drops, drawn)


def test_one_post_is_shown_and_nothing_says_what_a_rule_thought_of_it(site: WebSite) -> None:
    draw(site, "lumo, <script>meh</script>")
    with site.served() as address, Browser(address) as ana:
        ana.log_in("ana")
        page, told = ana.get("/tuning/sample").text, ana.get("/tuning/sample", headers=JSON).json()
    assert "lumo, &lt;script&gt;meh&lt;/script&gt;" in page
    assert "not-a-complaint" not in page
    assert told["sample"]["text"] == "lumo, <script>meh</script>"
    assert not {"rule", "complaint", "stratum", "probability", "evidence"} & set(told["sample"])


def test_an_answer_is_kept_and_can_be_given_anew(site: WebSite) -> None:
    draw(site, "lumo, meh", "lumo, fine")
    with site.served() as address, Browser(address, follow_redirects=True) as ana:
        ana.log_in("ana")
        number = ana.get("/tuning/sample", headers=JSON).json()["sample"]["id"]
        said = ana.submit(f"/tuning/sample/{number}/answer", answer="no").text
        assert "You said <strong>no</strong>: dropped by" in said
        assert "1 post waits" in said
        assert f'data-sample="{number}"' in ana.get(f"/tuning/sample?look={number}").text
        ana.submit(f"/tuning/sample/{number}/answer", answer="skip")
    kept = site.store.sample(number)
    assert kept is not None
    assert (kept.answer, kept.answered_by) == (Answer.SKIP, "ana")


def test_without_a_draw_and_with_all_answered_the_page_says_what_comes_next(site: WebSite) -> None:
    with site.served() as address, Browser(address, follow_redirects=True) as ana:
        ana.log_in("ana")
        assert "Nothing was drawn yet" in ana.get("/tuning/sample").text
        draw(site, "lumo, meh")
        number = ana.get("/tuning/sample", headers=JSON).json()["sample"]["id"]
        assert "Every drawn post is answered" in ana.submit(f"/tuning/sample/{number}/answer", answer="no").text


def test_drops_of_other_brands_are_neither_shown_nor_judged(site: WebSite) -> None:
    draw(site, "nova, meh", brand="nova")
    (foreign,) = site.store.samples(NOW - timedelta(days=2))
    with site.served() as address, Browser(address) as ana:
        ana.log_in("ana")
        assert ana.get("/tuning/sample", headers=JSON).json()["sample"] is None
        assert "nova, meh" not in ana.get(f"/tuning/sample?look={foreign.id}&last={foreign.id}").text
        assert ana.submit(f"/tuning/sample/{foreign.id}/answer", answer="yes").status_code in {403, 404}
    assert site.store.samples(NOW - timedelta(days=2))[0].answer is None


def test_viewers_judge_nothing_and_agents_see_no_suggestions(site: WebSite) -> None:
    with site.served() as address, Browser(address) as vic, Browser(address) as ana:
        vic.log_in("vic")
        ana.log_in("ana")
        assert [vic.get(path).status_code for path in ("/tuning/sample", "/tuning/suggestions")] == [403, 403]
        assert ana.get("/tuning/suggestions").status_code == 403


def test_suggestions_are_shown_with_their_counts_and_only_those_of_a_brand_are_settled_by_its_tuner(
    site: WebSite,
) -> None:
    foreign = Suggestion(0, "exclusion", "nova", "", "supernova", {"dismissed": 9}, None, NOW)
    site.store.keep_suggestions([EXCLUSION, THRESHOLD, foreign], NOW)
    numbers = {entry.kind + entry.brand: entry.id for entry in site.store.suggestions()}
    with site.served() as address, Browser(address) as tim:
        tim.log_in("tim")
        page = tim.get("/tuning/suggestions").text
        assert "lumo &lt;b&gt;festival&lt;/b&gt;" in page
        assert "dismissed 9, confirmed 0" in page
        assert "supernova" not in page
        assert f"/tuning/suggestions/{numbers['exclusionlumo']}/accept" in page
        assert f"/tuning/suggestions/{numbers['threshold']}/accept" not in page
        refused = [tim.submit(f"/tuning/suggestions/{numbers[name]}/accept") for name in ("threshold", "exclusionnova")]
        assert all(answer.status_code in {403, 404} for answer in refused)
        assert tim.submit("/tuning/suggestions/99/accept").status_code == 404
    assert {entry.state for entry in site.store.suggestions()} == {SuggestionState.WAITING}


def test_without_suggestions_the_page_says_how_they_come_about(site: WebSite) -> None:
    with site.served() as address, Browser(address) as tim:
        tim.log_in("tim")
        assert "complaint-monitor suggestions find" in tim.get("/tuning/suggestions").text
        assert tim.get("/tuning/suggestions", headers=JSON).json() == {"suggestions": []}
